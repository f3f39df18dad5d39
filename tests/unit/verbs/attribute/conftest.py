"""Hand-made recordings: places and stacks by name, looks one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from iobound.model.recording import (
    NO_STACK,
    Channel,
    Effort,
    HostLook,
    Interpreter,
    Kind,
    LoopLooks,
    Machine,
    Marks,
    Place,
    ProcessRecord,
    Recording,
    StackLooks,
    StackNode,
    ThreadRecord,
)
from iobound.model.source_facts import CallFact, FindingFact, LoopFact, SourceFacts
from iobound.verbs.attribute.frames import StackTable

MS = 1_000_000
LIBRARY = "/usr/lib/python3.12/"
APP = "/home/me/app.py"


@dataclass
class Desk:
    """Makes a recording piece by piece; times are in milliseconds."""

    places: list[Place] = field(default_factory=list)
    stacks: list[StackNode] = field(default_factory=lambda: [StackNode(0, 0)])
    channels: list[Channel] = field(default_factory=lambda: [Channel("running", Kind.UNKNOWN)])
    calls: dict[int, CallFact] = field(default_factory=dict)
    lines: dict[int, str] = field(default_factory=dict)
    loops: list[LoopFact] = field(default_factory=list)
    enclosing: dict[int, tuple[int, ...]] = field(default_factory=dict)
    findings: list[FindingFact] = field(default_factory=list)
    processes: list[ProcessRecord] = field(default_factory=list)
    host: tuple[HostLook, ...] = ()
    gil_enabled: bool = True

    def place(self, function: str, line: int = 1, file: str = APP, call: CallFact | None = None) -> int:
        """A place; library files are given below the library."""
        path = file if file.startswith(("/", "<")) else LIBRARY + file
        place = Place(path, function, 1, line)
        if place not in self.places:
            self.places.append(place)
        number = self.places.index(place)
        if call:
            self.calls[number] = call
        return number

    def stack(self, *places: int) -> int:
        """A stack, outermost first."""
        stack = NO_STACK
        for place in places:
            node = StackNode(stack, place)
            if node not in self.stacks[1:]:
                self.stacks.append(node)
            stack = self.stacks.index(node, 1)
        return stack

    def channel(self, call: str, kind: Kind, target: str = "") -> int:
        channel = Channel(call, kind, target)
        if channel not in self.channels:
            self.channels.append(channel)
        return self.channels.index(channel)

    def loop(self, *places: int, line: int = 1, kind: str = "for", trip_count: int | None = None) -> int:
        """A loop around places; loops of one place are made outermost first."""
        self.loops.append(LoopFact(APP, "main", line, line + 5, 4, kind, "x", "xs", "yes", (), "", trip_count))
        for place in places:
            self.enclosing[place] = (*self.enclosing.get(place, ()), len(self.loops) - 1)
        return len(self.loops) - 1

    def thread(
        self,
        rows: Sequence[tuple[int, int, int, int]] = (),
        stacks: Sequence[int] | None = None,
        *,
        name: str = "MainThread",
        end: int,
        start: int = 0,
        cpu: int | None = None,
        queued: int = 0,
        loops: LoopLooks | None = None,
    ) -> ThreadRecord:
        """A thread with rows of (time, still, channel, gil), on a CPU between rows that were running."""
        marks, looks = Marks(), StackLooks()
        on_cpu, before, was_running = 0, start, True
        for row, (time, still, channel, gil) in enumerate(rows):
            if channel == 0 and was_running:
                on_cpu += time - before
            before, was_running = still, channel == 0
            marks.append(time * MS, on_cpu * MS, 0, channel, gil, still=still * MS, looks=1 + (still - time) // 7)
            if stacks:
                looks.append(time * MS, time * MS + 1000, stacks[row], 0)
        on_cpu += end - before if was_running else 0
        return ThreadRecord(
            1, name, start * MS, end * MS, (on_cpu if cpu is None else cpu) * MS, queued * MS, marks, looks,
            loops or LoopLooks(),
        )  # fmt: skip

    def process(self, *threads: ThreadRecord, python: bool = True, agent: bool = True, **more: int) -> None:
        start, end = min(thread.start_ns for thread in threads), max(thread.end_ns for thread in threads)
        number = len(self.processes)
        self.processes.append(
            ProcessRecord(100 + number, 1, "p", python, agent, start, end, tuple(threads), **more)  # type: ignore[arg-type]
        )

    def change_thread(self, **fields: int) -> None:
        """Give the first thread of the first process other fields."""
        process = self.processes[0]
        self.processes[0] = process._replace(threads=(process.threads[0]._replace(**fields), *process.threads[1:]))  # type: ignore[arg-type]

    def recording(self) -> Recording:
        """The whole."""
        return Recording(
            iobound="0",
            created="",
            command=("app.py",),
            cwd="/home/me",
            interpreter=Interpreter("cpython", "3.12.0", self.gil_enabled, not self.gil_enabled),
            machine=Machine("Linux", 2, 2.0, "machine", 1 << 30),
            capabilities=(),
            start_ns=0,
            end_ns=max((process.end_ns for process in self.processes), default=0),
            exit_code=0,
            signal=None,
            processes=tuple(self.processes),
            channels=tuple(self.channels),
            places=tuple(self.places),
            stacks=tuple(self.stacks),
            host=self.host,
            effort=Effort(0, 7 * MS, 0, 0, 0, 0),
            facts=SourceFacts(self.calls, tuple(self.loops), self.enclosing, self.lines, tuple(self.findings)),
        )

    def table(self) -> StackTable:
        return StackTable(self.recording())


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def running() -> Callable[[int, int, int], list[tuple[int, int, int, int]]]:
    """Rows of a thread that is seen running every 7 ms: from, until, GIL flag."""

    def rows(start: int, end: int, gil: int) -> list[tuple[int, int, int, int]]:
        return [(time, time, 0, gil) for time in range(start, end, 7)]

    return rows
