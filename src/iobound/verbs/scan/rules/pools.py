"""IOB309 to IOB311: pools that are made, filled or sized so that little runs at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from iobound.model.finding import Confidence, Severity
from iobound.verbs.scan.program.handed import WORKERS, made_by, workers_of
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.program.workers import is_of_iteration
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.survey import Context

_W, _I, _H, _L = Severity.WARNING, Severity.INFO, Confidence.HIGH, Confidence.LOW

IN_LOOP = Rule("IOB309", "pool-made-in-a-loop", _W, _H, "Each iteration makes a pool of workers of its own.")
AT_ONCE = Rule("IOB310", "result-asked-for-at-once", _W, _H, "A loop waits for each result before the next submit.")
SIZE = Rule("IOB311", "pool-size", _I, _L, "A pool has so few or so many workers that it cannot help.", False)
RULES = (IN_LOOP, AT_ONCE, SIZE)

FEW = 4
"""Iterations below which a pool for each of them costs nothing that matters."""

MOST_PROCESSES = 61
"""More of them `ProcessPoolExecutor` does not take on Windows."""

MOST_THREADS = 256

_POOLS = tuple(name for name in WORKERS if name != "joblib.Parallel")
_ENDING = frozenset({"shutdown", "close", "terminate", "join"})
_GIVES_RESULT = {"submit": ("result", "exception"), "apply_async": ("get", "wait"), "map_async": ("get", "wait")}
_EXECUTORS = frozenset(name for name in WORKERS if "Pool" in name) | {"concurrent.futures.Executor"}


def in_file(view: FileView) -> Findings:
    """Look at the pools that a file makes and uses."""
    names = view.by_name
    for pool in _POOLS:
        for made in names.get(pool, ()):
            yield from _in_loop(view, made)
            yield from _size(view, made)
    for owner in _EXECUTORS:
        for method, getters in _GIVES_RESULT.items():
            for handed in names.get(f"{owner}.{method}", ()):
                yield from _at_once(view, handed, getters)
        yield from _applied(view, names.get(f"{owner}.apply", ()))
    for joined in names.get("threading.Thread.join", ()):
        yield from _joined_at_once(view, joined)


# Pools in loops


def _in_loop(view: FileView, made: Resolved) -> Findings:
    loop = made.context.loop
    if not isinstance(loop, ast.For | ast.While) or _is_retry(view, loop):
        return
    if _depends_on_iteration(view, made) or not _ends_in_loop(view, made, loop):
        return
    kind = made.name.rpartition(".")[2]
    cost = "starts processes" if "Process" in made.name or made.name.endswith(".Pool") else "starts threads"
    yield IN_LOOP.at(
        view.file,
        view.span(made.node),
        f"each iteration makes a `{kind}`, {cost} and waits until all are done before the next",
        hint="make it once around the loop",
        function=made.context.scope.function.name,
        confidence=_L if _waits_for_life(loop) else None,
    )


def _waits_for_life(loop: ast.For | ast.While) -> bool:
    """Whether a loop for ever reads from a pipe or the terminal until that ends, and the process with it."""
    if not isinstance(loop, ast.While) or not isinstance(loop.test, ast.Constant) or not loop.test.value:
        return False
    calls = (each.func for part in loop.body for each in ast.walk(part) if isinstance(each, ast.Call))
    last = {getattr(func, "attr", getattr(func, "id", "")) for func in calls}
    last |= {each.attr for part in loop.body for each in ast.walk(part) if isinstance(each, ast.Attribute)}
    return not last.isdisjoint(_READING) and not last.isdisjoint(_EXITING)


_READING = frozenset({"input", "read", "readline", "recv", "recv_bytes"})
_EXITING = frozenset({"_exit", "exit"})


def _is_retry(view: FileView, loop: ast.For | ast.While) -> bool:
    """Whether a loop runs a few times, or is left as soon as it has worked."""
    if any(isinstance(node, ast.Break | ast.Return) for part in loop.body for node in ast.walk(part)):
        return True
    return isinstance(loop, ast.For) and 0 <= view.trips(loop, view.found.loop_contexts[loop].scope.function) < FEW


def _depends_on_iteration(view: FileView, made: Resolved) -> bool:
    """Whether the pool itself is another one in each iteration: of another class or size."""
    names = [part.id for part in ast.walk(made.node) if isinstance(part, ast.Name)]
    return any(is_of_iteration(view, name, made) for name in names)


def _ends_in_loop(view: FileView, made: Resolved, loop: ast.For | ast.While) -> bool:
    """Whether the iteration that makes the pool also ends it, so that the next makes another."""
    for node, _ in view.found.handled:
        if any(item.context_expr is made.node for item in node.items):
            return True
    names = [
        target.id
        for node in ast.walk(loop)
        if isinstance(node, ast.Assign) and node.value is made.node
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _ENDING
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in names
        for node in ast.walk(loop)
    )


# Results that are asked for at once


def _at_once(view: FileView, handed: Resolved, getters: tuple[str, ...]) -> Findings:
    context = handed.context
    if context.loop is None or _is_given_up_on(context):
        return
    asked = _asked_in_chain(view, handed, getters) or _asked_next(view, handed, getters)
    if asked:
        yield AT_ONCE.at(
            view.file,
            view.span(handed.node),
            f"`{asked}` waits for this one before the loop submits the next: nothing runs at once",
            hint="submit all first and ask for the results in a second loop, or use `map`",
            function=context.scope.function.name,
        )


def _is_given_up_on(context: Context) -> bool:
    """Whether the loop is one that goes on for ever: it serves what comes, one after another, on purpose."""
    return isinstance(context.loop, ast.While)


def _asked_in_chain(view: FileView, handed: Resolved, getters: tuple[str, ...]) -> str:
    """`submit(…).result()`; with a time-out the pool is a means to give up waiting."""
    call = view.chained.get(handed.node)
    func = None if call is None or call.args or call.keywords else call.func
    return f".{func.attr}()" if isinstance(func, ast.Attribute) and func.attr in getters else ""


def _asked_next(view: FileView, handed: Resolved, getters: tuple[str, ...]) -> str:
    """A statement in the same block, right behind the one that submits, that asks for the result."""
    loop = handed.context.loop
    for first, second in _neighbours(loop) if isinstance(loop, ast.For) else ():
        if not (isinstance(first, ast.Assign) and first.value is handed.node and len(first.targets) == 1):
            continue
        for node in ast.walk(second):
            func = node.func if isinstance(node, ast.Call) else None
            if (
                isinstance(node, ast.Call)
                and isinstance(func, ast.Attribute)
                and func.attr in getters
                and spelled(func.value) == spelled(first.targets[0])
                and not node.args
                and not node.keywords
            ):
                return f"{spelled(func)}()"
    return ""


def _joined_at_once(view: FileView, joined: Resolved) -> Findings:
    """`thread.join()` right behind `thread.start()`; with a time-out the thread is a means to give up waiting."""
    call, loop = joined.call, joined.context.loop
    if not isinstance(loop, ast.For) or not isinstance(call.func, ast.Attribute) or call.args or call.keywords:
        return
    start = f"{spelled(call.func.value)}.start"
    for first, second in _neighbours(loop):
        if isinstance(second, ast.Expr) and second.value is call:
            starts = first.value if isinstance(first, ast.Expr) else None
            if isinstance(starts, ast.Call) and spelled(starts.func) == start:
                yield AT_ONCE.at(
                    view.file,
                    view.span(call),
                    f"`{spelled(call.func)}()` waits before the loop starts the next thread: nothing runs at once",
                    hint="start all first and join them in a second loop, or use `ThreadPoolExecutor().map`",
                    function=joined.context.scope.function.name,
                )


def _neighbours(loop: ast.For) -> Iterator[tuple[ast.stmt, ast.stmt]]:
    for node in ast.walk(loop):
        for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
            if isinstance(block, list):
                yield from pairwise(block)


def _applied(view: FileView, calls: object) -> Findings:
    for handed in calls if isinstance(calls, list) else ():
        if handed.context.loop is not None and not isinstance(handed.context.loop, ast.While):
            yield AT_ONCE.at(
                view.file,
                view.span(handed.node),
                "`apply` waits for this call before the loop makes the next: nothing runs at once",
                hint="use `map`, or `apply_async` and ask for the results in a second loop",
                function=handed.context.scope.function.name,
            )


# Sizes


def _size(view: FileView, made: Resolved) -> Findings:
    call = made.node if isinstance(made.node, ast.Call) else made_by(view, made.node, made.context.scope)
    workers = workers_of(call)
    in_processes = "Process" in made.name or made.name.endswith(".Pool")
    if in_processes and workers > MOST_PROCESSES:
        text = f"{workers} processes: more than nearly all machines have CPUs, and Windows takes no more than 61"
    elif not in_processes and workers > MOST_THREADS:
        text = f"{workers} threads: each wake-up waits for the GIL behind the others; disks and servers seldom keep up"
    elif workers == 1 and _is_mapped(view, made):
        text = "`map` on a pool of one worker runs one call after another"
    else:
        return
    yield SIZE.at(
        view.file,
        view.span(made.node),
        text,
        hint="measure which number is enough: `iobound run` says where more cannot finish sooner",
        function=made.context.scope.function.name,
    )


def _is_mapped(view: FileView, made: Resolved) -> bool:
    for method in ("map", "starmap", "imap", "imap_unordered"):
        for each in view.by_name.get(f"{made.name}.{method}", ()):
            func = each.call.func
            if isinstance(func, ast.Attribute) and made_by(view, func.value, each.context.scope) is made.node:
                return True
    return False
