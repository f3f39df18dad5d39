"""Numbers of the runs of both sides become one change with its interval, and whether it is beyond noise.

Seconds, counts, bytes and factors are compared by their logarithms, so that half as much and twice as much are equally
far; shares as they are. The variance between runs of a side is what was seen between them, moderated by what is known
beforehand: the noise floor of that kind of quantity, which counts as `FLOOR_FREEDOM` degrees of freedom. So one run a
side and many are the same formula: with one run the floor is all there is, and with many it hardly counts. It is never
less than what was seen, and the more was seen than the floor says, the fewer degrees of freedom the floor is worth: it
is not what the runs differ by. Runs of a side count by how well each is known: one that the machine gave no CPU for
half of its time must not hide what the others say. The difference of means is Welch's, with his degrees of freedom.

Source:
    Welch (1947); moderated variances: Smyth, Linear models and empirical Bayes methods (2004).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from iobound.model.comparison import Change, Unit
from iobound.verbs.compare import students_t

FAMILY_LEVEL = 0.025
"""In how many comparisons noise alone may change any quantity of a family: 1 of 40. Regressions are one family, all the
rest is another. Each quantity has its part (Bonferroni): the more there are, the larger a change must be to be told."""

FLOOR_FREEDOM = 6
"""How much a noise floor counts: as much as another 7 runs of that side."""

NOT_MEASURED = "not measured in "
"""How a reason begins that is not of how two sides differ."""

_SHOWN = 0.95  # a 90 % interval has 5 % on each side
_POWER = 0.9
_LEAST_SPREAD = 1e-9


class Levels(NamedTuple):
    """How seldom noise alone may look like a change of one quantity.

    Attributes:
        regressions: Of those that can be regressions.
        others: Of all others.
    """

    regressions: float = FAMILY_LEVEL
    others: float = FAMILY_LEVEL

    @classmethod
    def shared(cls, regressions: int, others: int) -> Levels:
        """The level of both families shared out among so many quantities."""
        return cls(*(FAMILY_LEVEL / max(1, judged) for judged in (regressions, others)))


class Sample(NamedTuple):
    """What one run says.

    Attributes:
        value: None where it was not measured.
        spread: Standard deviation that is known beforehand: of its logarithm, or of a share itself.
    """

    value: float | None
    spread: float


def judged(
    unit: Unit,
    base: Sequence[Sample],
    head: Sequence[Sample],
    least: float = 0.0,
    doubt: float = 0.0,
    level: float = FAMILY_LEVEL,
) -> Change:
    """Compare one quantity.

    Args:
        unit: What it is measured in.
        base, head: One sample for each run, in any order.
        least: The smallest amount that can be seen, in its unit: what two amounts are compared after adding it, so
            that nothing, and next to nothing, are nearly the same. Above 0 where a value may be 0 and is no share.
        doubt: What is known to differ between the sides besides the program, as a standard deviation: more runs do
            not make it smaller.
        level: How seldom noise alone may look like a change of this quantity, up or down.

    Example:
        >>> same = judged(Unit.SECONDS, [Sample(2.0, 0.1)], [Sample(2.1, 0.1)])
        >>> round(same.measured, 3), same.beyond
        (0.05, False)
        >>> judged(Unit.SECONDS, [Sample(2.0, 0.1)], [Sample(None, 0.1)]).why
        'not measured in head'
    """
    sides = [_Mean.of(unit, side, least) for side in (base, head)]
    before, after = (None if side is None else side.back(unit, least) for side in sides)
    if sides[0] is None or sides[1] is None:
        missing = " and ".join(name for name, side in zip(("base", "head"), sides, strict=True) if side is None)
        return Change(unit, before, after, why=f"{NOT_MEASURED}{missing}")
    return _between(unit, sides[0], sides[1], doubt, level)._replace(before=before, after=after)


def refused(unit: Unit, base: Sequence[Sample], head: Sequence[Sample], why: str, least: float = 0.0) -> Change:
    """The same where nothing may be said of the change: only the values of each side."""
    sides = [_Mean.of(unit, side, least) for side in (base, head)]
    before, after = (None if side is None else side.back(unit, least) for side in sides)
    return Change(unit, before, after, why=why)


def appeared(unit: Unit, base: Sequence[Sample], head: Sequence[Sample], least: float, beyond: bool) -> Change:
    """The change of what one side has and no run of the other: against the least that can be seen, and no interval."""
    change = judged(unit, base, head, least)
    return change if change.why else change._replace(low=None, high=None, visible=None, beyond=beyond)


class _Mean(NamedTuple):
    """Mean of a side on the scale that it is compared on, the variance of that mean, and its degrees of freedom."""

    mean: float
    variance: float
    freedom: float
    exact: float | None

    @classmethod
    def of(cls, unit: Unit, side: Sequence[Sample], least: float) -> _Mean | None:
        known = [
            sample for sample in side if sample.value is not None and (unit is Unit.SHARE or sample.value + least > 0)
        ]
        if not known:
            return None
        runs = sorted((_scaled(unit, sample.value or 0.0, least), weight(sample)) for sample in known)
        total = math.fsum(weight for _, weight in runs)
        mean = math.fsum(value * weight for value, weight in runs) / total
        scale, freedom = _scale(math.fsum(weight * (value - mean) ** 2 for value, weight in runs), len(runs) - 1)
        exact = known[0].value if len({sample.value for sample in known}) == 1 else None
        return cls(mean, scale / total, freedom, exact)

    def back(self, unit: Unit, least: float) -> float:
        """The mean on the quantity's own scale."""
        if self.exact is not None:  # which no logarithm must blur
            return self.exact
        return self.mean if unit is Unit.SHARE else max(0.0, math.exp(self.mean) - least)


def weight(sample: Sample) -> float:
    """How much a run counts among those of its side: the better it is known beforehand, the more."""
    return 1 / max(sample.spread, _LEAST_SPREAD) ** 2


def _scale(squares: float, own: int) -> tuple[float, float]:
    """The variance of runs in floors, and its degrees of freedom, `own` of them from the runs themselves.

    Where runs differ by more than the floor, it is worth the square of their ratio. With all of its degrees of freedom,
    2 runs that differ by 4 floors would have intervals that hold the truth in 80 % only; with none, as soon as they
    differ by a little more than the floor, half of all comparisons at the floor would lose most of what they can tell.
    """
    seen = squares / own if own else 0.0
    if seen <= 1:
        return (FLOOR_FREEDOM + squares) / (FLOOR_FREEDOM + own), FLOOR_FREEDOM + own
    return seen, own + FLOOR_FREEDOM / seen**2


def _scaled(unit: Unit, value: float, least: float) -> float:
    return value if unit is Unit.SHARE else math.log(value + least)


def _between(unit: Unit, base: _Mean, head: _Mean, doubt: float, level: float) -> Change:
    difference = head.mean - base.mean
    variance = base.variance + head.variance
    error = math.sqrt(variance + doubt**2)
    freedom = variance**2 / (base.variance**2 / base.freedom + head.variance**2 / head.freedom) if variance else 1.0
    told = students_t.quantile(1 - level / 2, freedom) * error
    half = students_t.quantile(_SHOWN, freedom) * error
    seldom_missed = told + students_t.quantile(_POWER, freedom) * error
    back = (lambda value: value) if unit is Unit.SHARE else _ratio
    return Change(
        unit,
        measured=back(difference),
        low=back(difference - half),
        high=back(difference + half),
        visible=back(seldom_missed),
        beyond=abs(difference) > told,
    )


def _ratio(logarithm: float) -> float:
    return math.expm1(min(logarithm, 700.0))
