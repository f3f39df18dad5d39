"""One walk over a syntax tree: scopes with the bindings of their names, calls, loops, and nodes by their position.

The walk keeps its own stack, so that nesting as deep as the parser allows cannot exhaust Python's.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import Any, NamedTuple

from iobound.scan.syntax.mapped import MapLoop, note_map
from iobound.scan.syntax.sources import position_of

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
ComprehensionNode = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
LoopNode = ast.For | ast.AsyncFor | ast.While | ComprehensionNode
Position = tuple[int, int, int, int]

_COMPREHENSION_NAMES = {
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}
_PLACED = (
    ast.Call,
    ast.Await,
    ast.YieldFrom,
    ast.Attribute,
    ast.Subscript,
    ast.For,
    ast.AsyncFor,
    ast.With,
    ast.AsyncWith,
    ast.Import,
    ast.ImportFrom,
)


class Bound(Enum):
    """How a name came to stand for something."""

    IMPORT = auto()  # payload: dotted name
    DEFINITION = auto()  # payload: the Scope of a function or class
    VALUE = auto()  # payload: expression
    WITH = auto()  # payload: context expression
    ANNOTATION = auto()  # payload: expression
    SELF = auto()  # payload: the Scope of the class
    OTHER = auto()  # loop variable, plain parameter, unpacked value: payload None


class Binding(NamedTuple):
    """One place where a name is bound."""

    how: Bound
    payload: ast.expr | Scope | str | None
    line: int
    scope: Scope | None = None  # where the payload stands, when that is not where the name is bound


class Scope:
    """Module, class, function, lambda or comprehension.

    Attributes:
        name: Qualified name as a code object has it; `<module>` for the module.
        first_line: First line of its code object, decorators included.
        attributes: Of a class: what its methods assign to attributes of their first parameter.
        stars: Of a module: modules whose names it imports with `*`.
        loops: Loops and comprehensions in it, those in nested functions excepted.
    """

    def __init__(self, node: ast.AST, kind: str, name: str, first_line: int, parent: Scope | None) -> None:
        self.node = node
        self.kind = kind
        self.name = name
        self.first_line = first_line
        self.parent = parent
        self.bindings: dict[str, list[Binding]] = {}
        self.redirected: dict[str, str] = {}
        self.attributes: dict[str, list[Binding]] = {}
        self.stars: list[str] = []
        self.loops: list[LoopNode] = []

    @property
    def function(self) -> Scope:
        """The scope itself, or the one around a comprehension."""
        scope = self
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        return scope

    def bind(self, name: str, how: Bound, payload: ast.expr | Scope | str | None, line: int) -> None:
        """Remember that the name is bound here."""
        self.bindings.setdefault(name, []).append(Binding(how, payload, line))

    def inner_name(self, name: str) -> str:
        """Qualified name of something that is defined directly in this scope."""
        if self.kind == "module":
            return name
        return f"{self.name}.{name}" if self.kind == "class" else f"{self.name}.<locals>.{name}"


class Survey:
    """What a walk found.

    Attributes:
        at: Nodes that an interpreter can be in, by position.
        around: The scope of each of those nodes.
        awaited: Operands of `await`.
        entered: Contexts of `async with`.
        called: Callees of calls.
        maps: Loops by what drains a `map`, by position.
        roles: Method that a statement calls on an operand that is no call itself: `__enter__`, `__next__`, `__call__`.
    """

    def __init__(self, module: Scope) -> None:
        self.module = module
        self.scopes = [module]
        self.calls: list[ast.Call] = []
        self.at: dict[Position, ast.AST] = {}
        self.around: dict[ast.AST, Scope] = {}
        self.awaited: set[ast.AST] = set()
        self.entered: set[ast.AST] = set()
        self.called: set[ast.AST] = set()
        self.maps: dict[Position, MapLoop] = {}
        self.roles: dict[ast.AST, str] = {}


def survey(tree: ast.Module, *, within: str = "", imports: Iterable[ast.stmt] = ()) -> Survey:
    """Walk a tree.

    Args:
        tree: A module, or a part of one.
        within: Qualified name of what encloses the part, such as `Crawler` for a method; empty for a whole module.
        imports: Import statements of the module that are not in the part.
    """
    module = Scope(tree, "module", "<module>", 1, None)
    found = Survey(module)
    walk = _Walk(found)
    for statement in imports:
        _VISITS[type(statement)](walk, statement, module)
    start = module
    if within:
        kind = "function" if within.endswith(".<locals>") else "class"
        start = Scope(tree, kind, within.removesuffix(".<locals>"), 0, module)
        found.scopes.append(start)
    walk.run(tree.body, start)
    return found


class _Walk:
    def __init__(self, found: Survey) -> None:
        self._found = found
        self._stack: list[tuple[ast.AST, Scope]] = []

    def run(self, body: list[ast.stmt], scope: Scope) -> None:
        self._push(body, scope)
        while self._stack:
            node, scope = self._stack.pop()
            if isinstance(node, _PLACED):
                self._place(node, scope)
            visit = _VISITS.get(type(node))
            if visit is not None:
                visit(self, node, scope)
            else:
                self._push(ast.iter_child_nodes(node), scope)

    def _push(self, nodes: Iterable[ast.AST], scope: Scope) -> None:
        self._stack.extend((node, scope) for node in nodes)

    def _place(self, node: ast.AST, scope: Scope) -> None:
        self._found.around[node] = scope
        position = position_of(node)
        if isinstance(node, ast.Call) or position not in self._found.at:
            self._found.at[position] = node

    def _operand(self, node: ast.expr, scope: Scope, method: str) -> None:
        self._place(node, scope)
        self._found.roles[node] = method

    def _enter(self, node: ast.AST, kind: str, name: str, parent: Scope) -> Scope:
        decorators = getattr(node, "decorator_list", ())
        first_line = min((position_of(mark)[0] for mark in decorators), default=position_of(node)[0])
        scope = Scope(node, kind, parent.inner_name(name), first_line, parent)
        self._found.scopes.append(scope)
        return scope

    # Scopes

    def function(self, node: FunctionNode, scope: Scope) -> None:
        inner = self._enter(node, "function", node.name, scope)
        scope.bind(node.name, Bound.DEFINITION, inner, node.lineno)
        self._parameters(node.args, inner, scope, is_method=scope.kind == "class" and not _is_static(node))
        self._decorators(node.decorator_list, scope)
        if node.returns is not None:
            self._push([node.returns], scope)
        self._push(node.body, inner)

    def lambda_(self, node: ast.Lambda, scope: Scope) -> None:
        inner = self._enter(node, "lambda", "<lambda>", scope.function)
        inner.parent = scope
        self._parameters(node.args, inner, scope, is_method=False)
        self._push([node.body], inner)

    def class_(self, node: ast.ClassDef, scope: Scope) -> None:
        inner = self._enter(node, "class", node.name, scope)
        scope.bind(node.name, Bound.DEFINITION, inner, node.lineno)
        self._decorators(node.decorator_list, scope)
        self._push([*node.bases, *(word.value for word in node.keywords)], scope)
        self._push(node.body, inner)

    def _decorators(self, decorators: list[ast.expr], scope: Scope) -> None:
        for decorator in decorators:
            self._operand(decorator, scope, "__call__")
        self._push(decorators, scope)

    def _parameters(self, args: ast.arguments, inner: Scope, outer: Scope, *, is_method: bool) -> None:
        positional = [*args.posonlyargs, *args.args]
        for number, arg in enumerate([*positional, *args.kwonlyargs]):
            if is_method and number == 0 and positional:
                inner.bind(arg.arg, Bound.SELF, outer, arg.lineno)
            elif arg.annotation is not None:
                inner.bind(arg.arg, Bound.ANNOTATION, arg.annotation, arg.lineno)
            else:
                inner.bind(arg.arg, Bound.OTHER, None, arg.lineno)
        for rest in (args.vararg, args.kwarg):
            if rest is not None:
                inner.bind(rest.arg, Bound.OTHER, None, rest.lineno)
        self._push([*args.defaults, *(default for default in args.kw_defaults if default is not None)], outer)

    def comprehension(self, node: ComprehensionNode, scope: Scope) -> None:
        inner = self._enter(node, "comprehension", _COMPREHENSION_NAMES[type(node)], scope.function)
        inner.parent = scope
        scope.function.loops.append(node)
        elements = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._push(elements, inner)
        for number, generator in enumerate(node.generators):
            self._bind_target(generator.target, None, inner)
            self._operand(generator.iter, scope if number == 0 else inner, "__next__")
            self._push([generator.iter], scope if number == 0 else inner)
            self._push([generator.target, *generator.ifs], inner)

    # Names

    def import_(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            dotted = alias.name if alias.asname else alias.name.partition(".")[0]
            scope.bind(alias.asname or dotted, Bound.IMPORT, dotted, node.lineno)

    def import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        base = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                scope.stars.append(base)
                continue
            joint = "" if base.endswith(".") or not base else "."
            scope.bind(alias.asname or alias.name, Bound.IMPORT, f"{base}{joint}{alias.name}", node.lineno)

    def assign(self, node: ast.Assign, scope: Scope) -> None:
        for target in node.targets:
            self._bind_target(target, node.value, scope)
        self._push(ast.iter_child_nodes(node), scope)

    def annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        if isinstance(node.target, ast.Name):
            scope.function.bind(node.target.id, Bound.ANNOTATION, node.annotation, node.lineno)
        else:
            self._bind_attribute(node.target, Binding(Bound.ANNOTATION, node.annotation, node.lineno, scope), scope)
        if node.value is not None:
            self._bind_target(node.target, node.value, scope)
        self._push(ast.iter_child_nodes(node), scope)

    def augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        if isinstance(node.target, ast.Name) and node.target.id not in scope.bindings:
            scope.bind(node.target.id, Bound.OTHER, None, node.lineno)
        self._push(ast.iter_child_nodes(node), scope)

    def walrus(self, node: ast.NamedExpr, scope: Scope) -> None:
        self._bind_target(node.target, node.value, scope.function)
        self._push([node.value], scope)

    def redirect(self, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
        for name in node.names:
            scope.redirected[name] = "global" if isinstance(node, ast.Global) else "nonlocal"

    def handler(self, node: ast.ExceptHandler, scope: Scope) -> None:
        if node.name:
            scope.bind(node.name, Bound.OTHER, None, node.lineno)
        self._push(ast.iter_child_nodes(node), scope)

    def capture(self, node: ast.MatchAs | ast.MatchStar, scope: Scope) -> None:
        if node.name:
            scope.bind(node.name, Bound.OTHER, None, node.lineno)
        self._push(ast.iter_child_nodes(node), scope)

    def capture_rest(self, node: ast.MatchMapping, scope: Scope) -> None:
        if node.rest:
            scope.bind(node.rest, Bound.OTHER, None, node.lineno)
        self._push(ast.iter_child_nodes(node), scope)

    def _bind_target(self, target: ast.expr, value: ast.expr | None, scope: Scope, how: Bound = Bound.VALUE) -> None:
        pending: list[tuple[ast.expr, ast.expr | None]] = [(target, value)]
        while pending:
            target, value = pending.pop()
            if isinstance(target, ast.Starred):
                pending.append((target.value, None))
            elif isinstance(target, ast.Tuple | ast.List):
                pending.extend(_pairs(target, value))
            elif isinstance(target, ast.Name):
                scope.bind(target.id, how if value is not None else Bound.OTHER, value, target.lineno)
            elif value is not None:
                self._bind_attribute(target, Binding(how, value, target.lineno, scope), scope)

    def _bind_attribute(self, target: ast.expr, binding: Binding, scope: Scope) -> None:
        if not (isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)):
            return
        for bound in scope.function.bindings.get(target.value.id, ()):
            if bound.how is Bound.SELF and isinstance(bound.payload, Scope):
                bound.payload.attributes.setdefault(target.attr, []).append(binding)

    # Loops, contexts and calls

    def for_(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        scope.function.loops.append(node)
        note_map(node, scope.function.loops, self._found.maps)
        self._bind_target(node.target, None, scope)
        self._operand(node.iter, scope, "__next__")
        self._push(ast.iter_child_nodes(node), scope)

    def while_(self, node: ast.While, scope: Scope) -> None:
        scope.function.loops.append(node)
        self._push(ast.iter_child_nodes(node), scope)

    def with_(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        if isinstance(node, ast.AsyncWith):
            self._found.entered.update(item.context_expr for item in node.items)
        for item in node.items:
            self._operand(item.context_expr, scope, "__enter__")
            if item.optional_vars is not None:
                self._bind_target(item.optional_vars, item.context_expr, scope, Bound.WITH)
        self._push(ast.iter_child_nodes(node), scope)

    def await_(self, node: ast.Await, scope: Scope) -> None:
        self._found.awaited.add(node.value)
        self._push([node.value], scope)

    def call(self, node: ast.Call, scope: Scope) -> None:
        self._found.calls.append(node)
        self._found.called.add(node.func)
        note_map(node, scope.function.loops, self._found.maps)
        self._push(ast.iter_child_nodes(node), scope)

    def nothing(self, node: ast.AST, scope: Scope) -> None:
        """Leaves of the tree."""


def _pairs(target: ast.Tuple | ast.List, value: ast.expr | None) -> list[tuple[ast.expr, ast.expr | None]]:
    if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
        if not any(isinstance(part, ast.Starred) for part in (*value.elts, *target.elts)):
            return list(zip(target.elts, value.elts, strict=True))
    return [(part, None) for part in target.elts]


def _is_static(node: FunctionNode) -> bool:
    return any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in node.decorator_list)


_VISITS: dict[type[ast.AST], Callable[[_Walk, Any, Scope], None]] = {
    ast.FunctionDef: _Walk.function,
    ast.AsyncFunctionDef: _Walk.function,
    ast.Lambda: _Walk.lambda_,
    ast.ClassDef: _Walk.class_,
    ast.ListComp: _Walk.comprehension,
    ast.SetComp: _Walk.comprehension,
    ast.DictComp: _Walk.comprehension,
    ast.GeneratorExp: _Walk.comprehension,
    ast.Import: _Walk.import_,
    ast.ImportFrom: _Walk.import_from,
    ast.Assign: _Walk.assign,
    ast.AnnAssign: _Walk.annotated,
    ast.AugAssign: _Walk.augmented,
    ast.NamedExpr: _Walk.walrus,
    ast.Global: _Walk.redirect,
    ast.Nonlocal: _Walk.redirect,
    ast.ExceptHandler: _Walk.handler,
    ast.MatchAs: _Walk.capture,
    ast.MatchStar: _Walk.capture,
    ast.MatchMapping: _Walk.capture_rest,
    ast.For: _Walk.for_,
    ast.AsyncFor: _Walk.for_,
    ast.While: _Walk.while_,
    ast.With: _Walk.with_,
    ast.AsyncWith: _Walk.with_,
    ast.Await: _Walk.await_,
    ast.Call: _Walk.call,
    ast.Constant: _Walk.nothing,
    ast.Name: _Walk.nothing,
}
