"""A gate held against a document: whether it holds, what was seen, within which interval, and where."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from iobound.model.diagnosis import Check
from iobound.model.gate import Gate, Index, Match, Number
from iobound.verbs.gate import measurable, partial, places, selecting, unseen, wording
from iobound.verbs.gate.selecting import Found

_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "<=": lambda seen, asked: seen <= asked,
    ">=": lambda seen, asked: seen >= asked,
    "==": lambda seen, asked: seen == asked,
    "!=": lambda seen, asked: seen != asked,
    "=": lambda seen, asked: seen == asked,
    "<": lambda seen, asked: seen < asked,
    ">": lambda seen, asked: seen > asked,
}


class _Seen(NamedTuple):
    """What a measure comes to.

    Attributes:
        value: A number or a word; None where it is not known.
        interval: Of the number, where it has one.
        sources: Where it is from, most of it first.
    """

    value: int | float | str | None
    interval: tuple[float, float] | None = None
    sources: tuple[Found, ...] = ()


def hold(gate: Gate, document: Mapping[str, Any], *, forbidden: bool = False) -> Check:
    """Hold a gate against a document.

    Args:
        gate: Read with the vocabulary of such documents.
        document: Plain data, as it is written as JSON.
        forbidden: Whether the comparison must not hold, of anything that is selected; it must hold of everything
            otherwise.

    Returns:
        How it went. What is not known, is no finite number, or is not there never passes.
    """
    why = measurable.why_not(document, gate)
    if why:
        return _unknown(gate, why, forbidden)
    found = selecting.select(document, gate.measure.steps)
    seen = _seen(gate, found)
    if not seen:
        return _unknown(gate, _nothing(gate), forbidden)
    broken = [each for each in seen if each.value is not None and _holds(gate, each.value) is forbidden]
    if not broken and any(each.value is None for each in seen):
        why = "the report says nothing of it" if len(seen) == 1 else "the report does not say all of it"
        return _unknown(gate, why, forbidden)
    why = "" if broken else _not_known(gate, document, seen, found, forbidden=forbidden)
    if why:
        return _unknown(gate, why, forbidden)
    worst = _most_telling(gate, broken or seen)
    origins = worst.sources if len(broken) < 2 else tuple(found for each in broken for found in each.sources)
    where = places.of(document, origins)
    low, high = worst.interval or (None, None)
    return Check(
        expression=gate.text,
        passed=not broken,
        seen=wording.exact(worst.value),
        text=wording.told(gate, worst.value, worst.interval, where, len(broken), len(seen), forbidden=forbidden),
        low=low,
        high=high,
        places=where,
    )


def _unknown(gate: Gate, why: str, forbidden: bool) -> Check:
    asked = wording.asked(gate.text, forbidden=forbidden)
    return Check(gate.text, False, None, f"{asked}: {gate.subject} is not measurable here: {why}")


def _not_known(
    gate: Gate, document: Mapping[str, Any], seen: Sequence[_Seen], found: Sequence[Found], *, forbidden: bool
) -> str:
    """Why a gate that holds of what was seen is not known to hold; empty where it is."""
    why = partial.why_not_known(gate, document, found, forbidden=forbidden)
    if why or not unseen.bounds_above(gate, forbidden=forbidden):
        return why
    return measurable.too_little(document, gate.measure.steps) or _may_break(gate, seen, found, forbidden=forbidden)


def _may_break(gate: Gate, seen: Sequence[_Seen], found: Sequence[Found], *, forbidden: bool) -> str:
    """Why it is not known that a bound holds, which holds of all that was seen; empty where it is."""
    more, shares = unseen.added(found, gate.measure.aggregate)
    if not any(shares):
        return ""
    for at, (each, most) in enumerate(zip(seen, _seen(gate, more), strict=True)):
        if most.value is not None and _holds(gate, most.value) is forbidden:
            share = max(shares) if gate.measure.aggregate else shares[at]
            known = wording.amount(gate, each.value)
            return f"{known} was seen, and {share * 100:.3g} % of the time is unknown, which could be in it"
    return ""


def _nothing(gate: Gate) -> str:
    if any(isinstance(step, Match) for step in gate.measure.steps):
        rest = "" if gate.measure.aggregate else "; count(…) and sum(…) of nothing are 0"
        return f"nothing was seen that it selects{rest}"
    return "there is no such item" if any(isinstance(step, Index) for step in gate.measure.steps) else "there are none"


def _seen(gate: Gate, found: Sequence[Found]) -> list[_Seen]:
    """What is compared: each thing that was selected, or one number of them all."""
    aggregate = gate.measure.aggregate
    if aggregate == "count":
        known = all(each.value is not None for each in found)
        return [_Seen(len(found) if known else None, sources=tuple(found))]
    if not isinstance(gate.asked, Number):
        return [_Seen(selecting.text_of(each.value), sources=(each,)) for each in found]
    numbers = [selecting.number(each.value) for each in found]
    if not aggregate:
        none = [selecting.NONE if each.is_no_signal else None for each in found]
        return [
            _Seen(no if value is None else value, each.interval, (each,))
            for value, no, each in zip(numbers, none, found, strict=True)
        ]
    known_numbers = [value for value in numbers if value is not None]
    if len(known_numbers) < len(numbers):
        return [_Seen(None)]
    if aggregate == "sum":
        by_size = sorted(zip(known_numbers, found, strict=True), key=lambda pair: -abs(pair[0]))
        return [_Seen(_sum(known_numbers), sources=tuple(each for value, each in by_size if value))]
    if not known_numbers:
        return []
    extreme = max(known_numbers) if aggregate == "max" else min(known_numbers)
    best = found[known_numbers.index(extreme)]
    return [_Seen(extreme, best.interval, (best,))]


def _sum(numbers: Sequence[int | float]) -> int | float:
    return sum(numbers) if all(isinstance(each, int) for each in numbers) else math.fsum(numbers)


def _holds(gate: Gate, value: float | str) -> bool:
    if isinstance(gate.asked, Number) and not isinstance(value, str):
        return _COMPARED[gate.operator](value, gate.asked.value)
    return (value == gate.asked) == (gate.operator != "!=")


def _most_telling(gate: Gate, seen: Sequence[_Seen]) -> _Seen:
    """Of several that do not hold, or that do, the one that is farthest off, or nearest to it."""
    if not isinstance(gate.asked, Number):
        return seen[0]
    asked = gate.asked.value

    def beyond(each: _Seen) -> float:
        off = float(each.value) - asked if isinstance(each.value, int | float) else -math.inf
        return off if gate.operator.startswith("<") else -off if gate.operator.startswith(">") else abs(off)

    return max(seen, key=beyond)
