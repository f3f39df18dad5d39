"""Whether a lock is held at a place; names count, too, where types cannot be told: better a finding less."""

from __future__ import annotations

import ast
import re

from iobound.verbs.scan.program.view import LOCKS, FileView
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.survey import Context

_LIKE_LOCKS = re.compile(
    r"lock|mutex|sem(?:aphore)?\b|cond(?:ition)?\b|critical|guard|exclusive|synchron", re.IGNORECASE
)
_OUTSIDE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)


def holds_lock(view: FileView, context: Context) -> bool:
    """Whether a `with` of the same function around a place holds a lock, or what is called like one."""
    around: Context | None = context
    while around is not None and not isinstance(around.node, _OUTSIDE):
        if isinstance(around.node, ast.With) and any(
            is_lock(view, item.context_expr, around) for item in around.node.items
        ):
            return True
        around = around.outer
    return False


def is_lock(view: FileView, node: ast.expr, context: Context) -> bool:
    """Whether an expression is a lock of threads, or is called like one."""
    meaning = view.names.meaning(node, context.scope)
    if meaning is not None and meaning.instance and meaning.name in LOCKS:
        return True
    return _LIKE_LOCKS.search(spelled(node)) is not None


def acquires(nodes: list[ast.AST]) -> bool:
    """Whether nodes of a function acquire a lock by a call: what runs while it is held is not followed."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "acquire"
        for node in nodes
    )
