"""Scopes with the bindings of their names, what is around code, and what a walk over a tree finds."""

from __future__ import annotations

import ast
from enum import Enum, auto
from typing import Any, NamedTuple

from iobound.verbs.scan.syntax.mapped import MapLoop

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
ComprehensionNode = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
LoopNode = ast.For | ast.AsyncFor | ast.While | ComprehensionNode
Position = tuple[int, int, int, int]

_new = tuple.__new__  # a named tuple's own way is written in Python, and takes three times as long


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
        returns: Of a function: what its `return` statements give.
        yields: Whether it is a generator.
        awaits_from: Line of the first `await`, `async for` or `async with` of its own, 0 without any.
        meanings: What whoever resolves names remembers of those that are used in it.
    """

    __slots__ = (
        "attributes",
        "awaits_from",
        "bindings",
        "first_line",
        "kind",
        "loops",
        "meanings",
        "name",
        "node",
        "parent",
        "redirected",
        "returns",
        "stars",
        "yields",
    )

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
        self.returns: list[ast.expr] = []
        self.yields = False
        self.awaits_from = 0
        self.meanings: dict[str, Any] = {}

    @property
    def function(self) -> Scope:
        """The scope itself, or the one around a comprehension."""
        scope = self
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        return scope

    def is_within(self, outer: Scope) -> bool:
        """Whether it is a scope, or lies in it."""
        scope: Scope | None = self
        while scope is not None and scope is not outer:
            scope = scope.parent
        return scope is not None

    def await_at(self, line: int) -> None:
        """Remember that the function may give the event loop back at a line."""
        function = self.function
        function.awaits_from = min(function.awaits_from or line, line)

    def bind(self, name: str, how: Bound, payload: ast.expr | Scope | str | None, line: int) -> None:
        """Remember that the name is bound here."""
        self.bindings.setdefault(name, []).append(_new(Binding, (how, payload, line, None)))

    def inner_name(self, name: str) -> str:
        """Qualified name of something that is defined directly in this scope."""
        if self.kind == "module":
            return name
        return f"{self.name}.{name}" if self.kind == "class" else f"{self.name}.<locals>.{name}"


class Context:
    """What is around a piece of code, up to its module.

    Attributes:
        scope: Whose names it sees.
        node: The statement or expression that opened it: a function, loop, `with`, or `if`; the tree for a module.
        outer: The context around it, None for the module's.
        loop: The innermost loop of the same function that runs it once per iteration.
    """

    __slots__ = ("loop", "node", "outer", "scope")

    def __init__(self, scope: Scope, node: ast.AST, outer: Context | None, loop: LoopNode | None) -> None:
        self.scope = scope
        self.node = node
        self.outer = outer
        self.loop = loop


class Survey:
    """What a walk found.

    Attributes:
        calls: All calls, in no order; `contexts` has what is around each.
        at: Nodes that an interpreter can be in, by position; empty unless places were asked for, like the next two.
        around: The scope of each of those nodes.
        awaited: Operands of `await`, with what is around them.
        fillings: First and last lines of `if key not in kept:` that keep something under the key.
        branches: Where code stands that runs only if a test says so, or after a failure: first line and column, last
            line.
        entered: Contexts of `async with`.
        caught: First and last lines of what is done after a failure.
        failing: Likewise branches that end in `raise`.
        handled: Contexts of `with` statements and what is around them.
        iterated: Calls whose result a loop runs over.
        loop_contexts: What is around each loop.
        raised: Calls right behind `raise` that by their names make an exception.
        maps: Loops by what drains a `map`, by position.
        shared: What other functions bind a name of a scope to, by `global` and `nonlocal`.
        tried: First and last lines of what `try` statements with handlers look after.
        roles: Method that a statement calls on an operand that is no call itself: `__enter__`, `__next__`, `__call__`.
    """

    def __init__(self, module: Scope) -> None:
        self.module = module
        self.scopes = [module]
        self.calls: list[ast.Call] = []
        self.contexts: list[Context] = []
        self.classes: list[Scope] = []
        self.at: dict[Position, ast.AST] = {}
        self.around: dict[ast.AST, Scope] = {}
        self.awaited: dict[ast.AST, Context] = {}
        self.branches: list[tuple[int, int, int]] = []
        self.failing: list[tuple[int, int, int]] = []
        self.caught: list[tuple[int, int]] = []
        self.tried: list[tuple[int, int]] = []
        self.fillings: list[tuple[int, int]] = []
        self.entered: set[ast.AST] = set()
        self.handled: list[tuple[ast.With | ast.AsyncWith, Context]] = []
        self.iterated: set[ast.expr] = set()
        self.loop_contexts: dict[LoopNode, Context] = {}
        self.maps: dict[Position, MapLoop] = {}
        self.raised: set[ast.expr] = set()
        self.roles: dict[ast.AST, str] = {}
        self.shared: dict[tuple[Scope, str], list[Binding]] = {}

    def forget(self) -> None:
        """Break the circles of scopes and what they bind, so that the tree goes without a garbage collector."""
        for scope in self.scopes:
            scope.bindings.clear()
            scope.attributes.clear()
            scope.meanings.clear()
        self.shared.clear()


def share(scope: Scope, found: Survey) -> None:
    """Remember what a function binds by `global` or `nonlocal` for the scope that the name belongs to."""
    for name, way in scope.redirected.items():
        around = found.module if way == "global" else scope.parent
        while way == "nonlocal" and around is not None and not _owns(around, name):
            around = around.parent
        if around is not None and around is not scope and name in scope.bindings:
            shared = (each if each.scope else each._replace(scope=scope) for each in scope.bindings[name])
            found.shared.setdefault((around, name), []).extend(shared)


def _owns(scope: Scope, name: str) -> bool:
    return scope.kind not in ("class", "module") and name in scope.bindings and name not in scope.redirected


def function_of(scope: Scope) -> Scope:
    """The function, lambda or module whose code runs when code of the scope does; of a class what is around it."""
    while scope.kind in ("class", "comprehension") and scope.parent is not None:
        scope = scope.parent
    return scope
