"""Breakdowns of the calls of one function: how many looks they stand on."""

from __future__ import annotations

from typing import Any

import pytest

from iobound.model.breakdown import Breakdown
from iobound.model.calls import FunctionCalls
from iobound.model.recording import Kind
from iobound.model.state import State
from iobound.verbs.attribute import breakdown, timeline
from iobound.verbs.attribute.calls import of_calls

MS = 1_000_000


def called(kind: str = "coroutine", calls: int = 20, held_ms: int = 40) -> FunctionCalls:
    """Calls of a function that took all of two seconds, one after another, and awaited most of it."""
    return FunctionCalls(
        name="app:fetch", file="/home/me/app.py", function="fetch", first_line=40, kind=kind, calls=calls, nested=0,
        failed=0, wall_ns=2000 * MS, cpu_ns=20 * MS, busy_ns=2000 * MS, longest_ns=120 * MS, first_ns=0,
        last_ns=2000 * MS, most_at_once=1, threads=1, processes=1, steps=2 * calls if kind == "coroutine" else 0,
        held_ns=held_ms * MS,
    )  # fmt: skip


def done(desk: Any, calls: FunctionCalls) -> tuple[Breakdown, Breakdown]:
    """The breakdown of a loop that waits for the network in its selector all the while, and that of the calls."""
    epoll = desk.channel("epoll_wait", Kind.INTERNET, "h:80")
    selecting = desk.stack(
        desk.place("BaseEventLoop._run_once", 1, "asyncio/base_events.py"),
        desk.place("EpollSelector.select", 1, "selectors.py"),
    )
    rows = [(start, start + 95, epoll, 0) for start in range(0, 2000, 100)]
    desk.process(desk.thread(rows, [selecting] * len(rows), end=2000, cpu=0))
    recording = desk.recording()
    line = timeline(recording)
    whole = breakdown(recording, line)
    (own,) = of_calls(recording, line, whole, [calls])
    return whole, own


def test_looks_at_the_loop_are_looks_at_what_a_call_awaits(desk: Any) -> None:
    """A call that awaits is on no stack, and was looked at all the same."""
    whole, own = done(desk, called())
    assert own.looks == pytest.approx(whole.looks * 0.98, abs=1)
    assert own.shares[State.WAIT_NETWORK] > 0.9
    low, high = own.intervals[State.WAIT_NETWORK]
    assert high - low < 0.5


def test_each_call_is_independent_of_the_others(desk: Any) -> None:
    """Few calls leave it as uncertain as they are few."""
    widths = []
    for calls in (4, 20):
        desk.processes.clear()
        _, own = done(desk, called(calls=calls))
        assert own.independent_looks >= calls
        low, high = own.intervals[State.WAIT_NETWORK]
        widths.append(high - low)
    assert widths[0] > widths[1]


def test_a_function_that_no_look_met_has_none(desk: Any) -> None:
    """What does not await is on a stack whenever it is looked at."""
    _, own = done(desk, called(kind="function", held_ms=0))
    assert own.looks == own.independent_looks == 0


def test_an_asynchronous_generator_that_nobody_asks_is_idle(desk: Any) -> None:
    """Its consumer's waits are none of its own."""
    calls = called(kind="async generator")._replace(steps=40, idle_ns=1500 * MS)
    whole, own = done(desk, calls)
    assert own.shares[State.IDLE] == pytest.approx(0.75)
    assert own.shares[State.WAIT_NETWORK] == pytest.approx(0.23, abs=0.01)
    assert sum(own.shares.values()) == pytest.approx(1)
    assert own.looks == pytest.approx(whole.looks * 0.23, abs=1)


def test_how_a_short_part_divides_is_not_certain_when_no_look_met_it(desk: Any) -> None:
    """Many looks at waiting say nothing of how the computing between them divides."""
    _, own = done(desk, called(calls=200))
    computing = own.shares[State.CPU_PYTHON] + own.shares[State.CPU_NATIVE]
    assert computing == pytest.approx(0.01)
    low, high = own.intervals[State.CPU_NATIVE]
    assert high - low >= 0.3 * computing
