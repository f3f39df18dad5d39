"""Where a number comes from: the place in the program, or the test, that has most to do with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from iobound.model.diagnosis import CheckPlace
from iobound.model.state import State
from iobound.verbs.gate.selecting import Found, listed, number, part

_NAMES = ("target", "call", "callee", "rule", "function", "test", "name", "thread", "command", "strategy")
"""Members that say what an item is, the one that says most first."""

_MOST = 3
_COMPUTING = (State.CPU_PYTHON.value, State.CPU_NATIVE.value)


def of(document: Mapping[str, Any], found: Iterable[Found]) -> tuple[CheckPlace, ...]:
    """The first three places of the things that a number was made of; none where the document has none."""
    places: dict[CheckPlace, None] = {}
    for each in found:
        place = _of_one(document, each)
        if place is not None:
            places[_from(str(document.get("rootdir") or ""), place)] = None
        if len(places) == _MOST:
            break
    return tuple(places)


def _from(root: str, place: CheckPlace) -> CheckPlace:
    """The place with its file told from the root of a suite, as runs tell theirs from the working directory."""
    if not root or place.file is None:
        return place
    return place._replace(file=place.file.removeprefix(root if root.endswith("/") else f"{root}/"))


def _of_one(document: Mapping[str, Any], found: Found) -> CheckPlace | None:
    way = [str(key) for _, key in found.trail]
    name = next((key for key in reversed(way) if key not in ("low", "high")), "")
    objects = [each for each, _ in found.trail if isinstance(each, Mapping)]
    objects += [found.value] if isinstance(found.value, Mapping) else []
    for each in reversed(objects):
        if each.get("states") is objects[-1] and _has_waits(each):
            return _of_state(each, name)
        own = _own(each) or _of_site(document, each)
        if own is not None:
            return own if own.name else own._replace(name=_call_at(document, own))
    return _of_whole(document, way, name)


def _own(each: Mapping[str, Any]) -> CheckPlace | None:
    """The place that an item has itself."""
    name = next((str(each[key]) for key in _NAMES if isinstance(each.get(key), str) and each[key]), "")
    at = part(each, "at") or each  # a comparison's waits go by a file only where they have no target
    if isinstance(at.get("file"), str):
        line = at.get("line")
        return CheckPlace(at["file"], line if isinstance(line, int) else None, name)
    if isinstance(each.get("test"), str):
        return CheckPlace(None, None, each["test"])
    longest = max(listed(each, "blocks"), key=lambda block: number(block.get("duration_s")) or 0, default=None)
    return None if longest is None else _own(longest)


def _of_site(document: Mapping[str, Any], each: Mapping[str, Any]) -> CheckPlace | None:
    """The place of a prediction or an advice, which name a site by its index."""
    index, sites = each.get("site"), listed(document, "sites")
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(sites):
        return None
    return _own(sites[index])


def _of_whole(document: Mapping[str, Any], way: Sequence[str], name: str) -> CheckPlace | None:
    """The place that has most to do with a number of the whole document."""
    known = part(part(document, "places"), way[0] if way else "")  # as a comparison has them
    if known:
        return CheckPlace(str(known["file"]), known.get("line"), str(known.get("function") or ""))
    if way and way[0] in ("verdict", "dominant", "bound", "share"):
        return _of_state(document, str(part(document, "verdict").get("dominant") or document.get("dominant")))
    if way and way[0] in ("states", "intervals"):
        return _of_state(document, next((key for key in way if key in set(State)), name))
    if name in ("gil_wait", "lock_wait"):
        return _of_state(document, {"gil_wait": "wait_gil", "lock_wait": "wait_lock"}[name])
    if name == "cpu_s":
        return _of_hotspots(document, _COMPUTING)
    return None


def _has_waits(each: Mapping[str, Any]) -> bool:
    return "waits" in each or "hotspots" in each or "tests" in each


def _of_state(of: Mapping[str, Any], state: str) -> CheckPlace | None:
    """The longest wait in a state; where there is none, the line that spent most time in it."""
    waits = [each for each in _waits(of) if each.get("state") == state and each.get("file")]
    longest = _own(max(waits, key=lambda each: number(each.get("wall_s")) or 0)) if waits else None
    if longest is not None:
        return longest if longest.name else longest._replace(name=_call_at(of, longest))
    return _of_hotspots(of, (state,)) or _of_tests(of, state)


def _call_at(of: Mapping[str, Any], place: CheckPlace) -> str:
    """What is called at a place, for a wait whose target is not known."""
    for each in listed(of, "hotspots"):
        if (each.get("file"), each.get("line")) == (place.file, place.line):
            return str(each.get("call") or each.get("function") or "")
    return ""


def _waits(of: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    of_suite = [*listed(of, "tests"), *listed(of, "fixtures")]
    return [*listed(of, "waits"), *(wait for each in of_suite for wait in listed(each, "waits"))]


def _of_hotspots(of: Mapping[str, Any], states: Sequence[str]) -> CheckPlace | None:
    def spent(hotspot: Mapping[str, Any]) -> float:
        shares = sum(number(part(hotspot, "states").get(state)) or 0 for state in states)
        return shares * (number(hotspot.get("wall_s")) or number(hotspot.get("thread_s")) or 0)

    best = max(listed(of, "hotspots"), key=spent, default=None)
    return _own(best) if best is not None and spent(best) > 0 else None


def _of_tests(of: Mapping[str, Any], state: str) -> CheckPlace | None:
    def spent(test: Mapping[str, Any]) -> float:
        return number(part(test, "states_s").get(state)) or 0

    best = max(listed(of, "tests"), key=spent, default=None)
    return _own(best) if best is not None and spent(best) > 0 else None
