"""What has been asked, and how it was answered, where code comes to a place in its function."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

DEEP = 24
"""Blocks within blocks that are followed: no function that people wrote has more."""

NEAR = 24
"""Statements of a block that are looked at before a place."""

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


class Answer(NamedTuple):
    """A condition of which it is known whether it holds."""

    test: ast.expr
    holds: bool


class Way(NamedTuple):
    """How code comes to a place.

    Attributes:
        answers: Conditions on the way, outermost first, without `and`, `or` and `not`.
        failed: Whether it comes there only after an exception was caught.
        before: Statements before it in the innermost block around it, the last of them.
    """

    answers: tuple[Answer, ...]
    failed: bool
    before: tuple[ast.stmt, ...]


def way_to(node: ast.expr, function: ast.AST) -> Way:
    """The way to an expression in a function, by lines.

    Example:
        >>> tree = ast.parse("def f():\\n if done or late:\\n  return\\n go()")
        >>> way = way_to(tree.body[0].body[1].value, tree.body[0])
        >>> [(each.test.id, each.holds) for each in way.answers]
        [('done', False), ('late', False)]
    """
    answers: list[Answer] = []
    before: list[ast.stmt] = []
    failed, line = False, node.lineno
    around: ast.AST = function
    for _ in range(DEEP):
        inner, earlier, field = _step(around, line)
        if inner is None:
            break
        before = earlier
        if isinstance(around, ast.If):
            answers += _single(around.test, field == "body")
        if isinstance(inner, ast.ExceptHandler):
            failed = True
        for each in before:
            if isinstance(each, ast.If) and not each.orelse and isinstance(each.body[-1], _LEAVING):
                answers += _single(each.test, False)
        around = inner
    return Way(tuple(answers), failed, tuple(before))


def following(node: ast.AST, around: ast.AST) -> list[ast.stmt]:
    """Statements after the one that an expression stands in, in the innermost block around it."""
    found: list[ast.stmt] = []
    for _ in range(DEEP):
        inner, _, field = _step(around, getattr(node, "lineno", 0))
        if inner is None:
            break
        block: list[ast.AST] = getattr(around, field)
        rest = block[block.index(inner) + 1 :]
        found = [each for each in rest if isinstance(each, ast.stmt)]
        around = inner
    return found


def _step(around: ast.AST, line: int) -> tuple[ast.AST | None, list[ast.stmt], str]:
    """The statement or clause with a line, statements before it, and the name of the block that it is in."""
    for field in _BLOCKS:
        block: list[ast.AST] = getattr(around, field, None) or []
        if not isinstance(block, list) or not block or line < _first(block[0]):
            continue
        at = bisect_right(block, line, key=_first) - 1
        part = block[at]
        last = part.body[-1] if isinstance(part, ast.match_case) else part
        if line <= (getattr(last, "end_lineno", 0) or 0):
            return part, [each for each in block[max(0, at - NEAR) : at] if isinstance(each, ast.stmt)], field
    return None, [], ""


def _first(part: ast.AST) -> int:
    line: int = part.body[0].lineno if isinstance(part, ast.match_case) else part.lineno  # type: ignore[attr-defined]
    return line


def _single(test: ast.expr, holds: bool) -> Iterator[Answer]:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from _single(test.operand, not holds)
    elif isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) is holds:
        for value in test.values:
            yield from _single(value, holds)
    else:
        yield Answer(test, holds)
