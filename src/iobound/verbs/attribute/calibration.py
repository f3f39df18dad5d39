"""Looks say who an instant belongs to, counters say how much there was: instants stretched until both agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from iobound.model.recording import NO_STACK, RUNNING
from iobound.model.state import ACTIVITY, COMPUTING, Budget, State
from iobound.model.timeline import Episodes, Instant
from iobound.verbs.attribute.division import Division
from iobound.verbs.attribute.looks import ThreadLooks
from iobound.verbs.attribute.whole_run import RANK, Cell, Joint, Stretch

Key = tuple[int, int]
"""A thread and the rank of a state."""

_MOST_WINDOWS = 200
_STRETCHES_PER_WINDOW = 100
_COMPUTES = frozenset(RANK[state] for state in COMPUTING)
_ALWAYS = 0.98
_ROUNDS = 12
"""Of proportional fitting; a single-threaded program needs a handful to be exact to a thousandth."""


def budget_of(episodes: Episodes) -> dict[State, int]:
    """Nanoseconds of a thread's episodes by state."""
    budget: dict[State, int] = {}
    for (state, _, _), time in episodes.times().items():
        budget[state] = budget.get(state, 0) + time
    return budget


def factors_of(joint: Joint, divisions: Sequence[Division]) -> dict[Key, float]:
    """By how much each thread's looked-at time of a state must be stretched to be its exact time."""
    factors: dict[Key, float] = {}
    for number, (looked, division) in enumerate(zip(joint.looked, divisions, strict=True)):
        exact = budget_of(division.episodes)
        for rank, seen in _by_rank(looked).items():
            factors[number, rank] = exact.get(ACTIVITY[rank], 0) / seen if seen else 1.0
    return factors


def _by_rank(looked: Mapping[Cell, float]) -> dict[int, float]:
    sums: dict[int, float] = {}
    for (rank, _, _), time in looked.items():
        sums[rank] = sums.get(rank, 0.0) + time
    return sums


Weights = list[dict[Cell, float]]
"""For each thread: how much more, or less, of its time in a state went to a place than looks at it would say."""


def weights_of(joint: Joint, divisions: Sequence[Division]) -> Weights:
    """Weights by which the run's time at a place comes out as the part of the thread's own time there that it is.

    Without them a place could have more of the run's wall time than its threads spent there at all.
    """
    weights: Weights = []
    for looked, division in zip(joint.looked, divisions, strict=True):
        exact: dict[Cell, float] = {
            (RANK[state], stack, channel): float(time)
            for (state, stack, channel), time in division.episodes.times().items()
        }
        seen = {cell: time for cell, time in looked.items() if time}
        exact_by_rank = _by_rank({cell: exact.get(cell, 0.0) for cell in seen})
        seen_by_rank = _by_rank(seen)
        weights.append(
            {
                cell: exact.get(cell, 0.0) / time * seen_by_rank[cell[0]] / exact_by_rank[cell[0]]
                for cell, time in seen.items()
                if exact_by_rank[cell[0]]
            }
        )
    return weights


def process_budget(
    won: Mapping[Key, float], factors: Mapping[Key, float], unseen: Mapping[Key, float], lifetime: int
) -> Budget:
    """A process's life by the state of its most active thread, in nanoseconds that add up to `lifetime`."""
    weights: dict[State, float] = {}
    for key, time in won.items():
        state = ACTIVITY[key[1]]
        weights[state] = weights.get(state, 0.0) + time * factors.get(key, 1.0)
    for (thread, rank), part in unseen.items():
        time = sum(time * factors.get(key, 1.0) for key, time in won.items() if key[0] == thread)
        weights[ACTIVITY[rank]] = weights.get(ACTIVITY[rank], 0.0) + time * part
    total = sum(weights.values())
    if not total:
        return {State.UNKNOWN: lifetime} if lifetime else {}
    edges = {state: int(weight / total * lifetime) for state, weight in weights.items()}
    largest = max(edges, key=lambda state: edges[state])
    edges[largest] += lifetime - sum(edges.values())
    return {state: time for state, time in edges.items() if time}


def unseen_parts(joint: Joint, divisions: Sequence[Division]) -> dict[Key, float]:
    """Time in states that no look at a thread showed but its counters prove, per nanosecond of its other time."""
    parts: dict[Key, float] = {}
    for number, (looked, division) in enumerate(zip(joint.looked, divisions, strict=True)):
        exact = {RANK[state]: time for state, time in budget_of(division.episodes).items()}
        ranks = _by_rank(looked)
        seen = sum(time for rank, time in exact.items() if ranks.get(rank))
        for rank, time in exact.items():
            if not ranks.get(rank) and seen:
                parts[number, rank] = time / seen
    return parts


def instants(
    joint: Joint,
    threads: Sequence[ThreadLooks],
    factors: Mapping[Key, float],
    unseen: Mapping[Key, float],
    weights: Weights,
    start: int,
    end: int,
) -> tuple[Instant, ...]:
    """The run's instants in order, tiling it, so that each thread's won time of a state keeps its exact length."""
    edges = _edges(len(joint.whole), start, end)
    rows = [[_weighted(piece, threads, weights) for piece in row] for row in _cut(joint.whole, edges)]
    for row in rows:
        row.extend(_never_looked_at(row, factors, unseen))
    table = [_by_key(row) for row in rows]
    targets = _targets(table, factors, certain_keys(joint), end - start)
    by_key, by_window = _fit(table, targets, [b - a for a, b in pairwise(edges)])
    writer = _InstantWriter(threads, start)
    for window, row in enumerate(rows):
        scale = by_window[window]
        reached, begin = 0.0, edges[window]
        for thread, rank, mark, length, waiting in row:
            reached += length * by_key[thread, rank] * scale
            writer.add(min(begin + round(reached), edges[window + 1]), thread, rank, mark, waiting)
        writer.close_window(edges[window + 1])
    return writer.finish()


Piece = tuple[int, int, int, float, int]
"""Thread, rank, mark, nanoseconds as looked at, and the stack of the thread that waits for this one."""


def _weighted(piece: Piece, threads: Sequence[ThreadLooks], weights: Weights) -> Piece:
    thread, rank, mark, length, waiting = piece
    if thread < 0:
        return piece
    looks = threads[thread]
    cell = rank, looks.stacks[mark], looks.marks.channel[mark]
    return thread, rank, mark, length * weights[thread].get(cell, 1.0), waiting


def _edges(stretches: int, start: int, end: int) -> list[int]:
    count = max(1, min(_MOST_WINDOWS, stretches // _STRETCHES_PER_WINDOW, end - start))
    return [start + (end - start) * number // count for number in range(count + 1)]


def _cut(whole: Sequence[Stretch], edges: list[int]) -> list[list[Piece]]:
    """The pieces of each window; a stretch over an edge is cut there."""
    rows: list[list[Piece]] = [[] for _ in edges[1:]]
    window = 0
    for stretch in whole:
        at = stretch.start_ns
        while at < stretch.end_ns:
            while edges[window + 1] <= at:
                window += 1
            until = min(stretch.end_ns, edges[window + 1])
            parts = stretch.claim or ()
            for part in parts:
                rows[window].append((part.thread, part.rank, part.row, (until - at) * part.share, part.waiting))
            if not parts:
                rows[window].append((-1, RANK[State.UNKNOWN], -1, until - at, NO_STACK))
            at = until
    return rows


def _never_looked_at(row: list[Piece], factors: Mapping[Key, float], unseen: Mapping[Key, float]) -> list[Piece]:
    """What must be added to a window for states that were not looked at: at its end, for want of a better place.

    It goes by the exact time of what was looked at: a single look at a thread that ran for a moment stands for little.
    """
    won: dict[int, tuple[float, int, int]] = {}
    for thread, rank, mark, length, waiting in row:
        so_far = won[thread][0] if thread in won else 0.0
        won[thread] = so_far + length * factors.get((thread, rank), 1.0), mark, waiting
    return [
        (thread, rank, won[thread][1], won[thread][0] * part, won[thread][2])
        for (thread, rank), part in unseen.items()
        if thread in won
    ]


def _by_key(row: list[Piece]) -> dict[Key, float]:
    sums: dict[Key, float] = {}
    for thread, rank, _, length, _ in row:
        sums[thread, rank] = sums.get((thread, rank), 0.0) + length
    return sums


def _targets(
    table: list[dict[Key, float]], factors: Mapping[Key, float], certain: AbstractSet[Key], wall: int
) -> dict[Key, float]:
    """How much of the run is to belong to each key: what is certain as it is, all else scaled to fill the run."""
    targets: dict[Key, float] = {}
    for sums in table:
        for key, length in sums.items():
            targets[key] = targets.get(key, 0.0) + length * factors.get(key, 1.0)
    fixed = sum(target for key, target in targets.items() if key in certain)
    rest = sum(targets.values()) - fixed
    if fixed < wall and rest > 0:
        scale = (wall - fixed) / rest
        return {key: target if key in certain else target * scale for key, target in targets.items()}
    scale = wall / (fixed + rest or 1.0)
    return {key: target * scale for key, target in targets.items()}


def certain_keys(joint: Joint) -> frozenset[Key]:
    """Computing that the run belonged to at every look that saw it: as the counters of the thread have it.

    Of threads that take turns, on the GIL or on one CPU, one computes at a time.
    """
    won: dict[Key, float] = {}
    for stretch in joint.whole:
        for part in stretch.claim:
            key = part.thread, part.rank
            won[key] = won.get(key, 0.0) + (stretch.end_ns - stretch.start_ns) * part.share
    looked = [_by_rank(cells) for cells in joint.looked]
    return frozenset(
        (thread, rank)
        for (thread, rank), time in won.items()
        if rank in _COMPUTES and time >= _ALWAYS * looked[thread].get(rank, 0.0)
    )


def _fit(
    table: list[dict[Key, float]], targets: Mapping[Key, float], lengths: list[int]
) -> tuple[dict[Key, float], list[float]]:
    """Iterative proportional fitting: a factor for each key and each window so that both sums come out.

    **Source**: Deming and Stephan, 1940.
    """
    by_key = dict.fromkeys(targets, 1.0)
    by_window = [1.0] * len(table)
    for _ in range(_ROUNDS):
        sums = dict.fromkeys(targets, 0.0)
        for sums_of_window, factor in zip(table, by_window, strict=True):
            for key, length in sums_of_window.items():
                sums[key] += length * factor
        by_key = {key: target / sums[key] if sums[key] else 0.0 for key, target in targets.items()}
        for window, sums_of_window in enumerate(table):
            total = sum(length * by_key[key] for key, length in sums_of_window.items())
            by_window[window] = lengths[window] / total if total else 0.0
    return by_key, by_window


class _InstantWriter:
    def __init__(self, threads: Sequence[ThreadLooks], start: int) -> None:
        self._threads = threads
        self._done: list[Instant] = []
        self._start = self._end = start
        self._now = (State.UNKNOWN, -1, NO_STACK, RUNNING, NO_STACK)

    def add(self, end: int, thread: int, rank: int, mark: int, waiting: int) -> None:
        """What lasts until `end`."""
        if end <= self._end:
            return
        looks = self._threads[thread] if thread >= 0 else None
        stack = looks.stacks[mark] if looks else NO_STACK
        seen_so = looks is not None and looks.states[mark] is ACTIVITY[rank]
        channel = looks.marks.channel[mark] if looks and seen_so else RUNNING
        now = (ACTIVITY[rank], thread, stack, channel, waiting)
        if now != self._now:
            self._close()
            self._now = now
        self._end = end

    def close_window(self, edge: int) -> None:
        """Give what rounding left at the end of a window to its last instant."""
        self._end = max(self._end, edge)

    def _close(self) -> None:
        if self._end > self._start:
            self._done.append(Instant(self._start, self._end - self._start, *self._now))
            self._start = self._end

    def finish(self) -> tuple[Instant, ...]:
        """All instants."""
        self._close()
        return tuple(self._done)
