"""How far shares may be off: block bootstrap over what was divided by looks; what counters say is certain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

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


class Bootstrap:
    """Draws of the run's instants in blocks, the same draws for every share that is asked about.

    Args:
        whole: The run's instants.
        period_ns: Between looks. Of a wait, about that much at its ends is known by looks only, the rest for certain.
        looks: Effective number of independent looks.
    """

    def __init__(self, whole: Sequence[Instant], period_ns: int, looks: float) -> None:
        self._whole = whole
        self._loose = [
            instant.duration_ns if _counted(instant) else min(instant.duration_ns, period_ns) for instant in whole
        ]
        self._wall = sum(instant.duration_ns for instant in whole)
        self._looks = max(1.0, looks)
        size = max(1, -(-len(whole) // _MOST_BLOCKS))
        self._blocks = [range(at, min(at + size, len(whole))) for at in range(0, len(whole), size)]
        self._draws = _draws(len(self._blocks))
        # The CPU time of one thread is exact; when several share the run, which of them it belongs to is not.
        kinds = (_counted, _not_counted) if self._belongs_to_one() else (_any,)
        self._pools = [(kind, self._by_block(kind)) for kind in kinds]

    def _belongs_to_one(self) -> bool:
        won = Counter[int]()
        for instant in self._whole:
            won[instant.thread] += instant.duration_ns
        return max(won.values(), default=0) >= _ALONE * self._wall

    def _by_block(self, belongs: Callable[[Instant], bool]) -> list[int]:
        whole, loose = self._whole, self._loose
        return [sum(loose[at] for at in block if belongs(whole[at])) for block in self._blocks]

    def interval(self, belongs: Callable[[Instant], bool]) -> Interval:
        """90 % interval of the share of wall time of the instants for which `belongs` is true."""
        if not self._wall:
            return Interval(0.0, 1.0)
        mine = [(at, instant) for at, instant in enumerate(self._whole) if belongs(instant)]
        share = sum(instant.duration_ns for _, instant in mine) / self._wall
        certain = sum(instant.duration_ns - self._loose[at] for at, instant in mine)
        drawn = [float(certain)] * len(self._draws)
        for kind, pool in self._pools:
            inside = self._by_block(lambda instant, kind=kind: kind(instant) and belongs(instant))  # type: ignore[misc]
            drawn = [sum(pair) for pair in zip(drawn, self._resampled(inside, pool), strict=True)]
        values = sorted(value / self._wall for value in drawn)
        floor = _FLOOR + _UNSEEN / self._looks * sum(self._loose) / self._wall
        low, high = values[int(_LOW * len(values))], values[min(len(values) - 1, int(_HIGH * len(values)))]
        return Interval(max(0.0, min(low, share - floor)), min(1.0, max(high, share + floor)))

    def _resampled(self, inside: list[int], pool: list[int]) -> list[float]:
        """In each draw: what part of the pool is inside, times the pool's real size."""
        size = sum(pool)
        if not any(inside):
            return [0.0] * len(self._draws)
        resampled = []
        for draw in self._draws:
            drawn = sum(pool[block] * count for block, count in draw.items())
            part = sum(inside[block] * count for block, count in draw.items())
            resampled.append(part / drawn * size if drawn else 0.0)
        return resampled


def _draws(blocks: int) -> list[Counter[int]]:
    """How often each block is in each draw; no draws where there is nothing to be drawn."""
    if not blocks:
        return []
    from random import Random  # slow to import: it loads OpenSSL's hashes

    chance = Random(_SEED)
    return [Counter(chance.choices(range(blocks), k=blocks)) for _ in range(_DRAWS)]


def _counted(instant: Instant) -> bool:
    return instant.state in _ON_COUNTERS


def _not_counted(instant: Instant) -> bool:
    return instant.state not in _ON_COUNTERS


def _any(instant: Instant) -> bool:
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
