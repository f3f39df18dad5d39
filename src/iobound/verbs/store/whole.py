"""The parts that a recording is made of, and many increments as one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from iobound.model.increment import Closing, Increment, Opening, ThreadPart
from iobound.model.recording import (
    Channel,
    Effort,
    HostLook,
    LoopLooks,
    Marks,
    Place,
    ProcessRecord,
    Recording,
    StackLooks,
    StackNode,
    ThreadRecord,
)
from iobound.verbs.store.layout import Invalid

Looks = TypeVar("Looks", Marks, StackLooks, LoopLooks)


def opening_of(recording: Recording) -> Opening:
    """The part of a recording that comes first."""
    return Opening(**{name: getattr(recording, name) for name in Opening._fields})


def increment_of(recording: Recording) -> Increment:
    """Everything between the opening and the closing of a recording."""
    return Increment(
        time_ns=recording.end_ns,
        channels=recording.channels,
        places=recording.places,
        stacks=recording.stacks,
        processes=tuple((index, record._replace(threads=())) for index, record in enumerate(recording.processes)),
        threads=tuple(
            ThreadPart(process, thread, 0, record)
            for process, owner in enumerate(recording.processes)
            for thread, record in enumerate(owner.threads)
        ),
        host=recording.host,
        effort=recording.effort,
    )


def closing_of(recording: Recording) -> Closing:
    """The part of a recording that comes last."""
    return Closing(**{name: getattr(recording, name) for name in Closing._fields})


def merged(increments: Iterable[Increment]) -> Increment:
    """One increment that does what all of them do in turn, in time that grows with their rows only.

    Raises:
        Invalid: If a thread's marks go on where the marks before did not end.
    """
    pile = _Pile()
    for increment in increments:
        pile.add(increment)
    return pile.increment()


class _Pile:
    def __init__(self) -> None:
        self.time_ns = -(1 << 63)
        self.channels: list[Channel] = []
        self.places: list[Place] = []
        self.stacks: list[StackNode] = []
        self.host: list[HostLook] = []
        self.processes: dict[int, ProcessRecord] = {}
        self.records: dict[tuple[int, int], ThreadRecord] = {}
        self.looks: dict[tuple[int, int], _Looks] = {}
        self.effort: Effort | None = None

    def add(self, increment: Increment) -> None:
        self.time_ns = max(self.time_ns, increment.time_ns)
        self.channels += increment.channels
        self.places += increment.places
        self.stacks += increment.stacks
        self.host += increment.host
        self.processes.update(increment.processes)
        self.effort = increment.effort or self.effort
        for part in increment.threads:
            self._add_thread(part)

    def _add_thread(self, part: ThreadPart) -> None:
        key, new = (part.process, part.thread), part.record
        self.records[key] = new
        own = self.looks.get(key) or self.looks.setdefault(key, _Looks())
        if part.first_mark > len(own.marks):
            raise Invalid(f"marks of thread {new.native_id} are missing")
        _cut_off(own.marks, part.first_mark)
        _append(own.marks, new.marks)
        _append(own.stacks, new.stacks)
        _append(own.loops, new.loops)

    def increment(self) -> Increment:
        return Increment(
            time_ns=self.time_ns,
            channels=tuple(self.channels),
            places=tuple(self.places),
            stacks=tuple(self.stacks),
            processes=tuple(sorted(self.processes.items())),
            threads=tuple(ThreadPart(*key, 0, self._record(key)) for key in sorted(self.records)),
            host=tuple(self.host),
            effort=self.effort,
        )

    def _record(self, key: tuple[int, int]) -> ThreadRecord:
        own = self.looks[key]
        return self.records[key]._replace(marks=own.marks, stacks=own.stacks, loops=own.loops)


class _Looks:
    """All rows of one thread, which grow in place: copying them for each part would take the square of the time."""

    def __init__(self) -> None:
        self.marks = Marks()
        self.stacks = StackLooks()
        self.loops = LoopLooks()


def _cut_off(marks: Marks, first: int) -> None:
    if first < len(marks):
        for name in Marks.__slots__:
            del getattr(marks, name)[first:]


def _append(own: Looks, new: Looks) -> None:
    if len(new):
        for name in new.__slots__:
            getattr(own, name).extend(getattr(new, name))
