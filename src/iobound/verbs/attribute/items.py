"""How many items a site ran, and how long they took."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from iobound.model.recording import LoopLooks, Recording
from iobound.model.state import COMPUTING, State, total_ns
from iobound.verbs.attribute.frames import StackTable
from iobound.verbs.attribute.separate_waits import Spells, What

MOST_DURATIONS = 2000
_OWN_FRAMES = ("<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>")
"""Comprehensions that run in a frame of their own; from 3.12 on only generator expressions do."""

_FOR_LOOPS = frozenset({"for", "async for", "comprehension"})


class Items(NamedTuple):
    """Units of work that were run.

    Attributes:
        estimate: Best estimate of their number, None when they could not be told apart.
        certain: Items that were certainly seen begun.
        durations: Nanoseconds of single items; where several passed between two looks, their mean.
    """

    estimate: float | None
    certain: int
    durations: tuple[int, ...] = ()


class _Stay:
    """Looks between which a loop did not come further."""

    __slots__ = ("first_ns", "last_ns", "position")

    def __init__(self, first_ns: int, last_ns: int, position: int) -> None:
        self.first_ns, self.last_ns, self.position = first_ns, last_ns, position


class _Execution:
    """One run of a loop over its iterator, as seen by successive looks."""

    def __init__(self, time_ns: int, position: int, length: int) -> None:
        self.last_ns = time_ns
        self.position = position
        self.length = length
        self.stays = [_Stay(time_ns, time_ns, position)]

    def look(self, time_ns: int, position: int, length: int) -> None:
        """Add what the next look saw."""
        self.last_ns, self.length = time_ns, max(self.length, length)
        if position > self.position:
            self.position = position
            self.stays.append(_Stay(time_ns, time_ns, position))
        else:
            self.stays[-1].last_ns = time_ns


def items_of_loops(recording: Recording, table: StackTable) -> dict[int, Items]:
    """Items of the loops whose iterators were looked at, by index into the facts' loops."""
    executions: dict[int, list[_Execution]] = {}
    for process in recording.processes:
        for thread in process.threads:
            for loop, runs in _executions(thread.loops, recording, table).items():
                executions.setdefault(loop, []).extend(runs)
    whole = recording.exit_code == 0
    loops = recording.facts.loops
    return {
        loop: _items(runs, to_its_end=whole and loops[loop].independent == "yes") for loop, runs in executions.items()
    }


def _executions(looks: LoopLooks, recording: Recording, table: StackTable) -> dict[int, list[_Execution]]:
    found: dict[tuple[int, int], _Execution] = {}
    about: dict[tuple[int, int], int | None] = {}
    rows = zip(looks.time, looks.stack, looks.depth, looks.loop, looks.position, looks.length, strict=True)
    for time, stack, depth, iterator, position, length in rows:
        where = stack, depth
        loop = about[where] if where in about else about.setdefault(where, _loop_at(stack, depth, recording, table))
        if loop is None:
            continue
        run = found.get((loop, iterator))
        if run is None:
            found[loop, iterator] = _Execution(time, position, length)
        else:
            run.look(time, position, length)
    grouped: dict[int, list[_Execution]] = {}
    for (loop, _), run in found.items():
        grouped.setdefault(loop, []).append(run)
    return grouped


def _loop_at(stack: int, depth: int, recording: Recording, table: StackTable) -> int | None:
    """The loop that a look is about: loops over iterators in one frame go by their depth."""
    leaf, loops = table.leaf(stack), recording.facts.loops
    enclosing = recording.facts.enclosing.get(leaf, ())
    in_frame = [loop for loop in enclosing if loops[loop].kind in _FOR_LOOPS]
    if leaf >= 0 and table.places[leaf].function.endswith(_OWN_FRAMES):
        # Those around it run in the frame that asks for the items.
        in_frame = [loop for loop in in_frame if loops[loop].kind == "comprehension"][-1:]
    return in_frame[depth] if depth < len(in_frame) else None


def _items(runs: list[_Execution], *, to_its_end: bool) -> Items:
    """Sum over the executions of a loop: one that is no longer seen has run to its end.

    Args:
        runs: Executions of one loop.
        to_its_end: Whether nothing but its end stops the loop, for it has no early exit and the program ended well.
    """
    last_seen = max(run.last_ns for run in runs)
    estimate = 0.0
    for run in runs:
        ended = run.length >= run.position and run.last_ns < last_seen
        nearly = run.length >= 0 and run.length - run.position <= _last_step(run)
        estimate += run.length if ended or nearly or (to_its_end and run.length >= run.position) else run.position
    return Items(max(1.0, estimate), sum(run.position for run in runs), _durations(runs))


def _last_step(run: _Execution) -> int:
    """Items that passed between the last two looks: as many may have passed unseen after the last."""
    if len(run.stays) < 2:
        return 0
    return run.stays[-1].position - run.stays[-2].position


def _durations(runs: list[_Execution]) -> tuple[int, ...]:
    durations: list[int] = []
    for run in runs:
        for stay, then in zip(run.stays, run.stays[1:], strict=False):
            durations.extend(_durations_between(stay, then, MOST_DURATIONS - len(durations)))
        # The last item seen was under way all that time, and longer; where others were longer that says nothing.
        last = run.stays[-1].last_ns - run.stays[-1].first_ns
        if last > max(durations, default=0):
            durations.append(last)
        if len(durations) >= MOST_DURATIONS:
            break
    return tuple(durations[:MOST_DURATIONS])


def _durations_between(stay: _Stay, then: _Stay, most: int) -> list[int]:
    """Durations of the items from one position to the next that was seen, `most` of them.

    The first was under way at every look of its stay; of the others only the mean is known.
    """
    count, whole = then.position - stay.position, then.first_ns - stay.first_ns
    first = max(whole // count, stay.last_ns - stay.first_ns)
    return [first, *[(whole - first) // max(1, count - 1)] * (min(count, most) - 1)][: max(0, most)]


def items_by_count(trip_count: int, visits: int) -> Items:
    """Items of an outermost loop whose length stands in the source: as many for each time that it was entered."""
    return Items(float(trip_count * visits), 1)


def items_of(waits: Mapping[What, Spells], stacks: AbstractSet[int], budget: Mapping[State, int]) -> Items:
    """Items by the waits that were seen, for a site whose iterator was not: as many as its commonest wait.

    Where computing takes more of the site than waiting, waits say nothing of the number of items; where most were seen
    by a single look, others have slipped through between looks.
    """
    counts: dict[tuple[int, State], Spells] = {}
    for (stack, state, _), spells in waits.items():
        if stack in stacks and state is not State.WAIT_GIL:
            counts[stack, state] = counts.get((stack, state), Spells()).plus(spells)
    computing = sum(budget.get(state, 0) for state in COMPUTING)
    most = max(counts.values(), key=lambda spells: spells.seen, default=Spells())
    if not most.seen or 2 * computing > total_ns(budget):
        return Items(None, 1)
    return Items(float(most.seen) if most.are_all else None, most.seen)
