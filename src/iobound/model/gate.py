"""A gate: a number or a word of a JSON report, and what it is held against."""

from __future__ import annotations

from typing import NamedTuple

AGGREGATES: tuple[str, ...] = ("count", "sum", "max", "min")
"""What makes one number of several."""

OPERATORS: tuple[str, ...] = ("<=", ">=", "==", "!=", "<", ">", "=")
"""Longest first, as they are read."""

UNITS: dict[str, tuple[int, int]] = {
    "": (0, 1),
    "%": (-2, 1),
    "ms": (-3, 1),
    "s": (0, 1),
    "KiB": (0, 1 << 10),
    "MiB": (0, 1 << 20),
    "GiB": (0, 1 << 30),
}
"""What a number in each unit is multiplied by: a power of ten, and a factor."""


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/-")


def word(text: str) -> str:
    """A text as an expression has it: in quotes where it needs them.

    Example:
        >>> word("db:5432"), word("two words")
        ('db:5432', '"two words"')
    """
    return text if text and _PLAIN.issuperset(text) else quoted(text)


def quoted(text: str, *, star: bool = False) -> str:
    """A text in quotes, that an expression has anywhere; see `escaped`."""
    return f'"{escaped(text, star=star)}"'


def escaped(text: str, *, star: bool) -> str:
    """A text as it stands between quotes.

    Args:
        star: Whether `*` is escaped, too, which stands for anything in brackets.

    Example:
        >>> print(escaped('a "b"\\n*', star=True))
        a \\"b\\"\\u000a\\*
    """
    return "".join(_escape(character, star) for character in text)


def _escape(character: str, star: bool) -> str:
    if character in '"\\' or (star and character == "*"):
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class Name(NamedTuple):
    """A step to a member of an object; from a list, to that of each of its items."""

    name: str


class Index(NamedTuple):
    """A step to one item of a list, counted from 0."""

    at: int


class Match(NamedTuple):
    """A step to those items of a list that have a text.

    Attributes:
        key: The member that has it; empty for the item itself, or for the name of an object's member.
        parts: What stands between the wildcards; one part is the exact text.
    """

    key: str
    parts: tuple[str, ...]

    def fits(self, text: str) -> bool:
        """Whether a text has these parts, with anything between them.

        Example:
            >>> Match("", ("db", "32")).fits("db:5432"), Match("", ("db",)).fits("db:5432")
            (True, False)
        """
        first, *rest = self.parts
        if not rest:
            return text == first
        *middle, last = rest
        if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
            return False
        at, end = len(first), len(text) - len(last)
        for part in middle:
            found = text.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return True


Step = Name | Index | Match


class Measure(NamedTuple):
    """What is looked at.

    Attributes:
        aggregate: One of `AGGREGATES`, or empty: then each thing that is selected is looked at.
        steps: From the whole document to it.
    """

    aggregate: str
    steps: tuple[Step, ...]


class Number(NamedTuple):
    """A number as it was asked for, `Number(5.0, "%")` for 5 %."""

    amount: float
    unit: str = ""

    @property
    def value(self) -> float:
        """The number in the unit of the report: shares of 1, seconds, bytes.

        Example:
            >>> Number(57.0, "%").value
            0.57
        """
        power, factor = UNITS[self.unit]
        if not power:
            return self.amount * factor
        digits, _, exponent = repr(self.amount).partition("e")
        return float(f"{digits}e{int(exponent or 0) + power}")  # multiplying by 0.01 would be off by a bit


class Gate(NamedTuple):
    """One comparison that is to hold, or must not.

    Attributes:
        operator: One of `OPERATORS`.
        asked: What stands at its right: a number, or a word.
        subject: What stands at its left, as it was written; printable.
        text: The whole of it, as it was written; printable.
    """

    measure: Measure
    operator: str
    asked: Number | str
    subject: str
    text: str
