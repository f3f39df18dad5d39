"""What stretches of a thread's life went to: exact in sum, and by what was seen inside of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.model.recording import Gil, Kind, Recording
from iobound.model.state import COMPUTING, State, total_ns
from iobound.model.stretch import Stretch, StretchBudget
from iobound.verbs import attribute
from iobound.verbs.attribute.stretches import _exact, _of_one_state, share_out, stretches
from iobound.verbs.attribute.window import since

MS = 1_000_000
MINE, NONE = Gil.MINE, Gil.UNKNOWN
PID, THREAD = 100, 1


def spent(recording: Recording, start: int, end: int, cpu: int | None = 0) -> StretchBudget:
    """What a stretch went to; times in milliseconds."""
    stretch = Stretch(PID, THREAD, start * MS, end * MS, None if cpu is None else cpu * MS)
    (found,) = stretches(recording, attribute.timeline(recording), [stretch])
    return found


@pytest.fixture
def two_waits(desk):  # type: ignore[no-untyped-def]
    """A test that waits for the network for 100 ms, then one that sleeps for 100 ms."""
    network = desk.channel("recvfrom", Kind.INTERNET, "127.0.0.1:5432")
    timer = desk.channel("clock_nanosleep", Kind.TIMER)
    asks, sleeps = desk.stack(desk.place("ask", 7)), desk.stack(desk.place("rest", 9))
    rows = [(1, 98, network, NONE), (102, 199, timer, NONE)]
    desk.process(desk.thread(rows, [asks, sleeps], end=200, cpu=0))
    return desk.recording()


def test_a_wait_has_its_target_and_place(two_waits: Recording) -> None:
    """The service by its port, and the line of the user's own code."""
    budget = spent(two_waits, 0, 100)
    assert budget.budget == {State.WAIT_NETWORK: 100 * MS}
    (wait,) = budget.waits
    assert (wait.target, wait.file, wait.line) == ("127.0.0.1:5432 (postgresql)", "/home/me/app.py", 7)


def test_what_the_thread_did_before_and_after_is_not_in_it(two_waits: Recording) -> None:
    """Time that no look saw takes the label of what was seen in the same stretch."""
    assert set(spent(two_waits, 0, 100).budget) == {State.WAIT_NETWORK}
    assert set(spent(two_waits, 101, 200).budget) == {State.WAIT_SLEEP}


def test_computing_is_what_the_threads_clock_says(two_waits: Recording) -> None:
    """However little of it was seen."""
    budget = spent(two_waits, 0, 100, cpu=30)
    assert sum(budget.budget.get(state, 0) for state in COMPUTING) == 30 * MS
    assert budget.budget[State.WAIT_NETWORK] == 70 * MS


def test_what_was_not_observed_is_unknown(two_waits: Recording) -> None:
    """A stretch that begins before the observer came, and one of a thread that nobody saw."""
    stretch = Stretch(PID, THREAD, -100 * MS, 100 * MS, 0)
    early, elsewhere = stretches(two_waits, attribute.timeline(two_waits), [stretch, stretch._replace(native_id=77)])
    assert early.budget == {State.UNKNOWN: 100 * MS, State.WAIT_NETWORK: 100 * MS}
    assert early.seen_ns == 100 * MS
    assert elsewhere.budget == {State.UNKNOWN: 200 * MS}


@pytest.mark.parametrize("cpu", [None, 0, 13, 300])
def test_a_budget_adds_up_to_its_stretch(desk, cpu: int | None) -> None:  # type: ignore[no-untyped-def]
    """Wherever it lies, whatever its clock says."""
    timer = desk.channel("clock_nanosleep", Kind.TIMER)
    rows = [(1, 1, 0, MINE), (10, 90, timer, NONE), (95, 95, 0, MINE), (120, 180, timer, NONE)]
    desk.process(desk.thread(rows, [desk.stack(desk.place("f", 1))] * 4, end=200))
    recording = desk.recording()
    for start in range(-50, 251, 17):
        for length in (0, 1, 10, 50, 100, 200):
            budget = spent(recording, start, start + length, cpu)
            assert total_ns(budget.budget) == length * MS
            assert all(time > 0 for time in budget.budget.values())


@given(st.lists(st.integers(0, 10**12), max_size=9), st.integers(0, 10**12))
def test_shares_add_up_exactly(lengths: list[int], total: int) -> None:
    """Nothing is lost to rounding, and nothing goes to what had nothing."""
    shared = share_out(lengths, total)
    assert sum(shared) == (total if sum(lengths) else 0)
    assert all(not part for part, length in zip(shared, lengths, strict=True) if not length)


@pytest.mark.parametrize("has_stack", [True, False], ids=["by its stack", "by what it reads"])
def test_what_the_plugin_waits_for_is_no_wait_of_a_test(desk, has_stack: bool) -> None:  # type: ignore[no-untyped-def]
    """It lies beside the test, and time that no look saw would else take its label from there."""
    answer = desk.channel("read", Kind.PIPE, "/dev/shm/iobound-4711-00d03e36067a/answer")
    computes = desk.stack(desk.place("test_it", 7))
    ours = desk.place("_judge", 200, "/src/iobound/pytest_plugin/controller.py")
    waits = desk.stack(ours, desk.place("so_far", 78, "/src/iobound/pipeline/watch.py")) if has_stack else 0
    rows = [(at, at, 0, MINE) for at in range(1, 200, 7)] + [(201, 260, answer, NONE)]
    desk.process(desk.thread(rows, [*[computes] * 29, waits], end=262, cpu=190))
    budget = spent(desk.recording(), 0, 200, cpu=188)
    assert budget.waits == ()
    assert budget.budget == {State.CPU_PYTHON: 188 * MS, State.UNKNOWN: 12 * MS}


def test_a_test_may_wait_for_an_observer_of_its_own(desk) -> None:  # type: ignore[no-untyped-def]
    """Only the plugin's own frames tell that it was not the test that waited."""
    answer = desk.channel("read", Kind.PIPE, "/dev/shm/iobound-4711-00d03e36067a/answer")
    waits = desk.stack(desk.place("test_it", 7), desk.place("begin", 9, "/src/iobound/pipeline/attached.py"))
    desk.process(desk.thread([(1, 99, answer, NONE)], [waits], end=100, cpu=0))
    assert spent(desk.recording(), 0, 100).budget == {State.WAIT_IPC: 100 * MS}


def test_who_is_waited_for_is_told_and_what_it_did(desk) -> None:  # type: ignore[no-untyped-def]
    """The most active thread that was there for the test; a server that waits all the time is nobody's cause."""
    lock = desk.channel("futex", Kind.FUTEX, "0x7f")
    network = desk.channel("recvfrom", Kind.INTERNET, "10.0.0.1:80")
    other = desk.channel("recvfrom", Kind.INTERNET, "10.0.0.2:80")
    joins, asks = desk.stack(desk.place("join", 3)), desk.stack(desk.place("ask", 5))
    serves = desk.stack(desk.place("serve", 6))
    main = desk.thread([(1, 999, lock, NONE)], [joins], end=1000, cpu=0)
    helper = desk.thread([(402, 598, network, NONE)], [asks], name="asker", start=400, end=600, cpu=0)
    server = desk.thread([(1, 999, other, NONE)], [serves], name="server", end=1000, cpu=0)
    desk.process(main, helper._replace(native_id=2), server._replace(native_id=3))
    (wait,) = spent(desk.recording(), 400, 600).waits
    assert wait.state is State.WAIT_LOCK
    assert wait.behind is not None
    assert (wait.behind.state, wait.behind.target, wait.behind.who) == (
        State.WAIT_NETWORK, "10.0.0.1:80 (http)", "thread asker",
    )  # fmt: skip


def test_a_window_says_the_same_as_the_whole(desk) -> None:  # type: ignore[no-untyped-def]
    """What came long before a stretch can be left out, counters and all."""
    timer = desk.channel("clock_nanosleep", Kind.TIMER)
    network = desk.channel("recvfrom", Kind.INTERNET, "10.0.0.1:80")
    stack = desk.stack(desk.place("f", 1))
    rows = [row for at in range(0, 3000, 100) for row in ((at + 1, at + 1, 0, MINE), (at + 30, at + 98, timer, NONE))]
    rows += [(3001, 3001, 0, MINE), (3040, 3098, network, NONE)]
    desk.process(desk.thread(rows, [stack] * len(rows), end=3100))
    recording = desk.recording()
    cut = since(recording, 3000 * MS)
    assert len(cut.processes[0].threads[0].marks) < len(recording.processes[0].threads[0].marks)
    whole, part = spent(recording, 3000, 3100, cpu=35), spent(cut, 3000, 3100, cpu=35)
    assert part.budget == pytest.approx(whole.budget, abs=7 * MS)
    assert max(part.budget, key=lambda state: part.budget[state]) is State.WAIT_NETWORK


@given(st.sampled_from(State), st.integers(1, 10**9), st.integers(0, 2 * 10**9) | st.none(), st.data())
def test_a_stretch_within_one_episode_goes_to_the_same_as_in_two_parts(
    state: State, wall: int, cpu: int | None, data: st.DataObject
) -> None:
    """The short way for stretches that lie between two looks gives what the long way does."""
    first = data.draw(st.integers(0, wall))
    stretch = Stretch(PID, THREAD, 0, wall, cpu)
    lengths = _exact([(state, first), (state, wall - first)], stretch)
    whole: dict[State, int] = {}
    for each, length in zip([state, state, State.CPU_PYTHON, State.UNKNOWN], lengths, strict=True):
        if length:
            whole[each] = whole.get(each, 0) + length
    assert _of_one_state(state, stretch).budget == whole


def test_stretches_between_two_looks_and_across_them_are_told_alike(desk) -> None:  # type: ignore[no-untyped-def]
    """A thread that computes all the time: what its small stretches go to adds up to what the whole goes to."""
    computes = desk.stack(desk.place("compute", 5))
    desk.process(desk.thread([(row, row, 0, MINE) for row in range(5, 100, 7)], [computes] * 14, end=100, cpu=100))
    recording = desk.recording()
    whole = spent(recording, 0, 90, cpu=90).budget
    small: dict[State, int] = {}
    for start in range(0, 90, 2):
        for state, time in spent(recording, start, start + 2, cpu=2).budget.items():
            small[state] = small.get(state, 0) + time
    assert small == whole == {State.CPU_PYTHON: 90 * MS}
