"""Thinning halves the looks and keeps what they add up to."""

from __future__ import annotations

import pytest

from iobound.model.recording import Gil, HostLook, LoopLooks, Marks, Recording, StackLooks
from iobound.verbs.store import thin


@pytest.fixture
def recording(make_run) -> Recording:
    run = make_run(seconds=20)
    return run.whole()


def _with_thread(recording: Recording, **columns) -> Recording:
    process = recording.processes[0]
    return recording._replace(processes=(process._replace(threads=(process.threads[0]._replace(**columns),)),))


def _thread(recording: Recording):
    return recording.processes[0].threads[0]


def test_a_busy_thread_keeps_half_of_its_looks(recording):
    before, after = _thread(recording), _thread(thin(recording))
    assert len(before.marks) == len(before.stacks) == 2000
    assert len(after.marks) == 1001
    assert len(after.stacks) == 1000


def test_ends_counters_and_numbers_of_looks_stay(recording):
    before, after = _thread(recording), _thread(thin(recording))
    for name in ("time", "still", "cpu", "queued"):
        assert getattr(after.marks, name)[0] == getattr(before.marks, name)[0]
        assert getattr(after.marks, name)[-1] == getattr(before.marks, name)[-1]
    assert sum(after.marks.looks) == sum(before.marks.looks)
    assert (after.cpu_ns, after.start_ns, after.end_ns) == (before.cpu_ns, before.start_ns, before.end_ns)


def test_every_row_that_stays_is_a_row_that_was(recording):
    def rows(marks):
        return set(zip(marks.time, marks.still, marks.cpu, marks.queued, marks.channel, marks.gil, strict=True))

    assert rows(_thread(thin(recording)).marks) < rows(_thread(recording).marks)


def test_it_is_the_same_every_time(recording):
    assert thin(recording) == thin(recording)


@pytest.mark.parametrize("period_ns", [5_000_000, 10_000_000, 1_000_000_007])
def test_no_side_of_a_strict_rhythm_is_preferred(recording, period_ns):
    marks, stacks = Marks(), StackLooks()
    for row in range(4000):
        time = 1 + row * period_ns
        marks.append(time, row, 0, 0, Gil.MINE if row % 2 else Gil.FREE)
        stacks.append(time, time, row % 2, 0)
    thinned = _thread(thin(_with_thread(recording, marks=marks, stacks=stacks)))
    assert 0.45 < thinned.marks.gil.count(Gil.MINE) / len(thinned.marks) < 0.55
    assert 0.45 < sum(thinned.stacks.stack) / len(thinned.stacks) < 0.55


def test_waits_stay_as_they_are_beside_moments(recording):
    marks = Marks()
    for row in range(100):
        marks.append(row * 100, row, 0, row % 2, Gil.FREE, still=row * 100 + 50 * (row % 2), looks=1 + row % 2)
    thinned = _thread(thin(_with_thread(recording, marks=marks))).marks
    assert thinned.channel.count(1) == 50
    assert thinned.channel.count(0) < 30
    assert sum(thinned.looks) == 150


def test_a_thread_that_only_waits_becomes_smaller_too_and_keeps_its_long_waits(recording):
    marks = Marks()
    for row in range(200):
        marks.append(row * 1000, row, 0, 1, Gil.FREE, still=row * 1000 + 1 + row % 7 * 100, looks=3)
    thinned = _thread(thin(_with_thread(recording, marks=marks))).marks
    assert len(thinned) < 160
    long = [still - time for time, still in zip(marks.time, marks.still, strict=True) if still - time > 400]
    assert [still - time for time, still in zip(thinned.time, thinned.still, strict=True) if still - time > 400] == long
    assert sum(thinned.looks) == 600


def test_rows_of_nested_loops_that_were_seen_at_once_stay_together(recording):
    loops = LoopLooks()
    for time in range(100):
        loops.append(time, 1, 0, 0, time, 100)
        loops.append(time, 1, 1, time, 3, 7)
    thinned = _thread(thin(_with_thread(recording, loops=loops))).loops
    assert len(thinned) == 100
    assert thinned.time[::2] == thinned.time[1::2]


def test_looks_at_the_machine_are_joined(recording):
    host = (HostLook(1, 0.2, throttled_ns=5), HostLook(2, 0.4, steal=0.5, throttled_ns=6), HostLook(3, 1.0))
    assert thin(recording._replace(host=host)).host == (
        HostLook(2, pytest.approx(0.3), steal=0.5, throttled_ns=11),
        HostLook(3, 1.0),
    )


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_short_threads_are_left_alone_where_nothing_can_go(recording, rows):
    marks = Marks()
    for row in range(rows):
        marks.append(row, row, 0, 0, 0)
    assert _thread(thin(_with_thread(recording, marks=marks))).marks == marks
