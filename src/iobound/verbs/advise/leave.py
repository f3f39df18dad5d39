"""The honest default: leave the program as it is, and say why."""

from __future__ import annotations

from collections.abc import Sequence

from iobound.model.breakdown import Breakdown, Site
from iobound.model.diagnosis import Advice, Bound, Verdict
from iobound.model.prediction import Estimate, Strategy
from iobound.model.recording import Recording
from iobound.model.state import State
from iobound.verbs.advise import at_sites, event_loop, groups
from iobound.verbs.advise.wording import NOUN, between, duration, name_of, percent, place, sentence

START_UP_NS = 300_000_000
"""Wall time below which starting workers costs about as much as the work."""

WHOLE_RUN = "The whole run takes"

KEPT = 0.3
"""Part of a site's time asleep from which its sleep is worth a word."""

CHECK_TASKS = "check that nothing limits how many are under way: a semaphore, or a connection pool of the client"

AS_IT_IS = Estimate(1.0, 1.0, 1.0)


def as_it_is(
    breakdown: Breakdown, recording: Recording, verdict: Verdict, rejected: Sequence[Advice], whole: str = WHOLE_RUN
) -> Advice:
    """Advise to change nothing about how the work is run, with the reason that weighs most."""
    reason, steps, site = _why(breakdown, recording, verdict, rejected, whole)
    obstacles = breakdown.sites[site].obstacles if site is not None else ()
    return Advice(Strategy.SEQUENTIAL, None, site, AS_IT_IS, reason, steps, "", obstacles)


def _why(
    breakdown: Breakdown, recording: Recording, verdict: Verdict, rejected: Sequence[Advice], whole: str
) -> tuple[str, tuple[str, ...], int | None]:
    largest = max(range(len(breakdown.sites)), key=lambda index: breakdown.sites[index].share, default=None)
    site = breakdown.sites[largest] if largest is not None else None
    if breakdown.wall_ns < START_UP_NS:
        return f"{whole} {duration(breakdown.wall_ns)}: starting workers costs more than the work.", (), None
    if verdict.bound is Bound.LOCK:
        return (
            _for_lock(verdict),
            ("hold the lock only for what must not overlap; wait and compute outside of it",),
            None,
        )
    if verdict.bound is Bound.STARVED:
        return "No CPU is free for more workers: they would share what this one gets.", (), None
    if breakdown.shares.get(State.IDLE, 0.0) > 0.7:
        return "It has nothing to do most of the time; a faster answer to one request is another question.", (), None
    if site is not None and _sleeps(site, recording):
        shorter = ("shorten the sleep, or wait for the event itself",)
        return _paused(_slept(breakdown)), shorter, largest
    if site is not None and site.share > 0.3 and site.strategy_now == "sequential":
        turns = _takes_turns(site, recording)
        if turns:
            return turns, (), largest
    if site is not None and site.share > 0.3 and site.strategy_now != "sequential" and site.workers_now > 1:
        return _already(site), (), largest
    if site is not None and site.share > 0.3 and site.independent == "no" and site.strategy_now == "sequential":
        return _dependent(site), (), largest
    if event_loop.has_room(breakdown):
        return _under_way(event_loop.has_room(breakdown)), (CHECK_TASKS,), None
    return _nothing_to_gain(breakdown, verdict, rejected), (), None


def _paused(share: float) -> str:
    return (
        f"The loop itself sleeps on purpose, {percent(share)} of the wall time: who wrote that pause wants it, and a "
        "pool would only leave it out."
    )


def _under_way(share: float) -> str:
    return (
        f"The event loop waits for {percent(share)} of the wall time, and nothing in the source awaits one item after "
        "another: what it waits for is under way together, as far as was seen."
    )


def _for_lock(verdict: Verdict) -> str:
    return f"Threads wait in line for a lock for {percent(verdict.share)} of their time: more of them wait longer."


def _sleeps(site: Site, recording: Recording) -> bool:
    fact = groups.call_at(recording, site.file, site.line, site.column)
    sleeping = site.budget.get(State.WAIT_SLEEP, 0) > 0.5 * max(1, sum(site.budget.values()))
    return sleeping and at_sites.only_waits_for_others(site, fact)


def _takes_turns(site: Site, recording: Recording) -> str:
    """Why the items of a site take turns by their nature, empty where they do not."""
    whole = max(1, sum(site.budget.values()))
    asleep, network = (site.budget.get(state, 0) / whole for state in (State.WAIT_SLEEP, State.WAIT_NETWORK))
    if site.loop is not None and site.loop.throttled and asleep >= KEPT and network > 0:
        return (
            f"It keeps to a rate: {name_of(site)} sleeps in every iteration, {percent(asleep)} of its time, beside its "
            "requests. A pool would have to keep to the same rate."
        )
    if at_sites.finds_its_items(site):
        return f"The loop at {place(site.file, site.line)} finds its items while it computes: few are there at once."
    if at_sites.is_one_stream(site, groups.call_at(recording, site.file, site.line, site.column)):
        return f"{sentence(name_of(site))} fills one thing in order: nothing of its work is left to be done at once."
    return ""


def _slept(breakdown: Breakdown) -> float:
    return breakdown.shares.get(State.WAIT_SLEEP, 0.0)


def _already(site: Site) -> str:
    return (
        f"It already runs {name_of(site)} on {site.workers_now} {_workers(site)}, {site.concurrency:.1f} at once on "
        "average: another pool or another size promises no clear gain."
    )


def _workers(site: Site) -> str:
    return {"threads": "threads", "processes": "processes", "asyncio": "tasks"}.get(site.strategy_now, "workers")


def _dependent(site: Site) -> str:
    why = f" ({site.obstacles[0]})" if site.obstacles else ""
    return f"The loop at {place(site.file, site.line)} cannot be run at once: one item needs another{why}."


def _nothing_to_gain(breakdown: Breakdown, verdict: Verdict, rejected: Sequence[Advice]) -> str:
    best = max(rejected, key=lambda each: each.speed_up.estimate, default=None)
    if best is None:
        doing = f"{NOUN[verdict.dominant]} takes {percent(verdict.share)}"
        return f"No loop or repeated call holds enough of the wall time to be run at once; {doing}."
    saved_ns = breakdown.wall_ns * (1 - 1 / best.speed_up.estimate)
    saving = f", {duration(saved_ns)} saved" if saved_ns > 0 else ""
    name = best.strategy.value.replace("_", " ")
    return f"Nothing promises a clear gain: the best is {name} with {between(best.speed_up)}{saving}."
