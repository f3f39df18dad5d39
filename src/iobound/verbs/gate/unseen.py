"""What time in a state may be at most: all the time that is `unknown` may have passed in that state.

A bound from above holds only where it would hold of that, too. A bound from below needs nothing: what was seen was
there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from iobound.model.gate import Gate
from iobound.model.state import State
from iobound.verbs.gate.selecting import Found, number
from iobound.verbs.gate.shape import SECONDS, STATES

UNKNOWN = State.UNKNOWN.value

NOISE = 0.1
"""Share of the time that may be unknown without a word: runs that were observed well have less."""

MOSTLY = 0.5
"""Share of the time that is unknown from which on even what was surely seen (`.low`) bounds nothing from above."""

_UPWARDS = ("<", "<=", "=", "==")
_DOWNWARDS = (">", ">=")


class Unseen(NamedTuple):
    """What could be in a number besides what was seen.

    Attributes:
        found: What a path led to, with all that could be in it.
        shares: Of the time that each is a part of, how much was added.
    """

    found: tuple[Found, ...]
    shares: tuple[float, ...]


def bounds_above(gate: Gate, *, forbidden: bool) -> bool:
    """Whether more than was seen could break it."""
    return gate.operator in (_DOWNWARDS if forbidden else _UPWARDS)


def added(found: Sequence[Found], aggregate: str) -> Unseen:
    """What a path led to where all that is unknown was in it.

    Args:
        found: Shares of states, and seconds, among them; everything else stays as it is.
        aggregate: What makes one number of them. In a sum, the time that is unknown is in one of the states only.
    """
    grown, shares = list[Found](), list[float]()
    counted = {id(states) for each in found for states, name in _state(each) if name == UNKNOWN}
    for each in found:
        value, (time, whole) = number(each.value), _unknown(each)
        if aggregate == "sum":
            for states, _ in _state(each):
                time = 0.0 if id(states) in counted else time
                counted.add(id(states))
        grown.append(each if value is None or not time else each._replace(value=min(max(whole, value), value + time)))
        shares.append(time / whole if time else 0.0)
    return Unseen(tuple(grown), tuple(shares))


def _unknown(found: Found) -> tuple[float, float]:
    """The time that could be in a state besides what was seen, and all there is; 0 where it is no more than noise."""
    for states, name in _state(found):
        time, surely = number(states.get(UNKNOWN)), found.trail[-1][1] == "low"
        in_seconds = len(found.trail) > 1 and found.trail[-2][1] == SECONDS
        whole = math.fsum(number(each) or 0.0 for each in states.values()) if in_seconds else 1.0
        if time is not None and name != UNKNOWN and time > (MOSTLY if surely else NOISE) * whole:
            return float(time), whole
    return 0.0, 0.0


def _state(found: Found) -> list[tuple[Mapping[str, object], str]]:
    """The states that a number is one of, with the name of its own; nothing where it is none."""
    trail = found.trail[:-1] if found.trail and found.trail[-1][1] in ("low", "high") else found.trail
    if len(trail) < 2 or trail[-2][1] not in (STATES, SECONDS):
        return []
    above, name = trail[-1]
    return [(above, str(name))] if isinstance(above, Mapping) else []
