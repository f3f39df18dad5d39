"""Expressions that are the same in every iteration of a loop."""

from __future__ import annotations

import ast

from iobound.verbs.scan.loop.view import View
from iobound.verbs.scan.syntax.survey import Bound

_PURE = frozenset({"str", "Path", "PurePath", "join", "fspath", "format", "joinpath", "with_suffix", "with_name"})
"""Last names of calls that give the same for the same."""

_DEPTH = 12


def fixed_text(node: ast.expr, view: View, depth: int = _DEPTH) -> str | None:
    """How an expression may be spelled that is the same in each iteration; None where the item has a part in it.

    Names that an iteration makes for itself are followed to what they are made of.
    """
    if depth == 0:
        return None
    if isinstance(node, ast.Name):
        return _name(node.id, view, depth)
    if isinstance(node, ast.Constant):
        return repr(node.value)
    if isinstance(node, ast.FormattedValue):
        return fixed_text(node.value, view, depth - 1)
    if isinstance(node, ast.Call):
        return _call(node, view, depth)
    if not isinstance(node, ast.Attribute | ast.Subscript | ast.BinOp | ast.JoinedStr | ast.Tuple):
        return None
    parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    texts = [fixed_text(part, view, depth - 1) for part in parts]
    known = [text for text in texts if text is not None]
    if len(known) < len(texts):
        return None
    if isinstance(node, ast.Attribute):
        return f"{known[0]}.{node.attr}"
    mark = f" {type(node.op).__name__} " if isinstance(node, ast.BinOp) else ", "
    return f"{known[0]}[{known[1]}]" if isinstance(node, ast.Subscript) else f"({mark.join(known)})"


def _name(name: str, view: View, depth: int) -> str | None:
    if name in view.fixed:
        return view.fixed[name]
    used = view.usage
    if name in used.targets or name in used.updates or name in view.function.redirected:
        return None
    if name not in used.written:
        return name
    bindings = view.function.bindings.get(name, [])
    if len(bindings) != 1 or bindings[0].how is not Bound.VALUE or not isinstance(bindings[0].payload, ast.expr):
        return None
    return fixed_text(bindings[0].payload, view, depth - 1)


def _call(node: ast.Call, view: View, depth: int) -> str | None:
    func = node.func
    name = func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""
    if name not in _PURE or node.keywords:
        return None
    receiver = [func.value] if isinstance(func, ast.Attribute) else []
    texts = [fixed_text(part, view, depth - 1) for part in (*receiver, *node.args)]
    known = [text for text in texts if text is not None]
    if len(known) < len(texts):
        return None
    alone = len(node.args) == 1 and name in {"str", "Path", "PurePath", "fspath"}
    return known[-1] if alone else f"{name}({', '.join(known)})"
