"""What is around a call in the source: loops that repeat it, tests that it depends on."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.verbs.scan.loop.bounds import most_items
from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.rules.loops import FEW
from iobound.verbs.scan.syntax.survey import LoopNode


def walked(loop: LoopNode) -> Iterator[ast.AST]:
    """Nodes that a loop repeats."""
    if isinstance(loop, ast.For | ast.AsyncFor | ast.While):
        parts: list[ast.AST] = [*loop.body]
    else:
        parts = [loop.key, loop.value] if isinstance(loop, ast.DictComp) else [loop.elt]
        parts += [test for generator in loop.generators for test in generator.ifs]
    for part in parts:
        yield from ast.walk(part)


def is_repeated(view: FileView, loop: LoopNode) -> bool:
    """Whether a loop may run often enough to matter, as far as the source says."""
    function = view.found.loop_contexts[loop].scope.function
    trips = view.trips(loop, function)
    return not 0 <= (trips if trips >= 0 else most_items(loop, function, view.names)) < FEW


def enclosing_tests(root: ast.AST, call: ast.Call, *, within: ast.Call | None = None) -> bool:
    """Whether a call stands under a test or in what catches a failure, below `root`.

    Args:
        within: Count only tests that make this call.
    """
    pending: list[tuple[ast.AST, bool]] = [(root, False)]
    while pending:
        node, tested = pending.pop()
        if node is call:
            return tested
        for name, value in ast.iter_fields(node):
            children = value if isinstance(value, list) else [value]
            inner = tested or _is_tested(node, name, within)
            pending.extend((child, inner) for child in children if isinstance(child, ast.AST))
    return False


def _is_tested(node: ast.AST, field: str, within: ast.Call | None) -> bool:
    if isinstance(node, ast.If | ast.IfExp) and field != "test":
        return within is None or (field == "body" and any(part is within for part in ast.walk(node.test)))
    return within is None and isinstance(node, ast.ExceptHandler)
