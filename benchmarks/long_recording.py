"""A recording of a long run of many threads, made of chance with a seed: as large as such a one may be, in no time.

Threads are in one state for a run of looks, as programs are: they wait for a peer, compute with the GIL or queue for
it, sleep, wait for a lock. Their places are those of some dozen files, with loops and calls in them, and what the
scanner would find there.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from iobound.model.place import Place
from iobound.model.recording import (
    NO_STACK,
    RUNNING,
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
    ProcessRecord,
    Recording,
    StackLooks,
    StackNode,
    ThreadRecord,
)
from iobound.model.source_facts import CallFact, FindingFact, LoopFact, SourceFacts

S = 1_000_000_000
START = 1_000 * S
CWD = "/home/ann/service"
FILES, FUNCTIONS = 24, 4
PEERS = 120


class Size(NamedTuple):
    """How large: `looks` are marks of all threads together, which is what the observer bounds."""

    seconds: int = 600
    threads: int = 50
    looks: int = 300_000
    findings: int = 200


def long_recording(size: Size, seed: int = 5) -> Recording:
    """The recording; the same for the same size and seed."""
    chance = random.Random(seed)
    stage = _Stage()
    threads = tuple(_thread(number, size, stage, chance) for number in range(size.threads))
    process = ProcessRecord(4000, 1, "python -m service", True, True, START, START + size.seconds * S, threads, 0)
    return Recording(
        iobound="0.1.0",
        created="2026-11-26T10:00:00Z",
        command=("-m", "service"),
        cwd=CWD,
        interpreter=Interpreter("cpython", "3.13.0", gil_enabled=True, free_threaded_build=False),
        machine=Machine("Linux", 8, 8.0, "machine", 16 * 2**30),
        capabilities=(Capability("thread_states", "procfs", True), Capability("gil", "gil_probe", True)),
        start_ns=START,
        end_ns=START + size.seconds * S,
        exit_code=0,
        signal=None,
        processes=(process,),
        channels=stage.channels,
        places=stage.places,
        stacks=stage.stacks,
        host=tuple(HostLook(START + second * S, 0.3, 0.01, 0.0) for second in range(0, size.seconds, 2)),
        effort=Effort(size.seconds * S // 120, 100_000_000, size.seconds * 10, size.seconds * 10, 0, 0),
        facts=stage.facts(size.findings),
    )


class _Stage:
    """Places, stacks and channels: in each file a loop that calls a function that waits, and one that computes."""

    def __init__(self) -> None:
        places, nodes = (
            [Place("/usr/lib/python3.13/threading.py", "Thread.run", 900, 992, 12, 992, 40)],
            [
                StackNode(NO_STACK, 0),
                StackNode(NO_STACK, 0),
            ],
        )
        self.waiting: list[int] = []
        self.computing: list[int] = []
        self.sleeping: list[int] = []
        self.loops: list[LoopFact] = []
        self.enclosing: dict[int, tuple[int, ...]] = {}
        self.calls: dict[int, CallFact] = {}
        for number in range(FILES * FUNCTIONS):
            file = f"{CWD}/service/module_{number // FUNCTIONS}.py"
            base = 100 * (number % FUNCTIONS)
            name = f"handle_{number % FUNCTIONS}"
            loop = Place(file, name, base + 1, base + 8, 12, base + 8, 40)
            inner = [
                (f"fetch_{number}", base + 30, "socket.socket.recv", "network", self.waiting),
                (f"score_{number}", base + 50, "json.loads", "cpu-python", self.computing),
                (f"pause_{number}", base + 70, "time.sleep", "sleep", self.sleeping),
            ]
            places.append(loop)
            nodes.append(StackNode(1, len(places) - 1))
            at_loop = len(nodes) - 1
            self.loops.append(
                LoopFact(
                    file,
                    name,
                    base + 7,
                    base + 10,
                    4,
                    "for",
                    "item",
                    "items",
                    "yes",
                    source="for item in items:\n    results.append(fetch(item))",
                )
            )
            self.enclosing[len(places) - 1] = (number,)
            self.calls[len(places) - 1] = CallFact(f"module_{number}.fetch", "fetch(item)")
            for function, line, call, category, list_ in inner:
                places.append(Place(file, function, line - 4, line, 8, line, 30))
                nodes.append(StackNode(at_loop, len(places) - 1))
                self.calls[len(places) - 1] = CallFact(call, f"{call}(x)", category=category)
                list_.append(len(nodes) - 1)
        self.places, self.stacks = tuple(places), tuple(nodes)
        peers = tuple(Channel("recvfrom", Kind.INTERNET, f"10.0.{n // 250}.{n % 250 + 1}:443") for n in range(PEERS))
        self.channels = (
            Channel("", Kind.UNKNOWN), *peers,
            Channel("clock_nanosleep", Kind.TIMER), Channel("futex", Kind.FUTEX, "0x7f00"),
        )  # fmt: skip

    def facts(self, findings: int) -> SourceFacts:
        """Findings at the lines of the loops, again and again over the files."""
        message = "each of these calls waits for the one before, and none needs another's result"
        found = tuple(
            FindingFact(
                "IOB201",
                loop.file,
                loop.line,
                4,
                loop.end_line,
                40,
                "warning",
                message,
                "overlap them in a thread pool",
            )
            for loop in (self.loops[number % len(self.loops)] for number in range(findings))
        )
        return SourceFacts(self.calls, tuple(self.loops), self.enclosing, {}, found)


def _thread(number: int, size: Size, stage: _Stage, chance: random.Random) -> ThreadRecord:
    """Runs of looks in one state each, with counters that fit them."""
    marks, stacks, loops = Marks(), StackLooks(), LoopLooks()
    looks = size.looks // size.threads
    step = size.seconds * S // looks
    now, cpu, queued, position = START, 0, 0, 0
    left, state, stack, channel = 0, "wait", 0, 0
    home = number % (FILES * FUNCTIONS)
    for look in range(looks):
        if left == 0:
            state = chance.choices(("wait", "compute", "queue", "sleep", "lock"), (60, 12, 12, 10, 6))[0]
            left = chance.randint(1, 12)
            which = home if chance.random() < 0.7 else chance.randrange(FILES * FUNCTIONS)
            lists = {"wait": stage.waiting, "sleep": stage.sleeping, "lock": stage.waiting}
            stack = lists.get(state, stage.computing)[which]
            channel = {"wait": 1 + chance.randrange(PEERS), "sleep": PEERS + 1, "lock": PEERS + 2}.get(state, RUNNING)
            position += 1
        left -= 1
        gil = {"compute": Gil.MINE, "queue": Gil.OTHER}.get(state, Gil.UNKNOWN)
        still = now if channel == RUNNING else now + step // 2
        marks.append(now, cpu, queued, channel, gil, still=still)
        if look % 2 == 0:
            stacks.append(now, now, stack, 0)
            loops.append(now, stage.stacks[stack].caller, 0, 1 + home, position, -1)
        cpu += {"compute": step * 9 // 10}.get(state, step // 100)
        queued += {"queue": step * 9 // 10}.get(state, 0)
        now += step
    end = START + size.seconds * S
    return ThreadRecord(4000 + number, f"Thread-{number} (serve)", START, end, cpu, queued, marks, stacks, loops)
