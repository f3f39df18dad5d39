"""What functions of the same file change beyond their own names: state that concurrent calls would share."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NamedTuple

from iobound.scan.names import Names, spelled
from iobound.scan.survey import Scope

DEPTH = 4
"""Calls that are followed."""

CHANGING = frozenset(
    "append appendleft add extend insert update setdefault "
    "pop popleft popitem remove discard clear sort reverse".split()
)
"""Methods by which containers change."""

_NODES = 4000  # a larger function is not read to its end


class Changes(NamedTuple):
    """What a call of a function changes.

    Attributes:
        shared: Globals and module-level containers, as spelled.
        own: Attributes of its `self`, as spelled.
        parameters: Names of parameters whose objects it changes.
    """

    shared: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()


class Callees:
    """Looks into functions of one file; answers are remembered."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._memo: dict[Scope, Changes] = {}

    def changes(self, function: Scope, depth: int = DEPTH) -> Changes:
        """What a call of this function changes, as far as it can be seen."""
        if function in self._memo:
            return self._memo[function]
        self._memo[function] = Changes()  # a recursive call adds nothing
        body = _own_nodes(function.node)
        changed = [target for node in body for target in _changed(node)]
        found = self._sorted_out(changed, function)
        if depth > 0:
            found = self._with_calls(found, body, function, depth)
        self._memo[function] = found
        return found

    def _sorted_out(self, changed: list[ast.expr], function: Scope) -> Changes:
        parameters = _parameters(function.node)
        receiver = (
            parameters[0] if parameters and function.parent is not None and function.parent.kind == "class" else ""
        )
        shared, own, passed = set(), set(), set()
        for target in changed:
            root = root_of(target)
            if root is None:
                continue
            if root.id == receiver:
                own.add(_path(target))
            elif root.id in parameters:
                passed.add(root.id)
            elif self._is_shared(root, target, function):
                shared.add(_path(target))
        return Changes(frozenset(shared), frozenset(own), frozenset(passed))

    def _is_shared(self, root: ast.Name, target: ast.expr, function: Scope) -> bool:
        if isinstance(target, ast.Name):
            return function.redirected.get(root.id) is not None
        holder = self._names.holder(root.id, function)
        return holder is not None and holder is not function and _is_within(function, holder)

    def _with_calls(self, found: Changes, body: list[ast.AST], function: Scope, depth: int) -> Changes:
        shared, own = set(found.shared), set(found.own)
        for node in body:
            if not isinstance(node, ast.Call):
                continue
            meaning = self._names.meaning(node.func, function)
            if meaning is None or meaning.scope is None or meaning.scope.kind != "function":
                continue
            inner = self.changes(meaning.scope, depth - 1)
            shared |= inner.shared
            if isinstance(node.func, ast.Attribute) and spelled(node.func.value) == "self":
                own |= inner.own
        return Changes(frozenset(shared), frozenset(own), found.parameters)


def _path(target: ast.expr) -> str:
    return spelled(target).partition("[")[0]


def _is_within(inner: Scope, outer: Scope) -> bool:
    scope: Scope | None = inner
    while scope is not None:
        if scope is outer:
            return True
        scope = scope.parent
    return False


def root_of(node: ast.expr) -> ast.Name | None:
    """The name that a chain of attributes and subscripts begins with, None when it begins with something else."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node if isinstance(node, ast.Name) else None


def _parameters(node: ast.AST) -> list[str]:
    args = getattr(node, "args", None)
    return (
        [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
        if isinstance(args, ast.arguments)
        else []
    )


def _own_nodes(function: ast.AST) -> list[ast.AST]:
    """Nodes of a function's body without those of functions in it."""
    found: list[ast.AST] = []
    pending: list[ast.AST] = list(getattr(function, "body", ()))
    while pending and len(found) < _NODES:
        node = pending.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(node))
    return found


def _assigned(node: ast.Assign) -> list[ast.expr]:
    return [
        part for target in node.targets for part in ast.walk(target) if _is_stored(part) and isinstance(part, ast.expr)
    ]


def _is_stored(part: ast.AST) -> bool:
    return isinstance(getattr(part, "ctx", None), ast.Store)


def _called_on(node: ast.Call) -> list[ast.expr]:
    return [node.func.value] if isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING else []


def _changed(node: ast.AST) -> list[ast.expr]:
    """Expressions that a statement or call changes."""
    for kind, changed in _CHANGED.items():
        if isinstance(node, kind):
            return changed(node)
    return []


_CHANGED: dict[type[ast.AST], Callable[..., list[ast.expr]]] = {
    ast.Assign: _assigned,
    ast.AugAssign: lambda node: [node.target],
    ast.AnnAssign: lambda node: [node.target] if node.value is not None else [],
    ast.Delete: lambda node: [target for target in node.targets if not isinstance(target, ast.Name)],
    ast.Call: _called_on,
}
