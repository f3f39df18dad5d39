"""Advice for sites: which pool the predictions favour, how large, and how to write it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from iobound.model.breakdown import Breakdown, Site
from iobound.model.diagnosis import Advice
from iobound.model.prediction import Prediction, Strategy
from iobound.model.recording import Recording
from iobound.model.source_facts import DELIBERATE_SLEEPS, CallFact
from iobound.model.state import COMPUTING, OUTSIDE_WAITS, State
from iobound.verbs.advise import commits, groups, reasons, snippets
from iobound.verbs.advise.candidate import Candidate
from iobound.verbs.advise.path_to_wait import callers

ENOUGH = 0.93
"""Part of the best predicted gain for which the smallest pool is taken."""

MOST_FOR_WAITS = 16
"""Workers for pure waiting beyond which the limit lies outside: rate limits, connection pools."""

BUSY_POOL = 0.7
"""Part of a pool that must be in use on average before a larger one can help."""

POOLS = (Strategy.THREADS, Strategy.PROCESSES, Strategy.ASYNCIO)
MAINLY = 0.5
LEFT_PER_WORKER = 2
POOL_FILES = ("concurrent/futures/thread.py", "concurrent/futures/process.py", "multiprocessing/pool.py")


def candidates(breakdown: Breakdown, recording: Recording, predictions: Sequence[Prediction]) -> tuple[Candidate, ...]:
    """Everything that the predictions suggest, unranked."""
    found: list[Candidate] = []
    for index, site in enumerate(breakdown.sites):
        fact = groups.call_at(recording, site.file, site.line, site.column)
        if not may_run_at_once(site, fact):
            continue
        own = [prediction for prediction in predictions if prediction.site == index]
        for strategy in POOLS:
            best = best_size([each for each in own if each.strategy is strategy], site)
            if best is not None and _fits(strategy, site, fact) and has_items_left(site, recording):
                found.extend(_advice(site, best, own, fact))
    return tuple(found)


def may_run_at_once(site: Site, fact: CallFact | None) -> bool:
    """Whether a pool for a site makes sense at all: its items do not need each other, and it does work of its own."""
    if site.strategy_now == "sequential" and (site.independent == "no" or finds_its_items(site)):
        return False
    return not (only_waits_for_others(site, fact) or commits.takes_turns(site) or is_one_stream(site, fact))


def is_one_stream(site: Site, fact: CallFact | None) -> bool:
    """Whether the work itself is what must be done in order: one archive that is written, one file that is filled."""
    if site.loop is None or fact is None or site.strategy_now != "sequential":
        return False
    away = sum(site.budget.get(state, 0) for state in (State.WAIT_NETWORK, State.WAIT_CHILD, State.WAIT_SLEEP))
    return fact.text.partition("(")[0] in site.loop.ordered and 2 * away < sum(site.budget.values())


def finds_its_items(site: Site) -> bool:
    """Whether the items are found by computing on those before, as in a search: there are few at once to hand out.

    Where they wait, as in a crawl, several at once still gain.
    """
    return site.loop is not None and site.loop.grows and _computes(site)


def only_waits_for_others(site: Site, fact: CallFact | None) -> bool:
    """Whether the call sleeps, or only takes what another thread or process of the program hands over."""
    name = fact.name if fact else site.callee
    if name in DELIBERATE_SLEEPS:
        return True
    if groups.waits_for_its_own(name, fact.text if fact else "", site.loop):
        return False
    whole = max(1, sum(site.budget.values()))
    handed = sum(site.budget.get(state, 0) for state in (State.WAIT_LOCK, State.WAIT_IPC, State.WAIT_INPUT, State.IDLE))
    if name.startswith(groups.HAND_OVER_MODULES):
        return groups.is_hand_over(name)
    return groups.is_hand_over(name) and handed >= MAINLY * whole


def has_items_left(site: Site, recording: Recording) -> bool:
    """Whether a site that runs at once today has more items than workers, so that more of them could find work.

    A function that each thread runs once, without a loop and without a pool, is its own only item. Computing is another
    matter: it gains from another kind of worker, not from more.
    """
    if site.strategy_now == "sequential" or site.workers_now < 2 or _computes(site):
        return True
    if site.loop is None and site.inner is None and not is_pooled(site, recording):
        return False
    return (site.items or site.items_low) >= LEFT_PER_WORKER * site.workers_now


def is_pooled(site: Site, recording: Recording) -> bool:
    """Whether a pool of the standard library calls what the site runs."""
    for node in recording.stacks[1:]:
        where = recording.places[node.place]
        if (where.file, where.line) == (site.file, site.line) and any(
            recording.places[caller].file.endswith(POOL_FILES) for caller in callers(recording, node)
        ):
            return True
    return False


def best_size(predictions: Sequence[Prediction], site: Site) -> Prediction | None:
    """The smallest pool that gets nearly all there is to gain; for waits no larger than what the far side may bear."""
    if not predictions:
        return None
    fit = [each for each in predictions if each.workers <= MOST_FOR_WAITS] or list(predictions)
    now = site.workers_now if site.strategy_now != "sequential" else 0
    fit = [each for each in fit if each.workers >= now] or fit
    best = max(each.speed_up.estimate for each in fit)
    return min((each for each in fit if each.speed_up.estimate >= ENOUGH * best), key=lambda each: each.workers)


def _fits(strategy: Strategy, site: Site, fact: CallFact | None) -> bool:
    """An awaited call cannot be handed to threads or processes as it is; what a coroutine only computes can be."""
    if fact and fact.awaited:
        return strategy is Strategy.ASYNCIO
    if site.awaited or site.strategy_now == "asyncio":
        return strategy is (Strategy.PROCESSES if _computes(site) else Strategy.ASYNCIO)
    return True


def _advice(site: Site, best: Prediction, own: Sequence[Prediction], fact: CallFact | None) -> Iterable[Candidate]:
    strategy = _named(best.strategy, site)
    if strategy is Strategy.MORE_WORKERS and not _could_use_more(site, best):
        return
    workers = min(best.workers, int(site.items)) if site.items and site.items >= 2 else best.workers
    workers = max(2, workers)  # more than there are items would have nothing to do
    own = [each._replace(workers=workers) if each.workers == best.workers else each for each in own]
    best = best._replace(workers=workers)
    yield Candidate(
        Advice(
            strategy=strategy,
            workers=best.workers,
            site=best.site,
            speed_up=best.speed_up,
            reason=reasons.pool(strategy, site, best, own),
            steps=reasons.steps(strategy, site, best, fact),
            snippet=_snippet(strategy, site, best, fact),
            obstacles=(*reasons.obstacles(strategy, site), *_memory(best, own)),
        )
    )


def _memory(best: Prediction, own: Sequence[Prediction]) -> tuple[str, ...]:
    """What to check where more processes than these may not fit."""
    if not any(each.strategy is best.strategy and each.bottleneck == "memory" for each in own):
        return ()
    return ("each worker may need as much memory as the program does now: more of them at once may not fit",)


def _named(strategy: Strategy, site: Site) -> Strategy:
    if site.strategy_now == strategy.value and site.workers_now >= 2 and site.concurrency > 1.2:
        return Strategy.MORE_WORKERS
    if strategy is Strategy.THREADS and _mainly_native(site):
        return Strategy.NATIVE_THREADS
    return strategy


def _mainly_native(site: Site) -> bool:
    native = site.budget.get(State.CPU_NATIVE, 0)
    waits = sum(site.budget.get(state, 0) for state in OUTSIDE_WAITS | {State.WAIT_SLEEP})
    return native > waits and native >= MAINLY * sum(site.budget.get(state, 0) for state in COMPUTING)


def _computes(site: Site) -> bool:
    return sum(site.budget.get(state, 0) for state in COMPUTING) >= MAINLY * sum(site.budget.values())


def _could_use_more(site: Site, best: Prediction) -> bool:
    return best.workers > site.workers_now and site.concurrency >= BUSY_POOL * site.workers_now


def _snippet(strategy: Strategy, site: Site, best: Prediction, fact: CallFact | None) -> str:
    if fact is not None and groups.waits_for_its_own(fact.name, fact.text, site.loop):
        return ""  # it takes the whole iteration, not the call alone
    parts = snippets.parts_of(site, fact)
    if strategy in {Strategy.THREADS, Strategy.NATIVE_THREADS}:
        return snippets.threads(parts, best.workers)
    if strategy is Strategy.PROCESSES:
        return snippets.processes(parts, best.workers, best.chunk if site.items or not _computes(site) else None)
    return snippets.tasks(parts, best.workers) if strategy is Strategy.ASYNCIO else ""
