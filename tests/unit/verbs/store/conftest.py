"""A run as an observer would record it, made up from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from iobound.model.increment import Closing, Increment, Opening, ThreadPart, assemble
from iobound.model.recording import (
    Capability,
    Channel,
    Effort,
    Gil,
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

START = 86_400_000_000_000
SECOND = 1_000_000_000
STACKS = 300


@dataclass
class Run:
    """One busy thread at 100 looks a second and some that mostly wait, in parts of half a second."""

    seconds: int = 3
    waiting: int = 2
    seed: int = 1
    cpu_ns: dict[int, int] = field(default_factory=dict)  # last counter that was handed over, by thread
    looks: dict[int, int] = field(default_factory=dict)  # by thread
    end_ns: int = START

    def opening(self) -> Opening:
        return Opening(
            iobound="0.1.0",
            created="2026-11-22T10:00:00Z",
            command=("script.py", "na\udcefve"),
            cwd="/srv/\udcff",
            interpreter=Interpreter("cpython", "3.13.0", gil_enabled=True, free_threaded_build=False),
            machine=Machine("Linux", 8, 2.5, "cgroup", 1 << 34),
            capabilities=(Capability("thread_states", "procfs", available=True),),
            start_ns=START,
            source="linux",
        )

    def increments(self) -> Iterator[Increment]:
        dice = random.Random(self.seed)
        rows, waits = [0] * (self.waiting + 1), [(START, 0)] * (self.waiting + 1)
        self.cpu_ns = dict.fromkeys(range(self.waiting + 1), 0)
        self.looks = dict.fromkeys(range(self.waiting + 1), 0)
        for step in range(self.seconds * 2):
            parts = [self._busy(dice, rows)]
            parts += [self._waiting(dice, thread, rows, waits) for thread in range(1, self.waiting + 1)]
            tables = _tables() if step == 0 else Increment(time_ns=0)
            process = ProcessRecord(1, 0, "python script.py", True, True, START, self.end_ns, (), voluntary=step)
            yield Increment(
                time_ns=self.end_ns,
                channels=tables.channels,
                places=tables.places,
                stacks=tables.stacks,
                processes=((0, process),),
                threads=tuple(parts),
                host=(HostLook(self.end_ns, 0.5, 0.25, throttled_ns=step),),
                effort=Effort(step, 10_000_000, step, step, 0, 0),
            )

    def closing(self) -> Closing:
        place = 3
        loop = LoopFact("/srv/a.py", "f", 1, 9, 0, "for", "x", "items", "yes", ("prints",), "for x in items:", 7)
        finding = FindingFact("IOB201", "/srv/a.py", 3, 4, 5, 9, "warning", "waits in turn", "let them overlap")
        return Closing(
            end_ns=self.end_ns + SECOND,
            exit_code=3,
            signal=None,
            capabilities=(Capability("gil_probe", "agent", available=False, why="no agent"),),
            notes=("a note",),
            facts=SourceFacts(
                {place: CallFact("a.b", "b(x)", category="network")},
                (loop,),
                {place: (0,)},
                {place: "b(x)"},
                (finding,),
                "not all was scanned",
            ),
        )

    def whole(self) -> Recording:
        increments = list(self.increments())
        return assemble(self.opening(), increments, self.closing())

    def _busy(self, dice: random.Random, rows: list[int]) -> ThreadPart:
        marks, stacks, loops, first = Marks(), StackLooks(), LoopLooks(), rows[0]
        for _ in range(50):
            self.end_ns += dice.randrange(1, 20_000_000)
            self.cpu_ns[0] += dice.randrange(9_000_000, 10_000_000)
            self.looks[0] += 1
            marks.append(self.end_ns, self.cpu_ns[0], dice.randrange(100_000), 0, dice.choice((Gil.MINE, Gil.FREE)))
            stacks.append(
                self.end_ns, self.end_ns + dice.randrange(100_000), dice.randrange(STACKS), dice.choice((0, 1))
            )
        loops.append(self.end_ns, 1, 0, 0, rows[0] + 50, 10**6)
        rows[0] += 50
        record = ThreadRecord(10, "MainThread", START, self.end_ns, self.cpu_ns[0], 0, marks, stacks, loops)
        return ThreadPart(0, 0, first, record)

    def _waiting(self, dice: random.Random, thread: int, rows: list[int], waits: list[tuple[int, int]]) -> ThreadPart:
        marks = Marks()
        began, looks = waits[thread]
        if rows[thread] and dice.random() < 0.8:  # the last mark grows
            waits[thread] = (began, looks + 50)
            marks.append(began, self.cpu_ns[thread], 0, 1, Gil.FREE, still=self.end_ns, looks=looks + 50)
            first = rows[thread] - 1
        else:
            waits[thread] = (self.end_ns, 50)
            self.cpu_ns[thread] += dice.randrange(1, 100_000)
            marks.append(self.end_ns, self.cpu_ns[thread], 0, 1, Gil.FREE, looks=50)
            first, rows[thread] = rows[thread], rows[thread] + 1
        self.looks[thread] += 50
        cpu = self.cpu_ns[thread]
        name = f"Thread-{thread}"
        record = ThreadRecord(10 + thread, name, START, self.end_ns, cpu, 0, marks, StackLooks(), LoopLooks())
        return ThreadPart(0, thread, first, record)


def _tables() -> Increment:
    return Increment(
        time_ns=0,
        channels=(Channel("", Kind.UNKNOWN), Channel("recvfrom", Kind.INTERNET, "127.0.0.1:80")),
        places=tuple(Place(f"/srv/module_{i % 20}.py", f"f{i}", i, i + 1, 4, i + 1, 9) for i in range(STACKS)),
        stacks=tuple(StackNode(max(0, i - 1), i) for i in range(STACKS)),
    )


@pytest.fixture
def make_run() -> type[Run]:
    return Run
