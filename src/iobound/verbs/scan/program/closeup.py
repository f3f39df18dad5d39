"""The few functions that run in other threads or processes, looked at with their syntax trees.

Facts keep of a function what it calls. What it writes, and whether it computes, is asked of so few functions that their
files are read again instead.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from iobound.verbs.scan.loop.callees import own_nodes
from iobound.verbs.scan.program.facts import How
from iobound.verbs.scan.program.tree import Library, Tree
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.syntax.names import Meaning
from iobound.verbs.scan.syntax.scopes import function_of
from iobound.verbs.scan.syntax.survey import Scope

ReadBytes = Callable[[int], bytes | None]
"""Gives the bytes of a module's file, by its number."""

ReadView = Callable[[int], FileView | None]
"""Gives the file of a module, by its number."""


class Code(NamedTuple):
    """A function with its syntax tree.

    Attributes:
        module: Number of its module.
    """

    module: int
    scope: Scope
    view: FileView

    @property
    def name(self) -> str:
        """Qualified name as findings have it."""
        return self.scope.name

    @property
    def key(self) -> str:
        """Qualified name as facts have it: a lambda's with its place."""
        return _name_of(self.scope)

    @property
    def klass(self) -> Scope | None:
        """The class whose method it is, None for another function."""
        parent = self.scope.parent
        return parent if parent is not None and parent.kind == "class" else None


class CloseUp:
    """Functions of a program with their syntax trees; files are read again when they are first asked for."""

    def __init__(self, tree: Tree, read_bytes: ReadBytes, read_view: ReadView) -> None:
        self._tree = tree
        self._read_bytes = read_bytes
        self._mentions: dict[tuple[int, re.Pattern[bytes]], bool] = {}
        self._read_view = read_view
        self._views: dict[int, FileView | None] = {}
        self._scopes: dict[int, Mapping[str, Scope]] = {}
        self._calls: dict[int, Mapping[Scope, Sequence[Resolved]]] = {}
        self._nodes: dict[Scope, list[ast.AST]] = {}

    def view(self, module: int) -> FileView | None:
        """The file of a module, None when it cannot be read again."""
        if module not in self._views:
            self._views[module] = self._read_view(module)
        return self._views[module]

    def text(self, module: int) -> bytes:
        """The bytes of a file, none when it cannot be read again."""
        return self._read_bytes(module) or b""

    def mentions(self, module: int, pattern: re.Pattern[bytes]) -> bool:
        """Whether the text of a file has something in it: much cheaper than a syntax tree."""
        key = (module, pattern)
        if key not in self._mentions:
            data = self._read_bytes(module)
            self._mentions[key] = data is not None and pattern.search(data) is not None
        return self._mentions[key]

    def code(self, module: int, symbol: str) -> Code | None:
        """The function that a symbol of a module stands for, None when it is none of the program."""
        found = self._tree.definition(module, symbol)
        return None if found is None else self.named(*found)

    def named(self, module: int, name: str) -> Code | None:
        """A function by the qualified name that facts have of it."""
        view = self.view(module)
        if view is None:
            return None
        if module not in self._scopes:
            self._scopes[module] = {_name_of(scope): scope for scope in view.found.scopes if scope.kind in _FUNCTIONS}
        scope = self._scopes[module].get(name)
        return None if scope is None else Code(module, scope, view)

    def nodes(self, code: Code) -> list[ast.AST]:
        """Nodes of a function's body without those of functions in it."""
        known = self._nodes.get(code.scope)
        if known is None:
            node = code.scope.node
            known = [*ast.walk(node.body)] if isinstance(node, ast.Lambda) else own_nodes(node)
            self._nodes[code.scope] = known
        return known

    def calls(self, code: Code) -> Sequence[Resolved]:
        """Calls of a function whose callee can be told, in the order of the source."""
        if code.module not in self._calls:
            found: dict[Scope, list[Resolved]] = {}
            for each in code.view.resolved:
                found.setdefault(function_of(each.context.scope), []).append(each)
            for several in found.values():
                several.sort(key=lambda each: (each.node.lineno, each.node.col_offset))
            self._calls[code.module] = found
        return self._calls[code.module].get(code.scope, ())

    def callees(self, code: Code, *, abroad: bool = True) -> Iterator[tuple[Resolved, Code]]:
        """Calls of functions of the program, with what they run there and then.

        Args:
            abroad: Whether functions of other files count, too.
        """
        for each in self.calls(code):
            is_here = each.meaning.local and not each.meaning.dots
            if is_here or (abroad and (each.meaning.local or self._is_ours(each.meaning))):
                callee = self.code(code.module, each.meaning.symbol)
                if callee is not None and _runs_at_once(callee, each, code):
                    yield each, callee

    def _is_ours(self, meaning: Meaning) -> bool:
        return not isinstance(self._tree.named_target(meaning.symbol), Library)


_FUNCTIONS = frozenset({"module", "function", "lambda"})


def _runs_at_once(callee: Code, call: Resolved, caller: Code) -> bool:
    node = callee.scope.node
    if callee.scope is caller.scope:
        return False
    if isinstance(node, ast.AsyncFunctionDef):
        return call.node in caller.view.found.awaited
    return not callee.scope.yields or bool(caller.view.how(call) & How.ITERATED)


def _name_of(scope: Scope) -> str:
    return scope.name if scope.kind != "lambda" else Meaning(scope.name, scope=scope, local=True).symbol[1:]
