"""Advice for workers that get one item at a time: who hands an item over waits for its result before the next.

The source says so, and the run shows that it waits there. Threads that hardly overlap show nothing by themselves: so do
those of a server whose clients take turns.
"""

from __future__ import annotations

from collections.abc import Sequence

from iobound.model.breakdown import Breakdown, Site
from iobound.model.diagnosis import Advice
from iobound.model.prediction import Prediction, Strategy
from iobound.model.recording import Recording
from iobound.model.source_facts import FindingFact
from iobound.model.state import COMPUTING, State
from iobound.verbs.advise import at_sites
from iobound.verbs.advise.candidate import Candidate, without
from iobound.verbs.advise.wording import percent, place

RULE = "IOB310"
"""What the source says of such a loop."""

WAITING = frozenset({State.WAIT_LOCK, State.WAIT_IPC, State.WAIT_CHILD})
LEAST_SHARE = 0.3
SURE_PART = 0.4
"""Part of the gain that is had at least: workers wait for the slowest, and start."""


def candidates(breakdown: Breakdown, recording: Recording, predictions: Sequence[Prediction]) -> tuple[Candidate, ...]:
    """To ask for the results of a pool in a second loop, where waiting for each was seen to take the time."""
    pools = [index for index, site in enumerate(breakdown.sites) if _is_pool(site)]
    if not pools:
        return ()
    index = max(pools, key=lambda each: breakdown.sites[each].share)
    found = [each for each in recording.facts.findings if each.rule == RULE]
    workers = _workers(breakdown.sites[index], index, predictions)
    told = (_all_at_once(breakdown, recording, index, workers, finding) for finding in found)
    return tuple(candidate for candidate in told if candidate is not None)


def _is_pool(site: Site) -> bool:
    return site.strategy_now in (Strategy.THREADS.value, Strategy.PROCESSES.value) and site.workers_now >= 2


def _workers(site: Site, index: int, predictions: Sequence[Prediction]) -> int:
    """As many as the predictions favour: of those that take turns no more were needed than there were."""
    own = [each for each in predictions if each.site == index and each.strategy.value == site.strategy_now]
    best = at_sites.best_size(own, site)
    return max(site.workers_now, best.workers if best is not None else 0)


def _all_at_once(
    breakdown: Breakdown, recording: Recording, index: int, workers: int, finding: FindingFact
) -> Candidate | None:
    site = breakdown.sites[index]
    at_once = _at_once(site, workers, recording)
    waited_ns = sum(
        wait.thread_ns
        for wait in breakdown.waits
        if wait.state in WAITING and (wait.file, wait.line) == (finding.file, finding.line)
    )
    share = min(1.0, waited_ns / max(1, breakdown.wall_ns))
    if share < LEAST_SHARE or at_once < 2:
        return None
    gone = 1 - 1 / at_once
    return Candidate(
        Advice(
            strategy=Strategy(site.strategy_now),
            workers=workers,
            site=index,
            speed_up=without(share, least=SURE_PART * gone, most=gone),
            reason=f"It waits at {place(finding.file, finding.line)} for each result before it hands over the next, "
            f"{percent(share)} of the wall time: its {site.strategy_now} take turns.",
            steps=(finding.hint or "hand over all items first, and ask for the results in a second loop",),
        )
    )


def _at_once(site: Site, workers: int, recording: Recording) -> float:
    """How many of the workers can get on together: computing needs a CPU, in threads also the GIL."""
    whole = max(1, sum(site.budget.values()))
    held = site.budget.get(State.CPU_PYTHON, 0) / whole
    computing = sum(site.budget.get(state, 0) for state in COMPUTING | {State.WAIT_CPU}) / whole
    limit = recording.machine.effective_cpus / computing if computing else float("inf")
    if site.strategy_now == Strategy.THREADS.value and held:
        limit = min(limit, 1 / held)
    return min(float(workers), limit)
