"""Whether a test kept to what its marker says; what cannot be known is told as broken, never passed."""

from __future__ import annotations

from typing import NamedTuple

from iobound.model.diagnosis import Bound
from iobound.model.state import WANTS_CPU, State, total_ns
from iobound.model.stretch import Stretch, StretchBudget, StretchWait
from iobound.model.suite import Limits
from iobound.verbs.advise.suite import bound_of, resolved
from iobound.verbs.advise.verdict import DOMINATES
from iobound.verbs.advise.wording import duration, percent, seconds

_NO_WAIT = WANTS_CPU | {State.WAIT_SLEEP, State.UNKNOWN}
FEWEST_PERIODS = 3
"""Between looks: a shorter call was seen by two at best, whose place in it is chance."""
_SHORTEST_BLOCK_NS = 50_000_000
"""A shorter call has no room for a block: one of 100 ms, or five of 10 ms."""
_LONG_BLOCK_NS = 100_000_000


class Seen(NamedTuple):
    """What was observed of a test's call.

    Attributes:
        budget: What it went to.
        period_ns: Between looks.
    """

    budget: StretchBudget
    period_ns: int


def kept_by_clocks(limits: Limits, stretch: Stretch) -> Limits:
    """What is left to be judged when the clocks, which are exact, have been asked.

    Whatever is not on a CPU is no more than what the wall clock says less what the CPU clock says. A thread that never
    gave its CPU up waited for nothing but one, however long that took.
    """
    if stretch.cpu_ns is None:
        return limits
    never_waited = stretch.times_blocked == 0
    off_s = 0.0 if never_waited else max(0, stretch.wall_ns - stretch.cpu_ns) / 1e9
    computed_ns = stretch.wall_ns if never_waited else stretch.cpu_ns
    computes = limits.bound == Bound.CPU and computed_ns >= DOMINATES * stretch.wall_ns > 0
    return limits._replace(
        max_wait_s=None if limits.max_wait_s is not None and off_s <= limits.max_wait_s else limits.max_wait_s,
        max_sleep_s=None if limits.max_sleep_s is not None and off_s <= limits.max_sleep_s else limits.max_sleep_s,
        bound=None if computes else limits.bound,
        no_loop_block=limits.no_loop_block and stretch.wall_ns >= _SHORTEST_BLOCK_NS,
    )


def is_empty(limits: Limits) -> bool:
    """Whether nothing is left to be judged."""
    return limits._replace(is_coroutine=False) == Limits()


def is_too_short(stretch: Stretch, period_ns: int) -> bool:
    """Whether nobody needs to be asked what a call did off the CPU: no look can tell."""
    return stretch.wall_ns < FEWEST_PERIODS * period_ns


def broken(limits: Limits, stretch: Stretch, seen: Seen | None, lost: str) -> tuple[str, ...]:
    """What a test did not keep to, a sentence each; what is not measurable is among it.

    Args:
        limits: What `kept_by_clocks` has left.
        stretch: Its call.
        seen: What was observed of it; None when nothing was.
        lost: Why not.
    """
    told = (
        _limit("max_wait", limits.max_wait_s, stretch, seen, lost),
        _limit("max_sleep", limits.max_sleep_s, stretch, seen, lost),
        _bound(limits.bound, stretch, seen, lost),
        _loop(limits, stretch, seen, lost),
    )
    return tuple(text for text in told if text)


def _unknowable(stretch: Stretch, seen: Seen | None, lost: str) -> str:
    """Why nothing can be said of what the test did off the CPU; empty when something can."""
    if seen is None:
        return lost or "it was not observed"
    if is_too_short(stretch, seen.period_ns):
        return f"it took {duration(stretch.wall_ns)}, and looks are {duration(seen.period_ns)} apart"
    if seen.budget.seen_ns < stretch.wall_ns / 2:
        return f"only {duration(seen.budget.seen_ns)} of {duration(stretch.wall_ns)} were observed"
    return ""


def _limit(name: str, limit_s: float | None, stretch: Stretch, seen: Seen | None, lost: str) -> str:
    if limit_s is None:
        return ""
    off_ns = stretch.wall_ns - min(stretch.cpu_ns or 0, stretch.wall_ns)
    asked = f"{name}={limit_s:g} s"
    why = _unknowable(stretch, seen, lost)
    if why or seen is None:
        return f"{asked} is not measurable here: it was off the CPU for {duration(off_ns)}, but {why}"
    sleeps = name == "max_sleep"
    waits = [wait for wait in seen.budget.waits if (wait.state is State.WAIT_SLEEP) is sleeps]
    found_ns = (
        seen.budget.budget.get(State.WAIT_SLEEP, 0)
        if sleeps
        else sum(time for state, time in seen.budget.budget.items() if state not in _NO_WAIT)
    )
    unknown_ns = seen.budget.budget.get(State.UNKNOWN, 0)
    if found_ns / 1e9 <= limit_s:
        if (found_ns + unknown_ns) / 1e9 <= limit_s:
            return ""
        return f"{asked} is not measurable here: {duration(found_ns)} were seen, {duration(unknown_ns)} could not be"
    did = "slept" if sleeps else "waited"
    low, high = max(0, found_ns - seen.period_ns), min(off_ns, found_ns + unknown_ns + seen.period_ns)
    where = _where(waits)
    return f"{asked}, but it {did} {duration(found_ns)} ({seconds(low / 1e9)}..{seconds(high / 1e9)}){where}"


def _where(waits: list[StretchWait]) -> str:
    told = []
    for wait in waits[:3]:
        target = f" on {wait.target}" if wait.target else ""
        place = f" at {wait.file}:{wait.line}" if wait.file else ""
        behind = f", while {wait.behind.who} was in {wait.behind.state}" if wait.behind else ""
        told.append(f"\n    {wait.state} {duration(wait.duration_ns)}{target}{place}{behind}")
    return "".join(told)


def _bound(asked: str | None, stretch: Stretch, seen: Seen | None, lost: str) -> str:
    if asked is None:
        return ""
    cpu = min(stretch.cpu_ns or 0, stretch.wall_ns)
    clocks = f"{duration(cpu)} of {duration(stretch.wall_ns)} on a CPU"
    why = _unknowable(stretch, seen, lost)
    if why or seen is None:
        return f"bound={asked} is not measurable here: {clocks}, and {why}"
    budget = resolved(seen.budget.budget, seen.budget.waits)
    if asked == Bound.CPU:  # what other programs keep from it says nothing against it
        wanted = sum(budget.pop(state, 0) for state in (State.WAIT_CPU, State.WAIT_GIL))
        budget[State.CPU_PYTHON] = budget.get(State.CPU_PYTHON, 0) + wanted
    found, _ = bound_of(budget)
    if found == asked:
        return ""
    whole = max(1, total_ns(budget))
    largest = sorted((state for state in budget if budget[state]), key=lambda state: -budget[state])[:3]
    parts = ", ".join(f"{state} {percent(budget[state] / whole)}" for state in largest)
    if budget.get(State.UNKNOWN, 0) > (1 - DOMINATES) * whole:
        return f"bound={asked} is not measurable here: {parts}"
    return f"bound={asked}, but it is {found}: {parts}; {clocks}{_where(list(seen.budget.waits))}"


def _loop(limits: Limits, stretch: Stretch, seen: Seen | None, lost: str) -> str:
    if not limits.no_loop_block:
        return ""
    why = _unknowable(stretch, seen, lost) if stretch.wall_ns >= _LONG_BLOCK_NS or seen is None else ""
    if not why and seen is not None and 2 * seen.period_ns > _LONG_BLOCK_NS:
        why = f"looks are {duration(seen.period_ns)} apart"
    if not why and seen is not None and limits.is_coroutine and not seen.budget.looped:
        why = "it was not seen in an event loop of asyncio"
    if why or seen is None:
        return f"no_loop_block is not measurable here: {why}"
    if not seen.budget.blocks:
        return ""
    told = "".join(
        f"\n    {duration(block.duration_ns)} in {block.state} at {block.file}:{block.line} ({block.function})"
        for block in sorted(seen.budget.blocks, key=lambda block: -block.duration_ns)[:3]
    )
    return f"no_loop_block, but its event loop was blocked, give or take {duration(2 * seen.period_ns)}:{told}"
