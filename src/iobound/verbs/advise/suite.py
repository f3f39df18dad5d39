"""What a test suite is bound by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from iobound.model import factors
from iobound.model.breakdown import Interval
from iobound.model.diagnosis import Bound
from iobound.model.state import COMPUTING, OUTSIDE_WAITS, Budget, State, total_ns
from iobound.model.stretch import StretchWait
from iobound.model.suite import XdistAdvice, XdistPrediction
from iobound.verbs.advise.verdict import CERTAINLY, DOMINATES, MOST_UNKNOWN, SHORTEST_NS
from iobound.verbs.advise.wording import percent, seconds

GROUPS: Mapping[Bound, frozenset[State]] = {
    Bound.CPU: COMPUTING,
    Bound.IO: OUTSIDE_WAITS,
    Bound.SLEEP: frozenset({State.WAIT_SLEEP}),
    Bound.LOCK: frozenset({State.WAIT_LOCK}),
    Bound.GIL: frozenset({State.WAIT_GIL}),
    Bound.STARVED: frozenset({State.WAIT_CPU}),
}
"""Which states speak for which verdict."""

_SAYS: Mapping[Bound, str] = {
    Bound.CPU: "the tests compute for {share} of their time",
    Bound.IO: "the tests wait for the outside for {share} of their time",
    Bound.SLEEP: "the tests sleep for {share} of their time",
    Bound.LOCK: "the tests wait for locks of the program for {share} of their time",
    Bound.GIL: "the tests wait for the GIL for {share} of their time",
    Bound.STARVED: "the tests got no CPU for {share} of their time",
}


def resolved(budget: Budget, waits: Iterable[StretchWait]) -> dict[State, int]:
    """The budget with waits for other threads and children counted as what these did meanwhile."""
    found = dict(budget)
    for wait in waits:
        if wait.behind is not None:
            moved = min(wait.duration_ns, wait.behind.duration_ns, found.get(wait.state, 0))
            found[wait.state] = found.get(wait.state, 0) - moved
            found[wait.behind.state] = found.get(wait.behind.state, 0) + moved
    return found


def bound_of(budget: Budget, intervals: Mapping[State, Interval] | None = None) -> tuple[Bound, float]:
    """What a budget is bound by, and the share that says so; `mixed` when nothing dominates."""
    whole = total_ns(budget)
    if not whole:
        return Bound.INCONCLUSIVE, 0.0
    shares = {bound: sum(budget.get(state, 0) for state in states) / whole for bound, states in GROUPS.items()}
    bound = max(shares, key=lambda each: shares[each])
    loose = max(
        (interval.high - interval.low) / 2 for state, interval in (intervals or _NONE).items() if state in GROUPS[bound]
    )
    if shares[bound] < DOMINATES or shares[bound] - loose < CERTAINLY:
        return Bound.MIXED, shares[bound]
    return bound, shares[bound]


_NONE: Mapping[State, Interval] = {state: Interval(0.0, 0.0) for state in State}


def suite_bound(
    times: Iterable[tuple[Budget, Iterable[StretchWait]]], intervals: Mapping[State, Interval], lost: str
) -> tuple[Bound, str]:
    """What a suite is bound by, and one sentence for it.

    Args:
        times: What each phase of each test went to, and its waits.
        intervals: Of the shares of all states.
        lost: Why nothing was observed; then only a suite that computes can be told.
    """
    budget: dict[State, int] = {}
    for whole_budget, waits in times:
        for state, time in resolved(whole_budget, waits).items():
            budget[state] = budget.get(state, 0) + time
    whole = total_ns(budget)
    unknown = budget.get(State.UNKNOWN, 0) / whole if whole else 1.0
    if not whole:
        return Bound.INCONCLUSIVE, "no test ran"
    if whole < SHORTEST_NS:
        return Bound.INCONCLUSIVE, f"too short to tell: the tests took {whole / 1e6:.0f} ms"
    if unknown > MOST_UNKNOWN:
        why = "was not observed" if lost else "could not be seen"
        return Bound.INCONCLUSIVE, f"{percent(unknown)} of the tests' time {why}: it was not on a CPU"
    bound, share = bound_of(budget, intervals)
    if bound is Bound.MIXED:
        largest = sorted((state for state in budget if budget[state]), key=lambda state: -budget[state])[:3]
        parts = ", ".join(f"{state} {percent(budget[state] / whole)}" for state in largest)
        return bound, f"no kind of time dominates: {parts}"
    return bound, _SAYS[bound].format(share=percent(share))


_WORTH_IT = 1.15
_LEAST_LOW = 0.85
"""Lower end of the interval: what may be lost must be less than what is likely to be won."""
_NEARLY_BEST = 0.95
_LEAST_SAVED_S = 0.5


def xdist_advice(predictions: Sequence[XdistPrediction], now: int, tests: int, wall_s: float) -> XdistAdvice:
    """Which number of workers to use, and why.

    Args:
        predictions: For several numbers, 0 for one process among them.
        now: How many there were; 0 without pytest-xdist.
        tests: How many tests there are.
        wall_s: How long the run took.
    """
    best = max(predictions, key=lambda each: each.speed_up.estimate)
    good = [each for each in predictions if each.speed_up.estimate >= _NEARLY_BEST * best.speed_up.estimate]
    chosen = min(good, key=lambda each: each.workers)
    worth = chosen.speed_up.estimate >= _WORTH_IT and chosen.speed_up.low >= _LEAST_LOW
    saves = wall_s - chosen.wall_s >= _LEAST_SAVED_S
    if chosen.workers == now or not worth or not saves:
        return XdistAdvice(now, now, tuple(predictions), _why_left(chosen, now, tests, wall_s, worth=worth))
    return XdistAdvice(chosen.workers, now, tuple(predictions), _why(chosen, now))


def _why(chosen: XdistPrediction, now: int) -> str:
    costly = [each for each in chosen.repeated if each.extra_s >= _TELLING_S]
    repeated = "".join(
        f"; it sets up {each.name} {each.then} times, which costs {seconds(each.extra_s)} of its workers"
        for each in costly[:2]
    )
    if not chosen.workers:
        return "starting workers costs more than they gain"
    return f"{_BOUND_BY[chosen.bottleneck]}{repeated}"


_TELLING_S = 0.1
_BOUND_BY: Mapping[str, str] = {
    "start_up": "starting the workers then takes most of the time",
    "cpus": "the CPUs are the limit then",
    "longest_test": "the longest test is the limit then",
    "fixtures": "repeated fixtures are the limit then",
    "workers": "more workers would gain little",
    "tests": "there are no more tests",
}


def _why_left(chosen: XdistPrediction, now: int, tests: int, wall_s: float, *, worth: bool) -> str:
    if tests < 2:
        return "one test cannot be shared out"
    if chosen.workers == now:
        return f"{now} workers are about as good as it gets" if now else "no number of workers makes it faster"
    if not worth:
        low, high = factors.factor_ends(chosen.speed_up)
        return f"the best that workers promise is {low} to {high} times as fast, with -n {chosen.workers}"
    return f"it takes {seconds(wall_s)}, and workers would save less than {seconds(_LEAST_SAVED_S)}"
