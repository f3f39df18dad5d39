"""What makes a loop none that has to be changed: a pool beside it, calls that are made once, items by themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from iobound.scan.syntax.names import spelled
from iobound.scan.syntax.survey import LoopNode
from iobound.scan.syntax.walking import walk

_MAPPING = frozenset("map map_async imap imap_unordered starmap starmap_async uimap amap".split())
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_APART = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_WIDE = frozenset({"BaseException", "Exception"})
_LEAVING = (ast.Return, ast.Raise)


# The other branch


def is_mapped_elsewhere(loop: LoopNode, function: ast.AST) -> bool:
    """Whether a pool maps the same function over the same items in another branch: somebody has asked for this one."""
    if isinstance(loop, ast.While | ast.AsyncFor):
        return False
    over = loop.iter if isinstance(loop, ast.For) else loop.generators[0].iter
    items = ast.dump(over)
    called = {spelled(node.func) for node in walk(loop) if isinstance(node, ast.Call)}
    nodes = walk(function)
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
        yield from _once(loop.body, inner=False)


def _once(block: Sequence[ast.stmt], *, inner: bool) -> Iterator[ast.Call]:
    """Of a block of a loop; of one within another only what leaves both counts."""
    if _leaves(block, inner=inner):
        yield from (part for each in block for part in walk(each) if isinstance(part, ast.Call))
        return
    for each in block:
        if isinstance(each, ast.If):
            yield from _once(each.body, inner=inner)
            yield from _once(each.orelse, inner=inner)
        elif isinstance(each, ast.With | ast.AsyncWith):
            if not _may_swallow(each):
                yield from _once(each.body, inner=inner)
        elif isinstance(each, _LOOPS):
            yield from _once(each.body, inner=True)
            yield from _once(each.orelse, inner=inner)
        elif isinstance(each, ast.Try):
            if all(_leaves(handler.body, inner=inner) for handler in each.handlers):
                yield from _once(each.body, inner=inner)
            for rest in (each.orelse, each.finalbody, *(handler.body for handler in each.handlers)):
                yield from _once(rest, inner=inner)
        elif isinstance(each, ast.Match):
            for case in each.cases:
                yield from _once(case.body, inner=inner)


def _leaves(block: Sequence[ast.stmt], *, inner: bool) -> bool:
    """Whether a block ends the loop whatever happens in it: it goes on to its end, and that leaves."""
    if not block or any(_goes_on(each) for each in block):
        return False
    last = block[-1]
    if isinstance(last, _LEAVING) or (isinstance(last, ast.Break) and not inner):
        return True
    return isinstance(last, ast.If) and _leaves(last.body, inner=inner) and _leaves(last.orelse, inner=inner)


def _goes_on(statement: ast.stmt) -> bool:
    """Whether a statement may go on with the next iteration, in other words than those at its end."""
    return any(isinstance(part, ast.Continue) for part in _of_this_loop([statement]))


def _of_this_loop(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Statements that belong to no loop or function further in."""
    for node in nodes:
        yield node
        if not isinstance(node, (*_LOOPS, *_APART, ast.expr)):
            yield from _of_this_loop(ast.iter_child_nodes(node))


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
            if isinstance(each, ast.Try) and any(_takes_any(handler) for handler in each.handlers):
                yield from (part for statement in each.body for part in walk(statement) if isinstance(part, ast.Call))


def _takes_any(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches nearly everything, and goes on."""
    kinds = () if handler.type is None else ast.walk(handler.type)
    wide = handler.type is None or any(isinstance(part, ast.Name) and part.id in _WIDE for part in kinds)
    ends = (*_LEAVING, ast.Break)
    return wide and not any(isinstance(part, ends) for part in _of_this_loop(handler.body))
