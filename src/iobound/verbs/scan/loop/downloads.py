"""Requests of a loop that fetch whole files from wherever an answer of somebody else says that they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.verbs.scan.loop.callees import root_of
from iobound.verbs.scan.loop.view import View

_DEPTH = 5
_WHOLE = frozenset({"content", "iter_bytes", "iter_content", "iter_raw", "raw"})
"""Attributes of an answer by which its body is read as bytes."""

_SAYING = frozenset({"json", "headers", "links"})
"""Attributes of an answer in which addresses come."""


def downloads_of(view: View) -> tuple[ast.Call, ...]:
    """Calls that are given an address out of another answer, and whose own answer is taken as bytes."""
    whole = {node.value for node in view.nodes if isinstance(node, ast.Attribute) and node.attr in _WHOLE}
    if not whole:
        return ()
    names = {node.id for node in whole if isinstance(node, ast.Name)}
    return tuple(
        call
        for call in view.usage.calls
        if (call in whole or names & set(_names_of(call, view))) and _is_told(_address(call), view, _DEPTH)
    )


def _names_of(call: ast.Call, view: View) -> Iterator[str]:
    """Names that stand for what a call gives."""
    for node in view.nodes:
        if isinstance(node, ast.Assign) and node.value is call:
            yield from (each.id for each in node.targets if isinstance(each, ast.Name))
        if isinstance(node, ast.withitem) and node.context_expr is call and isinstance(node.optional_vars, ast.Name):
            yield node.optional_vars.id


def _address(call: ast.Call) -> ast.expr | None:
    named = next((word.value for word in call.keywords if word.arg == "url"), None)
    return call.args[0] if call.args else named


def _is_told(node: ast.expr | None, view: View, left: int) -> bool:
    """Whether an expression is a part of an answer."""
    if node is None or left == 0:
        return False
    if any(isinstance(part, ast.Attribute) and part.attr in _SAYING for part in ast.walk(node)):
        return True
    root = root_of(node)
    if root is None:
        return False
    if root.id in view.usage.targets and isinstance(view.loop, ast.For):
        return _is_told(view.loop.iter, view, left - 1)
    values = (each.payload for each in view.function.bindings.get(root.id, ()))
    return any(_is_told(value, view, left - 1) for value in values if isinstance(value, ast.expr))
