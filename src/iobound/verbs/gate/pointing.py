"""Showing where an expression is wrong: the part of it around one character, and a caret below that."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

_BEFORE, _AFTER = 36, 36  # columns
_MARGIN = "  "


def excerpt(text: str, at: int, what: str) -> tuple[str, str]:
    """Two lines of printable characters.

    Args:
        text: Anything.
        at: Index of the character that is wrong; the length of the text for its end.
        what: What is wrong there.

    Example:
        >>> for line in excerpt("wait_slep << 0.1", 11, "expected a number"):
        ...     print(line)
          wait_slep << 0.1
                     ^ expected a number
    """
    before, left = _shown(text[max(0, at - _BEFORE - 1) : at], _BEFORE, from_the_end=True)
    left = left or at > _BEFORE + 1
    after, right = _shown(text[at : at + _AFTER + 1], _AFTER, from_the_end=False)
    after = f"{after}…" if right or at + _AFTER + 1 < len(text) else after
    before = f"…{before}" if left else before
    return f"{_MARGIN}{before}{after}", f"{_MARGIN}{' ' * _columns(before)}^ {what}"


def _shown(text: str, most: int, *, from_the_end: bool) -> tuple[str, bool]:
    """As much of a text as there is room for, and whether some was left out."""
    shown: list[str] = []
    columns = 0
    for character in reversed(text) if from_the_end else text:
        one = character if character.isprintable() else ascii(character)[1:-1]
        one = " #" if one == "#" and shown and shown[-1][-1:] == "#" else one  # Azure takes ##vso[ for a command
        columns += _columns(one)
        if columns > most:
            return "".join(reversed(shown) if from_the_end else shown), True
        shown.append(one)
    return "".join(reversed(shown) if from_the_end else shown), False


def _columns(text: str) -> int:
    """How wide a terminal shows it."""
    return sum(0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1 for character in text)
