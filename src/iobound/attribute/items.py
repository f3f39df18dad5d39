"""How many items a site ran, and how long they took."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from iobound.attribute.frames import StackTable
from iobound.attribute.tally import Spells, What
from iobound.model.recording import LoopLooks, Recording
from iobound.model.state import COMPUTING, State, total_ns

MOST_DURATIONS = 2000
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


class _Execution:
    """One run of a loop over its iterator, as seen by successive looks."""

    def __init__(self, time_ns: int, position: int, length: int) -> None:
        self.last_ns = time_ns
        self.position = position
        self.length = length
        self.turns = [(time_ns, position)]  # when a new position was first seen


def items_of_loops(recording: Recording, table: StackTable) -> dict[int, Items]:
    """Items of the loops whose iterators were looked at, by index into the facts' loops."""
    executions: dict[int, list[_Execution]] = {}
    for process in recording.processes:
        for thread in process.threads:
            for loop, runs in _executions(thread.loops, recording, table).items():
                executions.setdefault(loop, []).extend(runs)
    return {loop: _items(runs) for loop, runs in executions.items()}


def _executions(looks: LoopLooks, recording: Recording, table: StackTable) -> dict[int, list[_Execution]]:
    found: dict[tuple[int, int], _Execution] = {}
    for row, loop in _loops_of_rows(looks, recording, table):
        time, position, length = looks.time[row], looks.position[row], looks.length[row]
        run = found.get((loop, looks.loop[row]))
        if run is None:
            found[loop, looks.loop[row]] = _Execution(time, position, length)
            continue
        run.last_ns, run.length = time, max(run.length, length)
        if position > run.position:
            run.position = position
            run.turns.append((time, position))
    grouped: dict[int, list[_Execution]] = {}
    for (loop, _), run in found.items():
        grouped.setdefault(loop, []).append(run)
    return grouped


def _loops_of_rows(looks: LoopLooks, recording: Recording, table: StackTable) -> list[tuple[int, int]]:
    """Pairs of a row and the loop that it is about: loops over iterators in one frame go by their depth."""
    pairs: list[tuple[int, int]] = []
    for row, stack in enumerate(looks.stack):
        enclosing = recording.facts.enclosing.get(table.leaf(stack), ())
        loops = [loop for loop in enclosing if recording.facts.loops[loop].kind in _FOR_LOOPS]
        if looks.depth[row] < len(loops):
            pairs.append((row, loops[looks.depth[row]]))
    return pairs


def _items(runs: list[_Execution]) -> Items:
    """Sum over the executions of a loop: one that is no longer seen has run to its end."""
    last_seen = max(run.last_ns for run in runs)
    estimate = 0.0
    for run in runs:
        ended = run.length >= run.position and run.last_ns < last_seen
        nearly = run.length >= 0 and run.length - run.position <= _last_step(run)
        estimate += run.length if ended or nearly else run.position
    return Items(max(1.0, estimate), sum(run.position for run in runs), _durations(runs))


def _last_step(run: _Execution) -> int:
    """Items that passed between the last two looks: as many may have passed unseen after the last."""
    if len(run.turns) < 2:
        return 0
    return run.turns[-1][1] - run.turns[-2][1]


def _durations(runs: list[_Execution]) -> tuple[int, ...]:
    durations: list[int] = []
    for run in runs:
        for (begin, before), (end, after) in zip(run.turns, run.turns[1:], strict=False):
            durations.extend([(end - begin) // (after - before)] * min(after - before, MOST_DURATIONS - len(durations)))
            if len(durations) >= MOST_DURATIONS:
                return tuple(durations)
    return tuple(durations)


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
    return Items(float(most.seen) if 2 * most.long >= most.seen else None, most.seen)
