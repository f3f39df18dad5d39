"""What is said of a suite: its bound, expressions that fail it, limits of tests, changes, and how many workers."""

from __future__ import annotations

import pytest

from iobound.model.breakdown import Interval, LoopBlock
from iobound.model.diagnosis import Bound
from iobound.model.prediction import Estimate
from iobound.model.state import State
from iobound.model.stretch import Stretch, StretchBudget, StretchWait
from iobound.model.suite import Baseline, Limits, Phase, TimedTest, XdistPrediction
from iobound.verbs.advise import suite, suite_changes, suite_limits

MS = 1_000_000
NO_INTERVALS = {state: Interval(0.0, 0.0) for state in State}


def wait(state: State, ms: int, behind: StretchWait | None = None) -> StretchWait:
    return StretchWait(state, "", "", 0, ms * MS, behind)


def timed(name: str, ms: int, state: State = State.WAIT_NETWORK) -> TimedTest:
    phases = {Phase.SETUP: 0, Phase.CALL: ms * MS, Phase.TEARDOWN: 0}
    return TimedTest(name, phases, 0, {state: ms * MS}, (wait(state, ms),), (), MS)


@pytest.mark.parametrize(
    ("budget", "bound"),
    [
        ({State.CPU_PYTHON: 700, State.WAIT_DISK: 300}, Bound.CPU),
        ({State.WAIT_NETWORK: 400, State.WAIT_DISK: 300, State.CPU_PYTHON: 300}, Bound.IO),
        ({State.WAIT_SLEEP: 900, State.CPU_PYTHON: 100}, Bound.SLEEP),
        ({State.WAIT_LOCK: 900, State.CPU_PYTHON: 100}, Bound.LOCK),
        ({State.WAIT_CPU: 900, State.CPU_PYTHON: 100}, Bound.STARVED),
        ({State.WAIT_SLEEP: 500, State.CPU_PYTHON: 500}, Bound.MIXED),
        ({State.UNKNOWN: 900, State.CPU_PYTHON: 100}, Bound.INCONCLUSIVE),
        ({State.CPU_PYTHON: 20}, Bound.INCONCLUSIVE),
    ],
)
def test_what_dominates_is_the_bound(budget: dict[State, int], bound: Bound) -> None:
    """Times in milliseconds; too little or too much that is unknown decides nothing."""
    times = [({state: time * MS for state, time in budget.items()}, ())]
    assert suite.suite_bound(times, NO_INTERVALS, "")[0] is bound


def test_waits_for_others_count_as_what_these_did() -> None:
    """A test that joins a thread that computes is bound by the CPU."""
    waits = (wait(State.WAIT_LOCK, 900, wait(State.CPU_PYTHON, 900)),)
    times = [({State.WAIT_LOCK: 900 * MS, State.WAIT_SLEEP: 100 * MS}, waits)]
    assert suite.suite_bound(times, NO_INTERVALS, "")[0] is Bound.CPU


def call(wall: int, cpu: int) -> Stretch:
    return Stretch(1, 1, 0, wall * MS, cpu * MS)


def seen(stretch: Stretch, budget: dict[State, int], *waits: StretchWait, **more: object) -> suite_limits.Seen:
    found = StretchBudget({state: time * MS for state, time in budget.items()}, waits, stretch.wall_ns)
    return suite_limits.Seen(found._replace(**more), 7 * MS)


def test_clocks_alone_pass_what_they_can() -> None:
    """What was off the CPU for less than a limit cannot have waited for longer; what computed is bound by the CPU."""
    limits = Limits(max_wait_s=0.1, max_sleep_s=0.1, bound="cpu", no_loop_block=True)
    assert suite_limits.is_empty(suite_limits.kept_by_clocks(limits, call(49, 48)))
    assert suite_limits.kept_by_clocks(limits, call(500, 450)) == Limits(no_loop_block=True)
    assert suite_limits.kept_by_clocks(limits, call(500, 10)) == limits


@pytest.mark.parametrize(
    ("limits", "budget", "says"),
    [
        (Limits(max_sleep_s=0.1), {State.WAIT_SLEEP: 500}, "max_sleep=0.1 s, but it slept 500 ms (493 ms..500 ms)"),
        (Limits(max_sleep_s=0.1), {State.WAIT_NETWORK: 500}, ""),
        (Limits(max_wait_s=0.1), {State.WAIT_NETWORK: 500}, "max_wait=0.1 s, but it waited 500 ms"),
        (Limits(max_wait_s=0.1), {State.WAIT_SLEEP: 500}, ""),
        (Limits(max_wait_s=0.1), {State.WAIT_CPU: 450, State.CPU_PYTHON: 50}, ""),
        (Limits(max_wait_s=0.1), {State.UNKNOWN: 500}, "max_wait=0.1 s is not measurable here: 0 "),
        (Limits(bound="cpu"), {State.WAIT_CPU: 450, State.CPU_PYTHON: 50}, ""),
        (Limits(bound="cpu"), {State.WAIT_SLEEP: 500}, "bound=cpu, but it is sleep: wait_sleep 100 %"),
        (Limits(bound="io"), {State.UNKNOWN: 500}, "bound=io is not measurable here"),
        (Limits(no_loop_block=True, is_coroutine=True), {State.WAIT_SLEEP: 500}, "no_loop_block is not measurable"),
        (Limits(no_loop_block=True), {State.WAIT_SLEEP: 500}, ""),
    ],
)
def test_limits_are_held_against_what_was_seen(limits: Limits, budget: dict[State, int], says: str) -> None:
    """Broken, kept, or not measurable."""
    stretch = call(500, budget.get(State.CPU_PYTHON, 0))
    told = suite_limits.broken(limits, stretch, seen(stretch, budget), "")
    assert (told[0] if told else "").startswith(says)
    assert bool(told) == bool(says)


def test_a_blocked_loop_is_told_with_its_place() -> None:
    """And with the resolution."""
    stretch = call(500, 0)
    block = LoopBlock(0, 400 * MS, State.WAIT_SLEEP, "app.py", 7, "handler", "time.sleep")
    observed = seen(stretch, {State.WAIT_SLEEP: 500}, blocks=(block,), looped=True)
    (told,) = suite_limits.broken(Limits(no_loop_block=True, is_coroutine=True), stretch, observed, "")
    assert told == (
        "no_loop_block, but its event loop was blocked, give or take 14 ms:\n"
        "    400 ms in wait_sleep at app.py:7 (handler)"
    )


def test_what_nobody_saw_is_not_measurable() -> None:
    """With the reason."""
    limits = Limits(0.1, 0.1, "io", no_loop_block=True)
    told = suite_limits.broken(limits, call(500, 0), None, "the observer has ended")
    assert len(told) == 4
    assert all("not measurable here" in text and "the observer has ended" in text for text in told)


def test_only_changes_beyond_chance_are_told() -> None:
    """A quarter and 20 ms; computing does not count; tests of one run only are counted."""
    tests = [timed("same", 1000), timed("longer", 900), timed("less", 100), timed("new", 5)]
    before = {"same": 900 * MS, "longer": 300 * MS, "less": 500 * MS, "gone": 1}
    found = suite_changes.compare(tests, Baseline("old.json", before))
    assert [each.test for each in found.longer] == ["longer"]
    assert [each.test for each in found.shorter] == ["less"]
    assert (found.added, found.removed) == (1, 1)


def predicted(*speed_ups: float) -> list[XdistPrediction]:
    return [
        XdistPrediction(workers, Estimate(each, 0.9 * each, 1.1 * each), 10 / each, "workers")
        for workers, each in zip((0, 2, 4, 8), speed_ups, strict=True)
    ]


@pytest.mark.parametrize(
    ("speed_ups", "wall_s", "workers"),
    [
        ((1.0, 1.8, 3.1, 5.0), 10, 8),
        ((1.0, 1.8, 3.1, 3.2), 10, 4),
        ((1.0, 1.05, 1.1, 0.9), 10, 0),
        ((1.0, 0.5, 0.3, 0.2), 10, 0),
    ],
)
def test_the_fewest_workers_that_are_about_as_good_are_advised(
    speed_ups: tuple[float, ...], wall_s: float, workers: int
) -> None:
    """Or none where none is worth it."""
    advice = suite.xdist_advice(predicted(*speed_ups), 0, 100, wall_s)
    assert advice.workers == workers
    assert advice.leaves_it == (workers == 0)
    assert advice.reason
