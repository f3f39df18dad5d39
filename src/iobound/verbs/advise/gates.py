"""Gates: numbers of a run that must hold, as `--check NAME OP VALUE`. Nothing is evaluated as Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from iobound.errors import UsageError
from iobound.model.diagnosis import Bound, Check, Diagnosis
from iobound.model.prediction import Strategy
from iobound.model.state import State

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<=": lambda seen, asked: seen <= asked,
    ">=": lambda seen, asked: seen >= asked,
    "==": lambda seen, asked: seen == asked,
    "!=": lambda seen, asked: seen != asked,
    "=": lambda seen, asked: seen == asked,
    "<": lambda seen, asked: seen < asked,
    ">": lambda seen, asked: seen > asked,
}
EXPRESSION = r"\s*([a-z_]+)\s*(<=|>=|==|!=|=|<|>)\s*(\S+)\s*"

_NUMBERS: Mapping[str, Callable[[Diagnosis], float | None]] = {
    "wall_s": lambda found: found.breakdown.wall_ns / 1e9,
    "cpu_s": lambda found: found.breakdown.totals.cpu_ns / 1e9,
    "share": lambda found: found.verdict.share,
    "speed_up": lambda found: max((advice.speed_up.estimate for advice in found.advice), default=None),
    "loop_blocked": lambda found: float(sum(len(loop.blocks) for loop in found.breakdown.event_loops)),
    "loop_blocked_s": lambda found: sum(loop.blocked_ns for loop in found.breakdown.event_loops) / 1e9,
    "exit_code": lambda found: _optional(found.recording.exit_code),
    "gil_wait": lambda found: found.breakdown.gil_wait_share,
    "lock_wait": lambda found: found.breakdown.lock_wait_share,
}
_WORDS: Mapping[str, Callable[[Diagnosis], str]] = {
    "bound": lambda found: found.verdict.bound.value,
    "dominant": lambda found: found.verdict.dominant.value,
    "strategy": lambda found: found.advice[0].strategy.value if found.advice else "",
}
_VALUES: Mapping[str, tuple[str, ...]] = {
    "bound": tuple(Bound),
    "dominant": tuple(State),
    "strategy": tuple(Strategy),
}
NAMES: tuple[str, ...] = (*_WORDS, *_NUMBERS, *(state.value for state in State))
"""What can be asked about: words, numbers, and the share of each state."""


class Gate(NamedTuple):
    """One parsed check: `name operator value`."""

    text: str
    name: str
    operator: str
    value: str


def parse(text: str) -> Gate:
    """Read one `--check`.

    Raises:
        UsageError: It has another shape, asks about something that does not exist, or compares a word as a number.

    Example:
        >>> parse("unknown < 0.1").name
        'unknown'
    """
    match = re.fullmatch(EXPRESSION, text)
    if match is None:
        raise UsageError(
            f"cannot read the check {text!r}", hint="write NAME OP VALUE, such as 'bound=io' or 'unknown<0.1'"
        )
    name, operator, value = match.groups()
    if name not in NAMES:
        raise UsageError(f"nothing is called {name!r} in the check {text!r}", hint=f"names: {', '.join(NAMES)}")
    if name in _WORDS:
        if operator not in ("=", "==", "!="):
            raise UsageError(f"{name} is a word in the check {text!r}", hint="compare words with = or !=")
        if value not in _VALUES[name]:
            raise UsageError(
                f"{name} is never {value!r} in the check {text!r}", hint=f"one of: {', '.join(_VALUES[name])}"
            )
    elif number_of(value) is None:
        raise UsageError(f"{value!r} is no number in the check {text!r}", hint="numbers such as 0.1, or 10%")
    return Gate(text, name, operator, value)


def applied(diagnosis: Diagnosis, gates: tuple[Gate, ...]) -> Diagnosis:
    """The diagnosis with its gates held against it. A number that is not known fails its gate."""
    return diagnosis._replace(checks=tuple(_check(gate, diagnosis) for gate in gates)) if gates else diagnosis


def _check(gate: Gate, diagnosis: Diagnosis) -> Check:
    if gate.name in _WORDS:
        seen = _WORDS[gate.name](diagnosis)
        passed = (seen == gate.value) == (gate.operator != "!=")
        return Check(gate.text, passed, seen, f"{gate.text}: {gate.name} is {seen}")
    number = _seen(gate.name, diagnosis)
    asked = number_of(gate.value)
    if number is None or asked is None:
        return Check(gate.text, False, None, f"{gate.text}: {gate.name} is not measurable here")
    within = _interval(gate.name, diagnosis)
    return Check(
        gate.text,
        OPERATORS[gate.operator](number, asked),
        f"{number:.6g}",
        f"{gate.text}: {gate.name} is {number:.4g}{within}",
    )


def _seen(name: str, diagnosis: Diagnosis) -> float | None:
    if name in _NUMBERS:
        return _NUMBERS[name](diagnosis)
    return diagnosis.breakdown.shares[State(name)]


def _interval(name: str, diagnosis: Diagnosis) -> str:
    if name in _NUMBERS:
        return ""
    interval = diagnosis.breakdown.intervals.get(State(name))
    return f", 90 % interval {interval.low:.4g} to {interval.high:.4g}" if interval else ""


def number_of(text: str) -> float | None:
    """A number as checks have it, `5%` for 0.05; None where it is none."""
    scale, text = (0.01, text[:-1]) if text.endswith("%") else (1.0, text)
    if not re.fullmatch(r"-?\d+(\.\d*)?([eE]-?\d+)?|-?\.\d+", text):
        return None
    return float(text) * scale


def _optional(number: int | None) -> float | None:
    return None if number is None else float(number)
