"""Numbers as people read them. The only file that turns durations, shares, bytes and speed-ups into text.

Shown numbers never lie: 100 % only for a whole, never 0 % when there was some, intervals are rounded outwards, and a
number that is not known is said to be so.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from iobound.model import factors

if TYPE_CHECKING:
    from iobound.model.breakdown import Interval
    from iobound.model.prediction import Estimate

NOT_KNOWN = "not known"
_WHOLE = 1e-9  # shares are sums of floats: nearer to 1 than this is 1
_SLACK = 1e-9  # 1.1 * 10 is a little over 11: not a reason to round up to 12

_NS_PER_S = 1_000_000_000
_SMALL_UNITS = (("ns", 1), ("µs", 1_000), ("ms", 1_000_000), ("s", _NS_PER_S))


def share(fraction: float | None) -> str:
    """A fraction of a whole in per cent.

    Example:
        >>> share(0.881), share(0.0002), share(0.9999), share(1.0), share(0.0)
        ('88.1 %', '<0.1 %', '>99.9 %', '100 %', '0 %')
    """
    if fraction is None or not math.isfinite(fraction):
        return NOT_KNOWN
    return f"{_percent(fraction)} %"


def share_interval(interval: Interval | None) -> str:
    """The interval of a share, rounded outwards.

    Example:
        >>> from iobound.model.breakdown import Interval
        >>> share_interval(Interval(0.8812, 0.9344))
        '88.1..93.5 %'
    """
    if interval is None:
        return NOT_KNOWN
    low, high = _percent(interval.low, math.floor), _percent(interval.high, math.ceil)
    return f"{low} %" if low == high else f"{low}..{high} %"


def _percent(fraction: float, direction: object = round) -> str:
    if fraction <= 0:
        return "0"
    if fraction >= 1 - _WHOLE:
        return "100"
    if fraction < 0.001:
        return "<0.1"
    if fraction > 0.999:
        return ">99.9"
    tenths = fraction * 1000
    if direction is math.floor:
        return f"{math.floor(tenths + _SLACK) / 10:.1f}"
    if direction is math.ceil:
        return f"{math.ceil(tenths - _SLACK) / 10:.1f}"
    return f"{tenths / 10:.1f}"


def duration(time_ns: int | None) -> str:
    """A duration with three digits and the unit that fits.

    Example:
        >>> duration(12_410_000_000), duration(630_000_000), duration(1_250), duration(125_000_000_000)
        ('12.4 s', '630 ms', '1.25 µs', '2 min 05 s')
    """
    if time_ns is None:
        return NOT_KNOWN
    if time_ns < 0:
        return f"-{duration(-time_ns)}"
    seconds = round(time_ns / _NS_PER_S)
    if seconds >= 3600:
        minutes = round(time_ns / _NS_PER_S / 60)
        return f"{minutes // 60} h {minutes % 60:02} min"
    if seconds >= 100:
        return f"{seconds // 60} min {seconds % 60:02} s"
    return _small_duration(time_ns)


def _small_duration(time_ns: int) -> str:
    if time_ns == 0:
        return "0 s"
    for unit, size in _SMALL_UNITS:
        if time_ns < 999.5 * size or unit == "s":
            return f"{_three_digits(time_ns / size) if size > 1 else time_ns} {unit}"
    raise AssertionError("seconds take every duration")


def _three_digits(value: float) -> str:
    if value >= 99.95 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def factor(value: float | None) -> str:
    """How many times as fast, one digit after the point except around 1, where two are needed to tell.

    Example:
        >>> factor(1.94), factor(0.853), factor(1.004), factor(14.96), factor(1.0)
        ('1.9', '0.85', '1.00', '15.0', '1.0')
    """
    return NOT_KNOWN if value is None or not math.isfinite(value) else factors.factor(value)


def factor_interval(estimate: Estimate) -> str:
    """The interval of a speed-up, rounded outwards.

    Example:
        >>> from iobound.model.prediction import Estimate
        >>> factor_interval(Estimate(1.9, 1.71, 2.08))
        '1.7..2.1'
    """
    low, high = factors.factor_ends(estimate)
    return f"{low}..{high}"


def speed_up(estimate: Estimate) -> str:
    """A speed-up with its interval.

    Example:
        >>> from iobound.model.prediction import Estimate
        >>> speed_up(Estimate(1.9, 1.7, 2.1))
        '1.9 × (1.7..2.1)'
    """
    return f"{factor(estimate.estimate)} × ({factor_interval(estimate)})"


def size(count: int | None) -> str:
    """An amount of memory or data.

    Example:
        >>> size(512), size(1_572_864)
        ('512 B', '1.50 MiB')
    """
    if count is None:
        return NOT_KNOWN
    value, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if value < 999.5:
            break
        value, unit = value / 1024, larger
    return f"{count} B" if unit == "B" else f"{_three_digits(value)} {unit}"


def tally(count: int | None, one: str, many: str | None = None) -> str:
    """A count with its noun.

    Example:
        >>> tally(1, "wait"), tally(1200, "wait"), tally(2, "process", "processes")
        ('1 wait', '1,200 waits', '2 processes')
    """
    if count is None:
        return f"{NOT_KNOWN} {many or one + 's'}"
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def rise(ratio: float | None) -> str:
    """A change of seconds, counts or bytes: per cent with a sign, a factor from three times as much on.

    Args:
        ratio: What it became over what it was, less 1.

    Example:
        >>> rise(0.5), rise(-0.034), rise(0.0), rise(2.1), rise(-0.0002), rise(-1.0)
        ('+50 %', '-3.4 %', '0 %', '× 3.10', '-<0.1 %', '-100 %')
    """
    return NOT_KNOWN if ratio is None or not math.isfinite(ratio) else _rise(ratio, round)


def rise_interval(low: float, high: float) -> str:
    """The interval of a change, rounded outwards; as factors where it is all above twice as much.

    Example:
        >>> rise_interval(0.42, 0.581), rise_interval(1.15, 1.26), rise_interval(-0.031, 0.05)
        ('+42..+59 %', '× 2.1..2.3', '-3.1..+5.0 %')
    """
    if low >= 1:
        return f"× {math.floor((1 + low) * 10 + _SLACK) / 10:.1f}..{math.ceil((1 + high) * 10 - _SLACK) / 10:.1f}"
    return f"{_signed(low, math.floor)}..{_signed(high, math.ceil)} %"


def points(difference: float | None) -> str:
    """A change of a share, in points of a hundred.

    Example:
        >>> points(0.052), points(-0.1), points(0.0)
        ('+5.2 points', '-10.0 points', '0 points')
    """
    if difference is None or not math.isfinite(difference):
        return NOT_KNOWN
    return f"{_tenths(difference, round)} points"


def points_interval(low: float, high: float) -> str:
    """The interval of a change of a share, rounded outwards.

    Example:
        >>> points_interval(0.0312, 0.0734)
        '+3.1..+7.4 points'
    """
    return f"{_tenths(low, math.floor)}..{_tenths(high, math.ceil)} points"


def _rise(ratio: float, direction: object) -> str:
    return f"× {_three_digits(1 + ratio)}" if ratio >= 2 else f"{_signed(ratio, direction)} %"


def _signed(ratio: float, direction: object) -> str:
    """Per cent with a sign: a tenth of it below ten, whole ones from there on."""
    sign = "+" if ratio > 0 else "-" if ratio < 0 else ""
    if 0 < abs(ratio) < 0.001:
        return f"{sign}<0.1"
    if abs(ratio) < 0.0995:
        return _tenths(ratio, direction)
    percent = ratio * 100
    whole = math.floor(percent + _SLACK) if direction is math.floor else round(percent)
    if direction is math.ceil:
        whole = math.ceil(percent - _SLACK)
    return f"{'+' if whole > 0 else ''}{whole}"


def _tenths(ratio: float, direction: object) -> str:
    sign = "+" if ratio > 0 else "-" if ratio < 0 else ""
    if 0 < abs(ratio) < 0.001:
        return f"{sign}<0.1"
    tenths = ratio * 1000
    if direction is math.floor:
        tenths = math.floor(tenths + _SLACK)
    elif direction is math.ceil:
        tenths = math.ceil(tenths - _SLACK)
    return f"{tenths / 10:+.1f}" if tenths else "0"
