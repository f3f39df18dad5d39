"""Time by place: which call expressions, functions and waits the run's time belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

from iobound.model.breakdown import FunctionTime, Hotspot, Wait
from iobound.model.recording import NO_STACK, Recording
from iobound.model.state import State, total_ns
from iobound.model.timeline import Instant, ThreadTimeline
from iobound.verbs.attribute.frames import StackTable
from iobound.verbs.attribute.separate_waits import Spells, What, is_wait
from iobound.verbs.attribute.services import target_of

MOST_HOTSPOTS = 200
MOST_FUNCTIONS = 400
MOST_WAITS = 200


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
        for (state, stack, channel), time in thread.episodes.times().items():
            what = stack, state, channel
            life[what] = life.get(what, 0) + time
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


Row = TypeVar("Row")


class Cut(NamedTuple, Generic[Row]):
    """The first rows of a list, and how many there was no room for."""

    rows: tuple[Row, ...]
    left_out: int

    @classmethod
    def of(cls, found: Sequence[Row], most: int) -> Cut[Row]:
        """So many rows at most."""
        return cls(tuple(found[:most]), max(0, len(found) - most))


def hotspots(sums: Sums, table: StackTable) -> Cut[Hotspot]:
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
    return Cut.of(found, MOST_HOTSPOTS)


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


def wait_key(what: What, recording: Recording, table: StackTable) -> WaitKey:
    """Under which heading a wait is listed."""
    stack, state, channel = what
    target = target_of(state, recording.channels[channel], stack, table)
    return state, target, -1 if target else table.users_place(stack)


def waits(sums: Sums, seen: Mapping[What, Spells], recording: Recording, table: StackTable) -> Cut[Wait]:
    """Waits by what they wait for, by wall time and then by thread time, most first.

    Args:
        sums: Time by place.
        seen: How many waits were seen, of `separate_waits`.
        recording: What was observed.
        table: Its stacks.
    """
    tallies: dict[WaitKey, _Tally] = {}
    counts: dict[WaitKey, Spells] = {}
    of_waits = dict.fromkeys(what for what in chain(sums.wall, sums.threads, seen) if is_wait(what[1]))
    keys = {what: wait_key(what, recording, table) for what in of_waits}
    for what, time in sums.wall.items():
        if what in keys:
            tallies.setdefault(keys[what], _Tally()).add_wall(what[1], time)
    for what, time in sums.threads.items():
        if what in keys:
            tally = tallies.setdefault(keys[what], _Tally())
            tally.thread_ns += time
            place = table.users_place(what[0])
            tally.calls[place] = tally.calls.get(place, 0) + time
    for what, spells in seen.items():
        counts[keys[what]] = counts.get(keys[what], Spells()).plus(spells)
    found = [_wait(key, tally, counts.get(key, Spells()), table) for key, tally in tallies.items()]
    found.sort(key=lambda wait: (-wait.wall_ns, -wait.thread_ns))
    return Cut.of(found, MOST_WAITS)


def _wait(key: WaitKey, tally: _Tally, spells: Spells, table: StackTable) -> Wait:
    state, target, _ = key
    calls = {place: time for place, time in tally.calls.items() if place >= 0}
    place = max(calls, key=lambda place: calls[place]) if calls else -1
    return Wait(
        state=state,
        target=target,
        wall_ns=tally.wall_ns,
        thread_ns=tally.all_threads_ns,
        count=spells.seen,
        file=table.places[place].file if place >= 0 else None,
        line=table.line(place) if place >= 0 else None,
        count_brief=spells.seen - spells.long,
    )
