"""Sleep that every iteration of a loop goes through: a rate that is kept to, rather than a pause after a failure."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from iobound.model.source_facts import DELIBERATE_SLEEPS
from iobound.verbs.scan.syntax.names import Names
from iobound.verbs.scan.syntax.survey import LoopNode, Scope

DEPTH = 3
"""Calls of functions in the same file that are followed."""

_CONDITIONAL = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.Match,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
)


class Throttles:
    """Finds the loops of one file that sleep in each iteration, whatever happens.

    Blind to sleep inside of libraries, and to sleep that depends on a test.
    """

    def __init__(self, names: Names) -> None:
        self._names = names

    def slows(self, loop: LoopNode, function: Scope) -> bool:
        """Whether each iteration of a loop sleeps on purpose."""
        if isinstance(loop, ast.For | ast.AsyncFor | ast.While):
            return self._sleeps(certain_calls(loop.body), function, DEPTH)
        parts = [loop.key, loop.value] if isinstance(loop, ast.DictComp) else [loop.elt]
        return self._sleeps((call for part in parts for call in _calls_in(part)), function, DEPTH)

    def _sleeps(self, calls: Iterable[ast.Call], scope: Scope, depth: int) -> bool:
        for call in calls:
            meaning = self._names.meaning(call.func, scope)
            if meaning is None:
                continue
            if not meaning.local and meaning.name in DELIBERATE_SLEEPS:
                return True
            inner = meaning.scope
            if depth and inner is not None and inner.kind == "function":
                if self._sleeps(certain_calls(getattr(inner.node, "body", ())), inner, depth - 1):
                    return True
        return False


def certain_calls(statements: Iterable[ast.stmt]) -> Iterator[ast.Call]:
    """Calls that run once whenever these statements do: not those under a test, in an inner loop, after a failure."""
    for statement in statements:
        if isinstance(statement, ast.With | ast.AsyncWith):
            yield from certain_calls(statement.body)
        elif isinstance(statement, ast.Try | ast.TryStar):
            yield from certain_calls([*statement.body, *statement.orelse, *statement.finalbody])
        elif not isinstance(statement, _CONDITIONAL):
            yield from _calls_in(statement)


def _calls_in(node: ast.AST) -> Iterator[ast.Call]:
    """Calls in a statement or expression, without those of what it only defines."""
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Lambda | ast.IfExp | ast.BoolOp | ast.GeneratorExp):
            continue
        if isinstance(part, ast.Call):
            yield part
        pending.extend(ast.iter_child_nodes(part))
