"""One walk over a syntax tree: scopes with the bindings of their names, calls with what is around them, loops.

The walk keeps its own stack, so that nesting as deep as the parser allows cannot exhaust Python's. It is the cost of a
scan besides the parser's: nodes that hold nothing of interest are never put on the stack.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from iobound.verbs.scan.syntax.mapped import MapLoop
from iobound.verbs.scan.syntax.scopes import (
    Binding,
    Bound,
    ComprehensionNode,
    Context,
    FunctionNode,
    LoopNode,
    Position,
    Scope,
    Survey,
    share,
)
from iobound.verbs.scan.syntax.targets import bind_target
from iobound.verbs.scan.syntax.visits import LEAVES, PLACED, VISITS, Visits, is_main_guard

__all__ = [
    "Binding",
    "Bound",
    "ComprehensionNode",
    "Context",
    "FunctionNode",
    "LoopNode",
    "Position",
    "Scope",
    "Survey",
    "is_main_guard",
    "survey",
]

_new = tuple.__new__  # as in `scopes`
_VALUE = Bound.VALUE
_MAY_BE_MAPS = frozenset({ast.Call, ast.Starred})
_WITHOUT_NODES = frozenset(
    "arg attr conversion ctx id is_async kind kwd_attrs level lineno module name names op ops rest simple tag "
    "type_comment".split()
)


def _children_of(kind: type[ast.AST]) -> Callable[[Any], tuple[Any, ...]]:
    """Gives the nodes and lists of nodes that a node holds, in one call of C where there are several."""
    fields = [field for field in kind._fields if field not in _WITHOUT_NODES]
    if len(fields) > 1:
        return attrgetter(*fields)
    only = attrgetter(*fields) if fields else None
    return lambda node: () if only is None else (only(node),)


_CHILDREN: dict[type[Any], Callable[[Any], tuple[Any, ...]]] = {
    kind: _children_of(kind) for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)
} | {MapLoop: _children_of(ast.AST)}


def survey(tree: ast.Module, *, places: bool = True, within: str = "", imports: Iterable[ast.stmt] = ()) -> Survey:
    """Walk a tree.

    Args:
        places: Whether nodes are wanted by their position.
        tree: A module, or a part of one.
        within: Qualified name of what encloses the part, such as `Crawler` for a method; empty for a whole module.
        imports: Import statements of the module that are not in the part.
    """
    module = Scope(tree, "module", "<module>", 1, None)
    found = Survey(module)
    walk = _Walk(found, places)
    outside = Context(module, tree, None, None)
    for statement in imports:
        VISITS[type(statement)](walk, statement, outside)
    start = module
    if within:
        kind = "function" if within.endswith(".<locals>") else "class"
        start = Scope(tree, kind, within.removesuffix(".<locals>"), 0, module)
        found.scopes.append(start)
    walk.run(tree.body, Context(start, tree, None, None))
    for scope in dict.fromkeys(walk.redirecting):
        share(scope, found)
    return found


class _Walk(Visits):
    """The way from node to node."""

    def run(self, body: list[ast.stmt], context: Context) -> None:
        """Go through everything.

        The kinds of nodes that are most of a tree are looked at right here: a method for each would take twice as long.
        """
        calls, contexts, blocks = self._found.calls, self._found.contexts, self._blocks
        places, visits, children, leaves = self._places, VISITS, _CHILDREN, LEAVES
        attribute, call, assign, bare = ast.Attribute, ast.Call, ast.Assign, ast.Name
        blocks.append((context, [*body]))
        while blocks:
            context, stack = blocks.pop()
            self._stack = stack
            pop, push, scope = stack.pop, stack.append, context.scope
            bindings = scope.bindings
            while stack:
                node: Any = pop()
                kind = node.__class__
                if kind is ast.Expr:
                    node = node.value
                    kind = node.__class__
                if places:
                    if kind in PLACED:
                        self._place(node, scope)
                    if kind is attribute:
                        push(node.value)
                        continue
                else:
                    while kind is attribute:
                        node = node.value
                        kind = node.__class__
                if kind is call:
                    calls.append(node)
                    contexts.append(context)
                    func = node.func
                    if not places:
                        while func.__class__ is attribute:
                            func = func.value
                    if func.__class__ not in leaves:
                        push(func)
                    if node.args:
                        self._arguments(node, context)
                    for word in node.keywords:
                        value = word.value
                        if value.__class__ not in leaves:
                            push(value)
                elif kind in leaves:
                    continue
                elif kind is assign:
                    value = node.value
                    for target in node.targets:
                        if target.__class__ is bare:
                            binding = _new(Binding, (_VALUE, value, target.lineno, None))
                            if target.id in bindings:
                                bindings[target.id].append(binding)
                            else:
                                bindings[target.id] = [binding]
                        else:
                            bind_target(target, value, scope)
                            push(target)
                    if value.__class__ not in leaves:
                        push(value)
                elif kind in visits:
                    visits[kind](self, node, context)
                else:
                    for child in children[kind](node):
                        kind = child.__class__
                        if kind is list:
                            stack += [each for each in child if each.__class__ not in leaves]
                        elif kind not in leaves:
                            push(child)

    def _arguments(self, node: ast.Call, context: Context) -> None:
        stack, leaves = self._stack, LEAVES
        may_drain = False
        for argument in node.args:
            kind = argument.__class__
            if kind not in leaves:
                may_drain = may_drain or kind in _MAY_BE_MAPS
                stack.append(argument)
        if may_drain:
            self._drain(node, context)
