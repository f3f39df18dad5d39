"""Every quantity of a comparison in words and figures, for all formats that people read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from iobound.model.comparison import (
    AdviceChange,
    Change,
    Comparison,
    FindingChange,
    HotspotChange,
    Presence,
    Side,
    Unit,
    WaitChange,
    Where,
)
from iobound.model.diagnosis import Bound
from iobound.model.prediction import Strategy
from iobound.verbs.report import figures, words

MOST_CHANGED = 30
MOST_SAME = 12
"""Rows of a table; the JSON document has all."""

ASSUMED = "noise is assumed (2.5 % of waiting, 15 % of computing), not measured"
"""What intervals rest on where a side has one run: the floors of `compare.noise`."""

_MOST_WAITS = 3
_MOST_STATES = 3
_NS_PER_S = 1_000_000_000
TOTALS = {
    "wall_s": "wall time",
    "cpu_s": "CPU time",
    "peak_rss_bytes": "peak memory",
    "context_switches": "context switches",
    "loop_blocked_s": "event loops blocked for",
    "loop_blocks": "blocks of event loops",
}


_KINDS = {
    "wall_s": "wall-time",
    "cpu_s": "cpu-time",
    "peak_rss_bytes": "peak-memory",
    "loop_blocked_s": "loop-blocked",
    "loop_blocks": "loop-blocks",
}


class Row(NamedTuple):
    """One quantity.

    Attributes:
        kind: What a rule about it is called; empty where it is neither for the worse nor for the better.
        at: Where it is in head; None where that is not known.
        what: Its name; names of the target's stand in backticks.
        sense: `worse`, `better`, or empty where that cannot be said.
        change: As measured.
        interval: Its 90 % interval; empty where it has none.
        visible: The least rise that would have been told; empty where there is none.
    """

    what: str
    before: str
    after: str
    change: str
    interval: str
    visible: str
    sense: str
    of: Change
    kind: str = ""
    at: Where | None = None


def headline(found: Comparison) -> str:
    """Whether anything changed beyond noise, and what; one sentence without a full stop.

    It begins with what is not compared of that which could be worse, so that nobody takes silence for no change.
    """
    return "; ".join([*_unknown(found), _change_told(found)])


def _unknown(found: Comparison) -> Iterator[str]:
    barred = [name for name in found.barred if name != "ending"]
    if barred:
        whys = "; ".join(dict.fromkeys(found.not_compared[name] for name in barred))
        yield f"not compared: {', '.join(barred)} ({whys})"
    if "ending" in found.not_compared:
        yield f"not the same ending ({found.not_compared['ending']})"


def is_assumed(found: Comparison) -> bool:
    """Whether a side has one run, so that its noise was not measured."""
    return min(len(found.base.runs), len(found.head.runs)) == 1


def noise(found: Comparison) -> str:
    """What the intervals rest on."""
    few = [name for name, side in (("base", found.base), ("head", found.head)) if len(side.runs) == 1]
    if not few:
        return "as measured between the runs of each side"
    runs = "one run a side" if len(few) == 2 else f"one run of {few[0]}"
    return f"{runs}: {ASSUMED}; three runs a side measure it"


def _change_told(found: Comparison) -> str:
    rows = changed_rows(found)
    parts = []
    for sense in ("worse", "better"):
        paths = found.worse if sense == "worse" else found.better
        if paths:
            first = next((_spoken(row) for row in rows if row.sense == sense), f"`{ticked(paths[0])}`")
            parts.append(f"{len(paths)} {sense}: {first}")
    if parts:
        return f"changed beyond noise: {'; '.join(parts)}"
    if rows:
        return f"changed beyond noise, for better or worse: {_spoken(rows[0])}"
    if found.changed:
        return "no quantity changed that this noise lets us see, but what is found or advised did"
    if found.barred:
        return "nothing else changed that this noise lets us see"
    wall = found.totals["wall_s"]
    seen = f" (wall time would have to rise by {_least(wall)})" if wall.visible is not None else ""
    return f"no change that this noise lets us see{seen}"


def _least(change: Change) -> str:
    return _visible(change).removeprefix("+")


def _spoken(row: Row) -> str:
    return f"{row.what} {from_to(row)}"


def from_to(row: Row) -> str:
    """Both values, the change, and its interval."""
    return f"{row.before} → {row.after}, {row.change}{f' ({row.interval})' if row.interval else ''}"


def of_side(side: Side) -> str:
    """What a side is."""
    runs = figures.tally(len(side.runs), "run")
    return f"{runs} of {side.command or '(no command)'}, {side.machine}, {side.interpreter}"


def verdict(found: Comparison) -> str:
    """What the sides are bound by."""
    before, after = (words.BOUND[Bound(bound)] for bound in (found.verdict.before, found.verdict.after))
    if before == after:
        return f"{after} on both sides"
    doubt = "" if found.verdict.beyond else ", which may be chance"
    return f"{before} → {after}{doubt}"


def changed_rows(found: Comparison) -> list[Row]:
    """What changed beyond noise: what became worse, what became better, and the rest."""
    rows = [row for row in _rows(found) if row.of.beyond]
    order = ("worse", "better", "")
    return sorted(rows, key=lambda row: order.index(row.sense))


def same_rows(found: Comparison) -> list[Row]:
    """The quantities that matter most of those that were judged and did not change beyond noise."""
    states = sorted(found.states.values(), key=lambda change: -max(change.before or 0, change.after or 0))
    kept = {id(change) for change in states[:_MOST_STATES]} | {id(change) for change in found.totals.values()}
    for wait in found.waits[:_MOST_WAITS]:
        kept |= {id(wait.count), id(wait.wall_s)}
    rows = [row for row in _rows(found) if not row.of.beyond and not row.of.why and id(row.of) in kept]
    return [row for row in rows if row.interval and (row.before != row.after or row.before not in ("0 s", "0", "0 %"))]


def unjudged(found: Comparison) -> list[str]:
    """What was seen but not judged for a reason of its own, by that reason."""
    reasons: dict[str, list[str]] = {}
    for wait in found.waits:
        if wait.count.why.startswith("too short"):
            reasons.setdefault(wait.count.why, []).append(of_wait(wait))
    return [f"waits for {', '.join(names[:5])}: {why}" for why, names in reasons.items()]


def place(at: Where | None, found: Comparison) -> str:
    """File and line as editors take them; empty where they are not known."""
    return "" if at is None else words.place(at.file, at.line or 0, found.head.cwd)


def finding(of: FindingChange) -> str:
    """A finding on one line."""
    line = "" if of.line is None else f":{of.line}"
    inside = f" in `{ticked(of.function)}`" if of.function not in ("", "<module>") else ""
    return f"{of.rule} `{ticked(of.file)}{line}`{inside}: {of.message}"


def advice(of: AdviceChange) -> str:
    """A piece of advice on one line, with what it gains on both sides."""
    workers = of.workers if of.workers is not None else of.workers_before
    what = words.SHORT.get(Strategy(of.strategy), of.strategy.replace("_", " "))
    many = "" if workers is None else f" ({workers})"
    where = f" at `{ticked(of.function)} → {ticked(of.callee or 'the loop body')}`" if of.function else ""
    if of.presence is Presence.KEPT:
        before, after = figures.factor(of.speed_up.before), figures.factor(of.speed_up.after)
        gain = f": {before} × → {after} ×"
    else:
        value = of.speed_up.after if of.presence is Presence.NEW else of.speed_up.before
        gain = "" if of.strategy == "sequential" else f": {figures.factor(value)} ×"
    return f"{what}{many}{where}{gain}"


# Rows


def _rows(found: Comparison) -> Iterator[Row]:
    for name, change in found.totals.items():
        sense = "" if name == "context_switches" else _sense(change)
        row = _row(TOTALS[name], change, sense)
        yield row._replace(kind=_KINDS.get(name, ""), at=found.places.get(name))
    for wait in found.waits:
        yield from _wait_rows(wait)
    for state, change in found.states.items():
        yield _row(f"share of `{state}`", change)
    for state, change in found.states_s.items():
        if not found.states[state].beyond:  # which would say the same
            yield _row(f"time in `{state}`", change)
    for spot in found.hotspots:
        yield _row(f"time in {_called(spot)}", spot.wall_s, presence=spot.presence)._replace(at=spot.at)
    for each in found.advice:
        if each.presence is Presence.KEPT:
            yield _row(f"gain of `{each.strategy}`", each.speed_up)


def _wait_rows(wait: WaitChange) -> Iterator[Row]:
    name = f"for {of_wait(wait)}" if wait.target else f"of {of_wait(wait)}"
    rows = [
        _row(f"waits {name}", wait.count, _sense(wait.count), wait.presence)._replace(kind="waits"),
        _row(f"each wait {name}", wait.each_s),
        _row(f"wall time {name}", wait.wall_s, _sense(wait.wall_s), wait.presence)._replace(kind="wait-time"),
    ]
    if not wait.wall_s.beyond:
        rows.append(_row(f"thread time {name}", wait.thread_s, "", wait.presence))
    yield from (row._replace(at=wait.at) for row in rows)


def _row(what: str, change: Change, sense: str = "", presence: Presence = Presence.KEPT) -> Row:
    said = presence.value if presence is not Presence.KEPT else change_of(change)
    before, after = _value(change.unit, change.before), _value(change.unit, change.after)
    if presence is Presence.NEW:
        before = "none"
    elif presence is Presence.GONE:
        after = "none"
    return Row(what, before, after, said, _interval(change), _visible(change), sense if change.beyond else "", change)


def _sense(change: Change) -> str:
    return "worse" if change.rises else "better" if change.falls else ""


def of_wait(wait: WaitChange) -> str:
    """What is waited for, or who waits."""
    if wait.target:
        return f"`{ticked(wait.target)}`"
    place = wait.function if wait.function not in ("", "<module>") else wait.file
    return f"`{wait.state}` in `{ticked(place)}`" if place else f"`{wait.state}`"


def _called(spot: HotspotChange) -> str:
    place = spot.function if spot.function not in ("", "<module>") else spot.file
    moved = f" (was in `{ticked(spot.file_before)}`)" if spot.file_before else ""
    return f"`{ticked(place)}{f' → {ticked(spot.call)}' if spot.call else ''}`{moved}"


def ticked(name: str) -> str:
    """A name that ends no code, however it is quoted by backticks."""
    return name.replace("`", "'")


def _value(unit: Unit, value: float | None) -> str:
    if value is None:
        return figures.NOT_KNOWN
    if unit is Unit.SECONDS:
        return figures.duration(round(value * _NS_PER_S))
    if unit is Unit.BYTES:
        return figures.size(round(value))
    if unit is Unit.SHARE:
        return figures.share(value)
    return f"{figures.factor(value)} ×" if unit is Unit.FACTOR else f"{value:,.0f}"


def both(change: Change) -> str:
    """What it was, and what it is."""
    return f"{_value(change.unit, change.before)} → {_value(change.unit, change.after)}"


def change_of(change: Change) -> str:
    """As it was measured: in points of a share, else as a part of what was before."""
    return figures.points(change.measured) if change.unit is Unit.SHARE else figures.rise(change.measured)


def _interval(change: Change) -> str:
    if change.low is None or change.high is None:
        return ""
    tell = figures.points_interval if change.unit is Unit.SHARE else figures.rise_interval
    return tell(change.low, change.high)


def _visible(change: Change) -> str:
    if change.visible is None:
        return ""
    return figures.points(change.visible) if change.unit is Unit.SHARE else figures.rise(change.visible)
