"""What a walk does at nodes of each kind: scopes, bindings, loops and what is around code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from iobound.verbs.scan.syntax.mapped import note_map
from iobound.verbs.scan.syntax.raising import note_failing
from iobound.verbs.scan.syntax.scopes import (
    Binding,
    Bound,
    ComprehensionNode,
    Context,
    FunctionNode,
    LoopNode,
    Scope,
    Survey,
)
from iobound.verbs.scan.syntax.sources import position_of
from iobound.verbs.scan.syntax.targets import (
    bind_attribute,
    bind_import,
    bind_import_from,
    bind_parameters,
    bind_target,
    is_static,
)

_COMPREHENSION_NAMES = {
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}
PLACED = frozenset(
    {
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
    }
)
LEAVES = frozenset({ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue, type(None)})
"""Kinds of nodes that hold nothing of interest."""


class Visits:
    """A walk over blocks of nodes that have the same context; `self._stack` holds what is left of the present one."""

    def __init__(self, found: Survey, places: bool) -> None:
        self._found = found
        self._places = places
        self._blocks: list[tuple[Context, list[ast.AST]]] = []
        self._mapped: dict[ast.expr, LoopNode] = {}  # lambdas that are called once per item
        self.redirecting: list[Scope] = []  # scopes with `global` or `nonlocal`
        self._stack: list[ast.AST] = []

    def _later(
        self, nodes: Iterable[ast.AST], scope: Scope, node: ast.AST, outer: Context, loop: LoopNode | None
    ) -> None:
        """What another context is around."""
        self._blocks.append((Context(scope, node, outer, loop), [*nodes]))

    def _place(self, node: ast.AST, scope: Scope) -> None:
        self._found.around[node] = scope
        position = position_of(node)
        if isinstance(node, ast.Call) or position not in self._found.at:
            self._found.at[position] = node

    def _operand(self, node: ast.expr, scope: Scope, method: str) -> None:
        if self._places:
            self._place(node, scope)
            self._found.roles[node] = method

    def _enter(self, node: ast.AST, kind: str, name: str, parent: Scope) -> Scope:
        first_line: int = node.lineno  # type: ignore[attr-defined]
        for mark in getattr(node, "decorator_list", ()):
            first_line = min(first_line, mark.lineno)
        scope = Scope(node, kind, parent.inner_name(name), first_line, parent)
        self._found.scopes.append(scope)
        return scope

    # Scopes

    def _function(self, node: FunctionNode, context: Context) -> None:
        outer, marks = context.scope, node.decorator_list
        inner = self._enter(node, "function", node.name, outer)
        outer.bind(node.name, Bound.DEFINITION, inner, node.lineno)
        is_method = outer.kind == "class" and not (marks and is_static(node))
        self._parameters(node.args, inner, outer, is_method=is_method)
        if marks:
            self._decorators(marks, outer)
        if node.returns is not None and self._places:
            self._stack.append(node.returns)
        self._blocks.append((Context(inner, node, context, None), [*node.body]))

    def _parameters(self, args: ast.arguments, inner: Scope, outer: Scope, *, is_method: bool) -> None:
        bind_parameters(args, inner, outer, is_method=is_method)
        if args.defaults:
            self._stack += args.defaults
        if args.kw_defaults:
            self._stack += [default for default in args.kw_defaults if default is not None]

    def _lambda(self, node: ast.Lambda, context: Context) -> None:
        inner = self._enter(node, "lambda", "<lambda>", context.scope.function)
        inner.parent = context.scope
        self._parameters(node.args, inner, context.scope, is_method=False)
        self._later([node.body], inner, node, context, self._mapped.pop(node, None) if self._mapped else None)

    def _class(self, node: ast.ClassDef, context: Context) -> None:
        scope = context.scope
        inner = self._enter(node, "class", node.name, scope)
        self._found.classes.append(inner)
        scope.bind(node.name, Bound.DEFINITION, inner, node.lineno)
        self._decorators(node.decorator_list, scope)
        self._stack += node.bases
        self._stack += [word.value for word in node.keywords]
        self._later(node.body, inner, node, context, context.loop)

    def _decorators(self, decorators: list[ast.expr], scope: Scope) -> None:
        for decorator in decorators:
            self._operand(decorator, scope, "__call__")
        self._stack += decorators

    def _comprehension(self, node: ComprehensionNode, context: Context) -> None:
        scope = context.scope
        inner = self._enter(node, "comprehension", _COMPREHENSION_NAMES[type(node)], scope.function)
        inner.parent = scope
        scope.function.loops.append(node)
        self._found.loop_contexts[node] = context
        repeated: list[ast.AST] = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for number, generator in enumerate(node.generators):
            if generator.is_async:
                scope.await_at(node.lineno)
            bind_target(generator.target, None, inner)
            self._found.iterated.add(generator.iter)
            self._operand(generator.iter, scope if number == 0 else inner, "__next__")
            if number == 0:
                self._stack.append(generator.iter)
            else:
                repeated.append(generator.iter)
            repeated.append(generator.target)
            repeated += generator.ifs
        self._later(repeated, inner, node, context, node)

    def _return(self, node: ast.Return, context: Context) -> None:
        if node.value is not None:
            context.scope.function.returns.append(node.value)
            self._stack.append(node.value)

    def _raise(self, node: ast.Raise, context: Context) -> None:
        if node.exc is not None:
            if isinstance(node.exc, ast.Call) and _is_named_as_class(node.exc.func):
                self._found.raised.add(node.exc)
            self._go_on(node.exc)
        if node.cause is not None:
            self._go_on(node.cause)

    def _yield(self, node: ast.Yield | ast.YieldFrom, context: Context) -> None:
        context.scope.function.yields = True
        if node.value is not None:
            if isinstance(node, ast.YieldFrom):
                self._found.iterated.add(node.value)
            self._stack.append(node.value)

    # Names

    def _import(self, node: ast.Import, context: Context) -> None:
        bind_import(node, context.scope)

    def _import_from(self, node: ast.ImportFrom, context: Context) -> None:
        bind_import_from(node, context.scope)

    def _go_on(self, node: ast.expr) -> None:
        if node.__class__ not in LEAVES:
            self._stack.append(node)

    def _annotated(self, node: ast.AnnAssign, context: Context) -> None:
        scope = context.scope
        if isinstance(node.target, ast.Name):
            scope.function.bind(node.target.id, Bound.ANNOTATION, node.annotation, node.lineno)
        else:
            bind_attribute(node.target, Binding(Bound.ANNOTATION, node.annotation, node.lineno, scope), scope)
        if node.value is not None:
            bind_target(node.target, node.value, scope)
            self._go_on(node.value)
        self._go_on(node.target)
        if self._places:
            self._go_on(node.annotation)

    def _augmented(self, node: ast.AugAssign, context: Context) -> None:
        if isinstance(node.target, ast.Name) and node.target.id not in context.scope.bindings:
            context.scope.bind(node.target.id, Bound.OTHER, None, node.lineno)
        self._go_on(node.target)
        self._go_on(node.value)

    def _walrus(self, node: ast.NamedExpr, context: Context) -> None:
        bind_target(node.target, node.value, context.scope.function)
        self._go_on(node.value)

    def _redirect(self, node: ast.Global | ast.Nonlocal, context: Context) -> None:
        self.redirecting.append(context.scope)
        for name in node.names:
            context.scope.redirected[name] = "global" if isinstance(node, ast.Global) else "nonlocal"

    def _handler(self, node: ast.ExceptHandler, context: Context) -> None:
        if node.name:
            context.scope.bind(node.name, Bound.OTHER, None, node.lineno)
        if node.type is not None:
            self._go_on(node.type)
        self._stack += node.body
        self._branch(node.body[0], node)
        self._found.caught.append((node.lineno, node.end_lineno or node.lineno))
        note_failing(self._found, node.body)

    def _try(self, node: ast.Try, context: Context) -> None:
        body = node.body
        if node.handlers:
            self._found.tried.append((body[0].lineno, body[-1].end_lineno or body[-1].lineno))
        self._stack += body
        self._stack += node.handlers
        self._stack += node.orelse
        self._stack += node.finalbody

    def _branch(self, first: ast.stmt, whole: ast.If | ast.ExceptHandler) -> None:
        self._found.branches.append((first.lineno, first.col_offset, whole.end_lineno or first.lineno))

    def _capture(self, node: ast.MatchAs | ast.MatchStar, context: Context) -> None:
        if node.name:
            context.scope.bind(node.name, Bound.OTHER, None, node.lineno)
        pattern = getattr(node, "pattern", None)
        if pattern is not None:
            self._stack.append(pattern)

    def _capture_rest(self, node: ast.MatchMapping, context: Context) -> None:
        if node.rest:
            context.scope.bind(node.rest, Bound.OTHER, None, node.lineno)
        self._stack += node.keys
        self._stack += node.patterns

    # Loops, contexts and calls

    def _for(self, node: ast.For | ast.AsyncFor, context: Context) -> None:
        scope = context.scope
        scope.function.loops.append(node)
        if node.__class__ is ast.AsyncFor:
            scope.await_at(node.lineno)
        self._found.loop_contexts[node] = context
        self._found.iterated.add(node.iter)
        self._drain(node, context)
        bind_target(node.target, None, scope)
        self._operand(node.iter, scope, "__next__")
        self._go_on(node.target)
        self._go_on(node.iter)
        self._stack += node.orelse
        self._later(node.body, scope, node, context, node)

    def _drain(self, node: ast.Call | ast.For | ast.AsyncFor, context: Context) -> None:
        loop = note_map(node, context.scope.function.loops, self._found.maps)
        if loop is not None:
            self._found.loop_contexts[loop] = context
            if loop.work.__class__ is ast.Lambda:
                self._mapped[loop.work] = loop

    def _while(self, node: ast.While, context: Context) -> None:
        context.scope.function.loops.append(node)
        self._found.loop_contexts[node] = context
        self._stack += node.orelse
        self._later([node.test, *node.body], context.scope, node, context, node)

    def _with(self, node: ast.With | ast.AsyncWith, context: Context) -> None:
        scope = context.scope
        if isinstance(node, ast.AsyncWith):
            scope.await_at(node.lineno)
            self._found.entered.update(item.context_expr for item in node.items)
        self._found.handled.append((node, context))
        for item in node.items:
            self._operand(item.context_expr, scope, "__enter__")
            if item.optional_vars is not None:
                bind_target(item.optional_vars, item.context_expr, scope, Bound.WITH)
                self._go_on(item.optional_vars)
            self._go_on(item.context_expr)
        self._later(node.body, scope, node, context, context.loop)

    def _if(self, node: ast.If, context: Context) -> None:
        self._go_on(node.test)
        self._stack += node.orelse
        if is_main_guard(node.test):
            self._later(node.body, context.scope, node, context, context.loop)
        else:
            self._stack += node.body
            self._branch(node.body[0], node)
            note_failing(self._found, node.body)
            if node.orelse:
                note_failing(self._found, node.orelse)
            if _fills(node):
                self._found.fillings.append((node.lineno, node.end_lineno or node.lineno))
            whole = context.node
            if not node.orelse and isinstance(whole, ast.FunctionDef) and _gives_what_is_there(node.body[-1]):
                end = node.end_lineno or node.lineno
                self._found.branches.append((end + 1, 0, whole.end_lineno or end))

    def _await(self, node: ast.Await, context: Context) -> None:
        self._found.awaited[node.value] = context
        context.scope.await_at(node.lineno)
        self._go_on(node.value)

    def _nothing(self, node: ast.AST, context: Context) -> None:
        """Leaves of the tree."""


def is_main_guard(test: ast.expr) -> bool:
    """Whether it is `__name__ == "__main__"`."""
    if not isinstance(test, ast.Compare) or len(test.comparators) != 1:
        return False
    sides = (test.left, test.comparators[0])
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)


def _fills(node: ast.If) -> bool:
    """Whether a branch runs once for each key: `if key not in kept: kept[key] = …`."""
    test = node.test
    if not (isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.NotIn)):
        return False
    kept = test.comparators[0]
    if not isinstance(kept, ast.Name | ast.Attribute):
        return False
    name = kept.id if isinstance(kept, ast.Name) else kept.attr
    for each in node.body:
        for target in each.targets if isinstance(each, ast.Assign) else ():
            value = target.value if isinstance(target, ast.Subscript) else None
            if isinstance(value, ast.Name | ast.Attribute) and name == getattr(value, "id", getattr(value, "attr", "")):
                return True
    return False


def _gives_what_is_there(last: ast.stmt) -> bool:
    """`return self.cache[key]`, or whether it is there: what comes after it is for the first time."""
    if isinstance(last, ast.Try | ast.With):
        last = last.body[-1]
    if isinstance(last, ast.If):
        last = last.body[-1]
    if not isinstance(last, ast.Return):
        return False
    if isinstance(last.value, ast.Constant):
        return isinstance(last.value.value, bool)
    return isinstance(last.value, ast.Name | ast.Attribute | ast.Subscript)


def _is_named_as_class(callee: ast.expr) -> bool:
    name = callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
    return name.lstrip("_")[:1].isupper()


VISITS: dict[type[ast.AST], Callable[[Visits, Any, Context], None]] = {
    ast.FunctionDef: Visits._function,
    ast.AsyncFunctionDef: Visits._function,
    ast.Lambda: Visits._lambda,
    ast.ClassDef: Visits._class,
    ast.ListComp: Visits._comprehension,
    ast.SetComp: Visits._comprehension,
    ast.DictComp: Visits._comprehension,
    ast.GeneratorExp: Visits._comprehension,
    ast.Import: Visits._import,
    ast.ImportFrom: Visits._import_from,
    ast.AnnAssign: Visits._annotated,
    ast.AugAssign: Visits._augmented,
    ast.NamedExpr: Visits._walrus,
    ast.Global: Visits._redirect,
    ast.Nonlocal: Visits._redirect,
    ast.ExceptHandler: Visits._handler,
    ast.MatchAs: Visits._capture,
    ast.MatchStar: Visits._capture,
    ast.MatchMapping: Visits._capture_rest,
    ast.For: Visits._for,
    ast.AsyncFor: Visits._for,
    ast.While: Visits._while,
    ast.With: Visits._with,
    ast.AsyncWith: Visits._with,
    ast.Try: Visits._try,
    ast.TryStar: Visits._try,
    ast.Await: Visits._await,
    ast.If: Visits._if,
    ast.Return: Visits._return,
    ast.Raise: Visits._raise,
    ast.Yield: Visits._yield,
    ast.YieldFrom: Visits._yield,
    ast.MatchSingleton: Visits._nothing,
    **dict.fromkeys(LEAVES, Visits._nothing),
}
