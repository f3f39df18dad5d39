"""Calls that were delimited: what their own clocks say is exact, and the looks divide it."""

from __future__ import annotations

import pytest
from advised_story import DOWNLOAD
from hypothesis import given
from hypothesis import strategies as st
from stories import CWD, MS, START, sequential_io

from iobound.model.breakdown import EventLoop
from iobound.model.calls import Caller, CallSample, FunctionCalls
from iobound.model.prediction import Strategy
from iobound.model.recording import Place
from iobound.model.source_facts import LoopFact
from iobound.model.state import COMPUTING, State
from iobound.pipeline.predicting import predictions_of
from iobound.verbs.attribute.calls import of_calls

STORY = sequential_io()
NEVER_SEEN = DOWNLOAD._replace(name="m:other", function="other", first_line=99, callers=())


def breakdown_of(calls: FunctionCalls, *, recording=STORY.recording, whole=STORY.breakdown):
    [found] = of_calls(recording, STORY.timeline, whole, (calls,))
    return found


def computing(shares) -> float:
    return sum(shares[state] for state in COMPUTING)


@st.composite
def any_calls(draw: st.DrawFn) -> FunctionCalls:
    """Numbers that a log can hold, seen by looks or not."""
    calls = draw(st.integers(1, 1000))
    wall_ns = draw(st.integers(0, 20_000 * MS))
    held_ns = draw(st.integers(0, wall_ns + MS))
    return draw(st.sampled_from([DOWNLOAD, NEVER_SEEN]))._replace(
        kind=draw(st.sampled_from(["function", "coroutine", "generator", "async generator"])),
        calls=calls,
        nested=draw(st.integers(0, calls)),
        wall_ns=wall_ns,
        cpu_ns=draw(st.integers(0, wall_ns + MS)),  # clocks of different kinds differ
        busy_ns=draw(st.integers(0, wall_ns)),
        steps=draw(st.sampled_from([0, 10])),
        held_ns=held_ns,
        longest_step_ns=held_ns,
        samples=(CallSample(wall_ns, 0),),
    )


@given(any_calls())
def test_shares_add_up_to_one(calls: FunctionCalls) -> None:
    """Whatever the clocks say; so do their intervals contain them."""
    found = breakdown_of(calls)
    assert sum(found.shares.values()) == pytest.approx(1, abs=1e-9)
    assert all(0 <= share <= 1 + 1e-12 for share in found.shares.values())
    for state, interval in found.intervals.items():
        assert -1e-9 <= interval.low <= found.shares[state] + 1e-9
        assert found.shares[state] <= interval.high + 1e-9 <= 1 + 2e-9


@given(any_calls())
def test_cpu_time_is_exact(calls: FunctionCalls) -> None:
    """It is that of the calls' own threads, and not what looks say."""
    found = breakdown_of(calls)
    if calls.wall_ns:
        assert computing(found.shares) == pytest.approx(min(1, calls.cpu_ns / calls.wall_ns), abs=1e-9)
    else:
        assert found.shares[State.UNKNOWN] == 1


def test_looks_divide_the_rest() -> None:
    """Network and disk as they were seen inside of the function."""
    shares = breakdown_of(DOWNLOAD).shares
    assert shares[State.WAIT_NETWORK] / shares[State.WAIT_DISK] == pytest.approx(91 / 2, rel=1e-6)
    assert shares[State.WAIT_SLEEP] == 0
    assert breakdown_of(DOWNLOAD).looks > 1000


def test_what_nobody_saw_is_unknown() -> None:
    """All but the CPU time, and nothing is certain of it."""
    found = breakdown_of(NEVER_SEEN)
    assert found.looks == 0
    assert found.shares[State.UNKNOWN] == pytest.approx(1 - 480 / 11_640)
    assert found.intervals[State.WAIT_NETWORK].high == pytest.approx(1 - 480 / 11_640)
    assert found.intervals[State.WAIT_NETWORK].low == 0


def test_what_a_coroutine_awaits_is_what_its_loop_waited_for() -> None:
    """Time on the loop is the coroutine's own; between its steps the loop waits for all of its tasks."""
    loop = EventLoop(process=0, thread="MainThread", blocked_ns=0, longest_ns=0, blocks=(), selecting_ns=0)
    whole = STORY.breakdown._replace(event_loops=(loop,))
    calls = NEVER_SEEN._replace(kind="coroutine", steps=10, held_ns=600 * MS, cpu_ns=480 * MS)
    shares = breakdown_of(calls, whole=whole).shares
    assert computing(shares) == pytest.approx(480 / 11_640)
    assert shares[State.WAIT_NETWORK] == pytest.approx((11_640 - 600) / 11_640)
    assert shares[State.UNKNOWN] == pytest.approx(120 / 11_640)  # on the loop and not on a CPU: nobody saw why
    without = breakdown_of(calls).shares
    assert without[State.UNKNOWN] == pytest.approx(1 - 480 / 11_640)


def test_what_the_loop_waited_for_before_and_after_the_calls_does_not_count() -> None:
    """Another endpoint's requests, before the first call of this one, say nothing of it."""
    loop = EventLoop(process=0, thread="MainThread", blocked_ns=0, longest_ns=0, blocks=(), selecting_ns=0)
    whole = STORY.breakdown._replace(event_loops=(loop,))
    calls = NEVER_SEEN._replace(kind="coroutine", steps=10, held_ns=600 * MS, cpu_ns=480 * MS)
    before = calls._replace(first_ns=START - 20_000 * MS, last_ns=START - 8_000 * MS)
    assert breakdown_of(before, whole=whole).shares[State.WAIT_NETWORK] == 0
    assert breakdown_of(before, whole=whole).shares[State.UNKNOWN] == pytest.approx(1 - 480 / 11_640)


def test_a_generator_rests_between_its_items() -> None:
    """That time is its caller's."""
    calls = NEVER_SEEN._replace(kind="generator", steps=10, held_ns=600 * MS, cpu_ns=480 * MS)
    shares = breakdown_of(calls).shares
    assert shares[State.IDLE] == pytest.approx(1 - 600 / 11_640)


def test_the_site_is_where_most_calls_come_from() -> None:
    """With the loop that the source has there."""
    places = STORY.recording.places
    caller = next(number for number, place in enumerate(places) if place == DOWNLOAD.callers[0].place)
    loop = LoopFact(
        file=f"{CWD}/download_all.py", function="main", line=30, end_line=32, column=4, kind="for", target="url",
        iterable="urls", independent="yes",
    )  # fmt: skip
    facts = STORY.recording.facts._replace(loops=(loop,), enclosing={caller: (0,)})
    [site] = breakdown_of(DOWNLOAD, recording=STORY.recording._replace(facts=facts)).sites
    assert (site.file, site.line, site.function, site.callee) == (f"{CWD}/download_all.py", 31, "main", "download")
    assert (site.independent, site.items, site.loop) == ("yes", 120, loop)
    assert site.item_ns == tuple(sample.wall_ns for sample in DOWNLOAD.samples)


def test_without_a_caller_the_site_is_the_function_itself() -> None:
    """Also where its place could not be kept."""
    for callers in ((), (Caller(Place("", "", 0, 0), 3.0, False),)):
        [site] = breakdown_of(DOWNLOAD._replace(callers=callers)).sites
        assert (site.file, site.line) == (DOWNLOAD.file, DOWNLOAD.first_line)
        assert site.independent == "unknown"


@pytest.mark.parametrize(
    ("changes", "strategy"),
    [
        ({}, "sequential"),
        ({"busy_ns": 1000 * MS, "threads": 4}, "threads"),
        ({"busy_ns": 1000 * MS, "processes": 4}, "processes"),
        ({"busy_ns": 1000 * MS, "kind": "coroutine"}, "asyncio"),
    ],
)
def test_how_it_runs_today(changes, strategy: str) -> None:
    """By how many calls are under way at once, and on what."""
    calls = DOWNLOAD._replace(most_at_once=40, **changes)
    [site] = breakdown_of(calls).sites
    assert site.strategy_now == strategy
    assert site.concurrency == pytest.approx(calls.concurrency)


def test_calls_before_observing_began_are_no_more_than_the_run() -> None:
    """The observer is ready a moment after the first call."""
    early = DOWNLOAD._replace(first_ns=START - 500 * MS)
    [site] = breakdown_of(early).sites
    assert site.share <= 1
    assert site.share < breakdown_of(DOWNLOAD).sites[0].share


def test_a_coroutine_that_sleeps_without_awaiting_takes_turns() -> None:
    """Its steps are timed: what waits in them holds the event loop up, and no more of them at once would help."""
    waits = DOWNLOAD._replace(kind="coroutine", steps=DOWNLOAD.calls, held_ns=DOWNLOAD.wall_ns)
    awaits = NEVER_SEEN._replace(kind="coroutine", steps=3 * DOWNLOAD.calls, held_ns=DOWNLOAD.cpu_ns)
    [held], [free] = breakdown_of(waits).sites, breakdown_of(awaits).sites
    assert held.awaited and free.awaited
    assert sum(held.loop_held.values()) == pytest.approx(DOWNLOAD.wall_ns - DOWNLOAD.cpu_ns, rel=0.05)
    assert held.loop_held[State.WAIT_NETWORK] > 20 * held.loop_held[State.WAIT_DISK] > 0
    assert free.loop_held == {}  # nobody saw it wait in its steps
    loop = EventLoop(process=0, thread="MainThread", blocked_ns=0, longest_ns=0, blocks=(), selecting_ns=0)
    whole = STORY.breakdown._replace(event_loops=(loop,))
    for calls, gains in ((waits, False), (awaits, True)):
        found = breakdown_of(calls, whole=whole)
        predicted = predictions_of(found, STORY.recording, (8,))
        tasks = [each for each in predicted if each.strategy is Strategy.ASYNCIO]
        assert any(each.speed_up.low > 1.3 for each in tasks) is gains


def test_loops_that_a_function_never_ran_on_do_not_hold_it_up() -> None:
    """A worker's loop, and one of a helper thread."""
    first = EventLoop(process=0, thread="MainThread", blocked_ns=0, longest_ns=0, blocks=(), selecting_ns=0)
    helper = first._replace(thread="Helper")
    calls = DOWNLOAD._replace(kind="coroutine", steps=10, held_ns=600 * MS, cpu_ns=480 * MS)
    whole = STORY.breakdown._replace(event_loops=(helper, first))
    assert [loop.thread for loop in breakdown_of(calls, whole=whole).event_loops] == ["MainThread"]
    unseen = calls._replace(function="other", first_line=99)
    assert breakdown_of(unseen, whole=whole).event_loops == ()  # whose it was is not known
    alone = STORY.breakdown._replace(event_loops=(first,))
    assert len(breakdown_of(unseen, whole=alone).event_loops) == 1
