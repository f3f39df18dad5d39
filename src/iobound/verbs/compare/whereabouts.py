"""Where in head a change of the whole run comes from: the line whose time changed most, the longest block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from iobound.model.comparison import Change, Comparison, HotspotChange, Presence, Where
from iobound.verbs.compare.facts import PlaceFacts, PlaceKey, Run

_COMPUTES = 0.5
"""Part of its time from which a call is one that computes."""

_NOTHING = PlaceFacts(0.0, 0.0, None)


def places(found: Comparison, base: Sequence[Run], head: Sequence[Run]) -> dict[str, Where]:
    """By the names of totals that changed beyond noise, and of `regressions`; those that are known."""
    totals = found.totals
    known = {
        "wall_s": _most(found.hotspots, totals["wall_s"], lambda spot: True) or _wait(found, totals["wall_s"]),
        "cpu_s": _most(found.hotspots, totals["cpu_s"], lambda spot: _computes(spot, base, head)),
        **{name: _block(base if totals[name].falls else head) for name in ("loop_blocked_s", "loop_blocks")},
    }
    of_totals = {name: where for name, where in known.items() if where is not None and totals[name].beyond}
    first = next(_worse(found, of_totals), None)
    return of_totals if first is None else {**of_totals, "regressions": first}


def _most(spots: Sequence[HotspotChange], total: Change, may: Callable[[HotspotChange], bool]) -> Where | None:
    """The call whose time changed most beyond noise, in the direction of the total."""
    alike = [spot for spot in spots if (spot.wall_s.rises if total.rises else spot.wall_s.falls) and may(spot)]
    most = max(alike, key=lambda spot: abs(_seconds(spot.wall_s)), default=None)
    return None if most is None else most.at


def _wait(found: Comparison, total: Change) -> Where | None:
    """The same of waits, which are told from less of a change than lines are."""
    alike = [wait for wait in found.waits if (wait.wall_s.rises if total.rises else wait.wall_s.falls)]
    most = max(alike, key=lambda wait: abs(_seconds(wait.wall_s)), default=None)
    return None if most is None else most.at


def _seconds(change: Change) -> float:
    return (change.after or 0.0) - (change.before or 0.0)


def _computes(spot: HotspotChange, base: Sequence[Run], head: Sequence[Run]) -> bool:
    side, file = (base, spot.file_before or spot.file) if spot.presence is Presence.GONE else (head, spot.file)
    facts = [run.places.get(PlaceKey(file, spot.function, spot.call), _NOTHING) for run in side]
    return sum(each.computing for each in facts) > _COMPUTES * sum(each.wall_s for each in facts)


def _block(side: Sequence[Run]) -> Where | None:
    """The place of the longest block of an event loop."""
    blocks = [block for run in side for loop in run.document["event_loops"] for block in loop["blocks"]]
    longest = max(blocks, key=lambda block: block["duration_s"], default=None)
    return None if longest is None else Where(longest["file"], longest["line"], longest["function"])


def _worse(found: Comparison, of_totals: dict[str, Where]) -> Iterator[Where]:
    """Places of what became worse: of the run, of waits, of findings."""
    yield from (where for name, where in of_totals.items() if found.totals[name].rises)
    for wait in found.waits:
        if wait.at is not None and (wait.count.rises or wait.wall_s.rises):
            yield wait.at
    for each in found.findings:
        if each.at is not None and each.presence is Presence.NEW:
            yield each.at
