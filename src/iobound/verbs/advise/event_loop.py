"""Advice for event loops: keep them from being blocked, and give them more to wait for at once."""

from __future__ import annotations

from iobound.model.breakdown import Breakdown, EventLoop
from iobound.model.diagnosis import Advice, Verdict
from iobound.model.prediction import Strategy
from iobound.model.recording import Recording
from iobound.model.state import OUTSIDE_WAITS
from iobound.verbs.advise import awaited, groups, snippets
from iobound.verbs.advise.awaited import Awaited
from iobound.verbs.advise.candidate import Candidate, without
from iobound.verbs.advise.wording import duration, percent, place

BLOCKED_SHARE, BLOCKED_NS = 0.05, 100_000_000
LEAST_WAITING = 0.05
"""Share of the run's wall time that must belong to waits in callbacks, for it to be faster when they are elsewhere."""

MOSTLY_SELECTING = 0.5
"""Share of wall time in the selector from which a loop has room for more."""

TASKS = 16
"""Tasks at once beyond which the limit lies outside: rate limits, connection pools."""

MOST_TASKS = 64
"""Tasks at once that a program's own limit is raised to at most: more wait for the far side."""


def unblock(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """A loop whose thread waits or computes outside its selector makes all its tasks wait."""
    loop = breakdown.most_held_up
    if loop is None or loop.blocked_ns < max(BLOCKED_NS, BLOCKED_SHARE * breakdown.wall_ns):
        return None
    blocked, waits = loop.blocked_ns / breakdown.wall_ns, _waiting_part(loop)
    saved = min(blocked * waits, loop.waiting_ns / breakdown.wall_ns)
    if saved < LEAST_WAITING:
        return None  # computing takes its time wherever it is done, and some loops nobody waits for
    return Candidate(
        Advice(
            strategy=Strategy.UNBLOCK_EVENT_LOOP,
            workers=None,
            site=None,
            speed_up=without(saved, least=0.2, most=0.95),
            reason=_why_unblock(loop, blocked),
            steps=("await an asynchronous version of the call, or move it to a thread with `asyncio.to_thread`",),
            snippet=_unblocked(loop, recording),
            obstacles=()
            if waits > 0.5
            else ("it computes: a thread keeps the loop alive, only a process makes it sooner",),
        ),
        pool=False,
    )


def _why_unblock(loop: EventLoop, blocked: float) -> str:
    worst = loop.worst
    where = f"; `{worst.call or worst.function}` at {place(worst.file, worst.line)}" if worst else ""
    return (
        f"The event loop of {loop.thread} was blocked for {duration(loop.blocked_ns)}, {percent(blocked)} of the wall "
        f"time, up to {duration(loop.longest_ns)} at once{where}. While one callback waits, no other task runs."
    )


def _waiting_part(loop: EventLoop) -> float:
    whole = sum(block.counted_ns for block in loop.blocks)
    waits = sum(block.counted_ns for block in loop.blocks if block.waits)
    return waits / whole if whole else 1.0


def _unblocked(loop: EventLoop, recording: Recording) -> str:
    worst = loop.worst
    fact = groups.call_at(recording, worst.file, worst.line) if worst else None
    return snippets.off_the_loop(fact.text) if fact else ""


def more_tasks(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """An event loop that mostly waits for the outside while the source awaits one item after another.

    **Assumes** nothing of how many tasks do so at once, which cannot be seen; so the gain may be none.
    """
    share = has_room(breakdown)
    found = awaited.one_after_another(recording, breakdown.ran) if share else None
    if found is None:
        return None
    served = found.loop.kind == "while"
    most = 1 - 1 / min(TASKS, max(2, found.loop.trip_count or TASKS))
    return Candidate(
        Advice(
            strategy=Strategy.MORE_WORKERS if served else Strategy.ASYNCIO,
            workers=None,
            site=_site_of(found, breakdown),
            speed_up=without(share, least=0.0, most=most),
            reason=f"The event loop waits for {percent(share)} of the wall time and computes little: it has room for "
            f"more at once. `{found.call.name}` at {place(found.loop.file, found.line)} is awaited one after another "
            "in each task.",
            steps=("start more tasks at once",)
            if served
            else ("await the items together in a `TaskGroup`, a semaphore limits how many at a time",),
            snippet="" if served else _together(found),
            obstacles=("how many tasks run at once cannot be seen: it helps only while items are left to start",),
        ),
        pool=False,
    )


def raise_limit(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """An event loop that mostly waits for the outside while its own semaphore lets few tasks wait at once.

    **Assumes** that tasks are held up there, which cannot be seen; so the gain may be none.
    """
    share = has_room(breakdown)
    limits = [each for each in recording.facts.limits if breakdown.ran is None or each.file in breakdown.ran.files]
    limit = min(limits, key=lambda each: each.at_once, default=None)
    if not share or limit is None or limit.at_once >= MOST_TASKS:
        return None
    workers = min(MOST_TASKS, max(TASKS, 4 * limit.at_once))
    return Candidate(
        Advice(
            strategy=Strategy.MORE_WORKERS,
            workers=workers,
            site=None,
            speed_up=without(share, least=0.0, most=1 - limit.at_once / workers),
            reason=f"The event loop waits for {percent(share)} of the wall time and computes little, and "
            f"`{limit.name}` at {place(limit.file, limit.line)} lets {limit.at_once} tasks through at a time.",
            steps=(f"let more through: {workers} instead of {limit.at_once}",),
            obstacles=("the limit may be there for the sake of the far side: raise it only as far as that bears it",),
        ),
        pool=False,
    )


def has_room(breakdown: Breakdown) -> float:
    """Share of wall time that an event loop waits for the outside in its selector; 0 when it is not most of it."""
    selecting = max((loop.selecting_ns for loop in breakdown.event_loops), default=0) / max(1, breakdown.wall_ns)
    share = min(selecting, sum(breakdown.shares.get(state, 0.0) for state in OUTSIDE_WAITS))
    return share if share >= MOSTLY_SELECTING else 0.0


def _site_of(found: Awaited, breakdown: Breakdown) -> int | None:
    at = (found.loop.file, found.line)
    return next((number for number, site in enumerate(breakdown.sites) if (site.file, site.line) == at), None)


def _together(found: Awaited) -> str:
    return snippets.tasks(snippets.parts_of_loop(found.loop, found.call.name, found.call), TASKS)
