"""From a gate back to text that reads as the same gate."""

from __future__ import annotations

from iobound.model.gate import Gate, Index, Match, Measure, Name, Number, Step

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/-")


def printed(gate: Gate) -> str:
    """A gate in its plainest form: short names are written out, each text that needs them has quotes.

    Example:
        >>> from iobound.model.gate import Match, Measure, Name, Number
        >>> waits = Measure("sum", (Name("waits"), Match("target", ("db:", "")), Name("count")))
        >>> printed(Gate(waits, "<=", Number(10.0), "", ""))
        'sum(waits[target="db:*"].count)<=10'
    """
    asked = gate.asked
    value = f"{_digits(asked.amount)}{asked.unit}" if isinstance(asked, Number) else _word(asked)
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
    return f'"{"*".join(_escaped(part, star=True) for part in step.parts)}"'


def _word(word: str) -> str:
    return word if word and _PLAIN.issuperset(word) else f'"{_escaped(word, star=False)}"'


def _escaped(text: str, *, star: bool) -> str:
    return "".join(_escape(character, star) for character in text)


def _escape(character: str, star: bool) -> str:
    if character in '"\\' or (star and character == "*"):
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _digits(amount: float) -> str:
    return str(int(amount)) if amount == int(amount) and abs(amount) < 1e15 else repr(amount)
