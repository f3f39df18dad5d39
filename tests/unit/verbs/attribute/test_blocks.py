"""A block of code that has itself observed: its own thread comes first, and neither we nor a shell are in it."""

from __future__ import annotations

from typing import Any

import pytest

from iobound.model.breakdown import Breakdown
from iobound.model.recording import Gil, Kind, ThreadRecord
from iobound.model.source_facts import CallFact
from iobound.model.state import State
from iobound.verbs.attribute import breakdown, timeline

MS = 1_000_000
OWN, OTHER = 7, 8


def block(desk: Any, *threads: ThreadRecord) -> Breakdown:
    """The block of the first thread; the others have other numbers."""
    numbered = [
        thread._replace(native_id=OWN if number == 0 else OTHER + number) for number, thread in enumerate(threads)
    ]
    desk.process(*numbered)
    recording = desk.recording()._replace(own_thread=OWN)
    return breakdown(recording, timeline(recording))


def mostly(result: Breakdown) -> State:
    return max(State, key=lambda state: result.shares.get(state, 0.0))


@pytest.fixture
def waits(desk: Any) -> dict[str, int]:
    """Channels."""
    return {
        "sleep": desk.channel("clock_nanosleep", Kind.TIMER),
        "network": desk.channel("recvfrom", Kind.INTERNET, "h:80"),
        "pipe": desk.channel("read", Kind.PIPE),
        "lock": desk.channel("futex", Kind.FUTEX, "0x7f"),
        "woken": desk.channel("epoll_wait", Kind.WAKE_UP),
        "timer": desk.channel("epoll_wait", Kind.WAKE_UP_TIMER),
    }


@pytest.mark.parametrize(
    ("own", "beside", "expected"),
    [
        ("sleep", "network", State.WAIT_SLEEP),
        ("sleep", "pipe", State.WAIT_SLEEP),
        ("network", "pipe", State.WAIT_NETWORK),
        ("lock", "network", State.WAIT_NETWORK),
        ("lock", "sleep", State.WAIT_SLEEP),
        ("pipe", "lock", State.WAIT_IPC),
    ],
)
def test_threads_that_were_there_before_count_where_the_block_waits_for_them(
    desk: Any, waits: dict[str, int], own: str, beside: str, expected: State
) -> None:
    """A worker of an older pool is what the block waits for; a helper that waits for something else is not."""
    first = desk.thread([(0, 990, waits[own], 0)], end=1000, cpu=0)
    second = desk.thread([(0, 990, waits[beside], 0)], end=1000, cpu=0, name="older")
    assert mostly(block(desk, first, second)) is expected


def test_threads_that_the_block_starts_belong_to_it(desk: Any, waits: dict[str, int]) -> None:
    """As in a whole run: what a new thread waits for goes before its maker's sleep."""
    first = desk.thread([(0, 990, waits["sleep"], 0)], end=1000, cpu=0)
    new = desk.thread([(10, 990, waits["network"], 0)], start=5, end=1000, cpu=0, name="new")
    assert mostly(block(desk, first, new)) is State.WAIT_NETWORK


def test_older_threads_that_the_block_waits_for_go_before_new_ones_that_rest(desk: Any, waits: dict[str, int]) -> None:
    """What the block's own thread does decides whether it waits for others."""
    older = desk.thread([(0, 990, waits["network"], 0)], end=1000, cpu=0, name="older")
    new = desk.thread([(10, 990, waits["sleep"], 0)], start=5, end=1000, cpu=0, name="new")
    for own, expected in (("lock", State.WAIT_NETWORK), ("sleep", State.WAIT_SLEEP)):
        desk.processes.clear()
        first = desk.thread([(0, 990, waits[own], 0)], end=1000, cpu=0)
        assert mostly(block(desk, first, older, new)) is expected


def test_an_older_thread_that_computes_counts_while_the_block_rests_only(
    desk: Any, waits: dict[str, int], running: Any
) -> None:
    """A block that awaits a pool is what the pool is; one that downloads meanwhile is not."""
    for own, expected in (("sleep", State.CPU_PYTHON), ("network", State.WAIT_NETWORK)):
        desk.processes.clear()
        first = desk.thread([(0, 990, waits[own], 0)], end=1000, cpu=0)
        assert mostly(block(desk, first, desk.thread(running(0, 1000, Gil.MINE), end=1000, name="older"))) is expected


def test_without_a_block_every_thread_counts(desk: Any, waits: dict[str, int]) -> None:
    """A whole run has no thread of its own."""
    desk.process(
        desk.thread([(0, 990, waits["sleep"], 0)], end=1000, cpu=0),
        desk.thread([(0, 990, waits["network"], 0)], end=1000, cpu=0, name="other"),
    )
    recording = desk.recording()
    assert mostly(breakdown(recording, timeline(recording))) is State.WAIT_NETWORK


@pytest.mark.parametrize(
    "frames",
    [
        [("Beside._hear_more", 9, "site-packages/iobound/verbs/observe/beside.py")],
        [("__getattr__", 9, "/src/iobound/verbs/observe/__init__.py")],
        [
            ("__getattr__", 9, "/src/iobound/verbs/observe/__init__.py"),
            ("_find_and_load", 7, "<frozen importlib._bootstrap>"),
            ("FileLoader.get_data", 8, "<frozen importlib._bootstrap_external>"),
        ],
    ],
    ids=["hears", "asks for a name", "loads it"],
)
def test_waiting_for_us_is_told_as_what_is_beside_it(
    desk: Any, waits: dict[str, int], frames: list[tuple[str, int, str]]
) -> None:
    """The first and the last look may find the thread beginning or ending to have itself observed."""
    ours = desk.stack(desk.place("<module>", 1), *[desk.place(*frame) for frame in frames])
    sleeping = desk.stack(desk.place("main", 5, call=CallFact("time.sleep", "time.sleep(1)")))
    rows = [(0, 5, waits["pipe"], 0), (12, 980, waits["sleep"], 0), (987, 990, waits["pipe"], 0)]
    result = block(desk, desk.thread(rows, [ours, sleeping, ours], end=1000, cpu=0))
    assert result.shares[State.WAIT_SLEEP] == pytest.approx(1.0)
    assert {spot.line for spot in result.hotspots} == {5}


def test_waiting_for_us_has_no_line_where_there_is_no_wait_beside_it(
    desk: Any, waits: dict[str, int], running: Any
) -> None:
    """A block that only computes has such a wait, for its counters say so, but nothing of ours is in its lines."""
    ours = desk.stack(desk.place("Beside._hear_more", 9, "site-packages/iobound/verbs/observe/beside.py"))
    crunch = desk.stack(desk.place("crunch", 6))
    rows = [(0, 3, waits["pipe"], 0), *running(7, 990, Gil.MINE)]
    result = block(desk, desk.thread(rows, [ours, *[crunch] * (len(rows) - 1)], end=1000))
    assert {spot.line for spot in result.hotspots} == {6}


CELL = ("InteractiveShell.run_code", 9, "site-packages/IPython/core/interactiveshell.py")
LOOP = (("BaseEventLoop._run_once", 1, "asyncio/base_events.py"), ("Handle._run", 1, "asyncio/events.py"))


def test_a_cell_does_not_hold_up_the_loop_of_its_kernel(desk: Any, waits: dict[str, int]) -> None:
    """It runs in a callback of that loop, and runs as any program does; a task that it starts holds the loop up."""
    for frames, blocks in (([*LOOP, CELL], 0), (LOOP, 1)):
        desk.processes.clear()
        places = [desk.place(*frame) for frame in frames]
        stack = desk.stack(*places, desk.place("<module>", 3, "In[2]"))
        first = desk.thread([(0, 990, waits["sleep"], 0)], [stack], end=1000, cpu=0)
        loops = block(desk, first).event_loops
        assert sum(len(loop.blocks) for loop in loops) == blocks
        assert desk.table().entrances[stack] == ("asyncio" if blocks else "sequential")


@pytest.mark.parametrize(
    ("function", "file"),
    [
        ("Heartbeat.run", "ipykernel/heartbeat.py"),
        ("IOPubThread._thread_main", "ipykernel/iostream.py"),
        ("OutStream._watch_pipe_fd", "ipykernel/iostream.py"),
        ("BaseThread.run", "ipykernel/thread.py"),
        ("ParentPollerUnix.run", "ipykernel/parentpoller.py"),
        ("HistorySavingThread.run", "IPython/core/history.py"),
    ],
)
@pytest.mark.parametrize("wait", ["pipe", "sleep", "lock", "woken"])
def test_threads_of_a_shell_are_idle(desk: Any, waits: dict[str, int], function: str, file: str, wait: str) -> None:
    """They wait for the shell's user; the same wait in the user's own code below them counts."""
    frames = [desk.place("Thread.run", 1, "threading.py"), desk.place(function, 5, f"site-packages/{file}")]
    theirs, own = desk.stack(*frames), desk.stack(*frames, desk.place("mine", 8))
    for stack, idles in ((theirs, True), (own, False)):
        desk.processes.clear()
        desk.process(desk.thread([(0, 990, waits[wait], 0)], [stack], end=1000, cpu=0))
        recording = desk.recording()
        result = breakdown(recording, timeline(recording))
        assert (mostly(result) is State.IDLE) == idles


@pytest.mark.parametrize(("wait", "expected"), [("woken", State.IDLE), ("timer", State.WAIT_SLEEP)])
def test_awaiting_in_a_kernel_is_not_waiting_for_the_kernel(
    desk: Any, waits: dict[str, int], wait: str, expected: State
) -> None:
    """Its loop watches what wakes it up besides the cell's own sockets; elsewhere such a wake-up is a message."""
    kernel = desk.place("IPKernelApp.start", 5, "site-packages/ipykernel/kernelapp.py")
    select = [desk.place(*LOOP[0]), desk.place("EpollSelector.select", 4, "selectors.py")]
    for frames, state in (([kernel, *select], expected), (select, State.WAIT_IPC)):
        desk.processes.clear()
        first = desk.thread([(0, 990, waits[wait], 0)], [desk.stack(*frames)], end=1000, cpu=0)
        assert mostly(block(desk, first)) is state
