"""How long callbacks keep an event loop from its selector."""

from __future__ import annotations

from array import array
from typing import Any

import pytest

from iobound.model.breakdown import EventLoop, LoopBlock
from iobound.model.calls import FunctionCalls
from iobound.model.recording import Gil, Kind
from iobound.model.source_facts import CallFact
from iobound.model.state import State
from iobound.verbs.attribute import breakdown, timeline
from iobound.verbs.attribute.event_loops import of_function

MS = 1_000_000
Rows = list[tuple[int, int, int, int]]


@pytest.fixture
def loop(desk: Any) -> Any:
    """Stacks of a loop: selecting, in a callback that sleeps, in one that computes; and two channels."""
    run = [
        desk.place("<module>", 30, call=CallFact("asyncio.run", "asyncio.run(main())")),
        desk.place("BaseEventLoop._run_once", 1, "asyncio/base_events.py"),
    ]
    call = desk.place("Handle._run", 1, "asyncio/events.py")
    desk.selecting = desk.stack(*run, desk.place("EpollSelector.select", 1, "selectors.py"))
    desk.sleeping = desk.stack(*run, call, desk.place("serve", 11, call=CallFact("time.sleep", "time.sleep(1)")))
    desk.computing = desk.stack(*run, call, desk.place("crunch", 21))
    desk.epoll = desk.channel("epoll_wait", Kind.INTERNET, "h:80")
    desk.timer = desk.channel("clock_nanosleep", Kind.TIMER)
    return desk


def observed(desk: Any, rows: Rows, stacks: list[int], end: int) -> EventLoop:
    desk.process(desk.thread(rows, stacks, end=end))
    recording = desk.recording()
    (found,) = breakdown(recording, timeline(recording)).event_loops
    return found


def test_a_blocking_call_in_a_callback(loop: Any) -> None:
    """Half a second of `time.sleep` is one block, at its line; the selector's wait is none."""
    rows = [(0, 994, loop.epoll, 0), (1001, 1495, loop.timer, 0), (1502, 1995, loop.epoll, 0)]
    found = observed(loop, rows, [loop.selecting, loop.sleeping, loop.selecting], 2000)
    (block,) = found.blocks
    assert (block.line, block.call, block.state) == (11, "time.sleep", State.WAIT_SLEEP)
    assert block.duration_ns == found.longest_ns == found.blocked_ns == pytest.approx(497 * MS, abs=12 * MS)
    assert found.selecting_ns == pytest.approx(1500 * MS, abs=15 * MS)


def test_callbacks_that_were_not_seen_to_end_are_one_block(loop: Any) -> None:
    """Little computing between two waits of the same callback, which no look saw, does not show that it ended."""
    importing = loop.stack(loop.place("<module>", 1))
    seen = [(0, 0, 0, int(Gil.MINE)), (14, 14, 0, int(Gil.MINE))]
    waits = [(100 + turn * 60, 150 + turn * 60, loop.timer, 0) for turn in range(10)]
    loop.process(loop.thread([*seen, *waits], [importing] * 2 + [loop.sleeping] * 10, end=710, cpu=130))
    recording = loop.recording()
    (found,) = breakdown(recording, timeline(recording)).event_loops
    assert 600 * MS <= found.blocked_ns <= 690 * MS
    assert len(found.blocks) == 1


def test_a_server_beside_the_program_waits_on_its_own_account(loop: Any) -> None:
    """A helper's loop that waits for requests is not what the run waits for while the main process downloads."""
    download = loop.stack(loop.place("main", 40))
    recv = loop.channel("recvfrom", Kind.INTERNET, "h:80")
    loop.process(loop.thread([(0, 1995, recv, 0)], [download], end=2000))
    loop.process(loop.thread([(0, 1995, loop.epoll, 0)], [loop.selecting], end=2000))
    recording = loop.recording()
    (found,) = breakdown(recording, timeline(recording)).event_loops
    assert found.selecting_ns == 0


def test_a_callback_that_computes_for_long(loop: Any) -> None:
    """Computing keeps the loop from its selector as much as waiting does."""
    busy = [(time, time, 0, int(Gil.MINE)) for time in range(500, 800, 7)]
    rows = [(0, 496, loop.epoll, 0), *busy, (803, 1290, loop.epoll, 0)]
    found = observed(loop, rows, [loop.selecting, *([loop.computing] * len(busy)), loop.selecting], 1300)
    (block,) = found.blocks
    assert (block.line, block.state) == (21, State.CPU_PYTHON)
    assert block.duration_ns == pytest.approx(300 * MS, abs=15 * MS)


@pytest.mark.parametrize(("times", "told"), [(3, 0), (8, 8)])
def test_short_blocks_are_told_when_they_recur(loop: Any, times: int, told: int) -> None:
    """One callback of 40 ms is nothing; the same one again and again is."""
    rows: Rows = []
    stacks: list[int] = []
    for turn in range(times):
        start = turn * 200
        rows += [(start, start + 140, loop.epoll, 0), (start + 147, start + 187, loop.timer, 0)]
        stacks += [loop.selecting, loop.sleeping]
    assert len(observed(loop, rows, stacks, times * 200).blocks) == told


def test_a_forked_worker_is_not_in_its_parents_event_loop(loop: Any) -> None:
    """The frames of the loop that started it are still outside of the worker's own."""
    run = [
        loop.place("<module>", 30),
        loop.place("BaseEventLoop._run_once", 1, "asyncio/base_events.py"),
        loop.place("Handle._run", 1, "asyncio/events.py"),
        loop.place("Popen._launch", 60, "multiprocessing/popen_fork.py"),
        loop.place("BaseProcess._bootstrap", 300, "multiprocessing/process.py"),
        loop.place("crunch", 21),
    ]
    rows = [(time, time, 0, int(Gil.MINE)) for time in range(0, 1000, 7)]
    loop.process(loop.thread([(0, 994, loop.epoll, 0)], [loop.selecting], end=1000))
    loop.process(loop.thread(rows, [loop.stack(*run)] * len(rows), end=1000))
    recording = loop.recording()
    (found,) = breakdown(recording, timeline(recording)).event_loops
    assert (found.process, found.blocked_ns) == (0, 0)


def test_a_loop_says_which_process_it_is_in_and_what_the_run_waited_for_in_it(loop: Any) -> None:
    """The main process waits for a worker whose loop sleeps: the sleeping is the run's. In a helper's it is not."""
    child = loop.channel("wait4", Kind.CHILD)
    for _ in range(2):
        main = loop.channel("recvfrom", Kind.INTERNET, "h:80") if loop.processes else child
        loop.processes.clear()
        loop.process(loop.thread([(0, 1995, main, 0)], end=2000, cpu=0))
        loop.process(loop.thread([(0, 1995, loop.timer, 0)], [loop.sleeping], end=2000, cpu=0))
        recording = loop.recording()
        (found,) = breakdown(recording, timeline(recording)).event_loops
        assert found.process == 1
        assert found.blocked_ns == pytest.approx(2000 * MS, abs=10 * MS)
        assert found.waiting_ns == pytest.approx(2000 * MS if main == child else 0, abs=10 * MS)


def test_imports_in_a_callback_are_told_as_such(loop: Any) -> None:
    """Modules that are loaded in a callback hold the loop up once, and cannot be awaited."""
    stack = loop.stack(
        loop.place("BaseEventLoop._run_once", 1, "asyncio/base_events.py"),
        loop.place("Handle._run", 1, "asyncio/events.py"),
        loop.place("start", 5),
        loop.place("_find_and_load", 9, "<frozen importlib._bootstrap>"),
    )
    rows = [(time, time, 0, int(Gil.MINE)) for time in range(0, 300, 7)]
    found = observed(loop, [*rows, (301, 995, loop.epoll, 0)], [stack] * len(rows) + [loop.selecting], 1000)
    assert [block.importing for block in found.blocks] == [True]
    assert found.waiting_ns == 0


def test_a_block_on_a_busy_machine_is_what_the_program_did(loop: Any) -> None:
    """The callback stood in line for a CPU for longer than it slept: that says nothing of the program."""
    rows = [
        (0, 494, loop.epoll, 0),
        (501, 601, loop.timer, 0),
        (900, 900, 0, int(Gil.MINE)),
        (905, 1390, loop.epoll, 0),
    ]
    stacks = [loop.selecting, loop.sleeping, loop.sleeping, loop.selecting]
    thread = loop.thread(rows, stacks, end=1400, cpu=12, queued=290)
    thread.marks.queued[2:] = array("q", [290 * MS] * 2)
    thread.marks.cpu[:] = array("q", [0, 2 * MS, 8 * MS, 12 * MS])
    loop.process(thread)
    recording = loop.recording()
    (found,) = breakdown(recording, timeline(recording)).event_loops
    (block,) = found.blocks
    assert block.duration_ns > 350 * MS
    assert (block.line, block.state) == (11, State.WAIT_SLEEP)


def test_a_library_that_holds_the_loop_up_stands_at_its_own_line(loop: Any) -> None:
    """What started the loop, far outside of the callback, holds nothing up."""
    run = [
        loop.place("<module>", 30, call=CallFact("asyncio.run", "asyncio.run(main())")),
        loop.place("BaseEventLoop._run_once", 1, "asyncio/base_events.py"),
        loop.place("Handle._run", 1, "asyncio/events.py"),
        loop.place("answer", 77, "/usr/lib/python3.11/site-packages/server/http.py"),
        loop.place("Condition.wait", 320, "/usr/lib/python3.11/threading.py"),
    ]
    rows = [(0, 994, loop.epoll, 0), (1001, 1495, loop.timer, 0), (1502, 1995, loop.epoll, 0)]
    found = observed(loop, rows, [loop.selecting, loop.stack(*run), loop.selecting], 2000)
    assert [(block.file[-14:], block.line) for block in found.blocks] == [("server/http.py", 77)]


CALLS = FunctionCalls(
    name="m:serve", file="m.py", function="serve", first_line=1, kind="coroutine", calls=4, nested=0, failed=0,
    wall_ns=400 * MS, cpu_ns=0, busy_ns=400 * MS, longest_ns=100 * MS, first_ns=2000 * MS, last_ns=2800 * MS,
    most_at_once=1, threads=1, processes=1,
)  # fmt: skip


@pytest.mark.parametrize(
    ("stack", "start", "blocked"),
    [
        (5, 1500, 300),  # the function's own blocks are its calls'
        (6, 1500, 150),  # of others', the part in which calls are under way
        (5, 100, 0),  # before the first call
        (5, 1900, 0),  # after the last one
        (5, 800, 100),  # what lies before the first call is cut off
    ],
)
def test_calls_are_held_up_by_what_holds_the_loop_up_meanwhile(stack: int, start: int, blocked: int) -> None:
    block = LoopBlock(start * MS, 300 * MS, State.WAIT_SLEEP, "m.py", 2, "serve", "time.sleep", stack=stack)
    loop = EventLoop("MainThread", 300 * MS, 300 * MS, (block,), selecting_ns=9000 * MS, waiting_ns=300 * MS)
    found = of_function(loop, CALLS, 1000 * MS, {5})
    assert found.blocked_ns == blocked * MS
    assert found.selecting_ns == CALLS.busy_ns


def test_calls_are_not_held_up_for_longer_than_they_last() -> None:
    """Blocks are as long as looks say, calls are timed."""
    block = LoopBlock(1000 * MS, 500 * MS, State.WAIT_SLEEP, "m.py", 2, "serve", "time.sleep", stack=5)
    loop = EventLoop("MainThread", 500 * MS, 500 * MS, (block,), waiting_ns=500 * MS)
    assert of_function(loop, CALLS, 1000 * MS, {5}).blocked_ns == CALLS.busy_ns


def test_imports_leave_the_blocks_of_calls_as_long_as_they_are() -> None:
    """Four seconds of somebody's imports count for as much as calls were under way, and no more is taken off."""
    imports = LoopBlock(1000 * MS, 700 * MS, State.CPU_PYTHON, "lib.py", 9, "load", "", importing=True, stack=6)
    sleeps = LoopBlock(1800 * MS, 100 * MS, State.WAIT_SLEEP, "m.py", 2, "serve", "time.sleep", stack=5)
    loop = EventLoop("MainThread", 0, 0, (), waiting_ns=500 * MS).with_blocks([imports, sleeps])
    found = of_function(loop, CALLS._replace(last_ns=3000 * MS), 1000 * MS, {5})
    assert found.blocked_ns == (280 + 100) * MS
    assert found.without_imports().blocked_ns == 100 * MS


def test_of_blocks_of_others_as_much_counts_as_calls_were_under_way() -> None:
    """Two of two seconds of another endpoint's are less than the function's own half, where it is seldom called."""
    other = LoopBlock(1000 * MS, 1000 * MS, State.WAIT_NETWORK, "m.py", 40, "other", "requests.get", stack=6)
    own = LoopBlock(2000 * MS, 300 * MS, State.WAIT_SLEEP, "m.py", 2, "serve", "time.sleep", stack=5)
    loop = EventLoop("MainThread", 0, 0, (), waiting_ns=500 * MS).with_blocks([other, own])
    found = of_function(loop, CALLS._replace(last_ns=6000 * MS), 1000 * MS, {5})
    assert found.blocked_ns == sum(block.counted_ns for block in found.blocks) == 400 * MS
    assert found.worst is not None and found.worst.line == 2
    assert found.longest_ns <= found.blocked_ns


def test_a_block_is_what_most_of_it_was(loop: Any) -> None:
    """Ten short sleeps are more than a longer computation."""
    seen = [(start, start + 20, loop.timer, 0) for start in range(14, 500, 28)]
    computed = [(520 + 7 * turn, 520 + 7 * turn, 0, int(Gil.MINE)) for turn in range(9)]
    rows = [(0, 5, loop.epoll, 0), *seen, *computed, (590, 800, loop.epoll, 0)]
    stacks = [loop.selecting, *[loop.sleeping] * len(seen), *[loop.computing] * len(computed), loop.selecting]
    loop.process(loop.thread(rows, stacks, end=805))
    recording = loop.recording()
    (found,) = breakdown(recording, timeline(recording)).event_loops
    assert found.blocks[0].state is State.WAIT_SLEEP
