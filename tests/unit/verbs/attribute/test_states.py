"""What state a look stands for."""

from __future__ import annotations

from typing import Any

import pytest

from iobound.model.recording import NO_STACK, Gil, Kind
from iobound.model.source_facts import CallFact
from iobound.model.state import State
from iobound.verbs.attribute.states import STATE_OF_KIND, StateRules


def rules(desk: Any) -> StateRules:
    recording = desk.recording()
    return StateRules(recording, desk.table())


def blocked(desk: Any, kind: Kind, stack: int = NO_STACK, **more: bool) -> State:
    options = {"native_thread": False, "timed_out": False, **more}
    channel = desk.channel("call", kind)
    return rules(desk).blocked(channel, stack, **options)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_state(desk: Any, kind: Kind) -> None:
    """A channel's kind alone gives a state, unknown only for what is unknown."""
    assert blocked(desk, kind) is STATE_OF_KIND[kind]
    assert (STATE_OF_KIND[kind] is State.UNKNOWN) == (kind in (Kind.UNKNOWN, Kind.PAUSED))


@pytest.mark.parametrize(
    ("gil", "python", "state"),
    [
        (Gil.MINE, True, State.CPU_PYTHON),
        (Gil.OTHER, True, State.CPU_NATIVE),
        (Gil.FREE, True, State.CPU_NATIVE),
        (Gil.NONE, False, State.CPU_NATIVE),
        (Gil.UNKNOWN, False, State.CPU_NATIVE),
        (Gil.UNKNOWN, True, None),
        (Gil.NONE, True, State.CPU_PYTHON),
    ],
)
def test_who_has_the_gil_tells_python_from_native(desk: Any, gil: Gil, python: bool, state: State | None) -> None:
    """A running thread that holds the GIL runs Python; nobody knows when neither GIL nor leaf tells."""
    assert rules(desk).running(gil, NO_STACK, python=python) is state


@pytest.mark.parametrize(
    ("says", "state"), [("releases", State.CPU_NATIVE), ("holds", State.CPU_PYTHON), ("python", State.CPU_PYTHON)]
)
def test_the_leaf_call_tells_where_the_gil_does_not(desk: Any, says: str, state: State) -> None:
    """Without GIL flags the catalogue's word on the leaf call counts."""
    stack = desk.stack(desk.place("main", 3, call=CallFact("zlib.compress", "compress(x)", gil=says)))
    assert rules(desk).running(Gil.UNKNOWN, stack, python=True) is state


def test_free_threaded_python_computes_python(desk: Any) -> None:
    """Where there is no GIL to hold, running code is Python code unless the leaf is known to be native."""
    desk.gil_enabled = False
    assert rules(desk).running(Gil.NONE, NO_STACK, python=True) is State.CPU_PYTHON


@pytest.mark.parametrize(
    ("frames", "kind", "state"),
    [
        ([("concurrent/futures/thread.py", "_worker")], Kind.FUTEX, State.IDLE),
        (
            [("multiprocessing/pool.py", "worker"), ("multiprocessing/queues.py", "SimpleQueue.get")],
            Kind.SHARED_FUTEX,
            State.IDLE,
        ),
        (
            [("multiprocessing/pool.py", "worker"), ("multiprocessing/queues.py", "SimpleQueue.put")],
            Kind.PIPE,
            State.WAIT_IPC,
        ),
        ([("multiprocessing/queues.py", "Queue.get")], Kind.PIPE, State.WAIT_IPC),
        ([("queue.py", "Queue.get"), ("threading.py", "Condition.wait")], Kind.FUTEX, State.WAIT_LOCK),
        ([("subprocess.py", "Popen.communicate")], Kind.PIPE, State.WAIT_CHILD),
        ([("threading.py", "Timer.run"), ("threading.py", "Event.wait")], Kind.TIMED_FUTEX, State.WAIT_SLEEP),
        ([("socket.py", "getaddrinfo")], Kind.FILE, State.WAIT_NETWORK),
        ([("concurrent/futures/thread.py", "_worker")], Kind.INTERNET, State.WAIT_NETWORK),
    ],
)
def test_library_frames_say_what_an_opaque_wait_is_for(
    desk: Any, frames: list[tuple[str, str]], kind: Kind, state: State
) -> None:
    """A futex or pipe in a pool's worker that waits for work is idleness; a socket stays a socket."""
    places = [desk.place(function, 7, file) for file, function in frames]
    stack = desk.stack(desk.place("main", 3), *places)
    assert blocked(desk, kind, stack) is state


def test_users_code_ends_the_search(desk: Any) -> None:
    """A lock in a function that a pool runs is a lock, although a pool's frames are further out."""
    worker = desk.place("_worker", 7, "concurrent/futures/thread.py")
    stack = desk.stack(worker, desk.place("task", 3))
    assert blocked(desk, Kind.FUTEX, stack) is State.WAIT_LOCK


@pytest.mark.parametrize(
    ("category", "state"),
    [
        ("network", State.WAIT_NETWORK),
        ("database", State.WAIT_NETWORK),
        ("disk", State.WAIT_DISK),
        ("sleep", State.WAIT_SLEEP),
        ("subprocess", State.WAIT_CHILD),
        ("stdin", State.WAIT_INPUT),
        ("cpu-python", State.UNKNOWN),
    ],
)
def test_without_system_calls_the_catalogue_decides(desk: Any, category: str, state: State) -> None:
    """In portable recordings a blocked thread's innermost known call says what it waits for."""
    known = desk.place("main", 3, call=CallFact("some.call", "call()", category=category))
    stack = desk.stack(known, desk.place("inner", 9, "somewhere.py"))
    assert blocked(desk, Kind.UNKNOWN, stack) is state


def test_threads_of_native_libraries_idle(desk: Any) -> None:
    """A thread that never ran Python and sits on a futex waits for work."""
    assert blocked(desk, Kind.FUTEX, native_thread=True) is State.IDLE
    assert blocked(desk, Kind.FILE, native_thread=True) is State.WAIT_DISK


def test_threads_of_native_libraries_that_wait_in_a_selector_idle(desk: Any) -> None:
    """They wait for whatever comes first; a read from one socket is a wait for its peer, and Python's selectors are."""
    selecting, reading = (desk.channel(call, Kind.INTERNET, "h:80") for call in ("epoll_wait", "recvfrom"))
    found = rules(desk)
    assert found.blocked(selecting, NO_STACK, native_thread=True, timed_out=False) is State.IDLE
    assert found.blocked(reading, NO_STACK, native_thread=True, timed_out=False) is State.WAIT_NETWORK
    assert found.blocked(selecting, NO_STACK, native_thread=False, timed_out=False) is State.WAIT_NETWORK


MS = 1_000_000


@pytest.mark.parametrize(
    ("text", "spells", "timed_out"),
    [
        ("stop.wait(0.5)", [497, 495], True),
        ("stop.wait(timeout=0.5)", [120, 497, 40], False),
        ("stop.wait(pause)", [496, 498, 495], True),
        ("stop.wait(pause)", [496, 498], False),
        ("stop.wait(pause)", [496, 120, 40], False),
    ],
)
def test_waits_that_ran_into_their_time_out(desk: Any, text: str, spells: list[int], timed_out: bool) -> None:
    """The time-out in the source, or waits of one length, tell a sleep from a lock."""
    user = desk.place("main", 3, call=CallFact("threading.Event.wait", text))
    stack = desk.stack(user, desk.place("Event.wait", 5, "threading.py"))
    assert rules(desk).ran_into_time_out(stack, [spell * MS for spell in spells], 7 * MS) is timed_out
    assert blocked(desk, Kind.TIMED_FUTEX, stack, timed_out=timed_out) is (
        State.WAIT_SLEEP if timed_out else State.WAIT_LOCK
    )
