"""What makes a loop none that has to be changed: a pool beside it, calls that are made once, items by themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.survey import LoopNode, Scope
from iobound.verbs.scan.syntax.walking import children, walk

_MAPPING = frozenset("map map_async imap imap_unordered starmap starmap_async uimap amap".split())
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_APART = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_WIDE = frozenset({"BaseException", "Exception"})
_DEEP = 24
"""Blocks within blocks that are followed: no function that people wrote has more."""

_MANY = 20
"""Loops of a function from which it is not searched for pools."""

_SHORT = 3
"""Statements of a `try` up to which it is meant for the calls in it, rather than for all that is done to an item."""

_LEAVING = (ast.Return, ast.Raise)


# The other branch


def is_mapped_elsewhere(loop: LoopNode, function: Scope) -> bool:
    """Whether a pool maps the same function over the same items in another branch: somebody has asked for this one."""
    if isinstance(loop, ast.While | ast.AsyncFor) or len(function.loops) > _MANY:
        return False
    over = loop.iter if isinstance(loop, ast.For) else loop.generators[0].iter
    items = ast.dump(over)
    called = {spelled(node.func) for node in walk(loop) if isinstance(node, ast.Call)}
    nodes = walk(function.node)
    mapping = [node for node in nodes if isinstance(node, ast.Call) and _maps(node, items, called)]
    branches = [branch for node in nodes if isinstance(node, ast.If) for branch in (node.body, node.orelse) if branch]
    return any(_lies_in(call, branch) != _lies_in(loop, branch) for call in mapping for branch in branches)


def _maps(call: ast.Call, items: str, called: set[str]) -> bool:
    func = call.func
    if not (isinstance(func, ast.Attribute) and func.attr in _MAPPING and len(call.args) > 1):
        return False
    return spelled(call.args[0]) in called and ast.dump(call.args[1]) == items


def _lies_in(node: ast.AST, block: Sequence[ast.stmt]) -> bool:
    first, last = block[0].lineno, block[-1].end_lineno or block[-1].lineno
    return first <= getattr(node, "lineno", 0) <= last


# Once


def made_once(loop: LoopNode) -> Iterator[ast.Call]:
    """Calls of a loop after each of which it is left on every path."""
    if isinstance(loop, _LOOPS):
        yield from _once(loop.body, inner=False, left=_DEEP)


def _once(block: Sequence[ast.stmt], *, inner: bool, left: int) -> Iterator[ast.Call]:
    """Of a block of a loop; of one within another only what leaves both counts."""
    if _leaves(block, inner=inner, left=_DEEP):
        yield from (part for each in block for part in walk(each) if isinstance(part, ast.Call))
        return
    for each in block if left else ():
        for further, is_inner in _blocks(each, inner=inner):
            yield from _once(further, inner=is_inner, left=left - 1)


def _blocks(statement: ast.stmt, *, inner: bool) -> Iterator[tuple[Sequence[ast.stmt], bool]]:
    """Blocks of a statement of which no failure is caught, each with whether it belongs to a loop further in."""
    if isinstance(statement, ast.If):
        yield from ((statement.body, inner), (statement.orelse, inner))
    elif isinstance(statement, _LOOPS):
        yield from ((statement.body, True), (statement.orelse, inner))
    elif isinstance(statement, ast.With | ast.AsyncWith):
        if not _may_swallow(statement):
            yield statement.body, inner
    elif isinstance(statement, ast.Try):
        handled = [handler.body for handler in statement.handlers]
        if all(_leaves(each, inner=inner, left=_DEEP) for each in handled):
            yield statement.body, inner
        yield from ((each, inner) for each in (statement.orelse, statement.finalbody, *handled))
    elif isinstance(statement, ast.Match):
        yield from ((case.body, inner) for case in statement.cases)


def _leaves(block: Sequence[ast.stmt], *, inner: bool, left: int) -> bool:
    """Whether a block ends the loop whatever happens in it: it goes on to its end, and that leaves."""
    last = block[-1] if block and left else None
    if isinstance(last, ast.If):
        ways = (last.body, last.orelse)
        leaves = all(_leaves(each, inner=inner, left=left - 1) for each in ways)
    else:
        leaves = isinstance(last, _LEAVING) or (isinstance(last, ast.Break) and not inner)
    return leaves and not any(_goes_on(each) for each in block)


def _goes_on(statement: ast.stmt) -> bool:
    """Whether a statement may go on with the next iteration, in other words than those at its end."""
    return any(isinstance(part, ast.Continue) for part in _of_this_loop([statement]))


def _of_this_loop(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Statements that belong to no loop or function further in."""
    pending = [*nodes]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (*_LOOPS, *_APART, ast.expr)):
            pending += children(node)


def _may_swallow(statement: ast.With | ast.AsyncWith) -> bool:
    return any(
        isinstance(item.context_expr, ast.Call) and spelled(item.context_expr.func).endswith("suppress")
        for item in statement.items
    )


# By itself


def guarded_calls(loop: LoopNode) -> Iterator[ast.Call]:
    """Calls in a `try` of a loop which goes on after any failure of one: each item is by itself."""
    if isinstance(loop, _LOOPS):
        for each in _of_this_loop(loop.body):
            if (
                isinstance(each, ast.Try)
                and len(each.body) <= _SHORT
                and any(_takes_any(handler) for handler in each.handlers)
            ):
                yield from (part for statement in each.body for part in walk(statement) if isinstance(part, ast.Call))


def _takes_any(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches nearly everything, and goes on."""
    kinds = () if handler.type is None else ast.walk(handler.type)
    wide = handler.type is None or any(isinstance(part, ast.Name) and part.id in _WIDE for part in kinds)
    ends = (*_LEAVING, ast.Break)
    return wide and not any(isinstance(part, ends) for part in _of_this_loop(handler.body))
