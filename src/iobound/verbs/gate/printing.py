"""From a gate back to text that reads as the same gate."""

from __future__ import annotations

from iobound.model.gate import Gate, Index, Match, Measure, Name, Number, Step, escaped, word


def printed(gate: Gate) -> str:
    """A gate in its plainest form: short names are written out, each text that needs them has quotes.

    Example:
        >>> from iobound.model.gate import Match, Measure, Name, Number
        >>> waits = Measure("sum", (Name("waits"), Match("target", ("db:", "")), Name("count")))
        >>> printed(Gate(waits, "<=", Number(10.0), "", ""))
        'sum(waits[target="db:*"].count)<=10'
    """
    asked = gate.asked
    value = f"{_digits(asked.amount)}{asked.unit}" if isinstance(asked, Number) else word(asked)
    return f"{measure(gate.measure)}{gate.operator}{value}"


def measure(of: Measure) -> str:
    """The left of an expression."""
    path = "".join(map(_step, of.steps)).removeprefix(".")
    return f"{of.aggregate}({path})" if of.aggregate else path


def _step(step: Step) -> str:
    if isinstance(step, Name):
        return f".{step.name}"
    if isinstance(step, Index):
        return f"[{step.at}]"
    text = _quoted(step)
    return f"[{step.key}={text}]" if step.key else f"[{text}]"


def _quoted(step: Match) -> str:
    return f'"{"*".join(escaped(part, star=True) for part in step.parts)}"'


def _digits(amount: float) -> str:
    return str(int(amount)) if amount == int(amount) and abs(amount) < 1e15 else repr(amount)
