"""What must not hold of a test suite, as `--iobound-fail-on NAME OP VALUE`. Nothing is evaluated as Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from iobound.errors import UsageError
from iobound.model.diagnosis import Bound, Check
from iobound.model.state import State, total_ns
from iobound.model.suite import Phase, SuiteFindings, XdistAdvice
from iobound.verbs.advise.gates import EXPRESSION, OPERATORS, Gate, number_of

_NUMBERS: Mapping[str, Callable[[SuiteFindings], float | None]] = {
    "wall_s": lambda found: found.run.wall_ns / 1e9,
    "cpu_s": lambda found: sum(phase.stretch.cpu_ns or 0 for phase in found.run.phases) / 1e9,
    "speed_up": lambda found: None if found.advice is None else _best(found.advice),
    "loop_blocked": lambda found: _observed(found, sum(len(test.blocks) for test in found.tests)),
    "loop_blocked_s": lambda found: _observed(
        found, sum(block.duration_ns for test in found.tests for block in test.blocks) / 1e9
    ),
    "set_up": lambda found: _part(found, Phase.SETUP),
    "tear_down": lambda found: _part(found, Phase.TEARDOWN),
    "longest_s": lambda found: max((test.wall_ns / 1e9 for test in found.tests), default=None),
    "waits_longer": lambda found: float(len(found.comparison.longer)) if found.comparison else None,
}
_WORDS: Mapping[str, tuple[str, ...]] = {"bound": tuple(Bound), "dominant": tuple(State)}
NAMES: tuple[str, ...] = (*_WORDS, *_NUMBERS, *(state.value for state in State))
"""What can be asked about: words, numbers, and the share of each state in the tests' time."""


def parse(text: str) -> Gate:
    """Read one expression.

    Raises:
        UsageError: It has another shape, asks about something that does not exist, or compares a word as a number.

    Example:
        >>> parse("wait_sleep > 5%").name
        'wait_sleep'
    """
    match = re.fullmatch(EXPRESSION, text)
    if match is None:
        hint = "write NAME OP VALUE, such as 'wait_sleep>5%' or 'bound=sleep'"
        raise UsageError(f"cannot read --iobound-fail-on {text!r}", hint=hint)
    name, operator, value = match.groups()
    if name not in NAMES:
        raise UsageError(f"nothing of a suite is called {name!r}", hint=f"names: {', '.join(NAMES)}")
    if name in _WORDS:
        if operator not in ("=", "==", "!="):
            raise UsageError(f"{name} is a word in {text!r}", hint="compare words with = or !=")
        if value not in _WORDS[name]:
            raise UsageError(f"{name} is never {value!r}", hint=f"one of: {', '.join(_WORDS[name])}")
    elif number_of(value) is None:
        raise UsageError(f"{value!r} is no number in {text!r}", hint="numbers such as 0.1, or 10%")
    return Gate(text, name, operator, value)


def checks(found: SuiteFindings, gates: tuple[Gate, ...]) -> tuple[Check, ...]:
    """Hold a suite against what must not be; a number that is not known fails, for nothing passes unseen."""
    return tuple(_check(gate, found) for gate in gates)


def _check(gate: Gate, found: SuiteFindings) -> Check:
    if gate.name in _WORDS:
        seen = found.bound if gate.name == "bound" else _dominant(found)
        holds = (seen == gate.value) == (gate.operator != "!=")
        return Check(gate.text, not holds, seen, f"{gate.text}: {gate.name} is {seen}")
    number, asked = _seen(gate.name, found), number_of(gate.value)
    if number is None or asked is None:
        return Check(gate.text, False, None, f"{gate.text}: {gate.name} is not measurable here")
    holds = OPERATORS[gate.operator](number, asked)
    return Check(
        gate.text, not holds, f"{number:.6g}", f"{gate.text}: {gate.name} is {number:.4g}{_within(gate, found)}"
    )


def _seen(name: str, found: SuiteFindings) -> float | None:
    if name in _NUMBERS:
        return _NUMBERS[name](found)
    state = State(name)
    if found.lost and state is not State.UNKNOWN:
        return None
    return found.budget.get(state, 0) / max(1, total_ns(found.budget))


def _within(gate: Gate, found: SuiteFindings) -> str:
    if gate.name in _NUMBERS:
        return ""
    interval = found.intervals[State(gate.name)]
    return f", 90 % interval {interval.low:.4g} to {interval.high:.4g}"


def _dominant(found: SuiteFindings) -> str:
    return max(State, key=lambda state: found.budget.get(state, 0)).value


def _observed(found: SuiteFindings, number: float) -> float | None:
    return None if found.lost else float(number)


def _part(found: SuiteFindings, phase: Phase) -> float | None:
    whole = sum(found.phases.values())
    return found.phases[phase] / whole if whole else None


def _best(advice: XdistAdvice) -> float | None:
    return max((each.speed_up.estimate for each in advice.predictions), default=None)
