"""What has been asked, and how it was answered, where code comes to a place in its function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

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
        before: Statements before it in the innermost block around it.
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
    failed, before, line = False, [], node.lineno
    around: ast.AST | None = function
    while around is not None:
        inner, block, field = _step(around, line)
        if inner is None:
            break
        if isinstance(around, ast.If):
            answers += _single(around.test, field == "body")
        if isinstance(inner, ast.ExceptHandler):
            failed = True
        before = [each for each in block[: block.index(inner)] if isinstance(each, ast.stmt)]
        for each in before:
            if isinstance(each, ast.If) and not each.orelse and isinstance(each.body[-1], _LEAVING):
                answers += _single(each.test, False)
        around = inner
    return Way(tuple(answers), failed, tuple(before))


def _step(around: ast.AST, line: int) -> tuple[ast.AST | None, list[ast.AST], str]:
    """The statement or clause with a line, the block that it is in, and which block that is."""
    for field in _BLOCKS:
        block = getattr(around, field, None)
        for part in block if isinstance(block, list) else ():
            first = part.body[0] if isinstance(part, ast.match_case) else part
            last = part.body[-1] if isinstance(part, ast.match_case) else part
            if first.lineno <= line <= (last.end_lineno or last.lineno):
                return part, block or [], field
    return None, [], ""


def _single(test: ast.expr, holds: bool) -> Iterator[Answer]:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from _single(test.operand, not holds)
    elif isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) is holds:
        for value in test.values:
            yield from _single(value, holds)
    else:
        yield Answer(test, holds)
