"""Student's t distribution, which the standard library does not have."""

from __future__ import annotations

import math
from functools import lru_cache

_TINY = 1e-300
_MOST_TERMS = 500
_NEAR = 3e-15
_NORMAL_FROM = 1e7
"""Degrees of freedom from which on it is the normal distribution, to more digits than matter."""


def beyond(t: float, freedom: float) -> float:
    """Probability of more than `t`.

    Args:
        t: Any number.
        freedom: Degrees of freedom, above 0; need not be whole.

    Source:
        The regularised incomplete beta function by its continued fraction (Abramowitz and Stegun, 26.5.8 and 26.7.1).

    Example:
        >>> round(beyond(2.228, 10), 4)
        0.025
    """
    if freedom >= _NORMAL_FROM:
        return 0.5 * math.erfc(t / math.sqrt(2))
    whole = freedom + t * t
    if t * t < freedom:  # where the other form would lose its digits
        return 0.5 - math.copysign(0.5, t) * _beta(0.5, freedom / 2, t * t / whole)
    tail = 0.5 * _beta(freedom / 2, 0.5, freedom / whole)
    return tail if t >= 0 else 1 - tail


@lru_cache(maxsize=4096)
def quantile(probability: float, freedom: float) -> float:
    """What a value is below with a probability.

    Args:
        probability: Above 0 and below 1.
        freedom: Degrees of freedom, above 0.

    Example:
        >>> round(quantile(0.95, 5), 3), round(quantile(0.05, 5), 3)
        (2.015, -2.015)
    """
    if probability < 0.5:
        return -quantile(1 - probability, freedom)
    low, high = 0.0, 1.0
    while beyond(high, freedom) > 1 - probability:
        low, high = high, high * 2
    for _ in range(100):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if beyond(middle, freedom) > 1 - probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return min(1.0, max(0.0, x))
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, by the modified method of Lentz."""
    c, d = 1.0, _away(1 - (a + b) * x / (a + 1))
    d = 1 / d
    value = d
    for m in range(1, _MOST_TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + term * d)
            c = _away(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _NEAR:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
