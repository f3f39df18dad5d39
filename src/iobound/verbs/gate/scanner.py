"""The words of an expression, from left to right: nothing but characters is looked at here, and each of them once."""

from __future__ import annotations

from iobound.model.gate import OPERATORS

LONGEST = 4_096
"""Characters of an expression: the name of a test may be long."""

_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_HEX = _DIGITS | frozenset("abcdefABCDEF")
_NO_WORD = frozenset(" []\"'=")
_ESCAPES = {'"': '"', "'": "'", "\\": "\\", "*": "*", "n": "\n", "r": "\r", "t": "\t"}
_UNIT_LETTERS = _LETTERS | {"%", "µ"}


class Fault(Exception):
    """What cannot be read, and at which character it begins to be wrong."""

    def __init__(self, at: int, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.at, self.what, self.hint = at, what, hint


class Scanner:
    """Gives one word after the other to whoever knows what may come next.

    Raises:
        Fault: The text is too long, or has a character that cannot be shown.
    """

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise Fault(LONGEST, f"a check has at most {LONGEST:,} characters")
        for at, character in enumerate(text):
            if not character.isprintable():
                raise Fault(at, "a character that cannot be shown; in quotes write it as \\uXXXX")
        self.text, self.at = text, 0

    def skip_spaces(self) -> int:
        """Go to the next character that is no space, and say where it is."""
        while self.at < len(self.text) and self.text[self.at] == " ":
            self.at += 1
        return self.at

    @property
    def next(self) -> str:
        """The next character, empty at the end."""
        return self.text[self.at : self.at + 1]

    def take(self, word: str) -> bool:
        """Go on behind a word if it comes next."""
        if not self.text.startswith(word, self.at):
            return False
        self.at += len(word)
        return True

    def name(self) -> str:
        """Letters, digits and underscores, the first no digit; empty where there is none."""
        return self._run(_LETTERS | _DIGITS) if self.next in _LETTERS else ""

    def operator(self) -> str:
        """An operator; empty where there is none."""
        return next((operator for operator in OPERATORS if self.take(operator)), "")

    def index(self) -> int | None:
        """Digits up to a closing bracket; None where anything else follows."""
        start = self.at
        digits = self._run(_DIGITS)
        self.skip_spaces()
        if digits and self.next == "]":
            if len(digits) > 9:
                raise Fault(start, "no list has so many items")
            return int(digits)
        self.at = start
        return None

    def word(self) -> str:
        """Characters up to a space, a bracket, a quote or `=`; empty where there are none."""
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in _NO_WORD:
            self.at += 1
        return self.text[start : self.at]

    def value(self) -> str:
        """Characters up to a space or a quote; empty where there are none."""
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in " \"'":
            self.at += 1
        return self.text[start : self.at]

    def quoted(self) -> tuple[str, ...] | None:
        """A text in quotes, divided at its wildcards; None where there is no quote.

        Raises:
            Fault: The closing quote is missing, or an escape means nothing.
        """
        quote = self.next
        if quote not in ('"', "'"):
            return None
        start = self.at
        self.at += 1
        parts = [""]
        while self.next != quote:
            character = self.next
            if not character:
                raise Fault(start, "this quote is never closed")
            if character == "\\":
                parts[-1] += self._escape()
                continue
            self.at += 1
            if character == "*":
                parts.append("")
            else:
                parts[-1] += character
        self.at += 1
        return tuple(parts)

    def _escape(self) -> str:
        start = self.at
        letter = self.text[start + 1 : start + 2]
        length = {"u": 4, "U": 8}.get(letter, 0)
        digits = self.text[start + 2 : start + 2 + length]
        self.at += 2 + length
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        if not length or len(digits) < length or not _HEX.issuperset(digits) or int(digits, 16) > 0x10FFFF:
            raise Fault(start, r"""this is no escape; there are \" \' \\ \* \n \r \t \uXXXX \UXXXXXXXX""")
        return chr(int(digits, 16))

    def number(self) -> float | None:
        """Digits with a sign, a point and an exponent; None where there are none.

        Raises:
            Fault: It is larger than any number that can be held.
        """
        start = self.at
        sign = self.take("-") or self.take("+")
        whole = self._run(_DIGITS)
        part = self._run(_DIGITS) if self.take(".") else ""
        if not whole and not part:
            self.at = start
            return None
        self._exponent()
        read = float(self.text[start : self.at])
        if read - read != 0:
            raise Fault(start + sign, "this number is too large")
        return read

    def _exponent(self) -> None:
        start = self.at
        if self.take("e") or self.take("E"):
            _ = self.take("-") or self.take("+")
            if not self._run(_DIGITS):
                self.at = start

    def unit(self) -> str:
        """A percent sign, or letters; empty where there are none."""
        return self._run(_UNIT_LETTERS)

    def _run(self, characters: frozenset[str]) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in characters:
            self.at += 1
        return self.text[start : self.at]
