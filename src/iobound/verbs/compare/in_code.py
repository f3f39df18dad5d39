"""Time in code, findings and advice: known again by names, not by lines."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from iobound.model.comparison import AdviceChange, FindingChange, HotspotChange, Presence, Unit, Where
from iobound.verbs.compare import noise, targets
from iobound.verbs.compare.comparable import Comparable, Kind
from iobound.verbs.compare.facts import PlaceFacts, PlaceKey, Run
from iobound.verbs.compare.judging import Sample, appeared
from iobound.verbs.compare.moved import moved
from iobound.verbs.compare.totals import look_s, quantity

JUDGED = 30
"""Lines whose change is judged, most time first: each more makes all others harder to tell."""

_LITTLE = f"of little time: the {JUDGED} lines of most time are judged"

APPEARS_LOOKS = 10
APPEARS_SHARE = 0.1
"""Time in a call that only one side has is told if it took ten looks and 10 % of the run in most of its runs."""

_NOTHING = PlaceFacts(0.0, 0.0, None)
_WORTH_TELLING = 1.1  # advice whose gain may be less comes and goes by itself

Key = TypeVar("Key", bound=Hashable)


# Lines


def hotspots(base: Sequence[Run], head: Sequence[Run], may: Comparable) -> tuple[HotspotChange, ...]:
    """Calls of functions on both sides, most time first."""
    places = [{key for run in side for key in run.places} for side in (base, head)]
    again = moved(*places)
    keys = places[1] | {again.get(key, key) for key in places[0]}
    back = {now: before for before, now in again.items()}
    time = {
        key: max(
            *(run.places.get(back.get(key, key), _NOTHING).wall_s for run in base),
            *(run.places.get(key, _NOTHING).wall_s for run in head),
            0.0,
        )
        for key in keys
    }
    order = sorted(keys, key=lambda key: (-time[key], key))
    little = ("" if at < JUDGED else _LITTLE for at in range(len(order)))
    keys_before = (back.get(key, key) for key in order)
    return tuple(
        _hotspot(key, before, base, head, may, why) for key, before, why in zip(order, keys_before, little, strict=True)
    )


def _hotspot(
    key: PlaceKey, key_before: PlaceKey, base: Sequence[Run], head: Sequence[Run], may: Comparable, little: str
) -> HotspotChange:
    in_base = any(key_before in run.places for run in base)
    in_head = any(key in run.places for run in head)
    only = None if in_base and in_head else head if in_head else base
    of_base = {id(run) for run in base}

    def facts(run: Run) -> PlaceFacts:
        return run.places.get(key_before if id(run) in of_base else key, _NOTHING)

    def seconds(run: Run) -> Sample:
        place = facts(run)
        return Sample(place.wall_s, noise.spot(run, place))

    def share(run: Run) -> Sample:
        place = facts(run)
        part = min(1.0, place.wall_s / run.wall_s) if run.wall_s > 0 else 0.0
        spread = math.sqrt(part * (1 - part))
        own = spread / math.sqrt(noise.looks_at(run, run.wall_s))
        return Sample(part, math.hypot(noise.LEAST_SHARE + (noise.SHARE + noise.STARVED * run.starved) * spread, own))

    why_seconds, why_share = may.first(Kind.LINES, Kind.SECONDS), may.first(Kind.LINES, Kind.SHARES)
    wall = quantity(Unit.SECONDS, base, head, seconds, may.levels.others, why_seconds or little, look_s(base, head))
    part = quantity(Unit.SHARE, base, head, share, may.levels.others, why_share or little)
    presence = Presence.KEPT
    if only is not None:
        plain = _is_plain(only, facts)
        is_told = plain and not (why_seconds and why_share)
        presence = Presence.UNSURE if not is_told else Presence.NEW if only is head else Presence.GONE
        samples = [[seconds(run) for run in side] for side in (base, head)]
        if not why_seconds:
            wall = appeared(Unit.SECONDS, samples[0], samples[1], look_s(base, head), plain)
        part = part._replace(beyond=part.beyond and plain)
    side = only or head
    path = next((facts(run).path for run in side if facts(run).path), "")
    return HotspotChange(
        function=key.function,
        call=key.call,
        file=key.file,
        file_before=key_before.file if key_before != key else "",
        line=_first_line(facts(run) for run in head),
        line_before=_first_line(facts(run) for run in base),
        presence=presence,
        wall_s=wall,
        share=part,
        at=Where(path, _first_line(map(facts, side)), key.function) if path else None,
    )


def _is_plain(side: Sequence[Run], facts: Callable[[Run], PlaceFacts]) -> bool:
    enough = sum(facts(run).wall_s >= max(APPEARS_LOOKS * run.look_s, APPEARS_SHARE * run.wall_s) for run in side)
    return 2 * enough > len(side)


def _first_line(places: Iterable[PlaceFacts]) -> int | None:
    return min((place.line for place in places if place.line is not None), default=None)


# Findings


class _FindingKey(NamedTuple):
    rule: str
    file: str
    function: str
    number: int  # among those of the same rule in the same function


def findings(base: Sequence[Run], head: Sequence[Run], may: Comparable) -> tuple[FindingChange, ...]:
    """Findings of both sides, new ones first, then those that are gone; none where rules may differ."""
    if may.first(Kind.FINDINGS):
        return ()
    by_function = all("function" in finding for run in (*base, *head) for finding in run.document["findings"])
    sides = [_held_by_most([_findings(run, by_function) for run in side]) for side in (base, head)]
    found = []
    for key, (in_base, in_head, item) in _both(*_known_again(*sides)).items():
        presence = _presence(in_base, in_head)
        if presence is not None:
            found.append(_finding(key, item, presence))
    return tuple(
        sorted(found, key=lambda each: (list(Presence).index(each.presence), each.file, each.line or 0, each.rule))
    )


_Held = dict[_FindingKey, tuple[str, Mapping[str, Any]]]


def _known_again(base: _Held, head: _Held) -> tuple[_Held, _Held]:
    """Both sides, with findings of base that now stand in another file or function under the keys that head has.

    They are known by rule and message, where as many of these are missing on one side as are new on the other.
    """
    lost, found = (_by_message(side, other) for side, other in ((base, head), (head, base)))
    renamed = dict(base)
    for said, before in lost.items():
        after = found.get(said, [])
        if len(before) == len(after):
            for old, new in zip(before, after, strict=True):
                renamed[new] = renamed.pop(old)
    return renamed, head


def _by_message(side: _Held, other: _Held) -> dict[tuple[str, str], list[_FindingKey]]:
    found: dict[tuple[str, str], list[_FindingKey]] = {}
    for key, (_, item) in sorted(side.items(), key=lambda pair: pair[0]):
        if key not in other:
            found.setdefault((key.rule, item["message"]), []).append(key)
    return found


def _findings(run: Run, by_function: bool) -> dict[_FindingKey, Mapping[str, Any]]:
    found: dict[_FindingKey, Mapping[str, Any]] = {}
    numbers: Counter[tuple[str, str, str]] = Counter()
    for item in sorted(run.document["findings"], key=lambda item: (item["line"], item["column"])):
        file = targets.file(item["file"], run.document["cwd"])
        function = item["function"] if by_function else ""
        where = (item["rule"], file, function)
        numbers[where] += 1
        found[_FindingKey(*where, numbers[where])] = {**item, "file": file, "path": item["file"]}
    return found


def _finding(key: _FindingKey, item: Mapping[str, Any], presence: Presence) -> FindingChange:
    at = Where(item["path"], item["line"], key.function)
    return FindingChange(
        key.rule, key.file, key.function, item["line"], item["severity"], item["message"], presence, at
    )


# Advice


class _AdviceKey(NamedTuple):
    strategy: str
    function: str
    callee: str


def advice(base: Sequence[Run], head: Sequence[Run], may: Comparable) -> tuple[AdviceChange, ...]:
    """Advice of both sides, most gain first; none where it depends on what differs."""
    if may.first(Kind.ADVICE):
        return ()
    each = [[_advice(run) for run in side] for side in (base, head)]
    known = {
        id(run): found
        for side, found_side in zip((base, head), each, strict=True)
        for run, found in zip(side, found_side, strict=True)
    }
    sides = [_held_by_most(side) for side in each]
    found = []
    for key, (in_base, in_head, item) in _both(*sides).items():
        presence = _presence(in_base, in_head)
        if presence is None:
            continue

        def sample(run: Run, key: _AdviceKey = key) -> Sample:
            gain = known[id(run)].get(key, {}).get("speed_up", {})
            low, high = gain.get("low"), gain.get("high")
            return Sample(gain.get("estimate"), noise.speed_up(low or 0.0, high or 0.0))

        kept = presence is Presence.KEPT
        speed_up = quantity(
            Unit.FACTOR, base, head, sample, may.levels.others, "" if kept else "on one side only", 0.001
        )
        gain = item["speed_up"]["low"]
        plain = key.strategy != "sequential" and gain is not None and gain >= _WORTH_TELLING
        before, after = (next((one[key]["workers"] for one in side if key in one), None) for side in each)
        found.append(
            AdviceChange(
                key.strategy,
                item["file"],
                key.function,
                key.callee,
                after,
                before,
                presence,
                speed_up.beyond if kept else plain,
                speed_up,
            )
        )
    return tuple(sorted(found, key=lambda each: (-(each.speed_up.after or each.speed_up.before or 0.0), each[:4])))


def _advice(run: Run) -> dict[_AdviceKey, Mapping[str, Any]]:
    document = run.document
    found: dict[_AdviceKey, Mapping[str, Any]] = {}
    for item in document["advice"]:
        at = item["site"]
        site = document["sites"][at] if at is not None and at < len(document["sites"]) else None
        key = _AdviceKey(item["strategy"], site["function"] if site else "", site["callee"] if site else "")
        file = targets.file(site["file"], document["cwd"]) if site else ""
        found.setdefault(key, {**item, "file": file})
    return found


# Both


def _held_by_most(runs: Sequence[Mapping[Key, Mapping[str, Any]]]) -> dict[Key, tuple[str, Mapping[str, Any]]]:
    """What the runs of a side have: in `all`, in `most`, or in `some` of them; with one that says it."""
    counts = Counter(key for run in runs for key in run)
    found: dict[Key, tuple[str, Mapping[str, Any]]] = {}
    for key, count in counts.items():
        item = next(run[key] for run in runs if key in run)
        found[key] = ("most" if 2 * count > len(runs) else "some", item)
    return found


def _both(
    base: Mapping[Key, tuple[str, Mapping[str, Any]]], head: Mapping[Key, tuple[str, Mapping[str, Any]]]
) -> dict[Key, tuple[str, str, Mapping[str, Any]]]:
    found = {}
    for key in [*head, *(key for key in base if key not in head)]:
        in_base, item_before = base.get(key, ("none", {}))
        in_head, item = head.get(key, ("none", item_before))
        found[key] = (in_base, in_head, item)
    return found


def _presence(in_base: str, in_head: str) -> Presence | None:
    """New is what no run of base has and most of head have; None where only some runs of one side have it."""
    if in_base == "none":
        return Presence.NEW if in_head == "most" else None
    if in_head == "none":
        return Presence.GONE if in_base == "most" else None
    return Presence.KEPT
