"""One watched process: its threads, what they are blocked in, and what was seen there last."""

from __future__ import annotations

from iobound.model.recording import RUNNING, Channel, Gil, Kind
from iobound.verbs.observe.agent_reader import AgentReader
from iobound.verbs.observe.collector import Collector, ProcessNotes
from iobound.verbs.observe.layouts import Layouts
from iobound.verbs.observe.process_memory import ProcessMemory
from iobound.verbs.observe.sources import linux_proc
from iobound.verbs.observe.sources.channels import ChannelReader, command_of
from iobound.verbs.observe.sources.gil_memory import GilLocation
from iobound.verbs.observe.watched_thread import ProcessSource, WatchedThread

_KEPT_OPEN = 2000
_CALM = 8
"""Looks that must find a thread unmoved before it is looked at less often than others, and only among many."""
_CALM_THREADS_A_LOOK = 32
_STACKS_A_LOOK = 64  # of hundreds of threads that move all the time each has its turn
_LISTINGS_TO_GREET = 40  # a second
_NAMED_BY_COMM = (3, 14)  # since then the kernel knows the beginning of a thread's name
_COMM_BYTES = 15
_EXITED = b"-1 0x0 0x0"
"""What `syscall` says of a task that has ended and is not reaped yet: no system call, no stack, no place.

Source:
    `task_current_syscall` in lib/syscall.c.
"""


class WatchedProcess:
    """One process: its threads, its GIL and its agent.

    Args:
        files: What can be seen of it.
        birth: What tells it from another of that number.
        collector: Where what is seen goes.
        notes: Its own notes there.
        is_main: Whether it is the target itself.
        may_have_agent: Whether one of its threads may be an agent's.
        lived_before: Whether it was there before observing began: what its counters say now is left out.
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
        lived_before: bool = False,
    ) -> None:
        self.files = files
        self.pid = pid = files.pid
        self.birth = birth
        self.notes = notes
        self.cpu_ns = -1
        self.threads: dict[int, WatchedThread] = {}
        self.agent: AgentReader | None = None
        self.memory = ProcessMemory(pid, collector)
        self._wants_stacks = self._has_new_threads = True
        self._was_seen = False
        self._exited: set[int] = set()
        self.image = files.image()
        self.listed_ns = self.looked_ns = notes.start_ns
        self.unread = 0  # blocked threads whose system call could not be read
        self._collector = collector
        self._may_have_agent = may_have_agent
        self._lived_before = lived_before
        self._before = files.counters().frozen() if lived_before else linux_proc.ProcessCounters()
        self.channels = ChannelReader(pid, self.memory.descriptor, self.memory.is_in_gil, is_main=is_main)
        self.stirred = True  # something has run since the threads were listed last
        self._still_since = self._still_looks = self._turn = self._stack_turn = 0
        self._seen_before: set[int] = set()
        self._expected = 0  # listings of threads while an agent was expected to say which is its own

    def begin(self, now: int) -> None:
        """Leave out everything so far: its counters, and what was seen."""
        self._before, self._lived_before = self.files.counters().frozen(), True
        self.notes.start_ns = self.notes.end_ns = self.looked_ns = now
        self.cpu_ns, self._still_looks = -1, 0
        self.list_threads(now)
        for native_id, thread in list(self.threads.items()):
            if not thread.begin(now):
                self._drop_thread(native_id, now)
        self.notes.forget_those_over()
        self._wants_stacks = self._has_new_threads = True

    # -- threads ------------------------------------------------------------------------------------------------

    def list_threads(self, now: int) -> None:
        """Take note of threads that have come and gone."""
        listed = set(self.files.threads())
        self._exited &= listed
        there = listed - self._agents_own(listed) - self._exited
        self.stirred = bool(
            listed - there - {self.agent.agent_thread if self.agent else 0}
        )  # some are to be taken later
        if there != self.threads.keys():
            for native_id in sorted(there - self.threads.keys(), key=self._main_first):
                self._add_thread(native_id, now)
            for native_id in self.threads.keys() - there:
                self._drop_thread(native_id, now)
            self.memory.forget_threads()
        self.listed_ns = now
        self._lived_before = False  # threads that are found from now on are new

    def _main_first(self, native_id: int) -> tuple[bool, int]:
        return native_id != self.pid, native_id

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
        except OSError:
            return
        try:
            cpu_ns, queued_ns = (int(field) for field in files.counters().split()[:2])
        except (OSError, ValueError):  # it has ended meanwhile
            files.close()
            return
        started = self.notes.start_ns
        if native_id != self.pid and not self._lived_before:
            # Born some time since the threads were listed last, and early enough for what its counters say.
            started = max(self.listed_ns, min((self.listed_ns + now) // 2, now - cpu_ns - queued_ns))
        name = "MainThread" if native_id == self.pid else f"Thread-{native_id}"
        notes = self._collector.start_thread(self.notes, native_id, name, started)
        self.threads[native_id] = thread = WatchedThread(files, notes)
        if self._lived_before:
            thread.cpu_before_ns, thread.queued_before_ns = cpu_ns, queued_ns
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
        if cpu_ns is None or self._is_over():
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
        self._was_seen = self._was_seen or bool(self.threads)
        moved = [thread for thread in self._in_turn() if self._look_at(thread, now, holder)]
        return moved, not self._is_over()

    def _is_over(self) -> bool:
        """Whether every thread that was seen has ended: nobody may have reaped it yet."""
        return self._was_seen and not self.threads and self._exited.issuperset(self.files.threads())

    def _gil_holder(self) -> int | None:
        holder = self.memory.holder()
        if self.memory.is_lost:  # an `exec` of the same program
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
        if line.startswith(_EXITED):
            thread.count(raw)
            self._exited.add(thread.files.native_id)  # it stays listed until it is reaped
            self._drop_thread(thread.files.native_id, now)
            return False
        before = thread.channel
        channel = self._channel_of(line, thread)
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

    def _channel_of(self, line: bytes, thread: WatchedThread) -> int:
        if line.startswith(b"running"):
            return RUNNING
        if not line:
            self.unread += 1
        channel = self.channels.read(line)
        if channel.kind is Kind.FILE and channel.target and thread.files.syscall() != line:
            channel = Channel(channel.call, Kind.FILE)  # the path was read after the call was over
        return self._collector.channel(channel)

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
        stacks = self.memory.stacks
        if stacks is None or not (self._has_new_threads if only_new else self._wants_stacks):
            return
        if only_new:
            wanting = [thread for thread in self.threads.values() if thread.stackless and thread.tries_as_new]
        else:
            wanting = [thread for thread in self.threads.values() if thread.stackless]
        self._has_new_threads = False
        self._wants_stacks = only_new or bool(wanting)  # till all have been had
        if len(wanting) > _STACKS_A_LOOK:
            first = self._stack_turn % len(wanting)
            wanting = (wanting[first:] + wanting[:first])[:_STACKS_A_LOOK]
            self._stack_turn += _STACKS_A_LOOK
            self._has_new_threads = True
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
        greeting = self.agent.greeting if self.agent else None
        self.memory.find_gil(now, known, {greeting.switch_interval_us} if greeting else set(), thorough=thorough)
        self.channels.memory = self.memory.descriptor
        self.notes.python = self.notes.python or self.memory.gil is not None

    def find_stacks(self, layouts: Layouts) -> None:
        """Begin to read stacks, once it is known where the interpreter has them."""
        if self.agent is None and self.memory.find_stacks(self.image, layouts):
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
        self.memory.renew()
        self.channels.memory = self.memory.descriptor

    def catch_up(self, now: int) -> None:
        """Say of every thread that it has lived until now."""
        self.settle()
        self.notes.end_ns = now
        for thread in self.threads.values():
            thread.notes.end_ns = now

    def count(self) -> None:
        """Read the counters of the whole process."""
        counters, before, notes = self.files.counters(), self._before, self.notes
        notes.peak_rss_bytes = counters.peak_rss_bytes
        notes.read_bytes = _since(before.read_bytes, counters.read_bytes)
        notes.write_bytes = _since(before.write_bytes, counters.write_bytes)
        notes.voluntary = _since(before.voluntary, counters.voluntary)
        notes.involuntary = _since(before.involuntary, counters.involuntary)
        notes.minor_faults = _since(before.minor_faults, counters.minor_faults)
        notes.system_ns = _since(before.system_ns, counters.system_ns)
        notes.children_cpu_ns = _since(before.children_cpu_ns, counters.children_cpu_ns)

    def end(self, now: int) -> None:
        """Close everything."""
        self.settle()
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
        self.memory.close()


def _since(before: int | None, now: int | None) -> int | None:
    """What a counter has grown by since observing began."""
    return now if now is None or before is None else now - before
