"""From the JSON reports of two sides to what changed between them. Pure: documents in, a `Comparison` out.

Steps: `valid` holds each document against the schema of reports; `facts` reads it by the names under which both sides
say the same (`targets`); `comparable` says what must not be compared; `totals`, `waits` and `in_code` take each
quantity of all runs to `judging`, with the noise that `noise` knows of, at a level that depends on how many there are;
`regressions` sorts the changes into worse and better, and `whereabouts` finds the line that most of them is at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from iobound.model.comparison import Comparison
from iobound.verbs.compare import comparable, facts, in_code, regressions, totals, waits, whereabouts
from iobound.verbs.compare.valid import why_invalid

__all__ = ["compare", "why_invalid"]

Named = tuple[str, Mapping[str, Any]]


def compare(base: Sequence[Named], head: Sequence[Named]) -> Comparison:
    """What changed from base to head.

    Args:
        base, head: Names and documents of at least one report each, in any order; documents of `iobound.report/1`
            that `why_invalid` has nothing against.
    """
    steady = facts.steady_targets([document for _, document in (*base, *head)])
    before, after = facts.read(base, steady), facts.read(head, steady)
    may = comparable.comparable(before, after)
    levels = regressions.levels(_judged(before, after, may))
    found = _judged(before, after, may._replace(levels=levels))
    found = found._replace(worse=regressions.worse(found), better=regressions.better(found))
    return found._replace(places=whereabouts.places(found, before, after))


def _judged(before: Sequence[facts.Run], after: Sequence[facts.Run], may: comparable.Comparable) -> Comparison:
    shares = totals.states(before, after, may)
    of_the_run = totals.totals(before, after, may)
    return Comparison(
        base=comparable.side(before),
        head=comparable.side(after),
        warnings=may.warnings,
        not_compared={**totals.unmeasured(of_the_run), **may.not_compared},
        verdict=totals.verdict(before, after, shares),
        totals=of_the_run,
        states=shares,
        states_s=totals.states_s(before, after, may),
        waits=waits.waits(before, after, may),
        hotspots=in_code.hotspots(before, after, may),
        findings=in_code.findings(before, after, may),
        advice=in_code.advice(before, after, may),
        worse=(),
        better=(),
        level=may.levels.regressions,
        level_of_others=may.levels.others,
    )
