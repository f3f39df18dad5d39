"""What a document holds a number of but could not measure: such a number passes no gate.

Documents say in their own words what could not be seen: a run in its `capabilities` and its verdict, a suite in
`observed`, a comparison in `not_compared`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from iobound.model.gate import Gate, Match, Name, Step
from iobound.model.recording import GIL_FACTS
from iobound.model.state import State
from iobound.verbs.gate.selecting import listed, number, part, select
from iobound.verbs.gate.shape import SECONDS
from iobound.verbs.gate.unseen import MOSTLY, UNKNOWN

_OF_STACKS = frozenset({"sites", "hotspots", "event_loops", "predictions", "functions", "findings"})
_OF_LOOKS = frozenset({"waits", "loop_blocks", "behind"})
_OF_STATES = frozenset({"states", "states_s", "waits"})
_NOTHING_SEEN = 0.99
"""Share of the wall time that is unknown, from which no state was seen: 0 of it says nothing."""

_OF_SEEN_TIME = frozenset({"waits", "gil_wait", "lock_wait"})
"""Made of the states of which something is known: the more is unknown, the smaller they are."""


_OF_VERDICTS = frozenset({"bound", "summary", "settle"})
"""What an inconclusive verdict does say: that it is, and what would settle it."""

_INCONCLUSIVE = "inconclusive"
_GIL = State.WAIT_GIL.value


def why_not(document: Mapping[str, Any], gate: Gate) -> str:
    """Why what a gate asks for was not measured; empty where it was, as far as the document says."""
    about = _ABOUT.get(str(document.get("schema")))
    return about(document, gate) if about else ""


def too_little(document: Mapping[str, Any], steps: Sequence[Step]) -> str:
    """Why a number that must not be larger may be larger by nobody knows how much; empty where it is as it was seen.

    What is made of the states of which something is known. Shares of states themselves, and seconds: see `unseen`.
    """
    at = next((at for at, step in enumerate(steps) if isinstance(step, Name) and step.name in _OF_SEEN_TIME), None)
    unknown_of = _UNKNOWN_OF.get(str(document.get("schema")))
    if at is None or unknown_of is None:
        return ""
    unknown = unknown_of(document, steps[:at])
    return f"{unknown * 100:.3g} % of the time is unknown" if unknown > MOSTLY else ""


def _unknown_of_run(document: Mapping[str, Any], _: Sequence[Step]) -> float:
    """The share of the run's time that is unknown, whatever part of it is asked for."""
    return number(part(document, "states").get(UNKNOWN)) or 0.0


def _unknown_of_tests(document: Mapping[str, Any], steps: Sequence[Step]) -> float:
    """The largest share of a test's time that is unknown, of those that the steps lead to."""
    shares = [0.0]
    for test in select(document, steps):
        seconds = part(test.value, SECONDS)
        whole = math.fsum(number(time) or 0.0 for time in seconds.values())
        shares.append((number(seconds.get(UNKNOWN)) or 0.0) / whole if whole else 0.0)
    return max(shares)


_UNKNOWN_OF: Mapping[str, Callable[[Mapping[str, Any], Sequence[Step]], float]] = {
    "iobound.report/1": _unknown_of_run,
    "iobound.suite/1": _unknown_of_tests,
}


def _run(document: Mapping[str, Any], gate: Gate) -> str:
    steps = gate.measure.steps
    names = {step.name for step in steps if isinstance(step, Name)}
    if names & _OF_STATES and UNKNOWN not in names and not _may_be(UNKNOWN, steps):
        unknown = number(part(document, "states").get(UNKNOWN))
        if unknown is not None and unknown >= _NOTHING_SEEN:
            return "nothing that it did could be seen: its states are unknown"
    if names & {"gil_wait", _GIL} or _may_be(_GIL, steps) or _asks_for_gil(gate):
        why = _no_gil(document)
        if why:
            return why
    if names & _OF_STACKS:
        why = _missing(document, ("python_stacks",))
        if why:
            return why
    return _inconclusive(document, steps)


def _inconclusive(document: Mapping[str, Any], steps: Sequence[Step]) -> str:
    """Nothing can be told of what a run or a function is bound by, and no advice rests on that."""
    for at, step in enumerate(steps):
        if not isinstance(step, Name) or step.name not in ("verdict", "advice"):
            continue
        if step.name == "verdict" and any(isinstance(each, Name) and each.name in _OF_VERDICTS for each in steps):
            continue  # what is asked is that: see `partial`
        if any(part(owner.value, "verdict").get("bound") == _INCONCLUSIVE for owner in select(document, steps[:at])):
            return "the verdict is inconclusive"
    return ""


def _asks_for_gil(gate: Gate) -> bool:
    """Whether a bound or a state is compared with that of the GIL."""
    last = [step.name for step in gate.measure.steps if isinstance(step, Name)][-1:]
    return gate.asked in ("gil", _GIL) and last in (["bound"], ["dominant"], ["state"])


def _no_gil(document: Mapping[str, Any]) -> str:
    """Without a GIL nobody waits for one, and that is known."""
    if part(document, "interpreter").get("gil_enabled") is False:
        return ""
    if document.get("source") == "portable":
        return "who waits for the GIL is not seen on this system"
    return _missing(document, GIL_FACTS)


def _missing(document: Mapping[str, Any], facts: Sequence[str]) -> str:
    for each in listed(document, "capabilities"):
        if each.get("fact") in facts and not each.get("available"):
            return f"{each['fact']}: {each.get('why') or 'not available'}"
    return ""


def _suite(document: Mapping[str, Any], gate: Gate) -> str:
    steps = gate.measure.steps
    if document.get("observed", True):
        return ""
    names = [step.name for step in steps if isinstance(step, Name)]
    of_states = any(name in ("states", "states_s", "intervals") for name in names) and names[-1] != "unknown"
    if of_states or _OF_LOOKS.intersection(names) or "dominant" in names:
        return f"nothing was observed: {document.get('lost') or 'no reason is known'}"
    return ""


def _comparison(document: Mapping[str, Any], gate: Gate) -> str:
    """A list that was not compared is empty, and says nothing of what is new; a quantity says why it is not judged."""
    found, steps = part(document, "not_compared"), gate.measure.steps
    first = steps[0].name if isinstance(steps[0], Name) else ""
    if first in found and first in _EMPTIED:
        return f"{first} are not compared: {found[first]}".replace("advice are", "advice is")
    *way, last = [step.name if isinstance(step, Name) else "" for step in steps]
    quantity = document
    for name in way:
        quantity = part(quantity, name)
    why = quantity.get("why")
    return f"not judged: {why}" if why and last and quantity.get(last) is None else ""


_EMPTIED = frozenset({"findings", "advice"})
"""Lists of a comparison that hold nothing where they are not compared."""


def _may_be(name: str, steps: Sequence[Step]) -> bool:
    """Whether a text in brackets selects a state by this name: of `states`, or of a list by its key `state`."""
    in_states = any(isinstance(step, Name) and step.name in ("states", "states_s", "intervals") for step in steps)
    keys = ("", "state") if in_states else ("state",)
    return any(isinstance(step, Match) and step.key in keys and step.fits(name) for step in steps)


_ABOUT: Mapping[str, Callable[[Mapping[str, Any], Gate], str]] = {
    "iobound.report/1": _run,
    "iobound.suite/1": _suite,
    "iobound.comparison/1": _comparison,
}
