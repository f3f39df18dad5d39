"""What an iteration makes ready before its call: a function of one item has to do the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from iobound.model.source_facts import LoopFact

MOST = 4
"""Statements of which a snippet can still be short."""

LONGEST = 100


class Prepared(NamedTuple):
    """Assignments before a call, each a line, and the names that they and the call need from outside."""

    lines: tuple[str, ...]
    given: frozenset[str]


def prepared(loop: LoopFact, call: ast.Call, targets: set[str]) -> Prepared | None:
    """What stands before a call in a loop, as far as the call needs it.

    Returns:
        No lines where the call needs none; None where what it needs is made by more than plain assignments, or in
        another iteration.
    """
    own = names_read(call) & set(loop.bound)
    if not own:
        return Prepared((), frozenset(names_read(call) - targets))
    made, given, lines = set(targets), set[str](), []
    for statement in _before(loop.source, call):
        if not isinstance(statement, ast.Assign) or not all(isinstance(each, ast.Name) for each in statement.targets):
            return None
        if any(isinstance(part, ast.Await | ast.Yield | ast.YieldFrom) for part in ast.walk(statement)):
            return None
        given |= names_read(statement.value) - made
        made |= {each.id for each in statement.targets if isinstance(each, ast.Name)}
        lines.append(ast.unparse(statement))
    given |= names_read(call) - made
    whole = len(lines) <= MOST and all(len(line) <= LONGEST and "\n" not in line for line in lines)
    return Prepared(tuple(lines), frozenset(given)) if lines and whole and not given & set(loop.bound) else None


def names_read(node: ast.AST) -> set[str]:
    """Names that an expression reads and does not bind itself."""
    parts = list(ast.walk(node))
    own = {part.arg for part in parts if isinstance(part, ast.arg)}
    own |= {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return {part.id for part in parts if isinstance(part, ast.Name)} - own


def _before(source: str, call: ast.Call) -> Iterator[ast.stmt]:
    """Statements of a loop's body above the one that holds the call; nothing where it stands in a block of its own."""
    from textwrap import dedent  # slow to import, and most runs have no loop to be rewritten

    try:
        tree = ast.parse(dedent(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    wanted = ast.unparse(call)
    body = tree.body[0].body if tree.body and isinstance(tree.body[0], ast.For | ast.AsyncFor) else []
    for number, statement in enumerate(body):
        if any(isinstance(part, ast.Call) and ast.unparse(part) == wanted for part in ast.walk(statement)):
            if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.Return):
                yield from body[:number]
            return
