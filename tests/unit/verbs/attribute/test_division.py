"""How a thread's exact time is divided among its looks."""

from __future__ import annotations

from typing import Any

import pytest

from iobound.model.recording import Gil, Kind
from iobound.model.state import State
from iobound.model.timeline import Episode
from iobound.verbs.attribute import timeline

MS = 1_000_000


def episodes(desk: Any) -> tuple[Episode, ...]:
    return timeline(desk.recording()).threads[0].episodes


def spent(found: tuple[Episode, ...]) -> dict[State, int]:
    sums: dict[State, int] = {}
    for episode in found:
        sums[episode.state] = sums.get(episode.state, 0) + episode.duration_ns
    return {state: time // MS for state, time in sums.items()}


def test_a_wait_is_one_episode_with_its_looks(desk: Any) -> None:
    """From the first to the last look that found it, and to the ends of its gaps."""
    recv = desk.channel("recvfrom", Kind.INTERNET, "h:80")
    desk.process(desk.thread([(7, 707, recv, 0)], end=714, cpu=0))
    (wait,) = episodes(desk)
    assert (wait.state, wait.duration_ns, wait.channel, wait.seen) == (State.WAIT_NETWORK, 714 * MS, recv, 101)


@pytest.mark.parametrize("still", [50, 1000])
def test_a_wait_ends_where_the_next_look_saw_something_else(desk: Any, still: int) -> None:
    """Whatever the mark says: a thread's life is tiled once."""
    recv = desk.channel("recvfrom", Kind.INTERNET, "h:80")
    desk.process(desk.thread([(7, still, recv, 0), (28, 98, recv, 0)], end=100, cpu=0))
    assert spent(episodes(desk)) == {State.WAIT_NETWORK: 100}


def test_counters_that_lag_are_put_right(desk: Any) -> None:
    """CPU time that shows up late belongs to the gaps before, not to a wait."""
    desk.process(desk.thread([(time, time, 0, int(Gil.MINE)) for time in range(7, 700, 7)], end=700))
    marks = desk.processes[0].threads[0].marks
    for row in range(0, len(marks), 2):
        marks.cpu[row] -= 4 * MS
    assert spent(episodes(desk)) == {State.CPU_PYTHON: 700}


def test_looks_that_know_the_gil_speak_for_those_that_do_not(desk: Any) -> None:
    """Before the GIL was found its holder is not known; the nearest look that knew is the best guess."""
    rows = [(time, time, 0, int(Gil.UNKNOWN if time < 350 else Gil.FREE)) for time in range(7, 700, 7)]
    desk.process(desk.thread(rows, end=700))
    assert spent(episodes(desk)) == {State.CPU_NATIVE: 700}
    desk.processes.clear()
    desk.process(desk.thread([(time, time, 0, int(Gil.UNKNOWN)) for time in range(7, 700, 7)], end=700))
    assert spent(episodes(desk)) == {State.CPU_PYTHON: 700}


def test_queueing_is_first_of_all_what_a_woken_thread_does(desk: Any) -> None:
    """Without the GIL at a call that blocks, a running thread is more likely to be queued than to compute."""
    recv = desk.channel("recvfrom", Kind.INTERNET, "h:80")
    at_recv, at_work = desk.stack(desk.place("main", 3)), desk.stack(desk.place("main", 4))
    rows, stacks = [], []
    for start in range(0, 2100, 21):
        rows += [
            (start, start, recv, 0),
            (start + 7, start + 7, 0, int(Gil.FREE)),
            (start + 14, start + 14, 0, int(Gil.MINE)),
        ]
        stacks += [at_recv, at_recv, at_work]
    desk.process(desk.thread(rows, stacks, end=2100))
    thread = desk.processes[0].threads[0]
    for row in range(len(thread.marks)):
        thread.marks.cpu[row] = (row // 3) * 7 * MS
        thread.marks.queued[row] = (row + 1) // 3 * 7 * MS
    desk.change_thread(cpu_ns=700 * MS, queued_ns=700 * MS)
    found = spent(episodes(desk))
    assert found[State.CPU_PYTHON] == pytest.approx(700, abs=15)
    assert found.get(State.CPU_NATIVE, 0) < 15
    assert found[State.WAIT_CPU] == pytest.approx(700, abs=15)


def asking(desk: Any, line_with_gil: int) -> None:
    """A thread that has the GIL for 7 of 21 ms, waits for it, and is found ready, without it, 7 of 21 ms."""
    gil = desk.channel("futex", Kind.GIL)
    at_jump, has_it = desk.stack(desk.place("work", 4)), desk.stack(desk.place("work", line_with_gil))
    rows, stacks = [], []
    for start in range(0, 2100, 21):
        rows += [
            (start, start, gil, 0),
            (start + 7, start + 7, 0, int(Gil.OTHER)),
            (start + 14, start + 14, 0, int(Gil.MINE)),
        ]
        stacks += [at_jump, at_jump, has_it]
    desk.process(desk.thread(rows, stacks, end=2100))


def count(desk: Any, cpu: int, queued: int) -> dict[State, int]:
    """Time by state when each round of 21 ms has so much on a CPU and in the run queue."""
    thread = desk.processes[0].threads[0]
    for row in range(len(thread.marks)):
        thread.marks.cpu[row] = (row // 3) * cpu * MS
        thread.marks.queued[row] = (row // 3) * queued * MS
    desk.change_thread(cpu_ns=100 * cpu * MS, queued_ns=100 * queued * MS)
    return spent(episodes(desk))


def test_a_thread_that_asks_for_the_gil_in_vain_waits_for_it(desk: Any) -> None:
    """Ready to run while another has the GIL: neither native computing nor a lack of CPUs."""
    asking(desk, line_with_gil=4)
    found = count(desk, cpu=7, queued=7)
    assert found[State.CPU_PYTHON] == pytest.approx(700, abs=15)
    assert found[State.WAIT_GIL] == pytest.approx(1400, abs=15)


def test_looks_that_hold_a_thread_up_make_no_native_computing(desk: Any) -> None:
    """A look has a CPU: whoever is woken meanwhile is found ready more often than the counters say that it queued."""
    asking(desk, line_with_gil=5)
    found = count(desk, cpu=7, queued=1)
    assert found.get(State.CPU_NATIVE, 0) < 30
    assert found[State.CPU_PYTHON] + found.get(State.CPU_NATIVE, 0) == pytest.approx(700, abs=1)


def test_native_computing_beside_the_one_with_the_gil_is_told_by_its_cpu_time(desk: Any) -> None:
    """The same looks, but the thread was on a CPU in both of them."""
    asking(desk, line_with_gil=5)
    found = count(desk, cpu=14, queued=0)
    assert found[State.CPU_NATIVE] == pytest.approx(700, abs=40)
    assert found[State.CPU_PYTHON] == pytest.approx(700, abs=40)


@pytest.mark.parametrize(("blocked_times", "state"), [(20_000, State.WAIT_DISK), (40, State.WAIT_CPU)])
def test_waits_that_are_shorter_than_a_look_are_not_taken_by_the_machine(
    desk: Any, blocked_times: int, state: State
) -> None:
    """Few looks find them, for they end while the look is under way; a thread that hardly blocks was held up."""
    disk = desk.channel("fsync", Kind.FILE, "/data")
    rows = [(time, time, disk if time % 70 == 0 else 0, int(Gil.FREE)) for time in range(0, 2100, 7)]
    desk.process(desk.thread(rows, [desk.stack(desk.place("main", 3))] * len(rows), end=2100), voluntary=blocked_times)
    thread = desk.processes[0].threads[0]
    for row in range(len(thread.marks)):
        thread.marks.cpu[row] = row * 7 * MS // 2
    desk.change_thread(cpu_ns=1050 * MS)
    found = spent(episodes(desk))
    assert max(found, key=lambda each: found[each] if each is not State.CPU_NATIVE else 0) is state


@pytest.mark.parametrize(("often_with", "native"), [(4, 0), (1, 560)])
def test_bytecode_that_calls_nothing_needs_the_gil(desk: Any, often_with: int, native: int) -> None:
    """A woken thread was looked at before it had the GIL, its stack was read after. Operators of arrays differ."""
    place = desk.place("work", 4)
    desk.lines[place] = "total = total * 31 + step"
    flags = [Gil.MINE] * often_with + [Gil.FREE] * (5 - often_with)
    rows = [(time, time, 0, int(flags[time // 7 % 5])) for time in range(0, 700, 7)]
    desk.process(desk.thread(rows, [desk.stack(place)] * len(rows), end=700))
    assert spent(episodes(desk)).get(State.CPU_NATIVE, 0) == pytest.approx(native, abs=15)
