"""The observer for machines that show nothing from outside: agents with a timetable of their own say everything.

A thread whose CPU clock moved for most of the time since it was seen last was computing; one whose clock stood still
was blocked, and what on is inferred later from the call that it is in. Where threads have no clocks of their own, the
process's clock is all there is, and is put down to the main thread.
"""

from __future__ import annotations

import os
import time

from iobound.model.increment import Journal
from iobound.model.recording import RUNNING, Channel, Effort, Gil, Kind
from iobound.verbs.observe.agent_reader import AgentReader, AgentWords
from iobound.verbs.observe.channel_folder import ChannelFolder
from iobound.verbs.observe.collector import Collector, ProcessNotes, ThreadNotes
from iobound.verbs.observe.launch import Ending

_FLUSH_PERIOD_NS = 2_000_000_000
_ALIVE_PERIOD_NS = 250_000_000
_MOSTLY = 0.5


class _Process:
    """One program in a process by the words of its agent; what one that `lived_before` has computed is left out."""

    def __init__(
        self, notes: ProcessNotes, agent: AgentReader, collector: Collector, *, lived_before: bool = False
    ) -> None:
        self.notes = notes
        self._lived_before = lived_before
        self._before: dict[int, int] = {}  # CPU time of threads when they were seen first
        self._start_ns = notes.end_ns if notes.born else notes.start_ns  # another program may have been there before
        self.agent = agent
        self.threads: dict[int, ThreadNotes] = {}
        self.main: ThreadNotes | None = None
        self._looks = -1
        self._collector = collector
        self._blocked = collector.channel(Channel("blocked", Kind.UNKNOWN))
        agent.cpu_of, agent.after_look = self.take_clock, self.end_others

    def find(self, native_id: int) -> ThreadNotes | None:
        return self.threads.get(native_id)

    def take_clock(self, ident: int, native_id: int, wanted: int, clock_ns: int) -> None:
        """Make a mark of what a thread's clock says; below -1 it is the clock of the whole process."""
        native_id = native_id or ident & 0x7FFFFFFF
        self.agent.know(ident, native_id)
        greeting = self.agent.greeting
        is_main = greeting is not None and native_id == greeting.main_thread
        thread = self.threads.get(native_id)
        if thread is None:
            if not self._collector.takes_threads:
                self._collector.left_out = True
                return
            said = self.agent.names.pop(native_id, f"Thread-{native_id}")  # an agent says names before threads
            name = "MainThread" if is_main else said
            start = self._start_ns if is_main else wanted
            thread = self._collector.start_thread(self.notes, native_id, name, start)
            self.threads[native_id] = thread
            self.main = thread if is_main else self.main
        if clock_ns < -1:
            clock_ns = -1 - clock_ns if is_main else 0
        if self._lived_before and self.agent.looks <= 1:
            self._before[native_id] = clock_ns
        self._mark(thread, wanted, max(clock_ns - self._before.get(native_id, 0), thread.cpu_ns))

    def _mark(self, thread: ThreadNotes, now: int, cpu_ns: int) -> None:
        spent, passed = cpu_ns - thread.cpu_ns, max(1, now - thread.end_ns)
        computing = spent > _MOSTLY * passed
        thread.cpu_ns, thread.end_ns = cpu_ns, now
        self.notes.end_ns = now
        thread.marks.append(now, cpu_ns, 0, RUNNING if computing else self._blocked, Gil.UNKNOWN)

    def is_silent(self) -> bool:
        """Whether no look has come since this was asked last. In a namespace of its own it has another number."""
        before, self._looks = self._looks, self.agent.looks
        return self._looks == before

    def end_others(self, seen: set[int]) -> None:
        """Threads that a look did not find are over."""
        for native_id in self.threads.keys() - seen:
            self.threads.pop(native_id).over = True

    def end(self) -> None:
        """Let go of what is gone: all that stays are counters."""
        self.agent.close()
        self.end_others(set())


class PortableSupervisor:
    """Listens to the agents; the counterpart of `Supervisor` where there is nothing to see from outside."""

    def __init__(
        self,
        pid: int,
        now: int,
        folder: ChannelFolder | None,
        period_ns: int,
        journal: Journal,
        command: str,
        *,
        lived_before: bool = False,
    ) -> None:
        self.collector = Collector()
        self._lived_before = lived_before
        self._folder = folder
        self._journal = journal
        self._period_ns = period_ns
        self._processes: dict[int, _Process] = {}
        self.agents: list[AgentReader] = []  # of all processes that have said a word, also of those that are gone
        self._pid = pid
        self._main = self.collector.start_process(pid, os.getpid(), command, now)
        self._flush_ns, self._alive_ns = now + _FLUSH_PERIOD_NS, now
        self._cpu_ns = time.thread_time_ns()
        self.problems: dict[str, int] = {}

    def look(self) -> None:
        """Take in what the agents have said."""
        now = time.monotonic_ns()
        for pid, channel in self._folder.new_channels() if self._folder else ():
            self._meet(pid, channel, now)
        for process in self._processes.values():
            process.agent.read()
        if now >= self._alive_ns:
            self._alive_ns = now + max(_ALIVE_PERIOD_NS, 3 * self._period_ns)
            self._part_with_the_dead()
        if now >= self._flush_ns:
            self._flush_ns = now + _FLUSH_PERIOD_NS
            self._journal.add(self.collector.increment(now, self.effort()))

    def _meet(self, pid: int, channel: AgentWords, now: int) -> None:
        before = self._processes.pop(pid, None)
        if before is not None:  # the process goes on as another program
            before.end()
            notes = before.notes
        elif pid == self._pid:
            notes = self._main
        elif self.collector.takes_processes:
            notes = self.collector.start_process(pid, 0, f"process {pid}", now)
        else:
            self.collector.left_out = True
            channel.dismiss()
            channel.close()
            return
        notes.python = notes.agent = True
        agent = AgentReader(channel, self.collector, lambda native_id: None)
        lived_before = self._lived_before and pid == self._pid and before is None
        process = _Process(notes, agent, self.collector, lived_before=lived_before)
        agent.find_thread_with(process.find)
        self._processes[pid] = process
        self.agents.append(agent)

    def _part_with_the_dead(self) -> None:
        for pid, process in list(self._processes.items()):
            if pid != self._pid and process.is_silent() and _is_gone(pid):
                process.end()
                process.notes.over = True
                del self._processes[pid]

    def hand_on(self) -> None:
        """Put into the journal what has been heard so far."""
        self.look()
        now = time.monotonic_ns()
        self._main.end_ns = now
        self._journal.add(self.collector.increment(now, self.effort(), whole=True))

    def excuse(self, cpu_ns: int) -> None:
        """So much CPU time went into something other than observing."""
        self._cpu_ns += cpu_ns

    def fail(self, problem: Exception) -> None:
        """Listening went wrong: remember why."""
        name = f"{type(problem).__name__}: {problem}"[:200]
        self.problems[name] = self.problems.get(name, 0) + 1

    def finish(self, ending: Ending, now: int) -> None:
        """The run is over since `now`: hand on everything."""
        self.look()
        self._main.exit_code, self._main.signal = ending.exit_code, ending.signal
        self._main.end_ns = now
        target = self._processes.get(self._pid)
        if target is not None and target.main is not None:
            target.main.end_ns = now
        for process in self._processes.values():
            process.agent.channel.dismiss()
        self._journal.add(self.collector.increment(now, self.effort(), whole=True))

    def effort(self) -> Effort:
        """What observing has cost so far, outside the target."""
        looks = sum(agent.looks for agent in self.agents)
        dropped = sum(agent.channel.dropped() for agent in self.agents)
        return Effort(
            cpu_ns=time.thread_time_ns() - self._cpu_ns,
            period_ns=self._period_ns,
            wanted=looks + dropped,
            taken=looks,
            late=0,
            failed=sum(self.problems.values()),
            inside_looks=looks,
            inside_missed=dropped,
        )


def _is_gone(pid: int) -> bool:
    """Whether no process has that number any more; where that cannot be asked, it is taken to live on."""
    if os.name != "posix":  # elsewhere this very question would end it
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:  # it has become another user
        return False
    return False
