"""What may be there besides what a document lists, so that a check which holds of the list is not known to hold.

Lists have a last row, files are left unscanned, waits pass between two looks, and a comparison judges only what is
alike on both sides. A check that is broken by what was seen is broken all the same, and one that more could not break
needs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from iobound.model.comparison import OF_REGRESSIONS
from iobound.model.gate import Gate, Name, Number
from iobound.model.recording import FEWEST_LOOKS
from iobound.verbs.gate.selecting import Found, listed, number, part, select

_OF_LOOKS = frozenset({"waits", "event_loops", "hotspots", "sites", "findings", "advice", "predictions"})
"""Lists of a run that looks at its threads fill: what no look has met is not in them."""

_INCONCLUSIVE = "inconclusive"
_BOUNDS = frozenset({"bound", "before", "after"})

_SUMMARIES = frozenset({"regressions", "worse", "better"})

_LISTS: Mapping[str, tuple[str, ...]] = {"waits": ("waits", "counts"), "hotspots": ("lines",)}
"""By the list of a comparison, without which kinds what is new in it is not known to be new."""


def why_not_known(gate: Gate, document: Mapping[str, Any], found: Sequence[Found], *, forbidden: bool) -> str:
    """Why a gate that holds of what a path led to may not hold of what there is; empty where it does."""
    if gate.asked != _INCONCLUSIVE and any(_is_open(each) for each in found):
        return "the verdict is inconclusive"
    if not _more_could_break(gate, forbidden=forbidden):
        return ""
    about = _ABOUT.get(str(document.get("schema")))
    return about(gate, document, found) if about else ""


def _more_could_break(gate: Gate, *, forbidden: bool) -> bool:
    """Whether a larger number, or one more item, could make a gate fail that holds."""
    if not isinstance(gate.asked, Number):
        return (gate.operator == "!=") is not forbidden
    if gate.operator in ("=", "==", "!="):
        return gate.asked.value != 0 or (gate.operator == "!=") is forbidden
    return gate.operator.startswith("<" if (gate.measure.aggregate == "min") is forbidden else ">")


def _is_open(found: Found) -> bool:
    """Whether it says that nothing can be said of what something is bound by."""
    return found.value == _INCONCLUSIVE and bool(found.trail) and found.trail[-1][1] in _BOUNDS


def _names(gate: Gate) -> list[str]:
    return [step.name for step in gate.measure.steps if isinstance(step, Name)]


def _run(gate: Gate, document: Mapping[str, Any], found: Sequence[Found]) -> str:
    names = frozenset(_names(gate)) if _names(gate)[:1] != ["left_out"] else frozenset()
    looks = number(part(document, "overhead").get("samples"))
    if names & _OF_LOOKS and looks is not None and looks < FEWEST_LOOKS:
        return f"only {looks} looks were taken, and {FEWEST_LOOKS} are the fewest that say what there was not"
    if "findings" in names:
        return _unscanned(document)
    if "advice" in names:
        return next((each for each in _without_stacks(document)), "")
    return _left_out(gate, document) or _uncounted(found)


def _unscanned(document: Mapping[str, Any]) -> str:
    if document.get("unscanned"):
        return str(document["unscanned"])
    files = [str(each.get("file")) for each in listed(document, "hotspots")]
    if not any(file and not file.startswith("<") for file in files):
        return "no file of the program's own was seen running, and none was scanned"
    return ""


def _without_stacks(document: Mapping[str, Any]) -> list[str]:
    return [
        f"python_stacks: {each.get('why') or 'not available'}"
        for each in listed(document, "capabilities")
        if each.get("fact") == "python_stacks" and not each.get("available")
    ]


def _left_out(gate: Gate, document: Mapping[str, Any]) -> str:
    """Of one number of a whole list: rows that there was no room for. Single rows are those that are listed."""
    if not gate.measure.aggregate:
        return ""
    for at, step in enumerate(gate.measure.steps):
        if isinstance(step, Name):
            owners = select(document, gate.measure.steps[:at])
            rows = sum(number(part(each.value, "left_out").get(step.name)) or 0 for each in owners)
            if rows:
                return f"there was no room for {rows} more of {step.name}"
    return ""


def _uncounted(found: Sequence[Found]) -> str:
    """Waits whose count is of those that were seen, where most were too short to be seen each time."""
    short = [each for each in found if each.trail and each.trail[-1][1] == "count" and _is_short(each.trail[-1][0])]
    if not short:
        return ""
    seen = sum(number(each.value) or 0 for each in short)
    return f"{seen} were seen of waits shorter than two looks, of which any number is missed"


def _is_short(wait: object) -> bool:
    return isinstance(wait, Mapping) and wait.get("count_known") is False


def _comparison(gate: Gate, document: Mapping[str, Any], found: Sequence[Found]) -> str:
    barred, names = part(document, "not_compared"), _names(gate)
    first = names[0] if names else ""
    kinds = tuple(barred) if first == "changed" else OF_REGRESSIONS if first in _SUMMARIES else _LISTS.get(first, ())
    told = [kind for kind in kinds if kind in barred]
    if not told:
        return _left_out(gate, document)
    whys = list(dict.fromkeys(str(barred[kind]) for kind in told))
    return f"not compared: {', '.join(told)} ({'; '.join(whys)})"


_ABOUT: Mapping[str, Callable[[Gate, Mapping[str, Any], Sequence[Found]], str]] = {
    "iobound.report/1": _run,
    "iobound.comparison/1": _comparison,
}
