"""Files that come with the program: their paths are made from `__file__`, or `importlib.resources` finds them."""

from __future__ import annotations

import ast

from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.syntax.survey import Bound, Scope

_OPENING = frozenset(
    """
    builtins.open codecs.open gzip.open os.listdir os.scandir pathlib.Path.iterdir pathlib.Path.open
    pathlib.Path.read_bytes pathlib.Path.read_text
    """.split()
)
_OF_PATHS = "pathlib.Path."
_FINDING = ("importlib.resources.", "importlib_resources.", "pkgutil.get_data")
_WORDS = ("__file__", "resources")
_STEPS = 4
"""Names that are followed to what they stand for."""


class Bundled:
    """Which calls of one file open such files."""

    def __init__(self, view: FileView) -> None:
        self._view = view

    def __contains__(self, resolved: Resolved) -> bool:
        if resolved.name not in _OPENING or not isinstance(resolved.node, ast.Call):
            return False
        if not self._view.has_word_of(_WORDS):
            return False
        func = resolved.node.func
        path: ast.expr | None = resolved.node.args[0] if resolved.node.args else None
        if resolved.name.startswith(_OF_PATHS):
            path = func.value if isinstance(func, ast.Attribute) else None
        return path is not None and self._is_own(path, resolved.context.scope, _STEPS)

    def _is_own(self, path: ast.expr, scope: Scope, left: int) -> bool:
        """Whether a path is made from where the program's own files are."""
        for part in ast.walk(path):
            if isinstance(part, ast.Name):
                if part.id == "__file__" or (left > 0 and self._is_named(part, scope, left)):
                    return True
            elif isinstance(part, ast.Call):
                meaning = self._view.names.meaning(part.func, scope)
                if meaning is not None and not meaning.local and meaning.name.startswith(_FINDING):
                    return True
        return False

    def _is_named(self, name: ast.Name, scope: Scope, left: int) -> bool:
        """Whether all that a name is bound to is such a path."""
        holder = self._view.names.holder(name.id, scope)
        bindings = holder.bindings.get(name.id, []) if holder is not None else []
        values = [each.payload for each in bindings if each.how is Bound.VALUE]
        if holder is None or not values or any(each.how not in (Bound.VALUE, Bound.ANNOTATION) for each in bindings):
            return False
        return all(isinstance(each, ast.expr) and self._is_own(each, holder, left - 1) for each in values)
