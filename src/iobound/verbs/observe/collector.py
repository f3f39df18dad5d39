"""What has been observed so far: grows while the target runs, is handed on in increments, and becomes a recording."""

from __future__ import annotations

from array import array

from iobound.model.increment import Increment, ThreadPart
from iobound.model.recording import (
    Channel,
    Effort,
    HostLook,
    Kind,
    LoopLooks,
    Marks,
    Place,
    ProcessRecord,
    StackLooks,
    StackNode,
    ThreadRecord,
)

_MAX_CHANNELS = 20_000
_MAX_PLACES = 100_000
_MAX_STACKS = 300_000
_MAX_PROCESSES = _MAX_THREADS = 20_000
"""However long the run is: more than these a report could not be made of in a minute."""


class ThreadNotes:
    """One thread while it is observed; `marks` and the others hold what is not handed on yet.

    Once it is `over`, nothing more will be known of it, and it is forgotten when it has been handed on.
    """

    def __init__(self, index: int, process: ProcessNotes, native_id: int, name: str, start_ns: int) -> None:
        self.index = index
        self.process = process
        self.native_id = native_id
        self.name = name
        self.start_ns = self.end_ns = start_ns
        self.cpu_ns = 0
        self.queued_ns = 0
        self.marks = Marks()
        self.stacks = StackLooks()
        self.loops = LoopLooks()
        self.handed_on = 0  # marks that an increment has had already, but for the last, which may still grow
        self.over = False

    def leave_out(self, until_ns: int) -> None:
        """Forget everything so far, as if it began then; only before anything was handed on."""
        self.start_ns = self.end_ns = until_ns
        self.cpu_ns = self.queued_ns = 0
        self.marks, self.stacks, self.loops = Marks(), StackLooks(), LoopLooks()

    def record(self) -> ThreadRecord:
        """As known now, with the rows that are not handed on yet."""
        return ThreadRecord(
            native_id=self.native_id,
            name=self.name,
            start_ns=self.start_ns,
            end_ns=max(self.end_ns, self.start_ns),
            cpu_ns=self.cpu_ns,
            queued_ns=self.queued_ns,
            marks=Marks(*(column[:] for column in _columns(self.marks))),
            stacks=self.stacks,
            loops=self.loops,
        )

    def hand_on(self) -> None:
        """Forget what has been handed on, except for the last mark: the thread may still be in it."""
        settled = max(0, len(self.marks) - 1)
        self.handed_on += settled
        for column in _columns(self.marks):
            del column[:settled]
        self.stacks = StackLooks()
        self.loops = LoopLooks()


class ProcessNotes:
    """One process while it is observed; `threads` are those that are not over, and `born` is how many there were."""

    def __init__(self, index: int, pid: int, parent: int, command: str, start_ns: int) -> None:
        self.index = index
        self.pid = pid
        self.parent = parent
        self.command = command
        self.start_ns = self.end_ns = start_ns
        self.python = False
        self.agent = False
        self.exit_code: int | None = None
        self.signal: int | None = None
        self.read_bytes: int | None = None
        self.write_bytes: int | None = None
        self.voluntary: int | None = None
        self.involuntary: int | None = None
        self.family_voluntary: int | None = None
        self.family_involuntary: int | None = None
        self.peak_rss_bytes: int | None = None
        self.minor_faults: int | None = None
        self.system_ns: int | None = None
        self.children_cpu_ns: int | None = None
        self.threads: list[ThreadNotes] = []
        self.born = 0
        self.over = False

    def forget_those_over(self) -> None:
        """Be as if threads that are over had never been; only before anything was handed on."""
        self.threads = [thread for thread in self.threads if not thread.over]
        self.born = len(self.threads)
        for index, thread in enumerate(self.threads):
            thread.index = index

    def record(self) -> ProcessRecord:
        """As known now, without its threads."""
        return ProcessRecord(
            pid=self.pid,
            parent=self.parent,
            command=self.command,
            python=self.python,
            agent=self.agent,
            start_ns=self.start_ns,
            end_ns=self.end_ns,
            threads=(),
            exit_code=self.exit_code,
            signal=self.signal,
            read_bytes=self.read_bytes,
            write_bytes=self.write_bytes,
            voluntary=self.voluntary,
            involuntary=self.involuntary,
            peak_rss_bytes=self.peak_rss_bytes,
            minor_faults=self.minor_faults,
            system_ns=self.system_ns,
            children_cpu_ns=self.children_cpu_ns,
            family_voluntary=self.family_voluntary,
            family_involuntary=self.family_involuntary,
        )


class Collector:
    """Tables, processes and threads of one run, with their numbers.

    Attributes:
        processes: All that there were.
        left_out: Whether there were processes or threads that there was no room for.
    """

    def __init__(self) -> None:
        self.processes: list[ProcessNotes] = []
        self.left_out = False
        self._open: list[ProcessNotes] = []  # of which something may still be learnt
        self._threads = 0
        self._channels: dict[Channel, int] = {}
        self._places: dict[Place, int] = {}
        self._stacks: dict[StackNode, int] = {}
        self._new_channels: list[Channel] = []
        self._new_places: list[Place] = []
        self._new_stacks: list[StackNode] = []
        self._new_host: list[HostLook] = []
        self.channel(Channel("running", Kind.UNKNOWN))
        self.stack(StackNode(0, 0))
        self.place(Place("", "", 0, 0))

    def channel(self, channel: Channel) -> int:
        """Number of a channel; from 20,000 on, targets are no longer told apart."""
        number = self._channels.get(channel)
        if number is None:
            if len(self._channels) >= _MAX_CHANNELS and channel.target:
                return self.channel(Channel(channel.call, channel.kind))
            number = self._channels[channel] = len(self._channels)
            self._new_channels.append(channel)
        return number

    def place(self, place: Place) -> int:
        """Number of a place; 0, which is nowhere, for what is new from 100,000 on: code that is made all the time."""
        number = self._places.get(place)
        if number is None:
            if len(self._places) >= _MAX_PLACES:
                return 0
            number = self._places[place] = len(self._places)
            self._new_places.append(place)
        return number

    def stack(self, node: StackNode) -> int:
        """Number of a stack; from 300,000 on of the part of it that is known, for what is new ends at the caller."""
        number = self._stacks.get(node)
        if number is None:
            if self._stacks and (node.place == 0 or len(self._stacks) >= _MAX_STACKS):
                return node.caller
            number = self._stacks[node] = len(self._stacks)
            self._new_stacks.append(node)
        return number

    def places(self) -> tuple[Place, ...]:
        """All places so far, by number."""
        return tuple(self._places)

    @property
    def takes_processes(self) -> bool:
        """Whether there is room for one process more."""
        return len(self.processes) < _MAX_PROCESSES

    @property
    def takes_threads(self) -> bool:
        """Whether there is room for one thread more."""
        return self._threads < _MAX_THREADS

    def start_process(self, pid: int, parent: int, command: str, now: int) -> ProcessNotes:
        """Begin to keep notes of a process."""
        notes = ProcessNotes(len(self.processes), pid, parent, command, now)
        self.processes.append(notes)
        self._open.append(notes)
        return notes

    def start_thread(self, process: ProcessNotes, native_id: int, name: str, now: int) -> ThreadNotes:
        """Begin to keep notes of a thread."""
        notes = ThreadNotes(process.born, process, native_id, name, now)
        process.born += 1
        self._threads += 1
        process.threads.append(notes)
        return notes

    def host(self, look: HostLook) -> None:
        """Keep a look at the machine."""
        self._new_host.append(look)

    def increment(self, now: int, effort: Effort, *, whole: bool = False) -> Increment:
        """What is new since the last call; with `whole` every thread and process as it is now.

        It costs as much as there are processes and threads alive, however many there have been.
        """
        parts = []
        for process in self._open:
            for thread in process.threads:
                if whole or thread.over or len(thread.marks) > 1 or thread.stacks.wanted or thread.loops.time:
                    parts.append(ThreadPart(process.index, thread.index, thread.handed_on, thread.record()))
                    thread.hand_on()
            process.threads = [thread for thread in process.threads if not thread.over]
        changed = self._open
        if whole and self.processes and self.processes[0] not in changed:  # how it ended is known last of all
            changed = [self.processes[0], *changed]
        self._open = [process for process in self._open if not process.over or process.threads]
        made = Increment(
            time_ns=now,
            channels=tuple(self._new_channels),
            places=tuple(self._new_places),
            stacks=tuple(self._new_stacks),
            processes=tuple((process.index, process.record()) for process in changed),
            threads=tuple(parts),
            host=tuple(self._new_host),
            effort=effort,
        )
        self._new_channels, self._new_places, self._new_stacks, self._new_host = [], [], [], []
        return made


def _columns(marks: Marks) -> tuple[array[int], ...]:
    return (marks.time, marks.still, marks.cpu, marks.queued, marks.channel, marks.gil, marks.looks)
