"""How a gate that was held is told: on one line whose form scripts can rely on."""

from __future__ import annotations

from collections.abc import Sequence

from iobound.model.diagnosis import CheckPlace
from iobound.model.gate import UNITS, Gate, Number

_LONGEST = 120  # characters of a name of the target's
_DIGITS = 4


def exact(value: float | str | None) -> str | None:
    """What was seen, for programs."""
    if value is None or isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def asked(expression: str, *, forbidden: bool) -> str:
    """What must hold, or must not: a reader takes `wait_sleep>5%` alone for what must.

    Example:
        >>> asked("wait_sleep>5%", forbidden=True)
        'wait_sleep>5% must not be'
    """
    return f"{expression} must not be" if forbidden else expression


def told(
    gate: Gate,
    value: float | str | None,
    interval: tuple[float, float] | None,
    where: Sequence[CheckPlace],
    broken: int,
    seen: int,
    *,
    forbidden: bool = False,
) -> str:
    """`EXPRESSION: NAME is VALUE, 90 % interval LOW to HIGH, at FILE:LINE (NAME)`, without what is not known."""
    unit = gate.asked.unit if isinstance(gate.asked, Number) else ""
    text = f"{asked(gate.text, forbidden=forbidden)}: {gate.subject} is {amount(gate, value)}"
    if interval is not None:
        low, high = (_number(each, unit, _DIGITS) for each in interval)
        text += f", 90 % interval {low} to {_with_unit(high, unit)}"
    if broken > 1:
        text += f", and {broken - 1} more of {seen} fail"
    if where:
        text += f", {'; '.join(map(_place, where))}"
    return text


def amount(gate: Gate, value: float | str | None) -> str:
    """What was seen, in the unit that was asked for."""
    if value is None:
        return "not known"
    unit = gate.asked.unit if isinstance(gate.asked, Number) else ""
    return _short(value) if isinstance(value, str) else _distinct(value, gate.asked, unit)


def _distinct(value: float, asked: Number | str, unit: str) -> str:
    """The number with as many digits as it takes to tell it from what was asked for."""
    for digits in range(_DIGITS, 18):
        shown = _number(value, unit, digits)
        if isinstance(asked, str) or value == asked.value or float(shown) != asked.amount:
            break
    return _with_unit(shown, unit)


def _number(value: float, unit: str, digits: int) -> str:
    power, factor = UNITS[unit]
    scaled = value * 10**-power / factor if unit else value
    if isinstance(scaled, int) and abs(scaled) < 10**15:
        return str(scaled)
    return f"{scaled:.{digits}g}"


def _with_unit(shown: str, unit: str) -> str:
    return f"{shown} {unit}" if unit else shown


def _place(place: CheckPlace) -> str:
    if place.file is None:
        return f"in {_short(place.name)}"
    line = "" if place.line is None else f":{place.line}"
    name = f" ({_short(place.name)})" if place.name else ""
    return f"at {_short(place.file)}{line}{name}"


def _short(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]}…{text[-half:]}"
