"""One thing that could be advised, with what orders it."""

from __future__ import annotations

import math
from typing import NamedTuple

from iobound.model.diagnosis import Advice
from iobound.model.prediction import Estimate, Strategy

EASE = {
    Strategy.THREADS: 1.0,
    Strategy.NATIVE_THREADS: 1.0,
    Strategy.MORE_WORKERS: 1.05,
    Strategy.FEWER_WORKERS: 0.95,
    Strategy.PROCESSES: 0.95,
    Strategy.ASYNCIO: 0.85,
    Strategy.BATCH: 1.05,
    Strategy.UNBLOCK_EVENT_LOOP: 1.25,
}
"""How a strategy is weighed beside its gain: among equals, the one with the smaller change comes first."""


class Candidate(NamedTuple):
    """An advice before it is ranked.

    Attributes:
        advice: What would be said.
        pool: Whether it rests on a prediction only, and so must promise enough to be worth a change.
    """

    advice: Advice
    pool: bool = True

    @property
    def score(self) -> float:
        """Between the likely and the worst gain, so that a risky promise does not win by a hair."""
        gain = self.advice.speed_up
        return math.sqrt(gain.estimate * gain.low) * EASE.get(self.advice.strategy, 1.0)


def known_gain(estimate: float, low: float, high: float) -> Estimate:
    """An estimate whose ends are put in order."""
    return Estimate(estimate=estimate, low=min(low, estimate), high=max(high, estimate))


def without(share: float, *, least: float = 0.0, most: float = 1.0) -> Estimate:
    """Speed-up when a share of the wall time goes, or between `least` and `most` of it.

    Example:
        >>> without(0.5, least=0.0).low, without(0.5).high
        (1.0, 2.0)
    """
    share = min(0.98, max(0.0, share))
    likely = (least + most) / 2
    return known_gain(1 / (1 - likely * share), 1 / (1 - least * share), 1 / (1 - most * share))
