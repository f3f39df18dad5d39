"""From everything that could be said to what is said: best first, and nothing that is not worth it."""

from __future__ import annotations

from collections.abc import Sequence

from iobound.model.breakdown import Breakdown
from iobound.model.diagnosis import Advice, Verdict
from iobound.model.prediction import Prediction, Strategy
from iobound.model.recording import Recording
from iobound.verbs.advise import at_sites, free_threading, leave, lockstep, pools_today, whole_program
from iobound.verbs.advise.candidate import Candidate

LEAST_LIKELY, LEAST_LOW = 1.1, 1.1
FAIRLY_SURE, SURE_ENOUGH_LOW = 1.2, 1.0
LARGE, NO_GREAT_LOSS = 1.4, 0.9
"""A pool is worth a change when even its worst gain is one, when the likely gain is fair and the worst no loss, or when
the likely gain is large and the worst hardly a loss."""

INNER, UNSURE = 0.97, 0.97
"""How a site inside another one, and one whose items may need each other, is weighed."""

LEAST_WALL_NS = 300_000_000
LEAST_SAVED_NS = 200_000_000
"""What a person would notice: shorter runs, and smaller savings, are not worth a change."""

MOST_ADVICE = 4
NO_USE = "More workers cannot help: they would share the same CPUs."


def advise(
    breakdown: Breakdown,
    recording: Recording,
    verdict: Verdict,
    predictions: Sequence[Prediction],
    *,
    whole: str = leave.WHOLE_RUN,
) -> tuple[Advice, ...]:
    """Say what to do, best first.

    Args:
        breakdown: The run by state and site.
        recording: Machine, interpreter and source facts.
        verdict: What the run is bound by.
        predictions: What each strategy would gain at each site.
        whole: How a sentence on the wall time of all of it begins.

    Returns:
        At least one advice. It begins with `sequential` where nothing promises enough: leaving the program alone is
        never slower. None where a block ran that nobody looked at.
    """
    if recording.nobody_looked and recording.exit_code is None and recording.signal is None:
        return ()
    found = _all(breakdown, recording, verdict, predictions)
    ranked = sorted(found, key=lambda each: each.score * _preference(each, breakdown), reverse=True)
    worth = _once_per_place([each for each in ranked if _is_worth_it(each, breakdown)], breakdown)
    told = [each.advice for each in worth[:MOST_ADVICE]]
    if not told or told[0].speed_up.estimate < LEAST_LIKELY:
        stay = leave.as_it_is(breakdown, recording, verdict, [each.advice for each in ranked], whole)
        told = [stay, *told[: MOST_ADVICE - 1]]
    return tuple(_beside_others([told[0], *_another_build(told[0], breakdown, recording, predictions), *told[1:]]))


def _another_build(
    first: Advice, breakdown: Breakdown, recording: Recording, predictions: Sequence[Prediction]
) -> Sequence[Advice]:
    """A free-threaded build for the site of the first advice, or the best one; another interpreter is never first."""
    found = free_threading.candidates(breakdown, recording, predictions)
    at_first = [each for each in found if first.site in {None, each.advice.site}]
    worth = [each for each in at_first if _is_worth_it(each, breakdown)]
    return [each.advice for each in sorted(worth, key=lambda each: each.score, reverse=True)[:1]]


def _beside_others(advice: Sequence[Advice]) -> list[Advice]:
    """What is only true of an advice when none of the others says otherwise."""
    if any(each.workers and each.strategy is not Strategy.FEWER_WORKERS for each in advice):
        return list(advice)
    limited = Strategy.RAISE_CPU_LIMIT
    return [each._replace(reason=f"{each.reason} {NO_USE}") if each.strategy is limited else each for each in advice]


def _all(
    breakdown: Breakdown, recording: Recording, verdict: Verdict, predictions: Sequence[Prediction]
) -> list[Candidate]:
    pools = [pools_today.of(site, index, recording) for index, site in enumerate(breakdown.sites)]
    return [
        *at_sites.candidates(breakdown, recording, predictions),
        *(candidate for found in pools for candidate in found),
        *lockstep.candidates(breakdown, recording, predictions),
        *whole_program.candidates(breakdown, recording, verdict),
    ]


def _is_worth_it(candidate: Candidate, breakdown: Breakdown) -> bool:
    gain = candidate.advice.speed_up
    if not candidate.pool:
        return breakdown.wall_ns >= LEAST_WALL_NS
    saved_ns = breakdown.wall_ns * (1 - 1 / gain.estimate)
    levels = ((LEAST_LIKELY, LEAST_LOW), (FAIRLY_SURE, SURE_ENOUGH_LOW), (LARGE, NO_GREAT_LOSS))
    safe = any(gain.estimate >= likely and gain.low >= low for likely, low in levels)
    return saved_ns >= LEAST_SAVED_NS and safe


def _preference(candidate: Candidate, breakdown: Breakdown) -> float:
    """Among equals: the outer of two nested loops, which hands over less often, and the one known to be independent."""
    if candidate.advice.site is None:
        return 1.0
    site = breakdown.sites[candidate.advice.site]
    function = site.function.removesuffix(".<listcomp>").removesuffix(".<locals>")
    inner = any(other is not site and other.callee == function != "" for other in breakdown.sites)
    return (INNER if inner else 1.0) * (1.0 if site.independent == "yes" else UNSURE)


def _once_per_place(ranked: Sequence[Candidate], breakdown: Breakdown) -> list[Candidate]:
    """Drop advice for sites inside or around one that is credited already, and what is said twice."""
    kept: list[Candidate] = []
    credited: set[int] = set()
    for candidate in ranked:
        place = candidate.advice.site
        if place is not None and place not in credited and credited & _related(place, breakdown):
            continue
        if any(_same(candidate.advice, other.advice) for other in kept):
            continue
        if place is not None:
            credited.add(place)
        kept.append(candidate)
    return kept


def _same(one: Advice, other: Advice) -> bool:
    if one.strategy is Strategy.FEWER_WORKERS and other.strategy is Strategy.FEWER_WORKERS:
        return True
    return one.strategy is other.strategy and one.site == other.site


def _related(place: int, breakdown: Breakdown) -> set[int]:
    """Sites nested inside this one, however deep, those that it is nested in, and those that overlap with it.

    Two sites that take more than all of the wall time together must overlap.
    """
    inside = _inside(place, breakdown)
    around = {other for other in range(len(breakdown.sites)) if place in _inside(other, breakdown)}
    share = breakdown.sites[place].share
    overlapping = {other for other, site in enumerate(breakdown.sites) if other != place and site.share + share > 1.02}
    return inside | around | overlapping


def _inside(place: int, breakdown: Breakdown) -> set[int]:
    found: set[int] = set()
    inner = breakdown.sites[place].inner
    while inner is not None and inner not in found and 0 <= inner < len(breakdown.sites):
        found.add(inner)
        inner = breakdown.sites[inner].inner
    return found
