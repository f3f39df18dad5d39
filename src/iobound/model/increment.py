"""A recording in the making: what the observer hands over as it goes, and how the parts make the whole.

The observer emits one `Opening`, any number of `Increment`s, and one `Closing` unless it was killed itself. A store
writes each as it comes, so that a killed run loses its last moments only.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from iobound.model.calls import FunctionCalls
from iobound.model.recording import (
    Capability,
    Channel,
    Effort,
    HostLook,
    Interpreter,
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
from iobound.model.source_facts import SourceFacts


class Opening(NamedTuple):
    """What is known before the target runs; fields as in `Recording`."""

    iobound: str
    created: str
    command: tuple[str, ...]
    cwd: str
    interpreter: Interpreter
    machine: Machine
    capabilities: tuple[Capability, ...]
    start_ns: int
    source: str
    own_thread: int = 0


class ThreadPart(NamedTuple):
    """What is new of one thread.

    Attributes:
        process: Index into the run's processes; `thread` likewise into that process's threads.
        first_mark: Row at which `record.marks` begins; rows from there on are replaced (the last mark of a thread
            still grows while the thread waits). Rows of `stacks` and `loops` are always new.
        record: The thread as known now, with the new rows only.
    """

    process: int
    thread: int
    first_mark: int
    record: ThreadRecord


class Increment(NamedTuple):
    """What is new since the increment before. Tables grow; processes and threads are replaced by what is known now.

    Attributes:
        time_ns: When it was made.
        processes: Index and record of each process that is new or changed, with no threads in it.
    """

    time_ns: int
    channels: tuple[Channel, ...] = ()
    places: tuple[Place, ...] = ()
    stacks: tuple[StackNode, ...] = ()
    processes: tuple[tuple[int, ProcessRecord], ...] = ()
    threads: tuple[ThreadPart, ...] = ()
    host: tuple[HostLook, ...] = ()
    effort: Effort | None = None


class Closing(NamedTuple):
    """What is known after the target has ended. `capabilities` replace those of the opening."""

    end_ns: int
    exit_code: int | None
    signal: int | None
    capabilities: tuple[Capability, ...]
    notes: tuple[str, ...] = ()
    facts: SourceFacts = SourceFacts()
    functions: tuple[FunctionCalls, ...] = ()


class Journal(Protocol):
    """Where the parts of a recording go as they are made."""

    def add(self, part: Opening | Increment | Closing) -> None:
        """Keep one part; must not raise for lack of space, but remember it."""


ENDS_EARLY = "the recording ends early: the observer was stopped before the target ended"
"""A note of a recording that has no closing."""

NOT_SCANNED = "the program's own files were not scanned: the recording ends early"

NO_EFFORT = Effort(cpu_ns=0, period_ns=0, wanted=0, taken=0, late=0, failed=0)


def assemble(opening: Opening, increments: Iterable[Increment], closing: Closing | None) -> Recording:
    """Make the whole of its parts; without a closing the run ends where the last increment was made."""
    tables = _Tables()
    last_ns = opening.start_ns
    effort = NO_EFFORT
    for increment in increments:
        tables.add(increment)
        last_ns = max(last_ns, increment.time_ns)
        effort = increment.effort or effort
    lost = () if closing else (ENDS_EARLY,)
    return Recording(
        iobound=opening.iobound,
        created=opening.created,
        command=opening.command,
        cwd=opening.cwd,
        interpreter=opening.interpreter,
        machine=opening.machine,
        capabilities=closing.capabilities if closing else opening.capabilities,
        start_ns=opening.start_ns,
        end_ns=closing.end_ns if closing else last_ns,
        exit_code=closing.exit_code if closing else None,
        signal=closing.signal if closing else None,
        processes=tables.process_records(),
        channels=tuple(tables.channels),
        places=tuple(tables.places),
        stacks=tuple(tables.stacks),
        host=tuple(tables.host),
        effort=effort,
        facts=closing.facts if closing else SourceFacts(unscanned=NOT_SCANNED),
        notes=(closing.notes if closing else ()) + lost,
        functions=closing.functions if closing else (),
        source=opening.source,
        own_thread=opening.own_thread,
    )


class _Tables:
    def __init__(self) -> None:
        self.channels: list[Channel] = []
        self.places: list[Place] = []
        self.stacks: list[StackNode] = []
        self.host: list[HostLook] = []
        self.processes: dict[int, ProcessRecord] = {}
        self.threads: dict[tuple[int, int], ThreadRecord] = {}

    def add(self, increment: Increment) -> None:
        self.channels.extend(increment.channels)
        self.places.extend(increment.places)
        self.stacks.extend(increment.stacks)
        self.host.extend(increment.host)
        self.processes.update(increment.processes)
        for part in increment.threads:
            key = (part.process, part.thread)
            known = self.threads.get(key)
            self.threads[key] = part.record if known is None else _joined(known, part)

    def process_records(self) -> tuple[ProcessRecord, ...]:
        threads: dict[int, list[ThreadRecord]] = {}
        for (process, _), record in sorted(self.threads.items()):
            threads.setdefault(process, []).append(record)
        return tuple(
            record._replace(threads=tuple(threads.get(index, ()))) for index, record in sorted(self.processes.items())
        )


def _joined(known: ThreadRecord, part: ThreadPart) -> ThreadRecord:
    return part.record._replace(
        marks=Marks(*_columns(known.marks, part.record.marks, part.first_mark)),
        stacks=StackLooks(*_columns(known.stacks, part.record.stacks, len(known.stacks))),
        loops=LoopLooks(*_columns(known.loops, part.record.loops, len(known.loops))),
    )


def _columns(
    known: Marks | StackLooks | LoopLooks, new: Marks | StackLooks | LoopLooks, first: int
) -> list[array[int]]:
    return [getattr(known, name)[:first] + getattr(new, name) for name in known.__slots__]
