"""Advice to try a build without GIL: a second thought where threads would be right but for the GIL."""

from __future__ import annotations

from collections.abc import Sequence

from iobound.model.breakdown import Breakdown
from iobound.model.diagnosis import Advice
from iobound.model.prediction import Prediction, Strategy
from iobound.model.recording import Recording
from iobound.model.state import State
from iobound.verbs.advise import at_sites, groups, snippets
from iobound.verbs.advise.candidate import Candidate
from iobound.verbs.advise.wording import between, count_of, name_of, percent

HOLDS_GIL = 0.5
"""Part of a site's time that computes with the GIL held from which the GIL is what keeps threads from it."""


def candidates(breakdown: Breakdown, recording: Recording, predictions: Sequence[Prediction]) -> tuple[Candidate, ...]:
    """Threads on a free-threaded build, by site; none where there is no GIL today."""
    if not recording.interpreter.gil_enabled:
        return ()
    found = (_at_site(number, breakdown, recording, predictions) for number in range(len(breakdown.sites)))
    return tuple(candidate for candidate in found if candidate is not None)


def _at_site(
    number: int, breakdown: Breakdown, recording: Recording, predictions: Sequence[Prediction]
) -> Candidate | None:
    site = breakdown.sites[number]
    fact = groups.call_at(recording, site.file, site.line, site.column)
    held = site.budget.get(State.CPU_PYTHON, 0) / max(1, sum(site.budget.values()))
    own = [each for each in predictions if each.site == number and each.strategy is Strategy.FREE_THREADING]
    best = at_sites.best_size(own, site)
    awaited = fact is not None and fact.awaited
    if best is None or held < HOLDS_GIL or awaited or not at_sites.may_run_at_once(site, fact):
        return None
    gain = f"{count_of(best.workers, 'thread')} there make the program {between(best.speed_up)} as fast"
    return Candidate(
        Advice(
            strategy=Strategy.FREE_THREADING,
            workers=best.workers,
            site=number,
            speed_up=best.speed_up,
            reason=f"The GIL is held for {percent(held)} of the time at {name_of(site)}: only a build of CPython "
            f"without it runs Python code of several threads at once. {gain}.",
            steps=(
                "install a free-threaded build of CPython, and run the loop through a thread pool there",
                "see that `sys._is_gil_enabled()` is false after all imports: some extensions turn the GIL on again",
            ),
            snippet=snippets.threads(snippets.parts_of(site, fact), best.workers),
            obstacles=(
                "single threads are slower on such a build",
                "what threads share and only the GIL protected needs locks",
                *site.obstacles,
            ),
        )
    )
