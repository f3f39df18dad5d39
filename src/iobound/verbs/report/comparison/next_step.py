"""What to do about a comparison: one sentence, from what most likely made head worse."""

from __future__ import annotations

from iobound.model.comparison import Comparison, FindingChange, Presence, WaitChange, Where
from iobound.model.state import State
from iobound.verbs.report.comparison import told

_FEW_RUNS = 3
_COUNTED = ("warning", "error")
_TELLING = ("loop_blocked_s", "loop_blocks", "cpu_s", "wall_s", "peak_rss_bytes")
"""Totals, that one first which says most of why."""


def advice(found: Comparison) -> str:
    """The next step, without a full stop; names of the target's stand in backticks.

    What was measured comes first, and of that the wait that takes most more of the run: the program waits more often,
    or what it waits for is slower, which asks for another remedy. Then event loops and computing, then what the scanner
    found and nobody measured.
    """
    if "ending" in found.not_compared:
        return f"see why they did not end alike: {found.not_compared['ending']}"
    if found.worse:
        return _about_waits(found) or _about_totals(found) or _about_findings(found)
    if any(why.startswith("fewer than") for why in found.not_compared.values()):
        return "let base and head do more work: too few looks were taken to compare all of it"
    if any(said.startswith("different ") for said in (*found.not_compared.values(), *found.warnings)):
        return "run base and head alike, on one machine: not everything could be compared"
    if found.better:
        return "nothing to mend: nothing became worse beyond noise"
    few = min(len(found.base.runs), len(found.head.runs)) < _FEW_RUNS
    more = f"; {_FEW_RUNS} runs or more a side would show smaller changes" if few else ""
    if found.changed:
        return f"see whether it was meant: by itself it is neither better nor worse{more}"
    return f"nothing to do{more}"


def _about_findings(found: Comparison) -> str:
    new = [each for each in found.findings if each.presence is Presence.NEW and each.severity in _COUNTED]
    return f"look at what is new: {told.finding(_worst(new))}" if new else "nothing to do"


def _worst(new: list[FindingChange]) -> FindingChange:
    return max(new, key=lambda each: _COUNTED.index(each.severity))


def _about_waits(found: Comparison) -> str:
    worse = [wait for wait in found.waits if wait.count.rises or wait.wall_s.rises]
    if not worse:
        return ""
    wait = max(worse, key=_more_s)
    what = f"waits for {told.of_wait(wait)}" if wait.target else f"waits of {told.of_wait(wait)}"
    where = at(wait.at, found)
    if wait.presence is Presence.NEW:
        return f"look{where}: {what} are new"
    if wait.state == State.WAIT_SLEEP:
        how = f"{told.both(wait.count)} of them" if wait.count.rises else f"{told.both(wait.wall_s)}"
        return f"look whether it has to sleep so long{where}: {what}, {how}"
    if wait.count.rises:
        return f"look{where}: {what}, {told.both(wait.count)} of them; leave some out, or ask for more at once"
    if wait.each_s.rises:
        return f"look at what is asked{where}, and at what answers: {what}, {told.both(wait.each_s)} each"
    return f"look{where}: {what} take more of the run, {told.both(wait.wall_s)}"


def _more_s(wait: WaitChange) -> float:
    return (wait.wall_s.after or 0.0) - (wait.wall_s.before or 0.0)


def _about_totals(found: Comparison) -> str:
    """Of what is not waited for."""
    name = next((name for name in _TELLING if name in found.worse), "")
    if not name:
        return ""
    where = at(found.places.get(name), found)
    said = f"{told.TOTALS[name]} {told.both(found.totals[name])}"
    return f"look{where}: {said}" if where else f"look where the time of head goes, by `iobound run --tree`: {said}"


def at(where: Where | None, found: Comparison) -> str:
    """` at FILE:LINE in FUNCTION`; empty where that is not known."""
    if where is None:
        return ""
    inside = f", in `{told.ticked(where.function)}`" if where.function not in ("", "<module>") else ""
    return f" at `{told.ticked(told.place(where, found))}`{inside}"
