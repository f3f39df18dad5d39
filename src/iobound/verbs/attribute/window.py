"""The last stretch of a recording, for who wants to know about that only: the rest costs time to look through."""

from __future__ import annotations

from bisect import bisect_left

from iobound.model.recording import LoopLooks, Marks, Recording, StackLooks, ThreadRecord

_MARGIN_NS = 500_000_000
"""Marks share their time with their neighbours: some that lie before the stretch belong to the picture."""


def since(recording: Recording, start_ns: int) -> Recording:
    """The recording from a little before an instant on; places, stacks and processes keep their numbers."""
    start_ns -= _MARGIN_NS
    if start_ns <= recording.start_ns:
        return recording
    processes = tuple(
        process._replace(
            threads=tuple(_since(thread, start_ns) for thread in process.threads if thread.end_ns >= start_ns)
        )
        for process in recording.processes
    )
    return recording._replace(processes=processes)


def _since(thread: ThreadRecord, start_ns: int) -> ThreadRecord:
    """The thread from the last look before that on, its counters counted from there."""
    base = bisect_left(thread.marks.still, start_ns) - 1
    if base < 0:
        return thread
    marks = thread.marks
    began_ns, cpu, queued = marks.still[base], marks.cpu[base], marks.queued[base]
    left = Marks(*(getattr(marks, name)[base + 1 :] for name in Marks.__slots__))
    for row in range(len(left)):
        left.cpu[row] -= cpu
        left.queued[row] -= queued
    first = bisect_left(thread.stacks.wanted, began_ns)
    return thread._replace(
        start_ns=min(began_ns, thread.end_ns),
        cpu_ns=max(0, thread.cpu_ns - cpu),
        queued_ns=max(0, thread.queued_ns - queued),
        marks=left,
        stacks=StackLooks(*(getattr(thread.stacks, name)[first:] for name in StackLooks.__slots__)),
        loops=LoopLooks(),
    )
