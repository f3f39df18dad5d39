"""How far shares may be off: block bootstrap over what was divided by looks; what counters say is certain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from iobound.model.breakdown import Interval
from iobound.model.state import COMPUTING, State
from iobound.model.timeline import Instant
from iobound.verbs.attribute.looks import ThreadLooks

_SEED = 20261122
_DRAWS = 200
_MOST_BLOCKS = 200
_LOW, _HIGH = 0.05, 0.95
_FLOOR = 0.005
"""No share is known better than this: looks are not quite independent of what they look at."""
_UNSEEN = 2.3
"""Upper 90 % limit of a number of events of which none was seen (Poisson)."""
_ALONE = 0.98
_ON_COUNTERS = COMPUTING | {State.WAIT_CPU}


class Facet(NamedTuple):
    """What is asked about instants; those that are alike in it are counted together."""

    state: State
    stack: int
    waiting_stack: int


class _Alike:
    """Instants of one facet: nanoseconds of all, of what is certain, and of the rest by block."""

    __slots__ = ("by_block", "certain_ns", "duration_ns")

    def __init__(self) -> None:
        self.duration_ns = self.certain_ns = 0
        self.by_block: dict[int, int] = {}

    def add(self, duration: int, loose: int, block: int) -> None:
        """One more instant."""
        self.duration_ns += duration
        self.certain_ns += duration - loose
        self.by_block[block] = self.by_block.get(block, 0) + loose


class Bootstrap:
    """Draws of the run's instants in blocks, the same draws for every share that is asked about.

    Args:
        whole: The run's instants.
        period_ns: Between looks. Of a wait, about that much at its ends is known by looks only, the rest for certain.
        looks: Effective number of independent looks.
    """

    def __init__(self, whole: Sequence[Instant], period_ns: int, looks: float) -> None:
        self._wall = sum(instant.duration_ns for instant in whole)
        self._looks = max(1.0, looks)
        size = max(1, -(-len(whole) // _MOST_BLOCKS))
        self._blocks = -(-len(whole) // size)
        self._alike: dict[Facet, _Alike] = {}
        for at, (_, duration, state, _, stack, _, waiting) in enumerate(whole):
            facet = Facet(state, stack, waiting)
            loose = duration if state in _ON_COUNTERS else min(duration, period_ns)
            self._alike.setdefault(facet, _Alike()).add(duration, loose, at // size)
        self._loose = self._wall - sum(alike.certain_ns for alike in self._alike.values())
        self._draws = _draws(self._blocks)
        # The CPU time of one thread is exact; when several share the run, which of them it belongs to is not.
        kinds = (_counted, _not_counted) if _belongs_to_one(whole, self._wall) else (_any,)
        self._pools = [(kind, self._pool(kind)) for kind in kinds]

    def interval(self, belongs: Callable[[Facet], bool]) -> Interval:
        """90 % interval of the share of wall time of the instants for which `belongs` is true."""
        if not self._wall:
            return Interval(0.0, 1.0)
        mine = [(facet, alike) for facet, alike in self._alike.items() if belongs(facet)]
        share = sum(alike.duration_ns for _, alike in mine) / self._wall
        drawn = [float(sum(alike.certain_ns for _, alike in mine))] * len(self._draws)
        for kind, pool in self._pools:
            inside = self._by_block(alike for facet, alike in mine if kind(facet))
            drawn = [sum(pair) for pair in zip(drawn, self._resampled(inside, pool), strict=True)]
        values = sorted(value / self._wall for value in drawn)
        floor = _FLOOR + _UNSEEN / self._looks * self._loose / self._wall
        low, high = values[int(_LOW * len(values))], values[min(len(values) - 1, int(_HIGH * len(values)))]
        return Interval(max(0.0, min(low, share - floor)), min(1.0, max(high, share + floor)))

    def _by_block(self, several: Iterable[_Alike]) -> list[int]:
        sums = [0] * self._blocks
        for alike in several:
            for block, loose in alike.by_block.items():
                sums[block] += loose
        return sums

    def _pool(self, kind: Callable[[Facet], bool]) -> _Pool:
        by_block = self._by_block(alike for facet, alike in self._alike.items() if kind(facet))
        return _Pool(sum(by_block), [sum(map(by_block.__getitem__, draw)) for draw in self._draws])

    def _resampled(self, inside: list[int], pool: _Pool) -> list[float]:
        """In each draw: what part of the pool is inside, times the pool's real size."""
        if not any(inside):
            return [0.0] * len(self._draws)
        parts = (sum(map(inside.__getitem__, draw)) for draw in self._draws)
        return [part / drawn * pool.size if drawn else 0.0 for part, drawn in zip(parts, pool.drawn, strict=True)]


class _Pool(NamedTuple):
    """All of what is drawn from, and how much of it is in each draw, in nanoseconds."""

    size: int
    drawn: list[int]


def _belongs_to_one(whole: Sequence[Instant], wall: int) -> bool:
    won: dict[int, int] = {}
    for instant in whole:
        won[instant.thread] = won.get(instant.thread, 0) + instant.duration_ns
    return max(won.values(), default=0) >= _ALONE * wall


def _draws(blocks: int) -> list[list[int]]:
    """The blocks of each draw; no draws where there is nothing to be drawn."""
    if not blocks:
        return []
    from random import Random  # slow to import: it loads OpenSSL's hashes

    chance = Random(_SEED)
    return [chance.choices(range(blocks), k=blocks) for _ in range(_DRAWS)]


def _counted(facet: Facet) -> bool:
    return facet.state in _ON_COUNTERS


def _not_counted(facet: Facet) -> bool:
    return facet.state not in _ON_COUNTERS


def _any(facet: Facet) -> bool:
    return True


def independent_looks(threads: Sequence[ThreadLooks], whole: Sequence[Instant]) -> float:
    """Effective number of looks behind the shares of the whole run.

    A look that finds a thread in the same wait as before adds nothing; successive marks of a thread that are alike
    count for less than one each, by their autocorrelation. Each thread counts as far as the run belongs to it.
    """
    won: dict[int, int] = {}
    for instant in whole:
        won[instant.thread] = won.get(instant.thread, 0) + instant.duration_ns
    total = 0.0
    for number, time in won.items():
        if number >= 0:
            record = threads[number].record
            total += _effective(threads[number].states) * min(1.0, time / max(1, record.end_ns - record.start_ns))
    return total


def _effective(states: Sequence[State]) -> float:
    """Length of a series of states, corrected for autocorrelation of its commonest state."""
    if len(states) < 3:
        return float(len(states))
    (common, count), *_ = Counter(states).most_common(1)
    mean = count / len(states)
    if count == len(states):
        return float(len(states))
    centred = [(state is common) - mean for state in states]
    correlation = sum(a * b for a, b in pairwise(centred)) / sum(a * a for a in centred)
    correlation = max(0.0, min(correlation, 0.999))
    return max(1.0, len(states) * (1 - correlation) / (1 + correlation))
