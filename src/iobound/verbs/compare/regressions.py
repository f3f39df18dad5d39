"""Which changes are for the worse, and which for the better.

A regression is one of these beyond noise: more wall time, CPU time, memory, or time or number of blocks of event loops;
more waits for a target, or more of the run spent on them; a wait that is new; a finding that is new and a warning or an
error. Shares are none, for one falls when another rises; nor is time in lines, which is the same time told again; nor
advice, which says what could be.
"""

from __future__ import annotations

from collections.abc import Iterator

from iobound.model.comparison import Change, Comparison, Presence
from iobound.verbs.compare.judging import Levels
from iobound.verbs.compare.paths import finding_path, wait_path

_TOTALS = ("wall_s", "cpu_s", "peak_rss_bytes", "loop_blocked_s", "loop_blocks")
_COUNTED = frozenset({"warning", "error"})


def levels(found: Comparison) -> Levels:
    """The level of each quantity that is judged by its interval, so that noise alone seldom changes any of them."""
    tested = {id(change) for change in found.changes() if change.low is not None}
    could_be = {id(change) for _, change in _judged(found)}
    return Levels.shared(len(tested & could_be), len(tested - could_be))


def worse(found: Comparison) -> tuple[str, ...]:
    """Paths of the regressions, as `--fail-on` takes them."""
    return tuple(path for path, change in _judged(found) if change.rises) + _findings(found, Presence.NEW)


def better(found: Comparison) -> tuple[str, ...]:
    """The same for what is better."""
    return tuple(path for path, change in _judged(found) if change.falls) + _findings(found, Presence.GONE)


def _judged(found: Comparison) -> Iterator[tuple[str, Change]]:
    for name in _TOTALS:
        yield name, found.totals[name]
    for wait in found.waits:
        path = wait_path(wait, found.waits)
        yield f"{path}.count", wait.count
        yield f"{path}.wall_s", wait.wall_s


def _findings(found: Comparison, presence: Presence) -> tuple[str, ...]:
    return tuple(
        finding_path(each, found.findings)
        for each in found.findings
        if each.presence is presence and each.severity in _COUNTED
    )
