"""What must hold between the tables of a recording that comes from outside: every index points to something."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import islice
from operator import gt

from iobound.model.recording import Gil, Recording, StackNode, ThreadRecord
from iobound.model.source_facts import SourceFacts
from iobound.verbs.store.layout import Invalid


def require_lawful(recording: Recording) -> None:
    """Raise `Invalid` unless all indices are in range, stacks end, looks are in order of time, and there is a CPU."""
    machine = recording.machine
    if machine.cpus < 1 or machine.effective_cpus <= 0:
        raise Invalid(f"the machine has {machine.cpus} CPUs, of which it may use {machine.effective_cpus:g}")
    _require_stacks(recording.stacks, len(recording.places))
    for process in recording.processes:
        for thread in process.threads:
            _require_thread(thread, len(recording.channels), len(recording.stacks))
    _require_facts(recording.facts, len(recording.places))


def _require_stacks(stacks: Sequence[StackNode], places: int) -> None:
    for index, node in enumerate(islice(stacks, 1, None), start=1):
        # A caller that stands before its callee cannot be part of a circle.
        if not 0 <= node.caller < index:
            raise Invalid(f"stack {index} is called by stack {node.caller}, which does not stand before it")
        if not 0 <= node.place < places:
            raise Invalid(f"stack {index} is at place {node.place} of {places}")


def _require_thread(thread: ThreadRecord, channels: int, stacks: int) -> None:
    marks, looks, loops = thread.marks, thread.stacks, thread.loops
    _require_range("channel", marks.channel, channels)
    _require_range("GIL state", marks.gil, len(Gil))
    _require_range("stack", looks.stack, stacks)
    _require_range("stack of a loop", loops.stack, stacks)
    if min(loops.depth, default=0) < 0:
        raise Invalid("a loop has a negative depth")
    if min(marks.looks, default=1) < 1:
        raise Invalid("a mark stands for no look")
    for times in (marks.time, looks.wanted, loops.time):
        _require_order(times)
    if any(map(gt, marks.time, marks.still)):
        raise Invalid("a thread is still in a wait before the wait begins")
    if any(map(gt, marks.still, islice(marks.time, 1, None))):
        raise Invalid("a thread is still in a wait when it was seen elsewhere already")


def _require_range(what: str, values: array[int], size: int) -> None:
    if values and not 0 <= min(values) <= max(values) < size:
        raise Invalid(f"there is a {what} outside of 0..{size - 1}")


def _require_order(times: array[int]) -> None:
    if any(map(gt, times, islice(times, 1, None))):
        raise Invalid("looks are not in order of time")


def _require_facts(facts: SourceFacts, places: int) -> None:
    _require_indices("place", [*facts.calls, *facts.enclosing, *facts.lines], places)
    _require_indices("loop", (loop for loops in facts.enclosing.values() for loop in loops), len(facts.loops))


def _require_indices(what: str, indices: Iterable[int], size: int) -> None:
    for index in indices:
        if not 0 <= index < size:
            raise Invalid(f"the facts speak of {what} {index} of {size}")
