"""What a document holds a number of but could not measure: such a number passes no gate.

Documents say in their own words what could not be seen: a run in its `capabilities`, a suite in `observed`, a
comparison in `not_compared`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from iobound.model.gate import Match, Name, Step
from iobound.model.recording import GIL_FACTS
from iobound.verbs.gate.selecting import listed, number, part
from iobound.verbs.gate.unseen import MOSTLY, UNKNOWN

_OF_STACKS = frozenset({"sites", "hotspots", "event_loops", "predictions", "functions"})
_OF_LOOKS = frozenset({"waits", "loop_blocks", "behind"})
_OF_STATES = frozenset({"states", "states_s", "waits"})
_NOTHING_SEEN = 0.99
"""Share of the wall time that is unknown, from which no state was seen: 0 of it says nothing."""

_OF_SEEN_TIME = frozenset({"waits", "gil_wait", "lock_wait"})
"""Made of the states of which something is known: the more is unknown, the smaller they are."""


def why_not(document: Mapping[str, Any], steps: Sequence[Step]) -> str:
    """Why what a path leads to was not measured; empty where it was, as far as the document says."""
    about = _ABOUT.get(str(document.get("schema")))
    return about(document, steps) if about else ""


def too_little(document: Mapping[str, Any], steps: Sequence[Step]) -> str:
    """Why a number that must not be larger may be larger by nobody knows how much; empty where it is as it was seen.

    Of a run: what is made of the states of which something is known. Shares of states themselves: see `unseen`.
    """
    unknown = number(part(document, "states").get(UNKNOWN))
    if document.get("schema") != "iobound.report/1" or unknown is None or unknown <= MOSTLY:
        return ""
    if not any(isinstance(step, Name) and step.name in _OF_SEEN_TIME for step in steps):
        return ""
    return f"{unknown * 100:.3g} % of the time is unknown"


def _run(document: Mapping[str, Any], steps: Sequence[Step]) -> str:
    names = {step.name for step in steps if isinstance(step, Name)}
    if names & _OF_STATES and UNKNOWN not in names and not _may_be(UNKNOWN, steps):
        unknown = number(part(document, "states").get(UNKNOWN))
        if unknown is not None and unknown >= _NOTHING_SEEN:
            return "nothing that it did could be seen: its states are unknown"
    if names & {"gil_wait", "wait_gil"} or ("states" in names and _may_be("wait_gil", steps)):
        return _no_gil(document)
    if names & _OF_STACKS:
        return _missing(document, ("python_stacks",))
    return ""


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


def _suite(document: Mapping[str, Any], steps: Sequence[Step]) -> str:
    if document.get("observed", True):
        return ""
    names = [step.name for step in steps if isinstance(step, Name)]
    of_states = any(name in ("states", "states_s", "intervals") for name in names) and names[-1] != "unknown"
    if of_states or _OF_LOOKS.intersection(names) or "dominant" in names:
        return f"nothing was observed: {document.get('lost') or 'no reason is known'}"
    return ""


def _comparison(document: Mapping[str, Any], steps: Sequence[Step]) -> str:
    """A list that was not compared is empty, and says nothing of what is new; a quantity says why it is not judged."""
    found = part(document, "not_compared")
    first = steps[0].name if isinstance(steps[0], Name) and steps[0].name in _EMPTIED else ""
    if first in found:
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
    """Whether a text in brackets selects a state by this name."""
    return any(isinstance(step, Match) and not step.key and step.fits(name) for step in steps)


_ABOUT: Mapping[str, Callable[[Mapping[str, Any], Sequence[Step]], str]] = {
    "iobound.report/1": _run,
    "iobound.suite/1": _suite,
    "iobound.comparison/1": _comparison,
}
