"""Flags are observed, states are inferred: which state a look at a thread stands for."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from iobound.model.recording import NO_STACK, Channel, Gil, Kind, Recording
from iobound.model.state import State
from iobound.verbs.attribute.frames import Frame, StackTable

STATE_OF_KIND: dict[Kind, State] = {
    Kind.INTERNET: State.WAIT_NETWORK,
    Kind.LISTENER: State.IDLE,
    Kind.UNIX_SOCKET: State.WAIT_IPC,
    Kind.PIPE: State.WAIT_IPC,
    Kind.SHARED_FUTEX: State.WAIT_IPC,
    Kind.FILE: State.WAIT_DISK,
    Kind.TERMINAL: State.WAIT_INPUT,
    Kind.STANDARD_INPUT: State.WAIT_INPUT,
    Kind.CHILD: State.WAIT_CHILD,
    Kind.TIMER: State.WAIT_SLEEP,
    Kind.EVENT_LOOP_TIMER: State.WAIT_SLEEP,
    Kind.EVENT_LOOP_IDLE: State.IDLE,
    Kind.GIL: State.WAIT_GIL,
    Kind.FUTEX: State.WAIT_LOCK,
    Kind.TIMED_FUTEX: State.WAIT_LOCK,
    Kind.WAKE_UP: State.WAIT_IPC,
    Kind.WAKE_UP_TIMER: State.WAIT_IPC,
    Kind.PAUSED: State.UNKNOWN,
    Kind.UNKNOWN: State.UNKNOWN,
}

STATE_OF_CATEGORY: dict[str, State] = {
    "network": State.WAIT_NETWORK,
    "dns": State.WAIT_NETWORK,
    "database": State.WAIT_NETWORK,
    "disk": State.WAIT_DISK,
    "sleep": State.WAIT_SLEEP,
    "lock": State.WAIT_LOCK,
    "subprocess": State.WAIT_CHILD,
    "stdin": State.WAIT_INPUT,
}

STATE_OF_METHOD: dict[str, State] = {
    **dict.fromkeys(("recv", "recv_into", "recvfrom", "recvmsg", "sendall", "sendmsg", "sendto"), State.WAIT_NETWORK),
    **dict.fromkeys(("accept", "connect", "do_handshake"), State.WAIT_NETWORK),
    **dict.fromkeys(("acquire", "__enter__"), State.WAIT_LOCK),
    **dict.fromkeys(("fsync", "flush", "readinto", "execute", "executemany", "commit", "fetchall"), State.WAIT_DISK),
}
"""What a call is taken to wait for by its name alone, when it is known to have been blocked and the receiver's type is
not: only names that hardly anything else in a blocked thread bears."""

_WOKEN = {Kind.WAKE_UP: State.IDLE, Kind.WAKE_UP_TIMER: State.WAIT_SLEEP}
"""What it means in the loop of a shell, where the other threads bring nothing but what its user types."""

_OPAQUE = frozenset(
    {Kind.FUTEX, Kind.TIMED_FUTEX, Kind.PIPE, Kind.SHARED_FUTEX, Kind.UNIX_SOCKET, Kind.UNKNOWN, *_WOKEN}
)
"""Kinds that say how a thread is blocked but not what for: its Python frames may know better."""

MEANING_OF_FRAME: dict[Frame, State] = {
    ("concurrent/futures/thread.py", "_worker"): State.IDLE,
    ("concurrent/futures/process.py", "_process_worker"): State.IDLE,
    ("concurrent/futures/process.py", "_ExecutorManagerThread.run"): State.IDLE,
    ("joblib/externals/loky/process_executor.py", "_process_worker"): State.IDLE,
    ("joblib/externals/loky/process_executor.py", "_ExecutorManagerThread.run"): State.IDLE,
    ("multiprocessing/pool.py", "worker"): State.IDLE,
    ("multiprocessing/pool.py", "Pool._handle_workers"): State.IDLE,
    ("multiprocessing/pool.py", "Pool._handle_tasks"): State.IDLE,
    ("multiprocessing/pool.py", "Pool._handle_results"): State.IDLE,
    ("multiprocessing/queues.py", "Queue._feed"): State.IDLE,
    ("multiprocessing/resource_tracker.py", "main"): State.IDLE,
    ("multiprocessing/forkserver.py", "main"): State.IDLE,
    ("multiprocessing/managers.py", "Server.serve_forever"): State.IDLE,
    ("multiprocessing/managers.py", "Server.accepter"): State.IDLE,
    ("multiprocessing/managers.py", "Server.serve_client"): State.IDLE,
    ("logging/handlers.py", "QueueListener._monitor"): State.IDLE,
    ("socketserver.py", "BaseServer.serve_forever"): State.IDLE,
    ("threading.py", "Timer.run"): State.WAIT_SLEEP,
    ("subprocess.py", "Popen.communicate"): State.WAIT_CHILD,
    ("subprocess.py", "Popen.wait"): State.WAIT_CHILD,
    ("multiprocessing/process.py", "BaseProcess.join"): State.WAIT_CHILD,
    ("asyncio/base_events.py", "BaseEventLoop._run_once"): State.WAIT_NETWORK,
}
"""What it means to be blocked directly below a frame of the standard library.

The last line holds for recordings without system calls only, where an event loop's wait has no better name.
"""

SURROUNDINGS: frozenset[Frame] = frozenset(
    {
        ("ipykernel/heartbeat.py", "Heartbeat.run"),
        ("ipykernel/iostream.py", "IOPubThread._thread_main"),
        ("ipykernel/iostream.py", "OutStream._watch_pipe_fd"),
        ("ipykernel/parentpoller.py", "ParentPollerUnix.run"),
        ("ipykernel/thread.py", "BaseThread.run"),
        ("IPython/core/history.py", "HistorySavingThread.run"),
    }
)
"""Outermost frames of threads that a shell has of its own: they wait for its user, not for what is run in it."""

_SHELL: Frame = ("ipykernel/kernelapp.py", "IPKernelApp.start")
"""The loop that cells run in, and that they hand over to while they await."""

_FETCHES_WORK: frozenset[Frame] = frozenset(
    {
        ("concurrent/futures/process.py", "_process_worker"),
        ("joblib/externals/loky/process_executor.py", "_process_worker"),
        ("multiprocessing/pool.py", "worker"),
    }
)
"""Of these only the waits for a next task are idle; they also wait to hand back results."""

_SELECTORS = frozenset({"epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select", "pselect6"})
"""System calls that wait for whatever comes first."""

_RESOLVER: frozenset[str] = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_TIMED_WAITS: frozenset[Frame] = frozenset({("threading.py", "Event.wait"), ("threading.py", "Condition.wait")})
_LITERAL_TIMEOUT = r"\.wait\(\s*(?:timeout\s*=\s*)?(\d+(?:\.\d*)?|\.\d+)\s*\)$"
_ENOUGH_SPELLS = 3


def _awaits_work(channel: Channel) -> bool:
    return channel.kind in (Kind.FUTEX, Kind.TIMED_FUTEX) or channel.call in _SELECTORS


class StateRules:
    """Answers what state a look stands for; remembers answers, for the same look comes again and again."""

    def __init__(self, recording: Recording, table: StackTable) -> None:
        self._table = table
        self._channels = recording.channels
        self._gil_enabled = recording.interpreter.gil_enabled
        self._answers: dict[tuple[int, int, bool, bool], State] = {}

    def running(self, gil: int, stack: int, *, python: bool) -> State | None:
        """State of a thread that was not blocked; None when neither the GIL nor the leaf call tells.

        Args:
            gil: A `Gil` value.
            stack: Its stack, `NO_STACK` when not known.
            python: Whether its process runs Python.
        """
        if not python:
            return State.CPU_NATIVE
        if gil == Gil.MINE:
            return State.CPU_PYTHON
        if gil in (Gil.OTHER, Gil.FREE):
            return State.CPU_NATIVE
        releases = self._leaf_releases(stack)
        if releases is None:  # before a process was known to be Python its looks say that there is no GIL: it starts up
            return None if self._gil_enabled and gil != Gil.NONE else State.CPU_PYTHON
        return State.CPU_NATIVE if releases else State.CPU_PYTHON

    def blocked(self, channel: int, stack: int, *, native_thread: bool, timed_out: bool) -> State:
        """State of a thread that was blocked on a channel.

        Args:
            channel: Index into the recording's channels.
            stack: Its stack, `NO_STACK` when not known.
            native_thread: The thread never ran Python although others of its process were seen to: a worker of a
                native library. What it waits for in a futex or a selector is work, whoever sends it: a Python thread
                that needs the result waits for it on its own account.
            timed_out: Its wait is known to have ended by its time-out.
        """
        key = (channel, stack, native_thread, timed_out)
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = self._infer(self._channels[channel], stack, native_thread, timed_out)
        return known

    def _infer(self, channel: Channel, stack: int, native_thread: bool, timed_out: bool) -> State:
        if channel.kind is not Kind.GIL and self._resolves_a_name(stack):
            return State.WAIT_NETWORK
        state = STATE_OF_KIND[channel.kind]
        if native_thread and stack == NO_STACK and _awaits_work(channel):
            return State.IDLE
        if self._is_in(SURROUNDINGS, stack):
            return State.IDLE
        if channel.kind in _WOKEN and self._is_in({_SHELL}, stack):
            return _WOKEN[channel.kind]
        if channel.kind not in _OPAQUE:
            return state
        meant = self._meaning(stack)
        if channel.kind is Kind.UNKNOWN:
            by_call = self._category(stack)
            return next((found for found in (meant, by_call) if found is not None), State.UNKNOWN)
        if meant is None or meant is State.WAIT_NETWORK:
            return State.WAIT_SLEEP if timed_out else state
        return meant

    def _is_in(self, machinery: Container[Frame], stack: int) -> bool:
        """Whether a stack is in one of these frames, and not in the user's code."""
        frames = self._table.frames
        if self._table.has_users_code(stack):
            return False
        return any(frames[place] in machinery for place in self._table.inward_out(stack))

    def _meaning(self, stack: int) -> State | None:
        """What the library frames inside the user's own code say."""
        inner: Frame | None = None
        for place in self._table.inward_out(stack):
            frame = self._table.frames[place]
            if not frame[0]:
                return None
            meaning = MEANING_OF_FRAME.get(frame)
            if meaning is not None:
                fetching = inner is None or inner[1].endswith(".get")
                return meaning if frame not in _FETCHES_WORK or fetching else None
            inner = frame
        return None

    def _category(self, stack: int) -> State | None:
        """What the innermost call that the catalogue knows waits for."""
        for place in self._table.inward_out(stack):
            fact = self._table.facts.calls.get(place)
            state = STATE_OF_CATEGORY.get(fact.category or "") if fact else None
            if state is not None:
                return state
        fact = self._table.facts.calls.get(self._table.leaf(stack))
        return STATE_OF_METHOD.get(fact.name.rpartition(".")[2]) if fact and "." in fact.name else None

    def _resolves_a_name(self, stack: int) -> bool:
        leaf = self._table.leaf(stack)
        if leaf < 0:
            return False
        fact = self._table.facts.calls.get(leaf)
        if fact is not None and (fact.category == "dns" or fact.name in _RESOLVER):
            return True
        return self._table.frames[leaf] == ("socket.py", "getaddrinfo")

    def _leaf_releases(self, stack: int) -> bool | None:
        fact = self._table.facts.calls.get(self._table.leaf(stack))
        if fact is None or fact.gil not in ("releases", "holds", "python"):
            return None
        return fact.gil == "releases"

    def ran_into_time_out(self, stack: int, spells: Sequence[int], period: int) -> bool:
        """Whether timed waits at a stack ended by their time-out and not because somebody woke them.

        Args:
            stack: Where the waits were.
            spells: How long each was seen to last, in nanoseconds, up to two periods short.
            period: Between looks, in nanoseconds.

        Assumes:
            A wait that somebody ends is not of constant length; when too few were seen to tell, it was a lock.
        """
        if not spells or not any(self._table.frames[place] in _TIMED_WAITS for place in self._table.inward_out(stack)):
            return False
        fact = self._table.facts.calls.get(self._table.users_place(stack))
        literal = re.search(_LITERAL_TIMEOUT, fact.text) if fact else None
        if literal:
            limit = int(float(literal.group(1)) * 1e9)
            reached = sum(limit - 3 * period <= spell <= limit + period for spell in spells)
            return 2 * reached > len(spells)
        alike = max(spells) - min(spells) <= 3 * period
        return len(spells) >= _ENOUGH_SPELLS and alike and min(spells) > 4 * period
