"""What functions of the same file change beyond their own names: state that concurrent calls would share."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from iobound.verbs.scan.loop.carrying import Uses, aliases, uses
from iobound.verbs.scan.syntax.names import Names, spelled
from iobound.verbs.scan.syntax.survey import Scope
from iobound.verbs.scan.syntax.walking import children

DEPTH = 4
"""Calls that are followed."""

CHANGING = frozenset(
    "append appendleft add extend insert update setdefault "
    "pop popleft popitem remove discard clear sort reverse".split()
)
"""Methods by which containers change."""

CONSTRUCTORS = ("__init__", "__post_init__")

_NODES = 4000  # a larger function is not read to its end


class Changes(NamedTuple):
    """What a call of a function changes.

    Attributes:
        shared: Globals and module-level containers, as spelled.
        own: Attributes of its `self`, as spelled.
        parameters: Names of parameters whose objects it changes.
        carried: Those of all these that a call finds as the call before left them.
    """

    shared: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    carried: frozenset[str] = frozenset()


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
        body = own_nodes(function.node)
        changed = [target for node in body for target in _changed(node)]
        found = self._sorted_out(changed, function, _aliases_in(body, function))
        if depth > 0:
            found = self._with_calls(found, body, function, depth)
        found = found._replace(carried=self._carried(found, body, function))
        self._memo[function] = found
        return found

    def _sorted_out(self, changed: list[ast.expr], function: Scope, standing_for: Mapping[str, str]) -> Changes:
        parameters = parameters_of(function.node)
        receiver = receiver_of(function)
        shared, own, passed = set(), set(), set()
        for target in changed:
            root = root_of(target)
            if root is None:
                continue
            rebound = isinstance(target, ast.Name) and _is_stored(target)
            known = root.id if rebound else standing_for.get(root.id, root.id)
            if root.id == receiver:
                own.add(_path(target))
            elif receiver and known.startswith(f"{receiver}."):
                own.add(known)
            elif known in parameters and not rebound:
                passed.add(known)
            elif self._is_shared(root, target, function):
                shared.add(_path(target))
        return Changes(frozenset(shared), frozenset(own), frozenset(passed))

    def _is_shared(self, root: ast.Name, target: ast.expr, function: Scope) -> bool:
        if isinstance(target, ast.Name):
            return function.redirected.get(root.id) is not None
        holder = self._names.holder(root.id, function)
        return holder is not None and holder is not function and function.is_within(holder)

    def _with_calls(self, found: Changes, body: list[ast.AST], function: Scope, depth: int) -> Changes:
        shared, own, passed, carried = set(found.shared), set(found.own), set(found.parameters), set(found.carried)
        for call, callee in self._called_in(body, function):
            inner = self.changes(callee, depth - 1)
            shared |= inner.shared
            carried |= inner.carried & inner.shared
            if _is_on_self(call):
                own |= inner.own
                carried |= inner.carried & inner.own
            for parameter, argument in matched(call, callee):
                root = root_of(argument)
                if parameter in inner.parameters and root is not None and root.id in parameters_of(function.node):
                    passed.add(root.id)
                    carried |= {root.id} if parameter in inner.carried else set()
        return Changes(frozenset(shared), frozenset(own), frozenset(passed), frozenset(carried))

    def _carried(self, found: Changes, body: list[ast.AST], function: Scope) -> frozenset[str]:
        """Of what a function changes, what it finds as the call before left it."""
        standing_for = _aliases_in(body, function)
        paths = found.shared | found.own | found.parameters
        on_self = [
            (call, own_nodes(callee.node)) for call, callee in self._called_in(body, function) if _is_on_self(call)
        ]
        carried = set(found.carried)
        for path in paths - carried:
            used = uses(body, path, standing_for)
            for call, inner in on_self if path in found.own else ():
                beside = uses(inner, path, {})
                used.stores.extend([call.lineno] * len(beside.stores))
                used.reads.extend([call.lineno] * (bool(beside.reads) and not _sets_first(beside)))
            carried |= {path} if used.carried else set()
        return frozenset(carried)

    def _called_in(self, body: list[ast.AST], function: Scope) -> list[tuple[ast.Call, Scope]]:
        """Calls of functions of the same file."""
        found = []
        for node in body:
            if isinstance(node, ast.Call):
                callee = function_called(node, function, self._names)
                if callee is not None:
                    found.append((node, callee))
        return found


def function_called(call: ast.Call, scope: Scope, names: Names) -> Scope | None:
    """The function of the same file that a call runs: for a class its constructor, where it has one of its own."""
    meaning = names.meaning(call.func, scope)
    found = meaning.scope if meaning is not None else None
    if meaning is None or found is None or found.kind == "function":
        return found
    if found.kind != "class" or meaning.instance:
        return None
    made = [binding.payload for name in CONSTRUCTORS for binding in found.bindings.get(name, ())]
    return next((scope for scope in made if isinstance(scope, Scope) and scope.kind == "function"), None)


def _is_on_self(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and spelled(call.func.value) == "self"


def _sets_first(used: Uses) -> bool:
    return bool(used.stores) and min(used.stores) < min(used.reads, default=0)


def receiver_of(function: Scope) -> str:
    """Name of a method's first parameter, empty for another function."""
    parameters = parameters_of(function.node)
    return parameters[0] if parameters and function.parent is not None and function.parent.kind == "class" else ""


def _aliases_in(body: list[ast.AST], function: Scope) -> dict[str, str]:
    """Names that stand for a part of a parameter, or of an attribute of `self`."""
    receiver = receiver_of(function)
    attributes = {
        spelled(node)
        for node in body
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == receiver
    }
    return aliases(body, [*attributes, *(name for name in parameters_of(function.node) if name != receiver)])


def matched(call: ast.Call, function: Scope) -> Iterator[tuple[str, ast.expr]]:
    """Parameters of a function of this file with the arguments that a call gives them."""
    arguments = getattr(function.node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return
    names = [arg.arg for arg in (*arguments.posonlyargs, *arguments.args)]
    in_class = function.parent is not None and function.parent.kind == "class"
    if in_class and (isinstance(call.func, ast.Attribute) or function.name.endswith(CONSTRUCTORS)):
        names = names[1:]
    yield from zip(names, call.args, strict=False)
    for word in call.keywords:
        if word.arg is not None:
            yield word.arg, word.value


def _path(target: ast.expr) -> str:
    return spelled(target).partition("[")[0]


def root_of(node: ast.expr) -> ast.Name | None:
    """The name that a chain of attributes and subscripts begins with, None when it begins with something else."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node if isinstance(node, ast.Name) else None


def parameters_of(node: ast.AST) -> list[str]:
    """Names of a function's parameters, those for the rest of the arguments excepted."""
    args = getattr(node, "args", None)
    return (
        [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
        if isinstance(args, ast.arguments)
        else []
    )


def own_nodes(function: ast.AST) -> list[ast.AST]:
    """Nodes of a function's body without those of functions in it."""
    found: list[ast.AST] = []
    pending: list[ast.AST] = list(getattr(function, "body", ()))
    while pending and len(found) < _NODES:
        node = pending.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending += children(node)
    return found


def own_stores(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.expr, bool]]:
    """Expressions that statements assign to, and whether that is an update."""
    for node in nodes:
        if isinstance(node, ast.AugAssign):
            yield node.target, True
        elif isinstance(node, ast.Assign):
            yield from ((target, False) for target in _assigned(node))


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
