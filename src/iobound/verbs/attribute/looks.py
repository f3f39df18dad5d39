"""One thread's marks, each with its state and its stack: what the division of time starts from."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple

from iobound.model.recording import (
    NO_STACK,
    RUNNING,
    Gil,
    Kind,
    Marks,
    ProcessRecord,
    Recording,
    ThreadRecord,
)
from iobound.model.state import State
from iobound.verbs.attribute.frames import StackTable
from iobound.verbs.attribute.stacks_of_marks import stacks_of_marks
from iobound.verbs.attribute.states import StateRules

_LONG_ENOUGH_NS = 150_000_000
"""Life of a thread in which its stack is read if it has one: the search for new thread states takes its turns."""


_FEW = 4
"""Looks at a place that say as much as the rest of its function does."""


class ThreadLooks(NamedTuple):
    """A thread's marks with what is inferred of each; lists are of one length and in order of time.

    Attributes:
        process: Index into `Recording.processes`; `thread` likewise into its threads.
        states: State of each mark; `cpu_python` or `cpu_native` for marks that were not blocked.
        stacks: Stack of each mark, `NO_STACK` when none could be found.
        waking: Whether a mark shows a thread that was neither blocked nor had the GIL at a call that it blocks in, or
            in a function that it waits for the GIL in: more likely woken and queued for a CPU than computing; or one
            that is known to be queued.
        outrun: Whether, if such a thread was queued, a CPU would have been of no use to it, for it was woken to ask for
            the GIL and another thread had that.
        barred: Whether it surely was: it runs Python code, which it cannot do without the GIL.
        by_clock: Whether every look made a mark, of a thread that had not moved too.
        voluntary: How often threads of its process have blocked; 0 when not known.
    """

    process: int
    thread: int
    record: ThreadRecord
    python: bool
    states: list[State]
    stacks: list[int]
    waking: list[bool]
    outrun: list[bool]
    barred: list[bool]
    by_clock: bool
    voluntary: int

    @property
    def marks(self) -> Marks:
        """What was seen from outside."""
        return self.record.marks


def read_looks(recording: Recording, table: StackTable, rules: StateRules) -> list[ThreadLooks]:
    """Give every mark of every thread its stack and its state, processes and threads in order."""
    return [
        _read_thread(recording, table, rules, process, thread)
        for process, record in enumerate(recording.processes)
        for thread in range(len(record.threads))
    ]


Sight = tuple[int, int, int]
"""What a look shows of a thread: the channel that it is blocked on, a `Gil` value, and its stack.

A thread shows few that differ, again and again: what follows from one is worked out once.
"""


def _read_thread(recording: Recording, table: StackTable, rules: StateRules, process: int, thread: int) -> ThreadLooks:
    owner = recording.processes[process]
    record = owner.threads[thread]
    marks = record.marks
    stacks = stacks_of_marks(marks, record.stacks)
    shown = list(zip(marks.channel, marks.gil, stacks, strict=True))
    meant = _meant(recording, rules, owner, record, shown)
    states = [meant[sight] for sight in shown]
    if record.native_id == recording.own_thread:
        _leave_us_out(marks, stacks, states, table)
        shown = list(zip(marks.channel, marks.gil, stacks, strict=True))
    counts = Counter(shown)
    for_gil = _waits_for_gil(recording)
    without = _without_gil(counts, for_gil, table) | _at_no_call(counts, table)
    in_python = _in_python(counts, without, table)
    if in_python:
        states = [State.CPU_PYTHON if sight in in_python else state for sight, state in zip(shown, states, strict=True)]
    asking = _asking(shown, without, in_python, for_gil)
    woken = _woken(counts, for_gil, table)
    barred = {sight for sight in in_python if sight[1] == Gil.OTHER}
    return ThreadLooks(
        process=process,
        thread=thread,
        record=record,
        python=owner.python,
        states=_resolve(marks, states),
        stacks=stacks,
        waking=[sight in woken or asks for sight, asks in zip(shown, asking, strict=True)],
        outrun=[asks and sight[1] == Gil.OTHER for sight, asks in zip(shown, asking, strict=True)],
        barred=[sight in barred for sight in shown],
        by_clock=recording.source == "portable",
        voluntary=owner.voluntary or 0,
    )


def _meant(
    recording: Recording, rules: StateRules, owner: ProcessRecord, record: ThreadRecord, shown: Sequence[Sight]
) -> dict[Sight, State | None]:
    """By sight: its state, None where neither the GIL nor the leaf call tells."""
    native = _is_native(owner, record)
    timed_out = _timed_out(recording, rules, record.marks, shown)
    return {
        (channel, gil, stack): rules.running(gil, stack, python=owner.python)
        if channel == RUNNING
        else rules.blocked(channel, stack, native_thread=native, timed_out=(channel, stack) in timed_out)
        for channel, gil, stack in dict.fromkeys(shown)
    }


def _leave_us_out(marks: Marks, stacks: list[int], states: list[State | None], table: StackTable) -> None:
    """Give the marks at both ends that show the block's thread waiting for us what it did next to them.

    It is woken at once when observing begins, and asks to end it at once when its block is over: such a mark stands
    for less than a look, of a wait or of computing like that beside it.
    """
    for rows in (range(len(stacks)), range(len(stacks) - 1, -1, -1)):
        for row in rows:
            if not table.ours[stacks[row]]:
                break
            like = [other for other in rows if (marks.channel[other] == RUNNING) == (marks.channel[row] == RUNNING)]
            beside = next((other for other in like if not table.ours[stacks[other]]), None)
            if beside is not None:
                stacks[row], states[row] = stacks[beside], states[beside]
            else:
                stacks[row] = next(
                    (stack for stack in map(stacks.__getitem__, rows) if not table.ours[stack]), NO_STACK
                )


def _without_gil(sights: Iterable[Sight], for_gil: Container[int], table: StackTable) -> set[Sight]:
    """Sights of a thread that ran without the GIL in a function in which it was seen to wait for that."""
    asked_in = {_line_and_function(table, stack)[1] for channel, _, stack in sights if channel in for_gil}
    if not asked_in:
        return set()
    return {
        (channel, gil, stack)
        for channel, gil, stack in sights
        if channel == RUNNING and gil in (Gil.OTHER, Gil.FREE) and _line_and_function(table, stack)[1] in asked_in
    }


def _at_no_call(sights: Iterable[Sight], table: StackTable) -> set[Sight]:
    """Sights of a thread that ran while nobody had the GIL, where the source calls nothing that lets go of it.

    It had just been woken, and had the GIL when its stack was read, unless its operators let go of the GIL.
    """
    calls, read = table.facts.calls, table.facts.lines
    return {
        (channel, gil, stack)
        for channel, gil, stack in sights
        if channel == RUNNING
        and gil == Gil.FREE
        and (leaf := table.leaf(stack)) in read
        and (leaf not in calls or calls[leaf].gil in ("holds", "python"))
    }


def _in_python(counts: Mapping[Sight, int], without: set[Sight], table: StackTable) -> set[Sight]:
    """Which of these sights show a thread that was about to ask for the GIL or had just been given it.

    Where a thread that queues for the GIL was mostly seen to have it, it runs Python code; where it was mostly seen to
    run without it, it computes in native code. A line at which few looks found it is taken to be like its function.
    """
    if not without:
        return without
    by_line, by_function = _Seen(), _Seen()
    for (channel, gil, stack), count in counts.items():
        if channel == RUNNING and gil in (Gil.MINE, Gil.OTHER, Gil.FREE):
            line, function = _line_and_function(table, stack)
            by_line.add(line, count, mine=gil == Gil.MINE)
            by_function.add(function, count, mine=gil == Gil.MINE)

    def mostly_had_it(stack: int) -> bool:
        line, function = _line_and_function(table, stack)
        return by_line.mostly(line, by_function.share(function))

    return {sight for sight in without if mostly_had_it(sight[2])}


Where = tuple[int, int]
"""A function, and a line in it or 0."""


def _line_and_function(table: StackTable, stack: int) -> tuple[Where, Where]:
    """Where the innermost frame is. Bytecode asks for the GIL at few instructions of a line and runs all of them."""
    leaf = table.leaf(stack)
    if leaf < 0:
        return (-1, 0), (-1, 0)
    function = table.function_of[leaf]
    return (function, table.places[leaf].line), (function, 0)


class _Seen:
    """How often running threads were seen with the GIL and without, by place."""

    def __init__(self) -> None:
        self._with: dict[Where, int] = {}
        self._all: dict[Where, int] = {}

    def add(self, place: Where, count: int, *, mine: bool) -> None:
        self._with[place] = self._with.get(place, 0) + count * mine
        self._all[place] = self._all.get(place, 0) + count

    def share(self, place: Where) -> float:
        return self._with.get(place, 0) / self._all[place]

    def mostly(self, place: Where, otherwise: float) -> bool:
        """Whether it mostly had the GIL there, `otherwise` being as good as a few looks."""
        share = (self._with.get(place, 0) + _FEW * otherwise) / (self._all[place] + _FEW)
        return share > 0.5


def _asking(
    shown: Sequence[Sight], without: Container[Sight], in_python: Container[Sight], for_gil: Container[int]
) -> list[bool]:
    """By mark: whether a thread has been woken to ask for the GIL, as it is every few milliseconds, or may have been.

    In native code only just after or before it waited for the GIL. Whether it asked or computed the counters must say:
    asking takes no CPU time.
    """

    def beside_a_wait(row: int) -> bool:
        dropped = row > 0 and shown[row - 1][1] == Gil.MINE and row + 1 < len(shown) and shown[row + 1][0] in for_gil
        return dropped or (row > 0 and shown[row - 1][0] in for_gil)

    return [sight in without and (sight in in_python or beside_a_wait(row)) for row, sight in enumerate(shown)]


def _waits_for_gil(recording: Recording) -> set[int]:
    """The channels that are the GIL's own."""
    return {number for number, channel in enumerate(recording.channels) if channel.kind is Kind.GIL}


def _woken(sights: Iterable[Sight], for_gil: Container[int], table: StackTable) -> set[Sight]:
    """Sights of a thread that was queued, or neither blocked nor had the GIL at a call that it blocks in.

    What waits for the GIL after native code waits where that code is called: this is no sign of either.
    """
    blocking = {table.leaf(stack) for channel, _, stack in sights if channel != RUNNING and channel not in for_gil}
    blocking.discard(-1)
    return {
        (channel, gil, stack)
        for channel, gil, stack in sights
        if gil == Gil.QUEUED or (channel == RUNNING and gil in (Gil.OTHER, Gil.FREE) and table.leaf(stack) in blocking)
    }


def _is_native(owner: ProcessRecord, record: ThreadRecord) -> bool:
    """Whether a thread is not Python's: it had no stack though it lived long enough for one to be read."""
    if not owner.agent or len(record.stacks) or record.end_ns - record.start_ns < _LONG_ENOUGH_NS:
        return False
    return any(len(other.stacks) for other in owner.threads)


def _resolve(marks: Marks, states: list[State | None]) -> list[State]:
    """Give a running mark that nothing is known of the state of the nearest one whose GIL was seen, else Python."""
    if None not in states:
        return [state for state in states if state is not None]
    known = [
        row
        for row, gil in enumerate(marks.gil)
        if marks.channel[row] == RUNNING and gil in (Gil.MINE, Gil.OTHER, Gil.FREE)
    ]
    resolved: list[State] = []
    for row, state in enumerate(states):
        nearest = _nearest(marks, known, marks.time[row]) if state is None else row
        found = None if nearest is None else states[nearest]
        resolved.append(found or State.CPU_PYTHON)
    return resolved


def _nearest(marks: Marks, rows: list[int], time: int) -> int | None:
    if not rows:
        return None
    at = bisect_left(rows, time, key=lambda row: marks.time[row])
    return min(rows[max(0, at - 1) : at + 1], key=lambda row: abs(marks.time[row] - time))


def _timed_out(recording: Recording, rules: StateRules, marks: Marks, shown: Sequence[Sight]) -> set[tuple[int, int]]:
    """Waits, by channel and stack, that ended by their time-outs."""
    timed = {number for number in set(marks.channel) if recording.channels[number].kind is Kind.TIMED_FUTEX}
    if not timed:
        return set()
    spells: dict[tuple[int, int], list[int]] = {}
    for row, (channel, _, stack) in enumerate(shown):
        if channel in timed and stack != NO_STACK:
            spells.setdefault((channel, stack), []).append(marks.still[row] - marks.time[row])
    period = recording.effort.period_ns
    return {key for key, lengths in spells.items() if rules.ran_into_time_out(key[1], lengths, period)}
