"""The observer from outside: looks at the target and its descendants, and reads their stacks."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Protocol

from iobound.model.increment import Journal
from iobound.model.recording import Effort, HostLook
from iobound.verbs.observe.agent_reader import AgentReader
from iobound.verbs.observe.channel_folder import ChannelFolder
from iobound.verbs.observe.collector import Collector, ThreadNotes
from iobound.verbs.observe.launch import Ending
from iobound.verbs.observe.layouts import Layouts
from iobound.verbs.observe.observers import is_being_made, is_observer, is_unsettled
from iobound.verbs.observe.sources import linux_proc
from iobound.verbs.observe.sources.channels import command_of
from iobound.verbs.observe.sources.gil_memory import GilLocation
from iobound.verbs.observe.sources.psutil_host import Host
from iobound.verbs.observe.timetable import Timetable
from iobound.verbs.observe.watched import WatchedProcess

_INSIDE_PERIOD_NS = 12_000_000
_ELSEWHERE_PERIOD_NS = 40_000_000
_OTHER = 1.4  # periods between looks vary from a half to one and a half
_FAMILY_PERIOD_NS = 40_000_000  # threads, children and agents that are new
_ANYWAY_NS = 5_000_000_000
_LOOP_PERIOD_NS = 60_000_000
_HOST_PERIOD_NS = 1_000_000_000
_FLUSH_PERIOD_NS = 2_000_000_000
_MAX_PROCESSES = _MAX_GONE = 2_000
_GIL_TRIES = 8
_GIL_EXPECTED_NS = 100_000_000
_YOUNG_NS = 200_000_000


class HostSource(Protocol):
    """Port: the machine as a whole."""

    def begin(self) -> None:
        """Set the marks that the first look is measured from."""

    def look(self) -> HostLook | None:
        """The machine since the last look; None before `begin`."""


class Supervisor:
    """Everything that is looked at in one run.

    Args:
        pid: The target.
        now: When it was started.
        layouts: Where interpreters keep their stacks.
        folder: Where agents leave their channels; None where there are none, for stacks are read from outside.
        timetable: When to look.
        journal: What takes the recording in the making.
    """

    def __init__(
        self,
        pid: int,
        now: int,
        layouts: Layouts,
        folder: ChannelFolder | None,
        timetable: Timetable,
        journal: Journal,
    ) -> None:
        self.collector = Collector()
        self.timetable = timetable
        self.agents: list[AgentReader] = []
        self.gil_found = False
        self.stacks_found = False
        self._layouts = layouts
        self._folder = folder
        self._journal = journal
        self._host: HostSource = Host()
        self._host_begun = False
        self._main, self._own = pid, os.getpid()
        self._start_ns = now
        self._processes: dict[int, WatchedProcess] = {}
        self._gils: list[GilLocation] = [layouts.own.gil] if layouts.own else []
        self._gone: dict[tuple[int, int], None] = {}
        self._last_born = b""
        self._has_young, self._named_ns = False, now
        self._stirred: set[int] = set()  # processes that have run since children were looked for last
        self._unsettled: set[int] = set()  # processes that were just making a child
        self.problems: dict[str, int] = {}
        self._inside_looks = self._inside_missed = 0  # of processes that are gone
        self._inside_ns = self._elsewhere_ns = self._family_ns = self._loops_ns = now
        self._host_ns, self._flush_ns = now + _HOST_PERIOD_NS // 8, now + _FLUSH_PERIOD_NS
        self._cpu_ns = time.thread_time_ns()
        _allow_many_files()
        if self._adopt(pid, now) is None:  # it has ended already: all that is left to know is how
            self.collector.start_process(pid, os.getpid(), command_of(pid), now)

    @property
    def main(self) -> WatchedProcess | None:
        """The target itself while it lives."""
        return self._processes.get(self._main)

    def take_in(self) -> None:
        """Find what is there already, in a program that has lived before it was observed, and get ready to look."""
        now = time.monotonic_ns()
        known = 0
        while len(self._processes) > known:  # its children, and then theirs
            known = len(self._processes)
            self._find_family(now, list(self._processes.values()))
        self.look()

    def begin(self) -> int:
        """Leave out everything so far: the recording begins now; returns when that is."""
        now = self._start_ns = time.monotonic_ns()
        for process in self._processes.values():
            process.begin(now)
        self._cpu_ns = time.thread_time_ns()
        self._host_ns, self._flush_ns = now + _HOST_PERIOD_NS // 8, now + _FLUSH_PERIOD_NS
        return now

    def hand_on(self) -> None:
        """Put into the journal what has been seen so far."""
        self.look()
        now = time.monotonic_ns()
        self._flush_ns = now + _FLUSH_PERIOD_NS
        for process in self._processes.values():
            process.catch_up(now)
            process.count()
        self._journal.add(self.collector.increment(now, self.effort(), whole=True))

    # -- one look -----------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look at everything once."""
        now = time.monotonic_ns()
        search = self._is_time_to_search(now)
        self._hear_agents(now, search=search)
        for process in list(self._processes.values()):
            moved, alive = process.look(now, search=search)
            if not alive:
                self._bury(process, (process.looked_ns + now) // 2)  # it ended some time between two looks
            elif moved:
                self._stirred.add(process.pid)
                self._know_gil(process, now)
        if self._layouts.asked:  # threads may all be blocked when the answer comes, and nobody be born
            for process in self._processes.values():
                if self._layouts.is_pending(process.image):
                    self._know_gil(process, now)
        self._look_inside(now)
        if self._has_young and now - self._named_ns >= _FAMILY_PERIOD_NS:
            self._name_the_young(now)
        if search:
            self._family_ns = now
            self._find_family(now, [self._processes[pid] for pid in self._stirred if pid in self._processes])
            self._stirred.clear()
        self._now_and_then(now)

    def _is_time_to_search(self, now: int) -> bool:
        """Whether to look for threads and children: where anything has been born, and now and then anyway."""
        since_ns = now - self._family_ns
        if self._unsettled:
            self._stirred |= self._unsettled
            self._unsettled.clear()
            return True
        if since_ns < max(_FAMILY_PERIOD_NS, 2 * self.timetable.period_ns):
            return False
        born = linux_proc.last_born()
        if born and born == self._last_born and since_ns < _ANYWAY_NS:
            return False
        self._last_born = born
        return True

    def _look_inside(self, now: int) -> None:
        """Take stacks at every other look or so, and more seldom in other processes than the target itself.

        One costs as much as all the rest of a look.
        """
        period_ns = self.timetable.period_ns
        due = now - self._inside_ns >= max(_INSIDE_PERIOD_NS, _OTHER * period_ns)
        elsewhere = due and now - self._elsewhere_ns >= max(_ELSEWHERE_PERIOD_NS, 3 * period_ns)
        loops = due and now - self._loops_ns >= max(_LOOP_PERIOD_NS, 4 * period_ns)
        if due:
            self._inside_ns = now
        if elsewhere:
            self._elsewhere_ns = now
        if loops:
            self._loops_ns = now
        alone = len(self._processes) == 1
        for pid, process in self._processes.items():
            process.look_inside(now, only_new=not (due if alone or pid == self._main else elsewhere), loops=loops)

    def excuse(self, cpu_ns: int) -> None:
        """So much CPU time went into something other than observing."""
        self._cpu_ns += cpu_ns

    def _look_at_host(self) -> None:
        """The first time only marks are set, and psutil is loaded: not worth it in a run that is over at once."""
        if not self._host_begun:
            begun_ns = time.thread_time_ns()
            self._host.begin()
            self._host_begun = True
            spent_ns = time.thread_time_ns() - begun_ns
            self.excuse(spent_ns)
            self.timetable.excuse(spent_ns)
            return
        look = self._host.look()
        if look is not None:
            self.collector.host(look)

    def fail(self, problem: Exception) -> None:
        """A look went wrong: remember why."""
        name = f"{type(problem).__name__}: {problem}"[:200]
        self.problems[name] = self.problems.get(name, 0) + 1

    def _now_and_then(self, now: int) -> None:
        if now >= self._host_ns:
            self._host_ns = now + _HOST_PERIOD_NS
            self._look_at_host()
            for process in self._processes.values():
                process.count()
                if process.has_new_image():
                    process.notes.command = command_of(process.pid) or process.notes.command
                self._know_gil(process, now)
        if now >= self._flush_ns:
            self._flush_ns = now + _FLUSH_PERIOD_NS
            self._journal.add(self.collector.increment(now, self.effort()))

    def _name_the_young(self, now: int) -> None:
        """A process that was met between its fork and its exec still bore the name of its parent."""
        self._named_ns, self._has_young = now, False
        for process in self._processes.values():
            if now - process.notes.start_ns < _YOUNG_NS and process.pid != self._main:
                self._has_young = True
                process.has_new_image()
                process.notes.command = command_of(process.pid) or process.notes.command

    def _know_gil(self, process: WatchedProcess, now: int) -> None:
        memory = process.memory
        if memory.gil is None and memory.tries < _GIL_TRIES and now >= memory.next_try_ns:
            # An interpreter that is still starting has none: a search of all its memory would be in vain.
            young = now - process.notes.start_ns < _GIL_EXPECTED_NS and bool(self._gils)
            process.find_gil(now, self._gils, thorough=not young)
            if memory.gil:
                self.gil_found = True
                if memory.gil.location not in self._gils:
                    self._gils.insert(0, memory.gil.location)
        process.find_stacks(self._layouts)
        self.stacks_found = self.stacks_found or memory.stacks is not None

    # -- agents -------------------------------------------------------------------------------------------------

    def _hear_agents(self, now: int, *, search: bool) -> None:
        if search and self._folder is not None:
            for pid, channel in self._folder.new_channels():
                self._meet_agent(pid, AgentReader(channel, self.collector, self._finder(pid)), now)
        for process in self._processes.values():
            if process.agent is not None:
                process.agent.read()

    def _finder(self, pid: int) -> Callable[[int], ThreadNotes | None]:
        def find(native_id: int) -> ThreadNotes | None:
            process = self._processes.get(pid)
            thread = process.threads.get(native_id) if process else None
            return thread.notes if thread else None

        return find

    def _meet_agent(self, pid: int, agent: AgentReader, now: int) -> None:
        process = self._processes.get(pid) or self._adopt(pid, now)
        if process is None:
            agent.channel.dismiss()
            return
        if process.agent is not None:  # another program, or another interpreter, in the same process
            process.agent.close()
            process.renew()
        process.agent = agent
        process.notes.agent = process.notes.python = True
        self.agents.append(agent)
        process.notes.command = command_of(pid) or process.notes.command

    # -- processes ----------------------------------------------------------------------------------------------

    def _adopt(self, pid: int, now: int) -> WatchedProcess | None:
        birth = linux_proc.birth_of(pid)
        if birth is None or (pid, birth.started_ticks) in self._gone:
            return None
        if len(self._processes) >= _MAX_PROCESSES or not self.collector.takes_processes:
            self.collector.left_out = True
            return None
        lived_before = birth.started_ns < self._start_ns
        born_ns = now if lived_before else min(now, birth.started_ns)
        notes = self.collector.start_process(pid, birth.parent, command_of(pid), born_ns)
        process = WatchedProcess(
            linux_proc.ProcessFiles(pid),
            birth,
            self.collector,
            notes,
            is_main=pid == self._main,
            may_have_agent=self._folder is not None,
            lived_before=lived_before,
        )
        self._processes[pid] = process
        self._has_young = True
        process.list_threads(now)
        return process

    def _find_family(self, now: int, parents: list[WatchedProcess]) -> None:
        for parent in parents:
            children = linux_proc.children_of(parent.pid, list(parent.threads))
            strangers = [pid for pid in children if pid not in self._processes and pid != self._own]
            if strangers and is_being_made(parent.pid, parent.threads):
                self._unsettled.add(parent.pid)
                continue
            for pid in strangers:
                if is_unsettled(pid, now):
                    self._unsettled.add(parent.pid)
                elif not is_observer(pid):
                    self._adopt(pid, now)

    def _bury(self, process: WatchedProcess, now: int) -> None:
        if process.agent is not None:
            process.agent.close()
        process.end(now)
        self._inside_looks += process.memory.looks
        self._inside_missed += process.memory.missed
        self._gone[process.pid, process.birth.started_ticks] = None
        if len(self._gone) > _MAX_GONE:
            del self._gone[next(iter(self._gone))]
        del self._processes[process.pid]

    # -- the end ------------------------------------------------------------------------------------------------

    def before_reaping(self, now: int) -> None:
        """The target has ended and is a zombie since `now`: its last counters can still be read."""
        self._hear_agents(now, search=True)
        main = self.main
        if main is not None:
            main.count()
            self._bury(main, now)

    def finish(self, ending: Ending, now: int) -> None:
        """The run is over since `now`: hand on everything."""
        main = self.collector.processes[0]
        main.exit_code, main.signal = ending.exit_code, ending.signal
        if self._folder is None:  # an agent's own would be among them
            main.family_voluntary, main.family_involuntary = ending.voluntary, ending.involuntary
        for process in list(self._processes.values()):
            try:
                self._part_with(process, now)
            except Exception as problem:  # of one process, which must not cost what is known of the others
                self.fail(problem)
        self._layouts.close()
        look = self._host.look()
        if look is not None:
            self.collector.host(look)
        self._journal.add(self.collector.increment(now, self.effort(), whole=True))

    def _part_with(self, process: WatchedProcess, now: int) -> None:
        """Take the last counters of a process that outlives the target."""
        if process.agent is not None:
            process.agent.read()
            process.agent.channel.dismiss()
        process.count()
        self._bury(process, now)

    def effort(self) -> Effort:
        """What observing has cost so far."""
        table = self.timetable
        return Effort(
            cpu_ns=time.thread_time_ns() - self._cpu_ns,
            period_ns=table.period_ns,
            wanted=table.wanted,
            taken=table.taken,
            late=table.late,
            failed=sum(self.problems.values()),
            slowed=table.slowed,
            inside_looks=self._inside_looks + sum(agent.looks for agent in self.agents),
            inside_missed=self._inside_missed + sum(agent.channel.dropped() for agent in self.agents),
        )


def _allow_many_files() -> None:
    """Two descriptors are kept per thread: take what the hard limit allows. The target has its own limit already."""
    import resource  # not on Windows, where nobody calls this

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):
            return


def can_observe() -> bool:
    """Whether this system has what a supervisor needs."""
    return os.path.exists("/proc/self/task") and os.path.exists("/proc/self/schedstat")
