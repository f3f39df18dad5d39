"""Advice for pools that are there already: too many threads at one GIL, items too small for processes."""

from __future__ import annotations

from iobound.model.breakdown import Site
from iobound.model.diagnosis import Advice
from iobound.model.prediction import CHUNK_S, Strategy
from iobound.model.recording import Recording
from iobound.model.state import State
from iobound.verbs.advise import groups, snippets
from iobound.verbs.advise.candidate import Candidate, without
from iobound.verbs.advise.hand_over import ITEM_S
from iobound.verbs.advise.wording import count_of, name_of, percent, seconds, sentence

HELD, QUEUED = 0.8, 0.2
"""Share of wall time with the GIL held, and of the threads' time in line for it, from which threads are too many."""

MOST_LOST = 0.3
"""Part of the time in line for the GIL that handing it over costs the one that computes, at most."""

TINY_S = 1e-3
NS = 1e-9


def of(site: Site, place: int, recording: Recording) -> tuple[Candidate, ...]:
    """What could be said of the pool that runs a site today."""
    found = (fewer_for_gil(site, place), larger_chunks(site, place, recording))
    return tuple(candidate for candidate in found if candidate is not None)


def fewer_for_gil(site: Site, place: int) -> Candidate | None:
    """A pool of threads that mostly wait for the GIL is slower than one thread."""
    threads = site.thread_budget or site.budget
    held = site.budget.get(State.CPU_PYTHON, 0) / max(1, sum(site.budget.values()))
    in_line = 1 - 1 / max(1, site.workers_now)
    queued = threads.get(State.WAIT_GIL, 0) / max(1, sum(threads.values())) if site.thread_budget else in_line
    if site.strategy_now != "threads" or site.workers_now < 2 or held < HELD:
        return None
    if queued < QUEUED:
        return None
    return Candidate(
        Advice(
            strategy=Strategy.FEWER_WORKERS,
            workers=1,
            site=place,
            speed_up=without(site.share * held * queued, least=0.0, most=MOST_LOST),
            reason=f"{site.workers_now} threads share one GIL, which is held for {percent(held)} of the time at "
            f"{name_of(site)}: one of them computes while the others wait, and handing over costs more than it gains.",
            steps=("run the calls one after another, or move them to processes",),
        ),
        pool=False,
    )


def larger_chunks(site: Site, place: int, recording: Recording) -> Candidate | None:
    """A pool of processes whose items are shorter than what handing one over costs."""
    if site.strategy_now != "processes" or not site.items or site.loop is not None:
        return None  # a loop inside what a worker was handed hands nothing over itself
    item_s = site.wall_ns * NS * site.concurrency / site.items
    if item_s > TINY_S:
        return None
    chunk = max(2, round(CHUNK_S / max(item_s, 1e-6)))
    fact = groups.call_at(recording, site.file, site.line, site.column)
    return Candidate(
        Advice(
            strategy=Strategy.BATCH,
            workers=site.workers_now,
            site=place,
            speed_up=without(site.share * min(0.9, ITEM_S / item_s), least=0.1, most=0.9),
            reason=f"{sentence(name_of(site))} ran {count_of(site.items, 'time')}, {seconds(item_s)} each: handing one "
            "item to a process and back costs about as much.",
            steps=(f"hand over about {chunk} items at once, with `chunksize`",),
            snippet=snippets.chunks(snippets.parts_of(site, fact), chunk),
        ),
        pool=False,
    )
