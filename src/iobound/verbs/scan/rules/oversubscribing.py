"""IOB305: workers of a pool that start as many threads or processes again."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.model.finding import Confidence, Severity
from iobound.verbs.scan.program.closeup import Code
from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.program.workers import Worker
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.syntax.names import spelled

NESTED = Rule(
    "IOB305",
    "parallel-work-in-parallel-workers",
    Severity.WARNING,
    Confidence.MEDIUM,
    "Each worker of a pool uses all CPUs again.",
)

DEPTH = 2
_JOBS = frozenset({"n_jobs", "num_threads", "n_threads", "nthread", "thread_count", "num_parallel_calls"})
_POOLED = ("numpy.linalg.", "scipy.linalg.", "polars.", "torch.linalg.", "torch.nn.")
_LIMITS = (
    "threadpool_limits",
    "threadpoolctl",
    "NUM_THREADS",
    "set_num_threads",
    "setNumThreads",
    "POLARS_MAX_THREADS",
    "inner_max_num_threads",
)


def nested_parallelism(program: Program, worker: Worker) -> Findings:
    """Findings at a function that is handed to several workers."""
    if worker.boundary == "joblib.delayed":  # limits what its workers start
        return
    found = next(_within(program, worker), None)
    if found is None:
        return
    by = "" if found == worker.name else f" (`{found}`)"
    yield NESTED.at(
        program.file(worker.module),
        worker.handing.span,
        f"each worker runs `{worker.name}`, which uses all CPUs again{by}: they get in each other's way",
        hint="let each worker use one CPU: `n_jobs=1`, `threadpool_limits(1)`, `torch.set_num_threads(1)`",
        function=worker.facts.name.partition("@")[0],
    )


def _within(program: Program, worker: Worker) -> Iterator[str]:
    """Calls in a handed function that start many threads or processes."""
    view = program.closeup.view(worker.module)
    if view is None or _is_limited(view):
        return
    if worker.code is None:
        if worker.handing.where == "process" and worker.library.startswith(_POOLED):
            yield worker.library
        return
    pending, seen = [(worker.code, 0)], {worker.code.scope}
    while pending:
        code, depth = pending.pop(0)
        if _is_limited(code.view):
            return
        yield from _in_code(program, code, worker.handing.where)
        for _, callee in program.closeup.callees(code, abroad=False) if depth < DEPTH else ():
            if callee.scope not in seen:
                seen.add(callee.scope)
                pending.append((callee, depth + 1))


def _in_code(program: Program, code: Code, where: str) -> Iterator[str]:
    for node in program.closeup.nodes(code):
        for word in node.keywords if isinstance(node, ast.Call) else ():
            if word.arg in _JOBS and _uses_many(word.value):
                yield f"{word.arg}={code.view.source.slice(word.value)}"
    for each in program.closeup.calls(code) if where == "process" else ():
        if each.name.startswith(_POOLED) and code.view.catalogue.find(each.name) is not None:
            yield each.name


def _uses_many(value: ast.expr) -> bool:
    """Whether a number of jobs is written down and is not one; -1 stands for all CPUs."""
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.op, ast.USub)
    if isinstance(value, ast.Call):
        return "cpu_count" in spelled(value.func)
    return isinstance(value, ast.Constant) and isinstance(value.value, int) and value.value > 1


def _is_limited(view: FileView) -> bool:
    """Whether the file says how many threads libraries may use."""
    return view.has_word_of(_LIMITS)
