"""From a document and a path to what is there, with the way that led to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from iobound.model.gate import Index, Match, Name, Step
from iobound.verbs.gate.shape import ESTIMATES, INTERVALS, STATES

_EMPTY_WHEN_ABSENT: Mapping[str, Any] = {"functions": ()}
"""Members that a document leaves out when there is nothing in them."""

_NONE_OF_IT = frozenset({"states_s", "left_out"})
"""Objects that leave out members that are 0."""


SIGNAL, NONE = "signal", "none"
"""The member that is known not to be there where there is an exit code, and the word for that."""

_LARGEST = 1e300
"""No report has numbers like that; all below can be reckoned with."""


class Found(NamedTuple):
    """One thing that a path leads to.

    Attributes:
        value: A number, a word, an object, a list, or None where it is not known.
        trail: Objects and lists on the way, outermost first, each with the name or index that was taken.
    """

    value: Any
    trail: tuple[tuple[Any, str | int], ...] = ()

    def at(self, key: str | int, value: Any) -> Found:
        """What is one step further."""
        return Found(value, (*self.trail, (self.value, key)))

    @property
    def is_no_signal(self) -> bool:
        """Whether it says that there was none, in the place of a number."""
        return self.value == NONE and bool(self.trail) and self.trail[-1][1] == SIGNAL

    @property
    def interval(self) -> tuple[float, float] | None:
        """Lowest and highest number, where this one has such."""
        if len(self.trail) < 1:
            return None
        above, name = self.trail[-1]
        if not isinstance(above, Mapping):
            return None
        if name in ESTIMATES and "low" in above and "high" in above:
            return _pair((above["low"], above["high"]))
        if len(self.trail) > 1 and self.trail[-2][1] == STATES:
            return _pair(part(self.trail[-2][0], INTERVALS).get(str(name)))
        return None


def _pair(pair: Any) -> tuple[float, float] | None:
    if not isinstance(pair, list | tuple) or len(pair) != 2 or any(number(each) is None for each in pair):
        return None
    return pair[0], pair[1]


def number(value: Any) -> int | float | None:
    """The number that a value is; None where it is none, or not a finite one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -_LARGEST < value < _LARGEST else None


def part(of: Any, name: str) -> Mapping[str, Any]:
    """An object in an object; an empty one where there is none, as a document that somebody else wrote may have it."""
    found = of.get(name) if isinstance(of, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def listed(of: Any, name: str) -> list[Mapping[str, Any]]:
    """The objects in a list in an object; none where there is no such list."""
    found = of.get(name) if isinstance(of, Mapping) else None
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list | tuple) else []


def text_of(value: Any) -> str | None:
    """What a text in an expression is compared with; None where there is no such text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.15g}" if isinstance(value, float) else str(value)
    return value if isinstance(value, str) else None


def select(document: Mapping[str, Any], steps: Sequence[Step]) -> list[Found]:
    """All that a path leads to; lists at its end are taken apart.

    Returns:
        Nothing where no item of a list fits; a `Found` without value where the document does not say.
    """
    groups: list[list[Found]] = [[Found(document)]]
    for step in steps:
        groups = [after for group in groups for after in _one_step(group, step)]
    return [item for group in groups for found in group for item in _items(found)]


def _one_step(group: list[Found], step: Step) -> Iterator[list[Found]]:
    """A group holds those items of one list that were selected so far, or one thing that is in no list."""
    if isinstance(step, Name):
        for found in group:
            yield from ([member] for item in _items(found) for member in [_member(item, step.name)])
        return
    unknown = [found for found in group if found.value is None]
    whole = [item for found in group for item in _items(found)]
    if unknown:
        yield unknown
    elif isinstance(step, Index):
        yield whole[step.at : step.at + 1]
    else:
        yield [match for item in whole for match in _matches(item, step)]


def _items(found: Found) -> list[Found]:
    if isinstance(found.value, list | tuple):
        return [found.at(index, value) for index, value in enumerate(found.value)]
    return [found]


def _member(found: Found, name: str) -> Found:
    value = found.value
    if isinstance(value, Mapping):
        inner = value.get(name, _absent(found, name))
        if inner is None and name == SIGNAL and number(value.get("exit_code")) is not None:
            inner = NONE  # what has ended with a code was ended by no signal, and that is known
        return found.at(name, inner)
    if number(value) is not None and name in ("low", "high"):
        pair = found.interval
        return found.at(name, None if pair is None else pair[name == "high"])
    return found.at(name, None)


def _absent(found: Found, name: str) -> Any:
    """What a member that an object does not have stands for."""
    if found.trail and found.trail[-1][1] in _NONE_OF_IT:
        return 0
    return _EMPTY_WHEN_ABSENT.get(name)


def _matches(found: Found, step: Match) -> Iterator[Found]:
    value = found.value
    if isinstance(value, Mapping) and not step.key:
        fitting = {name: member for name, member in value.items() if step.fits(name)}
        if not fitting and len(step.parts) == 1:
            fitting = {step.parts[0]: _absent(found, step.parts[0])}
        yield from (found.at(name, member) for name, member in fitting.items())
    else:
        text = text_of(value.get(step.key) if isinstance(value, Mapping) else value)
        if text is not None and step.fits(text):
            yield found
