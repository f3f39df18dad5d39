"""IOB213 for plain Python: loops that call a function of the same file which computes for long, for one item a time."""

from __future__ import annotations

import ast

from iobound.verbs.scan.loop.callees import own_nodes
from iobound.verbs.scan.loop.independence import Judge, Verdict
from iobound.verbs.scan.program.computing import computes_much, is_plain_call
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.rules.around import enclosing_tests, is_repeated
from iobound.verbs.scan.rules.in_sequence import COMPUTING
from iobound.verbs.scan.rules.rule import Findings
from iobound.verbs.scan.syntax.survey import LoopNode, Scope

RULES = ()
FINDS = (COMPUTING,)
"""Rules of another module that are looked for here, too."""

_ITEM_S = 0.005
"""Seconds that an item is taken to need: nobody knows."""


def in_file(view: FileView) -> Findings:
    """Look at calls in loops of functions whose own loops do arithmetic."""
    told: set[LoopNode] = set()
    known: dict[Scope, bool] = {}
    for each in view.resolved:
        loop, callee = each.context.loop, each.meaning.scope
        if loop is None or callee is None or loop in told or callee.kind != "function" or not callee.loops:
            continue
        if callee is each.context.scope.function or isinstance(loop, ast.While | ast.AsyncFor):
            continue
        if callee not in known:
            known[callee] = _is_computing(view, callee)
        if known[callee]:
            told.add(loop)
            yield from _judged(view, each, loop)


def _is_computing(view: FileView, function: Scope) -> bool:
    """Whether a function computes in Python by its own statements and, as far as can be seen, does nothing else."""
    if function.yields or not isinstance(function.node, ast.FunctionDef):
        return False
    if "<locals>" in function.name:
        return False  # no other process can be given it
    if any("cache" in ast.unparse(mark) or "jit" in ast.unparse(mark) for mark in function.node.decorator_list):
        return False
    nodes = own_nodes(function.node)
    if not computes_much(nodes):
        return False
    return all(is_plain_call(view, function, node) for node in nodes if isinstance(node, ast.Call))


def _judged(view: FileView, call: Resolved, loop: LoopNode) -> Findings:
    function = call.context.scope.function
    if isinstance(function.node, ast.AsyncFunctionDef) or not is_repeated(view, loop):
        return
    if enclosing_tests(loop, call.call) or not _takes_the_item(call.call, loop):
        return
    verdict: Verdict = Judge(view.found, view.names, view.catalogue).verdict(loop, function)
    if verdict.independent != "yes" or verdict.throttled:
        return
    yield COMPUTING.at(
        view.file,
        view.span(loop),
        f"each iteration computes in Python (`{call.name}`), one item after another",
        hint="`ProcessPoolExecutor().map` with a chunk size: threads would share the GIL",
        function=function.name,
        weight_s=_ITEM_S * 10,
    )


def _takes_the_item(call: ast.Call, loop: LoopNode) -> bool:
    """Whether the work is about the item, rather than the same again and again."""
    targets = [loop.target] if isinstance(loop, ast.For) else [each.target for each in getattr(loop, "generators", ())]
    names = {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
    given = [*call.args, *(word.value for word in call.keywords)]
    return any(isinstance(part, ast.Name) and part.id in names for each in given for part in ast.walk(each))
