"""IOB216: waits that follow one another outside of loops, though neither needs the other's result."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.model.finding import Confidence, Severity
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.syntax.survey import Scope

SERIAL = Rule(
    "IOB216",
    "independent-waits-in-a-row",
    Severity.INFO,
    Confidence.LOW,
    "Requests follow one another though none needs another's answer.",
    default=False,
)
RULES = (SERIAL,)

_WORTH_S = 0.02
_READING = frozenset({"get", "head", "options", "urlopen", "download", "search", "fetch"})


def in_file(view: FileView) -> Findings:
    """Look at functions that make several requests outside of loops."""
    by_scope: dict[Scope, dict[ast.AST, Resolved]] = {}
    for name, calls in view.by_name.items():
        if name.rpartition(".")[2] not in _READING:
            continue
        entry = view.entry(calls[0].meaning)
        if entry is None or entry.category != "network" or entry.weight_s < _WORTH_S or entry.blocking != "yes":
            continue
        for each in calls:
            if each.context.loop is None and each.context.scope.kind == "function":
                by_scope.setdefault(each.context.scope, {})[each.node] = each
    for scope, requests in by_scope.items():
        if len(requests) > 1 and not isinstance(scope.node, ast.AsyncFunctionDef):
            for first, others in _rows(scope, requests):
                yield SERIAL.at(
                    view.file,
                    view.span(first.node),
                    f"`{first.name}` and {others} more in a row wait in turn, and none needs another's answer",
                    hint="submit all of them to a pool, then take the results",
                    function=scope.name,
                    weight_s=0.05 * (others + 1),
                )


def _rows(scope: Scope, requests: dict[ast.AST, Resolved]) -> Iterator[tuple[Resolved, int]]:
    """Runs of statements that each make one request: the first of them, and how many follow."""
    for block in _blocks(scope.node):
        row: list[Resolved] = []
        known: set[str] = set()
        for statement in block:
            parts = list(ast.walk(statement)) if isinstance(statement, ast.Assign | ast.AnnAssign) else []
            made = [requests[node] for node in parts if node in requests]
            reads = {node.id for node in parts if isinstance(node, ast.Name)}
            fits = len(made) == 1 and not reads & known
            if not fits:
                if len(row) > 1:
                    yield row[0], len(row) - 1
                row, known = [], set()
            if len(made) == 1:
                row.append(made[0])
                known |= {part.id for part in parts if _is_stored(part)}  # type: ignore[attr-defined]
        if len(row) > 1:
            yield row[0], len(row) - 1


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Lists of statements of a function, those of functions in it excepted."""
    pending: list[ast.AST] = [node]
    while pending:
        at = pending.pop()
        for field in ("body", "orelse", "finalbody"):
            block = getattr(at, field, None)
            if isinstance(block, list):
                yield block
                pending.extend(
                    each
                    for each in block
                    if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                )
        pending.extend(getattr(at, "handlers", ()))
