"""Watched processes and threads: what is looked at, and what was seen there last."""

from __future__ import annotations

import os
from typing import Protocol

from iobound.model.recording import RUNNING, Gil, Kind
from iobound.observe.agent_reader import AgentReader
from iobound.observe.collector import Collector, ProcessNotes, ThreadNotes
from iobound.observe.layouts import Layouts
from iobound.observe.python_stacks import PythonStacks
from iobound.observe.sources import linux_proc
from iobound.observe.sources.channels import ChannelReader, command_of
from iobound.observe.sources.gil_memory import DEFAULT_INTERVAL_US, GilLocation, GilReader, find_gil, find_known

_KEPT_OPEN = 2000
_FORGOTTEN = -1
_CALM = 8
"""Looks that must find a thread unmoved before it is looked at less often than others, and only among many."""
_CALM_THREADS_A_LOOK = 32
_LISTINGS_TO_GREET = 40  # a second
_TRIES_AS_NEW = 3
_NAMED_BY_COMM = (3, 14)  # since then the kernel knows the beginning of a thread's name
_COMM_BYTES = 15
_LOST = 5  # looks in a row that could not read who has the GIL: the memory is that of a program that is gone


class ThreadSource(Protocol):
    """Port: what can be seen of one thread from outside."""

    native_id: int

    def counters(self) -> bytes:
        """Nanoseconds on a CPU, nanoseconds queued for one, and how often; OSError or empty when it is gone."""

    def syscall(self) -> bytes:
        """`running`, or number and arguments of the call that it is blocked in; empty when it cannot be read."""

    def close(self) -> None:
        """Let go of it; may be called twice."""


class ProcessSource(Protocol):
    """Port: what can be seen of one process from outside."""

    pid: int

    def cpu_ns(self) -> int | None:
        """CPU time of all its threads, those that have ended too; None when it is gone."""

    def threads(self) -> list[int]:
        """Native ids of its threads; empty when it is gone."""

    def thread(self, native_id: int, *, keep_open: bool) -> ThreadSource:
        """One thread of it; OSError when that is gone."""

    def image(self) -> str:
        """The file that it executes; empty when it cannot be read."""

    def counters(self) -> linux_proc.ProcessCounters:
        """Counters of the whole process; what cannot be read any more keeps the value that is known."""


class GilSource(Protocol):
    """Port: who holds the GIL of one process."""

    location: GilLocation

    def holder(self) -> int | None:
        """Native id of the thread that holds it; 0 when it is free, None when that cannot be told."""

    def is_in_gil(self, address: int) -> bool:
        """Whether a futex at the address belongs to it."""

    def forget_threads(self) -> None:
        """Threads have come or gone: what is remembered of them may be wrong."""


class WatchedThread:
    """One thread: its files, and what the last look found."""

    __slots__ = (
        "calm",
        "channel",
        "files",
        "named",
        "notes",
        "passed_over",
        "queued",
        "raw",
        "stackless",
        "tries_as_new",
    )

    def __init__(self, files: ThreadSource, notes: ThreadNotes) -> None:
        self.files = files
        self.notes = notes
        self.raw = b""
        self.channel = _FORGOTTEN
        self.queued = False  # woken, but not on a CPU since
        self.stackless = True  # no look at its stack since it got where it is
        self.named = False
        self.tries_as_new = _TRIES_AS_NEW
        self.calm = 0  # looks in a row that found it unmoved
        self.passed_over = False  # the last look at its process left it out

    def has_moved(self) -> bool:
        """Whether it has run since its counters were taken in."""
        try:
            return self.files.counters() != self.raw
        except OSError:
            return True

    def count(self, raw: bytes) -> None:
        """Take in the counters."""
        fields = raw.split()
        self.notes.cpu_ns = int(fields[0])
        self.notes.queued_ns = int(fields[1])
        self.raw = raw

    def was_still(self, now: int, looks: int = 1) -> None:
        """It has not moved since its last mark, as so many looks have found."""
        self.calm += 1
        marks = self.notes.marks
        if marks.time:
            marks.still[-1] = now
            marks.looks[-1] += looks


class WatchedProcess:
    """One process: its threads, its GIL and its agent.

    Args:
        files: What can be seen of it.
        birth: What tells it from another of that number.
        collector: Where what is seen goes.
        notes: Its own notes there.
        is_main: Whether it is the target itself.
        may_have_agent: Whether one of its threads may be an agent's.
    """

    def __init__(
        self,
        files: ProcessSource,
        birth: linux_proc.Birth,
        collector: Collector,
        notes: ProcessNotes,
        *,
        is_main: bool,
        may_have_agent: bool = False,
    ) -> None:
        self.files = files
        self.pid = pid = files.pid
        self.birth = birth
        self.notes = notes
        self.cpu_ns = -1
        self.threads: dict[int, WatchedThread] = {}
        self.agent: AgentReader | None = None
        self.gil: GilSource | None = None
        self.gil_tries = 0
        self.gil_next_try_ns = 0
        self.stacks: PythonStacks | None = None
        self._wants_stacks = self._has_new_threads = True
        self._lost = 0
        self.image = files.image()
        self.listed_ns = self.looked_ns = notes.start_ns
        self.unread = 0  # blocked threads whose system call could not be read
        self.inside_looks = self.inside_missed = 0
        self._collector = collector
        self._may_have_agent = may_have_agent
        try:
            self.memory = linux_proc.kept_open(f"/proc/{pid}/mem")
        except OSError:
            self.memory = -1
        self.channels = ChannelReader(pid, self.memory, self._is_in_gil, is_main=is_main)
        self.stirred = True  # something has run since the threads were listed last
        self._still_since = self._still_looks = self._turn = 0
        self._seen_before: set[int] = set()
        self._expected = 0  # listings of threads while an agent was expected to say which is its own

    def _is_in_gil(self, address: int) -> bool:
        return self.gil is not None and self.gil.is_in_gil(address)

    # -- threads ------------------------------------------------------------------------------------------------

    def list_threads(self, now: int) -> None:
        """Take note of threads that have come and gone."""
        listed = set(self.files.threads())
        there = listed - self._agents_own(listed)
        self.stirred = bool(
            listed - there - {self.agent.agent_thread if self.agent else 0}
        )  # some are to be taken later
        if there != self.threads.keys():
            for native_id in there - self.threads.keys():
                self._add_thread(native_id, now)
            for native_id in self.threads.keys() - there:
                self._drop_thread(native_id, now)
            if self.gil:
                self.gil.forget_threads()
            if self.stacks:
                self.stacks.find_threads()
        self.listed_ns = now

    def _agents_own(self, listed: set[int]) -> set[int]:
        """The agent's thread; while that is not known, every thread that may be it.

        An agent needs the GIL to say which thread it is, and that may take a while.
        """
        agent = self.agent
        if not self._may_have_agent:
            return set()
        if agent is not None and agent.agent_thread in listed:
            self._expected = 0
            return {agent.agent_thread}
        newborn = listed - self.threads.keys() - {self.pid}
        if agent is not None and self._expected < _LISTINGS_TO_GREET:
            self._expected += 1
            return newborn
        newborn -= self._seen_before
        self._seen_before = listed
        return newborn

    def _add_thread(self, native_id: int, now: int) -> None:
        if not self._collector.takes_threads:
            self._collector.left_out = True
            return
        try:
            files = self.files.thread(native_id, keep_open=len(self.threads) < _KEPT_OPEN)
            raw = files.counters()
            cpu_ns, queued_ns = (int(field) for field in raw.split()[:2])
        except (OSError, ValueError):
            return
        started = self.notes.start_ns
        if native_id != self.pid:
            # Born some time since the threads were listed last, and early enough for what its counters say.
            started = max(self.listed_ns, min((self.listed_ns + now) // 2, now - cpu_ns - queued_ns))
        name = "MainThread" if native_id == self.pid else f"Thread-{native_id}"
        notes = self._collector.start_thread(self.notes, native_id, name, started)
        self.threads[native_id] = WatchedThread(files, notes)
        self._has_new_threads = True

    def _drop_thread(self, native_id: int, now: int) -> None:
        thread = self.threads.pop(native_id)
        thread.files.close()
        thread.notes.end_ns, thread.notes.over = now, True

    # -- looking ------------------------------------------------------------------------------------------------

    def look(self, now: int, *, search: bool) -> tuple[list[WatchedThread], bool]:
        """Look at every thread that may have moved; with `search`, also for threads that are new.

        Returns:
            The threads that have moved, and whether the process is still there.
        """
        cpu_ns = self.files.cpu_ns()
        if cpu_ns is None:
            return [], False
        self.looked_ns = now
        self.stirred = self.stirred or cpu_ns != self.cpu_ns
        if search and self.stirred:
            self.settle()
            self.list_threads(now)
        if cpu_ns == self.cpu_ns and not any(thread.channel <= RUNNING for thread in self.threads.values()):
            self._still_since = now
            self._still_looks += 1
            return [], True
        self.settle()
        self.cpu_ns = cpu_ns
        holder = self._gil_holder()
        moved = [thread for thread in self._in_turn() if self._look_at(thread, now, holder)]
        for thread in moved:
            if thread.channel == RUNNING and thread.notes.marks.gil[-1] == Gil.OTHER:
                self._look_again(thread)
        return moved, True

    def _gil_holder(self) -> int | None:
        if self.gil is None:
            return None
        holder = self.gil.holder()
        self._lost = self._lost + 1 if holder is None else 0
        if self._lost >= _LOST:  # an `exec` of the same program
            self.renew()
            self.notes.command = command_of(self.pid) or self.notes.command
        return holder

    def _in_turn(self) -> list[WatchedThread]:
        """Threads to look at now: all of a few; of many calm ones some, so that each has its turn."""
        threads = list(self.threads.values())
        rounds = len(threads) // _CALM_THREADS_A_LOOK
        if rounds < 2 and not self._turn:
            return threads
        self._turn, rounds = self._turn + 1, max(1, rounds)
        for number, thread in enumerate(threads):
            thread.passed_over = thread.calm >= _CALM and (number + self._turn) % rounds != 0
        return [thread for thread in threads if not thread.passed_over]

    def _look_again(self, thread: WatchedThread) -> None:
        """A thread that runs while another has the GIL computes without it, or is just about to ask for it."""
        line = thread.files.syscall()
        if line and not line.startswith(b"running"):
            channel = self.channels.read(line)
            if channel.kind is Kind.GIL:
                thread.channel = self._collector.channel(channel)
                thread.notes.marks.channel[-1] = thread.channel
                thread.notes.marks.gil[-1] = Gil.UNKNOWN

    def settle(self) -> None:
        """Say to every thread, once for all the looks that were skipped, that nothing had moved."""
        if self._still_looks:
            for thread in self.threads.values():
                if not thread.passed_over:
                    thread.was_still(self._still_since, self._still_looks)
            self._still_looks = 0

    def _look_at(self, thread: WatchedThread, now: int, holder: int | None) -> bool:
        try:
            raw = thread.files.counters()
            if not raw:
                raise ProcessLookupError
        except OSError:
            self._drop_thread(thread.files.native_id, now)
            return False
        if raw == thread.raw and thread.channel > RUNNING:
            thread.was_still(now)
            return False
        line = thread.files.syscall()
        before = thread.channel
        channel = self._channel_of(line)
        thread.channel = channel
        if raw == thread.raw and channel > RUNNING and channel == before:
            thread.was_still(now)
            return False
        # The scheduler counts when it puts a thread on a CPU: woken without a new count is woken but still queued.
        thread.queued = channel == RUNNING and raw == thread.raw and (before > RUNNING or thread.queued)
        thread.count(raw)
        thread.stackless = not thread.queued
        self._wants_stacks = self._wants_stacks or thread.stackless
        thread.calm = 0
        gil = self._gil_flag(thread, holder) if channel == RUNNING else Gil.UNKNOWN
        notes = thread.notes
        notes.marks.append(now, notes.cpu_ns, notes.queued_ns, max(channel, RUNNING), gil)
        return True

    def _channel_of(self, line: bytes) -> int:
        if line.startswith(b"running"):
            return RUNNING
        if not line:
            self.unread += 1
        return self._collector.channel(self.channels.read(line))

    def _gil_flag(self, thread: WatchedThread, holder: int | None) -> Gil:
        if thread.queued:
            return Gil.QUEUED
        if not self.notes.python:
            return Gil.NONE
        if self.agent and self.agent.greeting and not self.agent.greeting.gil_enabled:
            return Gil.NONE
        if holder is None:
            return Gil.UNKNOWN
        if holder == 0:
            return Gil.FREE
        return Gil.MINE if holder == thread.files.native_id else Gil.OTHER

    # -- looking inside -----------------------------------------------------------------------------------------

    def look_inside(self, now: int, *, only_new: bool, loops: bool) -> None:
        """Take the stacks of threads that have got somewhere since theirs was taken.

        Args:
            now: Time of the look from outside that this belongs to.
            only_new: Whether to pass over threads of which a stack is known: others may not live to the next look.
            loops: Whether to see how far loops have come.
        """
        stacks = self.stacks
        if stacks is None or not (self._has_new_threads if only_new else self._wants_stacks):
            return
        if only_new:
            wanting = [thread for thread in self.threads.values() if thread.stackless and thread.tries_as_new]
        else:
            wanting = [thread for thread in self.threads.values() if thread.stackless]
        self._has_new_threads = False
        self._wants_stacks = only_new or bool(wanting)  # till all have been had
        for thread in wanting:
            thread.tries_as_new = max(0, thread.tries_as_new - 1)
            frames = stacks.look(thread.notes, now)
            if frames is None or (thread.channel > RUNNING and thread.has_moved()):
                self._has_new_threads = self._has_new_threads or thread.tries_as_new > 0
                continue  # what was read is not what it was blocked in
            thread.stackless, thread.tries_as_new = False, 0
            stacks.keep(thread.notes, frames, now, loops=loops)
            if not thread.named and frames:
                self._name(thread, stacks.names_of(frames), stacks.version)

    def _name(self, thread: WatchedThread, names: list[str], version: tuple[int, int]) -> None:
        """Choose what the kernel confirms; before 3.14 it does not know the names that Python gives."""
        thread.named = True
        if thread.files.native_id == self.pid:
            return
        if version >= _NAMED_BY_COMM:
            comm = linux_proc.comm_of(self.pid, thread.files.native_id)
            names = [name for name in names if name.encode("utf-8", "replace")[:_COMM_BYTES] == comm]
        if names and names[0]:
            thread.notes.name = names[0]

    # -- what it is ---------------------------------------------------------------------------------------------

    def find_gil(self, now: int, known: list[GilLocation], *, thorough: bool = True) -> None:
        """Look for the GIL where other processes of the same interpreter have it; if `thorough`, everywhere."""
        self.gil_tries += thorough
        self.gil_next_try_ns = now + ((20_000_000 << min(self.gil_tries, 6)) if thorough else 0)
        self._open_memory()  # again, for before an `exec` of the same program it was the parent's
        if self.memory < 0:
            return
        native_ids = frozenset(self.files.threads())
        found = next(filter(None, (find_known(self.pid, self.memory, native_ids, place) for place in known)), None)
        if found is None and thorough:
            greeting = self.agent.greeting if self.agent else None
            own = {greeting.switch_interval_us} if greeting else set()
            found = find_gil(self.pid, self.memory, native_ids, frozenset({DEFAULT_INTERVAL_US, *own}))
        if found is not None:
            self.gil = GilReader(self.memory, found)
            self.notes.python = True

    def find_stacks(self, layouts: Layouts) -> None:
        """Begin to read stacks, once it is known where the interpreter has them."""
        if self.gil is None or self.stacks is not None or self.agent is not None:
            return
        if not layouts.knows(self.image) and not linux_proc.is_ours(self.pid, self.image):
            return
        layout = layouts.of(self.image, self.gil.location)
        if layout is not None:
            self.stacks = PythonStacks(self.memory, self.gil.location, layout, self._collector)
            self.notes.agent = True

    def has_new_image(self) -> bool:
        """Whether the process executes another program than before: everything known of its memory is void."""
        image = self.files.image()
        if not image or image == self.image:
            return False
        self.image = image
        self.renew()
        return True

    def renew(self) -> None:
        """Forget what belonged to the program before."""
        self.gil, self.gil_tries, self.gil_next_try_ns = None, 0, 0
        self._lost = 0
        self._count_stacks()
        self._open_memory()

    def _count_stacks(self) -> None:
        """Keep how many stacks have been read, and let go of what has read them."""
        if self.stacks is not None:
            self.inside_looks += self.stacks.looks
            self.inside_missed += self.stacks.missed
            self.stacks = None

    def _open_memory(self) -> None:
        """A descriptor reads the memory of the program that ran when it was opened."""
        if self.memory >= 0:
            os.close(self.memory)
        try:
            self.memory = linux_proc.kept_open(f"/proc/{self.pid}/mem")
        except OSError:
            self.memory = -1
        self.channels.memory = self.memory

    def count(self) -> None:
        """Read the counters of the whole process."""
        counters = self.files.counters()
        notes = self.notes
        notes.read_bytes, notes.write_bytes = counters.read_bytes, counters.write_bytes
        notes.voluntary, notes.involuntary = counters.voluntary, counters.involuntary
        notes.peak_rss_bytes, notes.minor_faults = counters.peak_rss_bytes, counters.minor_faults
        notes.system_ns, notes.children_cpu_ns = counters.system_ns, counters.children_cpu_ns

    def end(self, now: int) -> None:
        """Close everything."""
        self.settle()
        self._count_stacks()
        for thread in self.threads.values():
            try:
                raw = thread.files.counters()
                if raw:
                    thread.count(raw)
            except (OSError, ValueError):
                pass
            thread.files.close()
            thread.notes.end_ns, thread.notes.over = now, True
        self.threads.clear()
        self.notes.end_ns, self.notes.over = now, True
        self.channels.close()
        if self.memory >= 0:
            os.close(self.memory)
            self.memory = -1
