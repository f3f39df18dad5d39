"""Halve the resolution of a recording, so that a run of any length fits into a file of a fixed size.

A look can be left out without making anything wrong, since counters count from the beginning of a thread: what a
left out look knew is contained in the next one. Which of two neighbours stays is decided by a hash of their times,
so that neither the first nor the second of a rhythm is preferred, and the same recording is always thinned alike.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import compress
from typing import TypeVar

from iobound.model.increment import Increment
from iobound.model.recording import HostLook, LoopLooks, Marks, Recording, StackLooks, ThreadRecord

Looks = TypeVar("Looks", Marks, StackLooks, LoopLooks)

_GOLDEN = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1


def thin(recording: Recording) -> Recording:
    """Leave out about every second look; counters, spans of time and numbers of looks stay exact.

    The first and the last mark of every thread stay as they are. Waits that were seen more than once stay too,
    but where they are most of a thread's marks only its longer ones do: the thread must become smaller.
    """
    processes = tuple(
        process._replace(threads=tuple(map(thinned_thread, process.threads))) for process in recording.processes
    )
    return recording._replace(processes=processes, host=thinned_host(recording.host))


def thinned_increment(increment: Increment) -> Increment:
    """The same for a whole run that is not finished."""
    threads = tuple(part._replace(record=thinned_thread(part.record)) for part in increment.threads)
    return increment._replace(threads=threads, host=thinned_host(increment.host))


def thinned_thread(record: ThreadRecord) -> ThreadRecord:
    """One thread with about half of its looks."""
    return record._replace(
        marks=_thinned_marks(record.marks),
        stacks=_thinned_looks(record.stacks, record.stacks.wanted),
        loops=_thinned_looks(record.loops, record.loops.time),
    )


def thinned_host(looks: Sequence[HostLook]) -> tuple[HostLook, ...]:
    """Looks at the machine, two periods made one."""
    pairs = [_joined_host(first, second) for first, second in zip(looks[::2], looks[1::2], strict=False)]
    return (*pairs, *looks[len(pairs) * 2 :])


def _thinned_marks(marks: Marks) -> Marks:
    keep = bytearray(b"\1") * len(marks)
    looks = array(marks.looks.typecode, marks.looks)
    rows = _dispensable(marks)
    for first, second in zip(rows[::2], rows[1::2], strict=False):
        stays, goes = (first, second) if _prefers_first(marks.time[first], marks.time[second]) else (second, first)
        keep[goes] = 0
        looks[stays] += looks[goes]
    counted = Marks(marks.time, marks.still, marks.cpu, marks.queued, marks.channel, marks.gil, looks)
    return _selected(counted, keep)


def _dispensable(marks: Marks) -> list[int]:
    """Rows that may be left out: moments, and where these are few also the shorter waits. Never the first or last."""
    from statistics import median  # slow to import, and few runs are long enough to be thinned

    inner = range(1, len(marks) - 1)
    waits = [marks.still[row] - marks.time[row] for row in inner]
    limit = 0 if waits.count(0) * 2 >= len(waits) else median(waits)
    return [row for row, wait in zip(inner, waits, strict=True) if wait <= limit]


def _thinned_looks(looks: Looks, times: array[int]) -> Looks:
    """Of the moments that were looked at, about half, with all their rows: nested loops are seen at one moment."""
    moments = list(dict.fromkeys(times))
    gone = {
        second if _prefers_first(first, second) else first
        for first, second in zip(moments[::2], moments[1::2], strict=False)
    }
    return _selected(looks, [time not in gone for time in times])


def _selected(looks: Looks, keep: Sequence[object]) -> Looks:
    columns = [getattr(looks, name) for name in looks.__slots__]
    return type(looks)(*(array(values.typecode, compress(values, keep)) for values in columns))


def _prefers_first(first_ns: int, second_ns: int) -> bool:
    mixed = ((first_ns * _GOLDEN) ^ second_ns) * _GOLDEN & _WORD
    return bool(mixed >> 63)


def _joined_host(first: HostLook, second: HostLook) -> HostLook:
    def mean(one: float | None, other: float | None) -> float | None:
        return one if other is None else other if one is None else (one + other) / 2

    throttled = [look.throttled_ns for look in (first, second) if look.throttled_ns is not None]
    return HostLook(
        time=second.time,
        busy=mean(first.busy, second.busy),
        iowait=mean(first.iowait, second.iowait),
        steal=mean(first.steal, second.steal),
        cpu_pressure=mean(first.cpu_pressure, second.cpu_pressure),
        io_pressure=mean(first.io_pressure, second.io_pressure),
        throttled_ns=sum(throttled) if throttled else None,
    )
