"""Time by place: which call expressions, functions and waits the run's time belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from iobound.model.breakdown import FunctionTime, Hotspot, Wait
from iobound.model.recording import NO_STACK, RUNNING, Marks, Recording
from iobound.model.state import COMPUTING, State, total_ns
from iobound.model.timeline import Instant, ThreadTimeline
from iobound.verbs.attribute.frames import StackTable
from iobound.verbs.attribute.looks import ThreadLooks
from iobound.verbs.attribute.services import target_of

MOST_HOTSPOTS = 200
MOST_FUNCTIONS = 400
MOST_WAITS = 200

What = tuple[int, State, int]
"""A stack, the state there, and the channel."""


class Sums(NamedTuple):
    """Nanoseconds by stack, state and channel: of the whole run's wall time, and over all threads.

    Attributes:
        wall: What a program without a stack did, that a call waited for, is at the stack of that call.
        waited: The part of `wall` that a call waited for, by the stack of that call.
    """

    wall: dict[What, int]
    threads: dict[What, int]
    waited: dict[tuple[What, int], int]


def sums_of(whole: Sequence[Instant], threads: Sequence[ThreadTimeline]) -> Sums:
    """Add up instants and episodes; everything by place follows from these few sums."""
    wall: dict[What, int] = {}
    waited: dict[tuple[What, int], int] = {}
    for instant in whole:
        waiting = instant.waiting_stack
        what = waiting if instant.stack == NO_STACK else instant.stack, instant.state, instant.channel
        wall[what] = wall.get(what, 0) + instant.duration_ns
        if waiting != NO_STACK:
            waited[what, waiting] = waited.get((what, waiting), 0) + instant.duration_ns
    life: dict[What, int] = {}
    for thread in threads:
        for episode in thread.episodes:
            what = episode.stack, episode.state, episode.channel
            life[what] = life.get(what, 0) + episode.duration_ns
    return Sums(wall, life, waited)


class _Tally:
    """Sums of one place while they are being added up."""

    def __init__(self) -> None:
        self.budget: dict[State, int] = {}
        self.thread_ns = 0
        self.calls: dict[int, int] = {}  # nanoseconds by place

    def add_wall(self, state: State, time: int, place: int = -1) -> None:
        self.budget[state] = self.budget.get(state, 0) + time
        self.calls[place] = self.calls.get(place, 0) + time

    @property
    def wall_ns(self) -> int:
        return total_ns(self.budget)

    @property
    def all_threads_ns(self) -> int:
        """Time over all threads: at least the run's own, which is a part of it and is told to within some percent."""
        return max(self.thread_ns, self.wall_ns)


def hotspots(sums: Sums, table: StackTable) -> tuple[Hotspot, ...]:
    """Call expressions by the run's wall time, most first: the innermost place of the user's own code."""
    tallies: dict[int, _Tally] = {}
    for (stack, state, _), time in sums.wall.items():
        place = table.users_place(stack)
        if place >= 0:
            tallies.setdefault(place, _Tally()).add_wall(state, time)
    for (stack, _, _), time in sums.threads.items():
        place = table.users_place(stack)
        if place >= 0:
            tallies.setdefault(place, _Tally()).thread_ns += time
    found = [_hotspot(place, tally, table) for place, tally in tallies.items()]
    found.sort(key=lambda spot: (-spot.wall_ns, -spot.thread_ns))
    return tuple(found[:MOST_HOTSPOTS])


def _hotspot(place: int, tally: _Tally, table: StackTable) -> Hotspot:
    where, fact = table.places[place], table.facts.calls.get(place)
    return Hotspot(
        file=where.file,
        line=table.line(place),
        column=where.column,
        function=where.function,
        call=fact.name if fact else "",
        wall_ns=tally.wall_ns,
        budget=tally.budget,
        thread_ns=tally.all_threads_ns,
    )


def functions(sums: Sums, table: StackTable) -> tuple[FunctionTime, ...]:
    """Functions by the run's wall time in them and in what they call, most first."""
    itself: dict[int, _Tally] = {}
    total: dict[int, _Tally] = {}
    for (stack, state, _), time in sums.wall.items():
        if stack == NO_STACK:
            continue
        leaf = table.leaf(stack)
        if leaf >= 0:
            itself.setdefault(table.function_of[leaf], _Tally()).add_wall(state, time)
        for function in table.functions[stack]:
            total.setdefault(function, _Tally()).add_wall(state, time)
    ordered = sorted(total.items(), key=lambda item: -item[1].wall_ns)[:MOST_FUNCTIONS]
    return tuple(
        FunctionTime(
            file=table.places[function].file,
            function=table.places[function].function,
            first_line=table.places[function].first_line,
            self_budget=itself[function].budget if function in itself else {},
            total_budget=tally.budget,
        )
        for function, tally in ordered
    )


WaitKey = tuple[State, str, int]
"""State, target, and the place that waits where there is no target to go by (else -1)."""


def is_wait(state: State) -> bool:
    """Whether a state is a wait that has a place in the list of waits."""
    return state not in COMPUTING and state not in (State.WAIT_CPU, State.UNKNOWN, State.IDLE)


def wait_key(what: What, recording: Recording, table: StackTable) -> WaitKey:
    """Under which heading a wait is listed."""
    stack, state, channel = what
    target = target_of(state, recording.channels[channel], stack, table)
    return state, target, -1 if target else table.users_place(stack)


def waits(sums: Sums, looks: Iterable[ThreadLooks], recording: Recording, table: StackTable) -> tuple[Wait, ...]:
    """Waits by what they wait for, by wall time and then by thread time, most first."""
    tallies: dict[WaitKey, _Tally] = {}
    counts: dict[WaitKey, int] = {}
    for what, time in sums.wall.items():
        if is_wait(what[1]):
            tally = tallies.setdefault(wait_key(what, recording, table), _Tally())
            tally.add_wall(what[1], time)
    for what, time in sums.threads.items():
        if is_wait(what[1]):
            tally = tallies.setdefault(wait_key(what, recording, table), _Tally())
            tally.thread_ns += time
            place = table.users_place(what[0])
            tally.calls[place] = tally.calls.get(place, 0) + time
    for what, spells in separate_waits(looks).items():
        key = wait_key(what, recording, table)
        counts[key] = counts.get(key, 0) + spells.seen
    found = [_wait(key, tally, counts.get(key, 0), table) for key, tally in tallies.items()]
    found.sort(key=lambda wait: (-wait.wall_ns, -wait.thread_ns))
    return tuple(found[:MOST_WAITS])


_WAKING_NS = 20_000
"""CPU time that a thread takes at least to wake up, run some Python and block again."""


class Spells(NamedTuple):
    """Separate waits that were seen, and how many of them by more than one look."""

    seen: int = 0
    long: int = 0

    def plus(self, other: Spells) -> Spells:
        """These and the others together."""
        return Spells(self.seen + other.seen, self.long + other.long)


def separate_waits(looks: Iterable[ThreadLooks]) -> dict[What, Spells]:
    """How many waits were seen: a mark of a blocked thread is a wait of its own, if the thread ran before it.

    Where nothing but CPU clocks is known every look makes a mark; a clock that has hardly moved shows the same wait.
    """
    counts: dict[What, Spells] = {}
    for thread in looks:
        for what, looked in _waits_of(thread):
            counts[what] = counts.get(what, Spells()).plus(Spells(1, int(looked > 1)))
    return counts


def _waits_of(thread: ThreadLooks) -> Iterator[tuple[What, int]]:
    """What each wait of a thread was, and how many looks saw it."""
    marks, before, looked = thread.marks, None, 0
    for row, channel in enumerate(marks.channel):
        blocked = channel != RUNNING and is_wait(thread.states[row])
        what = (thread.stacks[row], thread.states[row], channel) if blocked else None
        if before is not None and (what != before or not thread.by_clock or _ran_before(marks, row)):
            yield before, looked
            looked = 0
        before = what
        looked = looked + marks.looks[row] if blocked else 0
    if before is not None:
        yield before, looked


def _ran_before(marks: Marks, row: int) -> bool:
    return marks.cpu[row] - marks.cpu[row - 1] >= _WAKING_NS


def _wait(key: WaitKey, tally: _Tally, count: int, table: StackTable) -> Wait:
    state, target, _ = key
    calls = {place: time for place, time in tally.calls.items() if place >= 0}
    place = max(calls, key=lambda place: calls[place]) if calls else -1
    return Wait(
        state=state,
        target=target,
        wall_ns=tally.wall_ns,
        thread_ns=tally.all_threads_ns,
        count=count,
        file=table.places[place].file if place >= 0 else None,
        line=table.line(place) if place >= 0 else None,
    )
