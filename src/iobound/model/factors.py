"""Speed-ups as text, by one rule for reasons and tables: a report must not show one figure in two roundings."""

from __future__ import annotations

import math
from collections.abc import Callable

from iobound.model.prediction import Estimate

_SLACK = 1e-9  # 1.1 * 10 is a little over 11: not a reason to round up to 12


def factor(value: float) -> str:
    """How many times as fast, one digit after the point except around 1, where two are needed to tell.

    Example:
        >>> factor(1.94), factor(0.853), factor(1.004), factor(14.96), factor(1.0)
        ('1.9', '0.85', '1.00', '15.0', '1.0')
    """
    return _rounded(value, float)


def factor_ends(estimate: Estimate) -> tuple[str, str]:
    """Both ends of an interval, rounded outwards.

    Example:
        >>> factor_ends(Estimate(1.9, 1.71, 2.08))
        ('1.7', '2.1')
    """
    return (
        _rounded(estimate.low, lambda scaled: math.floor(scaled + _SLACK)),
        _rounded(estimate.high, lambda scaled: math.ceil(scaled - _SLACK)),
    )


def _rounded(value: float, to_whole: Callable[[float], float]) -> str:
    if not math.isfinite(value):
        return "not known"
    digits = 1 if value == 1 else 2 if value < 1.1 else 1 if value < 99.95 else 0
    return f"{to_whole(value * 10**digits) / 10**digits:.{digits}f}"
