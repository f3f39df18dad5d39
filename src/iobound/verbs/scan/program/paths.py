"""What the source tells of the path of a file: whether it is one of a disk, and who gives its name."""

from __future__ import annotations

import ast
import re

from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.syntax.survey import Binding, Bound, Scope

_VIRTUAL = re.compile(r"/(?:proc|sys)(?:/|$)|/dev/(?!fd|hd|mapper|mem|nvme|pts|sd|stdin|tty|vd)")
"""File systems of the kernel, which are in memory: not of devices that are disks or terminals."""

_TEXTUAL = ("pathlib.Path.read_text", "pathlib.Path.write_text")
_OPENING = ("builtins.open", "codecs.open", "io.open", "pathlib.Path.open")
_PLAIN = frozenset({"Path", "PosixPath", "PurePath", "abspath", "expanduser", "fspath", "join", "joinpath", "str"})
"""Last names of calls that give a path made of their arguments."""

_STEPS = 4
"""Names that are followed to what they stand for."""


class Paths:
    """Paths of the calls of one file."""

    def __init__(self, view: FileView) -> None:
        self._view = view

    def is_virtual(self, path: ast.expr, scope: Scope, left: int = _STEPS) -> bool:
        """Whether a path begins where the kernel tells of itself: that is read from memory.

        Example:
            `open(f"/proc/{pid}/stat")`, `Path("/sys") / "class"`.
        """
        if isinstance(path, ast.Constant):
            return isinstance(path.value, str) and _VIRTUAL.match(path.value) is not None
        if isinstance(path, ast.JoinedStr):
            first = path.values[0] if path.values else None
            value = first.value if isinstance(first, ast.FormattedValue) else first
            return isinstance(value, ast.expr) and self.is_virtual(value, scope, left)
        if isinstance(path, ast.BinOp):
            return self.is_virtual(path.left, scope, left)
        if isinstance(path, ast.Call):
            last = getattr(path.func, "attr", getattr(path.func, "id", ""))
            if last in ("format", "joinpath") and isinstance(path.func, ast.Attribute):
                return self.is_virtual(path.func.value, scope, left)
            return last in _PLAIN and bool(path.args) and self.is_virtual(path.args[0], scope, left)
        if isinstance(path, ast.Name) and left > 0:
            holder, values = self._values(path, scope)
            return holder is not None and all(self.is_virtual(each, holder, left - 1) for each in values)
        return False

    def is_small(self, resolved: Resolved) -> bool:
        """Whether a call opens a file as text, or reads or writes all of it, whose name no caller gives.

        That is so of a literal, of names at the top of a module, and of what `tempfile` gave in the same function.
        """
        node, name = resolved.node, resolved.name
        if not isinstance(node, ast.Call) or resolved.context.loop is not None:
            return False
        if name not in _TEXTUAL and not (name in _OPENING and _is_text(node, name)):
            return False
        path = node.args[0] if node.args else None
        if name.startswith("pathlib."):
            path = node.func.value if isinstance(node.func, ast.Attribute) else None
        return path is not None and self._is_own(path, resolved.context.scope, _STEPS)

    def _is_own(self, path: ast.expr, scope: Scope, left: int) -> bool:
        if isinstance(path, ast.Constant):
            return isinstance(path.value, str)
        if isinstance(path, ast.JoinedStr):
            parts = [each.value for each in path.values if isinstance(each, ast.FormattedValue)]
            return all(self._is_own(each, scope, left) for each in parts)
        if isinstance(path, ast.BinOp):
            return self._is_own(path.left, scope, left) and self._is_own(path.right, scope, left)
        if isinstance(path, ast.Call):
            return self._is_made(path, scope, left)
        if isinstance(path, ast.Attribute):  # `settings.PATH` of a module, `file.name` of a temporary file
            meaning = self._view.names.meaning(path.value, scope)
            is_module = meaning is not None and not meaning.instance and not meaning.local
            return is_module or (path.attr == "name" and self._is_own(path.value, scope, left))
        return isinstance(path, ast.Name) and left > 0 and self._is_named(path, scope, left)

    def _is_made(self, call: ast.Call, scope: Scope, left: int) -> bool:
        meaning = self._view.names.meaning(call.func, scope)
        if meaning is not None and meaning.name.startswith("tempfile."):
            return True
        last = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if last not in _PLAIN:
            return False
        owner = [call.func.value] if last == "joinpath" and isinstance(call.func, ast.Attribute) else []
        return all(self._is_own(each, scope, left) for each in (*owner, *call.args))

    def _is_named(self, name: ast.Name, scope: Scope, left: int) -> bool:
        holder = self._view.names.holder(name.id, scope)
        bindings = holder.bindings.get(name.id, []) if holder is not None else []
        if holder is None or not bindings:
            return False
        if all(each.how is Bound.IMPORT for each in bindings):
            return name.id.isupper()
        if holder.kind == "module":
            return all(each.how in (Bound.VALUE, Bound.ANNOTATION) for each in bindings)
        values = [each.payload for each in bindings if each.how is not Bound.ANNOTATION]
        if holder.function is not scope.function or not _is_set(bindings):
            return False
        return all(isinstance(each, ast.expr) and self._is_own(each, holder, left - 1) for each in values)

    def _values(self, name: ast.Name, scope: Scope) -> tuple[Scope | None, list[ast.expr]]:
        """All that a name is bound to, where each is a value."""
        holder = self._view.names.holder(name.id, scope)
        bindings = holder.bindings.get(name.id, []) if holder is not None else []
        values = [each.payload for each in bindings if each.how is Bound.VALUE and isinstance(each.payload, ast.expr)]
        is_all = _is_set(bindings) and len(values) == sum(each.how is not Bound.ANNOTATION for each in bindings)
        return (holder, values) if is_all else (None, [])


_VALUES = (Bound.VALUE, Bound.WITH)


def _is_set(bindings: list[Binding]) -> bool:
    """Whether a name is set to values, and is no parameter: of these, too, annotations are kept."""
    lines = {each.line for each in bindings if each.how in _VALUES}
    return bool(lines) and all(each.how in _VALUES or each.line in lines for each in bindings)


def _is_text(call: ast.Call, name: str) -> bool:
    """Whether `open` gives a file of text, as far as its mode says."""
    at = 0 if name.startswith("pathlib.") else 1
    mode = call.args[at] if len(call.args) > at else None
    mode = next((word.value for word in call.keywords if word.arg == "mode"), mode)
    return mode is None or (isinstance(mode, ast.Constant) and "b" not in str(mode.value))
