"""One thread's marks, each with its state and its stack: what the division of time starts from."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

from iobound.model.recording import (
    NO_STACK,
    RUNNING,
    Gil,
    Kind,
    Marks,
    ProcessRecord,
    Recording,
    StackLooks,
    ThreadRecord,
)
from iobound.model.state import State
from iobound.verbs.attribute.frames import StackTable
from iobound.verbs.attribute.states import StateRules

_FAR_NS = 1_000_000_000
"""A stack that was seen longer ago than this is no guess at the present one."""


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


def _read_thread(recording: Recording, table: StackTable, rules: StateRules, process: int, thread: int) -> ThreadLooks:
    owner = recording.processes[process]
    record = owner.threads[thread]
    stacks = stacks_of_marks(record.marks, record.stacks)
    native = _is_native(owner, record)
    timed_out = _timed_out(recording, rules, record.marks, stacks)
    guessed: list[State | None] = [
        rules.running(record.marks.gil[row], stacks[row], python=owner.python)
        if channel == RUNNING
        else rules.blocked(channel, stacks[row], native_thread=native, timed_out=(channel, stacks[row]) in timed_out)
        for row, channel in enumerate(record.marks.channel)
    ]
    if record.native_id == recording.own_thread:
        _leave_us_out(record.marks, stacks, guessed, table)
    without = [
        asked or plain
        for asked, plain in zip(
            _without_gil(recording, record.marks, stacks, table), _at_no_call(record.marks, stacks, table), strict=True
        )
    ]
    in_python = _in_python(record.marks, stacks, table, without)
    guessed = [State.CPU_PYTHON if python else state for state, python in zip(guessed, in_python, strict=True)]
    asking = _asking(recording, record.marks, without, in_python)
    waking = _waking(recording, record.marks, stacks, table, asking)
    outrun = [asks and gil == Gil.OTHER for asks, gil in zip(asking, record.marks.gil, strict=True)]
    return ThreadLooks(
        process=process,
        thread=thread,
        record=record,
        python=owner.python,
        states=_resolve(record.marks, guessed),
        stacks=stacks,
        waking=waking,
        outrun=outrun,
        barred=[python and gil == Gil.OTHER for python, gil in zip(in_python, record.marks.gil, strict=True)],
        by_clock=recording.source == "portable",
        voluntary=owner.voluntary or 0,
    )


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


def _without_gil(recording: Recording, marks: Marks, stacks: list[int], table: StackTable) -> list[bool]:
    """Marks of a thread that ran without the GIL in a function in which it was seen to wait for that."""
    waits = _waits_for_gil(recording, marks)
    functions = [_line_and_function(table, stack)[1] for stack in stacks]
    asked_in = {function for function, waited in zip(functions, waits, strict=True) if waited}
    return [
        channel == RUNNING and gil in (Gil.OTHER, Gil.FREE) and function in asked_in
        for function, channel, gil in zip(functions, marks.channel, marks.gil, strict=True)
    ]


def _at_no_call(marks: Marks, stacks: list[int], table: StackTable) -> list[bool]:
    """Marks of a thread that ran while nobody had the GIL, where the source calls nothing that lets go of it.

    It had just been woken, and had the GIL when its stack was read, unless its operators let go of the GIL.
    """
    calls, read = table.facts.calls, table.facts.lines
    return [
        channel == RUNNING
        and gil == Gil.FREE
        and leaf in read
        and (leaf not in calls or calls[leaf].gil in ("holds", "python"))
        for leaf, channel, gil in zip(map(table.leaf, stacks), marks.channel, marks.gil, strict=True)
    ]


def _in_python(marks: Marks, stacks: list[int], table: StackTable, without: list[bool]) -> list[bool]:
    """Which of these marks show a thread that was about to ask for the GIL or had just been given it.

    Where a thread that queues for the GIL was mostly seen to have it, it runs Python code; where it was mostly seen to
    run without it, it computes in native code. A line at which few looks found it is taken to be like its function.
    """
    if not any(without):
        return without
    by_line, by_function = _Seen(), _Seen()
    where = [_line_and_function(table, stack) for stack in stacks]
    for row, (line, function) in enumerate(where):
        if marks.channel[row] == RUNNING and marks.gil[row] in (Gil.MINE, Gil.OTHER, Gil.FREE):
            mine = marks.gil[row] == Gil.MINE
            by_line.add(line, mine)
            by_function.add(function, mine)
    return [
        without[row] and by_line.mostly(line, by_function.share(function)) for row, (line, function) in enumerate(where)
    ]


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

    def add(self, place: Where, mine: bool) -> None:
        self._with[place] = self._with.get(place, 0) + mine
        self._all[place] = self._all.get(place, 0) + 1

    def share(self, place: Where) -> float:
        return self._with.get(place, 0) / self._all[place]

    def mostly(self, place: Where, otherwise: float) -> bool:
        """Whether it mostly had the GIL there, `otherwise` being as good as a few looks."""
        share = (self._with.get(place, 0) + _FEW * otherwise) / (self._all[place] + _FEW)
        return share > 0.5


def _asking(recording: Recording, marks: Marks, without: list[bool], in_python: list[bool]) -> list[bool]:
    """Marks of a thread that has been woken to ask for the GIL, as it is every few milliseconds, or may have been.

    In native code only just after or before it waited for the GIL. Whether it asked or computed the counters must say:
    asking takes no CPU time.
    """
    waits = _waits_for_gil(recording, marks)

    def beside_a_wait(row: int) -> bool:
        dropped = row > 0 and marks.gil[row - 1] == Gil.MINE and row + 1 < len(waits) and waits[row + 1]
        return dropped or (row > 0 and waits[row - 1])

    return [without[row] and (in_python[row] or beside_a_wait(row)) for row in range(len(marks))]


def _waits_for_gil(recording: Recording, marks: Marks) -> list[bool]:
    return [recording.channels[channel].kind is Kind.GIL for channel in marks.channel]


def _waking(recording: Recording, marks: Marks, stacks: list[int], table: StackTable, asking: list[bool]) -> list[bool]:
    leaves = [table.leaf(stack) for stack in stacks]
    # What waits for the GIL after native code waits where that code is called: this is no sign of either.
    for_gil = _waits_for_gil(recording, marks)
    blocking = {
        leaf
        for leaf, channel, waits in zip(leaves, marks.channel, for_gil, strict=True)
        if channel != RUNNING and not waits and leaf >= 0
    }
    return [
        gil == Gil.QUEUED or asks or (leaf in blocking and channel == RUNNING and gil in (Gil.OTHER, Gil.FREE))
        for leaf, channel, gil, asks in zip(leaves, marks.channel, marks.gil, asking, strict=True)
    ]


def _is_native(owner: ProcessRecord, record: ThreadRecord) -> bool:
    """Whether a thread is not Python's: it had no stack though it lived long enough for one to be read."""
    if not owner.agent or len(record.stacks) or record.end_ns - record.start_ns < _LONG_ENOUGH_NS:
        return False
    return any(len(other.stacks) for other in owner.threads)


def _resolve(marks: Marks, states: list[State | None]) -> list[State]:
    """Give a running mark that nothing is known of the state of the nearest one whose GIL was seen, else Python."""
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


def _timed_out(recording: Recording, rules: StateRules, marks: Marks, stacks: list[int]) -> set[tuple[int, int]]:
    """Waits, by channel and stack, that ended by their time-outs."""
    spells: dict[tuple[int, int], list[int]] = {}
    for row, channel in enumerate(marks.channel):
        if recording.channels[channel].kind is Kind.TIMED_FUTEX and stacks[row] != NO_STACK:
            spells.setdefault((channel, stacks[row]), []).append(marks.still[row] - marks.time[row])
    period = recording.effort.period_ns
    return {key for key, lengths in spells.items() if rules.ran_into_time_out(key[1], lengths, period)}


def stacks_of_marks(marks: Marks, looks: StackLooks) -> list[int]:
    """Stack of each mark: the look that belongs to it, else the nearest one of a mark of the same kind.

    A look belongs to a mark when it was asked for while the thread was in it. One that had to wait for the GIL until
    the thread was in another wait shows that other wait; for a thread that ran it shows where the GIL was let go.
    """
    if not len(looks):
        return [NO_STACK] * len(marks)
    found = [_own_look(marks, looks, row) for row in range(len(marks))]
    seen: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
    for row, look in enumerate(found):
        if look >= 0:
            times, stacks = seen.setdefault(_likeness(marks, row), ([], []))
            times.append(marks.time[row])
            stacks.append(looks.stack[look])
    return [
        looks.stack[look] if look >= 0 else _likely(seen.get(_likeness(marks, row)), marks.time[row])
        for row, look in enumerate(found)
    ]


def _likeness(marks: Marks, row: int) -> tuple[int, int]:
    channel = marks.channel[row]
    return channel, marks.gil[row] if channel == RUNNING else 0


def _own_look(marks: Marks, looks: StackLooks, row: int) -> int:
    time, still = marks.time[row], marks.still[row]
    after = marks.time[row + 1] if row + 1 < len(marks) else None
    at = bisect_left(looks.wanted, time)
    blocked = marks.channel[row] != RUNNING
    if at < len(looks) and looks.wanted[at] <= still:
        late = blocked and after is not None and looks.taken[at] > after
        return at if not late else _taken_in(looks, at + 1, still)
    # One asked for before and taken since: a running thread kept the GIL all the while, a blocked one came to block.
    taken = looks.taken[at - 1] if at else -1
    return at - 1 if taken >= time and (not blocked or taken <= still) else -1


def _taken_in(looks: StackLooks, first: int, still: int) -> int:
    return first if first < len(looks) and looks.taken[first] <= still else -1


def _likely(seen: tuple[list[int], list[int]] | None, time: int) -> int:
    if seen is None:
        return NO_STACK
    times, stacks = seen
    at = bisect_left(times, time)
    best = min(range(max(0, at - 1), min(len(times), at + 1)), key=lambda index: abs(times[index] - time))
    return stacks[best] if abs(times[best] - time) <= _FAR_NS else NO_STACK
