"""The words of a report: how verdicts, strategies, states and sites are called."""

from __future__ import annotations

from collections.abc import Mapping

from iobound.model.breakdown import Site
from iobound.model.diagnosis import Advice, Bound
from iobound.model.prediction import Strategy
from iobound.model.recording import Recording
from iobound.model.state import COMPUTING, OUTSIDE_WAITS, Budget, State, total_ns
from iobound.verbs.report import figures, paths
from iobound.verbs.report.blocks import Role

BOUND: Mapping[Bound, str] = {
    Bound.IO: "I/O-bound",
    Bound.CPU: "CPU-bound",
    Bound.MIXED: "mixed",
    Bound.GIL: "GIL-bound",
    Bound.LOCK: "lock-bound",
    Bound.STARVED: "starved of CPU",
    Bound.SLEEP: "sleeping",
    Bound.INCONCLUSIVE: "inconclusive",
}

SHARE_OF: Mapping[Bound, str] = {
    Bound.GIL: "the time in which threads wanted to compute, they waited for the GIL",
    Bound.LOCK: "the threads' time, they waited for locks",
    Bound.STARVED: "the time in which it could have computed, it got no CPU",
}
"""What the share of a verdict is a share of, where that is not wall time: queues hide behind whoever is served."""

_ACTION: Mapping[Strategy, str] = {
    Strategy.THREADS: "run it on {workers}",
    Strategy.ASYNCIO: "use asyncio{workers}",
    Strategy.PROCESSES: "run it on {workers}",
    Strategy.FREE_THREADING: "use a free-threaded Python with {workers}",
    Strategy.NATIVE_THREADS: "run it on {workers}: the work releases the GIL",
    Strategy.SEQUENTIAL: "leave it as it is",
    Strategy.FEWER_WORKERS: "use fewer workers{workers}",
    Strategy.MORE_WORKERS: "use more workers{workers}",
    Strategy.BATCH: "group the many small operations into batches",
    Strategy.UNBLOCK_EVENT_LOOP: "move the blocking calls off the event loop",
    Strategy.LIMIT_NATIVE_THREADS: "limit the native threads of each worker{workers}",
    Strategy.RAISE_CPU_LIMIT: "raise the CPU limit",
    Strategy.DISTRIBUTE: "spread the work over several machines (Dask)",
}

_WORKERS: Mapping[Strategy, tuple[str, str, str]] = {
    Strategy.THREADS: ("", "thread", "threads"),
    Strategy.NATIVE_THREADS: ("", "thread", "threads"),
    Strategy.FREE_THREADING: ("", "thread", "threads"),
    Strategy.PROCESSES: ("", "process", "processes"),
    Strategy.ASYNCIO: (", with up to ", "task at once", "tasks at once"),
    Strategy.FEWER_WORKERS: (" (", ")", ")"),
    Strategy.MORE_WORKERS: (" (", ")", ")"),
    Strategy.LIMIT_NATIVE_THREADS: (" to ", "", ""),
}

SHORT: Mapping[Strategy, str] = {
    Strategy.FREE_THREADING: "free-threaded",
    Strategy.NATIVE_THREADS: "native threads",
}


def from_within(recording: Recording) -> bool:
    """Whether a program had a part of itself observed, and went on."""
    return any(known.fact == "whole_run" and known.source == "the program itself" for known in recording.capabilities)


def whole(recording: Recording) -> str:
    """What was observed, in a few words: the program, or the part of it that it had observed."""
    if not from_within(recording):
        return "the whole program"
    called = len(recording.command) == 1 and ":" in recording.command[0]  # as `module:function`
    return "the whole call" if called else "the whole block"


def action(advice: Advice) -> str:
    """What to do, as an order.

    Example:
        >>> from iobound.model.prediction import Estimate
        >>> action(Advice(Strategy.THREADS, 8, None, Estimate(1, 1, 1), ""))
        'run it on 8 threads'
    """
    before, one, many = _WORKERS.get(advice.strategy, ("", "", ""))
    if advice.workers is None:
        workers = "" if before else many
    else:
        after = one if advice.workers == 1 else many
        workers = f"{before}{advice.workers}{'' if after == ')' else ' '}{after}".rstrip()
    return _ACTION[advice.strategy].format(workers=workers)


def gain(advice: Advice) -> str:
    """What it gains, of the whole program; nothing is gained by leaving it alone."""
    return "" if advice.strategy is Strategy.SEQUENTIAL else figures.speed_up(advice.speed_up)


def headed(advice: Advice) -> str:
    """What to do, and what it gains if it does."""
    return ": ".join(filter(None, (action(advice), gain(advice))))


def place(file: str, line: int, cwd: str) -> str:
    """A file and line as an editor takes them."""
    name = paths.familiar(file, cwd)
    return f"{name}:{line}" if line > 0 else name


def site(item: Site, cwd: str) -> str:
    """The line, the function and what it calls; a function that is a site itself is named once."""
    calls = "" if item.callee == item.function else f" → {item.callee or 'the loop body'}"
    return f"{place(item.file, item.line, cwd)} {item.function}{calls}"


def role(state: State) -> Role:
    """How a state looks: computing, waiting for the outside, queueing for something of the program's own, resting."""
    if state in COMPUTING:
        return Role.COMPUTING
    if state in OUTSIDE_WAITS:
        return Role.WAITING
    if state in (State.WAIT_GIL, State.WAIT_LOCK, State.WAIT_CPU):
        return Role.QUEUEING
    return Role.RESTING


def largest(budget: Budget, count: int = 3) -> list[tuple[str, Role]]:
    """The largest states of a budget with their shares, and how each looks.

    Example:
        >>> [text for text, _ in largest({State.CPU_PYTHON: 3, State.IDLE: 1})]
        ['cpu_python 75.0 %', 'idle 25.0 %']
    """
    whole = total_ns(budget)
    if whole <= 0:
        return [("nothing seen", Role.FAINT)]
    order = sorted((state for state in State if budget.get(state, 0) > 0), key=lambda state: -budget[state])
    return [(f"{state.value} {figures.share(budget[state] / whole)}", role(state)) for state in order[:count]]


def dominant(budget: Budget) -> State:
    """The state with most of a budget; `unknown` when it is empty."""
    return max(State, key=lambda state: budget.get(state, 0)) if total_ns(budget) > 0 else State.UNKNOWN
