"""Blocks of statements that end in `raise`, whatever happens in them."""

from __future__ import annotations

import ast

from iobound.verbs.scan.syntax.scopes import Survey
from iobound.verbs.scan.syntax.walking import walk

_LEAVING = (ast.Return, ast.Break, ast.Continue, ast.Yield, ast.YieldFrom)
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def always_raises(block: list[ast.stmt]) -> bool:
    """Whether a block ends in `raise`, whatever tests in it say, and is not left in another way.

    Example:
        >>> always_raises(ast.parse("log(text)\\nraise ValueError(text)").body)
        True
        >>> always_raises(ast.parse("if text: raise ValueError(text)").body)
        False
    """
    return _ends_in_raise(block) and (len(block) == 1 or not any(map(_is_left, block)))


def _ends_in_raise(block: list[ast.stmt]) -> bool:
    last = block[-1]
    kind = last.__class__
    if kind is ast.Raise:
        return True
    if kind is ast.With or kind is ast.AsyncWith:
        return _ends_in_raise(last.body)  # type: ignore[attr-defined]
    if kind is ast.If and last.orelse:  # type: ignore[attr-defined]
        return _ends_in_raise(last.body) and _ends_in_raise(last.orelse)  # type: ignore[attr-defined]
    return False


def _is_left(statement: ast.stmt) -> bool:
    return isinstance(statement, _INNER) or any(isinstance(part, _LEAVING) for part in walk(statement))


def note_failing(found: Survey, block: list[ast.stmt]) -> None:
    """Remember a branch if it ends in `raise`."""
    if always_raises(block):
        first, last = block[0], block[-1]
        found.failing.append((first.lineno, first.col_offset, last.end_lineno or last.lineno))
