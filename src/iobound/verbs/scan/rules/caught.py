"""Whether an exception that a call of a program raises is caught on its way up."""

from __future__ import annotations

import ast

from iobound.model.finding import Span
from iobound.verbs.scan.program.effects import RUNS_LOOP, Effect
from iobound.verbs.scan.program.facts import CallSite
from iobound.verbs.scan.program.tree import Function
from iobound.verbs.scan.rules.program import Program

_CATCHING = frozenset({"BaseException", "Exception", "RuntimeError"})
_FOLLOWED = 12


def is_caught(program: Program, function: Function, site: CallSite, effect: Effect) -> bool:
    """Whether a `RuntimeError` of what runs an event loop is caught, and the function that does so goes on."""
    if _catches(program, function, site.span):
        return True
    at = effect.through
    for _ in range(_FOLLOWED):
        inner = program.effects.of(at).get(RUNS_LOOP) if at is not None else None
        if at is None or inner is None:
            return False
        if _catches(program, at, inner.site.span):
            return True
        at = inner.through
    return False


def _catches(program: Program, function: Function, span: Span) -> bool:
    code = program.closeup.named(function.module, program.tree.function(function).name)
    nodes = program.closeup.nodes(code) if code is not None else ()
    return any(
        isinstance(node, ast.Try) and _is_inside(span, node) and any(map(_goes_on, node.handlers)) for node in nodes
    )


def _is_inside(span: Span, node: ast.Try) -> bool:
    last = node.body[-1]
    return node.body[0].lineno <= span.line <= (last.end_lineno or last.lineno)


def _goes_on(handler: ast.ExceptHandler) -> bool:
    kinds = [] if handler.type is None else [*ast.walk(handler.type)]
    fits = handler.type is None or any(isinstance(kind, ast.Name) and kind.id in _CATCHING for kind in kinds)
    return fits and not any(isinstance(part, ast.Raise) for each in handler.body for part in ast.walk(each))
