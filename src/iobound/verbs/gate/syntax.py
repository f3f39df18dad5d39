"""From text to the tree of an expression, by recursive descent: a function for each line of the grammar.

    check      = measure, operator, value ;
    measure    = aggregate, "(", path, ")" | path ;
    path       = name, { selector }, { ".", name, { selector } } ;
    selector   = "[", ( index | text | name, "=", text ), "]" ;
    value      = number, [ unit ] | quoted | word ;

What the names mean, and whether there is such a thing, is not known here.
"""

from __future__ import annotations

from typing import NamedTuple

from iobound.model.gate import AGGREGATES, Index, Match, Name, Step
from iobound.verbs.gate.scanner import Fault, Scanner


class Written(NamedTuple):
    """A step with the character that it begins at. A bare text in brackets has no key yet."""

    step: Step
    at: int
    bare: bool = False


class WrittenMeasure(NamedTuple):
    """What stands at the left of an operator."""

    aggregate: str
    path: tuple[Written, ...]
    at: int


class WrittenValue(NamedTuple):
    """What stands at the right: characters from `at` on, or a text that stood in quotes."""

    text: str
    at: int
    quoted: bool


class WrittenCheck(NamedTuple):
    """A whole expression; `subject` is its left as it was written."""

    measure: WrittenMeasure
    operator: str
    operator_at: int
    value: WrittenValue
    subject: str


def check(scanner: Scanner) -> WrittenCheck:
    """Read a whole expression.

    Raises:
        Fault: It is none.
    """
    start = scanner.skip_spaces()
    left = measure(scanner)
    subject = scanner.text[start : scanner.at].rstrip()
    at = scanner.skip_spaces()
    operator = scanner.operator()
    if not operator:
        raise Fault(at, "expected a comparison: < <= > >= = !=")
    value = _value(scanner, operator)
    _end(scanner)
    return WrittenCheck(left, operator, at, value, subject)


def whole_measure(scanner: Scanner) -> WrittenMeasure:
    """Read what may stand at the left of an operator, and nothing else."""
    found = measure(scanner)
    _end(scanner)
    return found


def _end(scanner: Scanner) -> None:
    end = scanner.skip_spaces()
    if scanner.next:
        raise Fault(end, "expected the end of the check; a text with spaces wants quotes")


def measure(scanner: Scanner) -> WrittenMeasure:
    """Read an aggregate with its path, or a path."""
    at = scanner.skip_spaces()
    name = scanner.name()
    if not name:
        raise Fault(at, "expected a name, such as wait_sleep or waits[0].count")
    after = scanner.at
    scanner.skip_spaces()
    if scanner.next != "(":
        scanner.at = after
        return WrittenMeasure("", _path(scanner, Written(Name(name), at)), at)
    if name not in AGGREGATES:
        raise Fault(at, f"no function is called so; there are {', '.join(AGGREGATES)}")
    scanner.take("(")
    inner_at = scanner.skip_spaces()
    inner = scanner.name()
    if not inner:
        raise Fault(inner_at, "expected a name")
    path = _path(scanner, Written(Name(inner), inner_at))
    closing = scanner.skip_spaces()
    if not scanner.take(")"):
        raise Fault(closing, "expected ) here")
    return WrittenMeasure(name, path, at)


def _path(scanner: Scanner, first: Written) -> tuple[Written, ...]:
    steps = [first]
    while True:
        scanner.skip_spaces()
        if scanner.next == "[":
            steps.append(_selector(scanner))
        elif scanner.take("."):
            at = scanner.skip_spaces()
            name = scanner.name()
            if not name:
                raise Fault(at, "expected a name after the point")
            steps.append(Written(Name(name), at))
        else:
            return tuple(steps)


def _selector(scanner: Scanner) -> Written:
    opening = scanner.at
    scanner.take("[")
    at = scanner.skip_spaces()
    index = scanner.index()
    if index is not None:
        written = Written(Index(index), at)
    else:
        key_at, key = scanner.at, scanner.name()
        scanner.skip_spaces()
        if key and scanner.take("="):
            at = scanner.skip_spaces()
            written = Written(Match(key, _text(scanner)), key_at)
        else:
            scanner.at = key_at
            written = Written(Match("", _text(scanner)), at, bare=True)
    closing = scanner.skip_spaces()
    if not scanner.take("]"):
        if scanner.next:
            raise Fault(closing, "expected ] here; a text with such characters wants quotes")
        raise Fault(opening, "this bracket is never closed")
    return written


def _text(scanner: Scanner) -> tuple[str, ...]:
    at = scanner.at
    quoted = scanner.quoted()
    if quoted is not None:
        return quoted
    word = scanner.word()
    if not word:
        raise Fault(at, "expected a number or a text")
    return tuple(word.split("*"))


def _value(scanner: Scanner, operator: str) -> WrittenValue:
    at = scanner.skip_spaces()
    expected = "expected a number or a word" if operator in ("=", "==", "!=") else "expected a number"
    quoted = scanner.quoted()
    if quoted is not None:
        return WrittenValue("*".join(quoted), at, True)
    if scanner.next in tuple("<>=!"):
        raise Fault(at, expected)
    value = scanner.value()
    if not value:
        raise Fault(at, expected)
    return WrittenValue(value + _spaced_unit(scanner, value), at, False)


def _spaced_unit(scanner: Scanner, value: str) -> str:
    """The unit of `5 %`, which may stand apart from its number, with what is between them."""
    after = scanner.at
    if value[-1] not in "0123456789.":
        return ""
    scanner.skip_spaces()
    if scanner.unit():
        return scanner.text[after : scanner.at]
    scanner.at = after
    return ""
