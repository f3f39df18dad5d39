"""Advice for event loops: keep them from being blocked, and give them more to wait for at once."""

from __future__ import annotations

from iobound.advise import groups, snippets
from iobound.advise.candidate import Candidate, without
from iobound.advise.wording import duration, percent, place
from iobound.model.breakdown import Breakdown, EventLoop
from iobound.model.diagnosis import Advice, Verdict
from iobound.model.origin import is_own_code
from iobound.model.prediction import Strategy
from iobound.model.recording import CallFact, LoopFact, Recording
from iobound.model.state import COMPUTING, OUTSIDE_WAITS

BLOCKED_SHARE, BLOCKED_NS = 0.05, 100_000_000
LEAST_WAITING = 0.05
"""Share of the run's wall time that must belong to waits in callbacks, for it to be faster when they are elsewhere."""

MOSTLY_SELECTING = 0.5
"""Share of wall time in the selector from which a loop has room for more."""

TASKS = 16
Awaited = tuple[CallFact, LoopFact, str]
"""A call, the loop that it is awaited in, and where that is."""


def unblock(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """A loop whose thread waits or computes outside its selector makes all its tasks wait."""
    loops = [_without_imports(loop) for loop in breakdown.event_loops]
    loop = max(loops, key=lambda each: min(each.blocked_ns, each.waiting_ns), default=None)
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


def _without_imports(loop: EventLoop) -> EventLoop:
    """Modules are loaded once, mostly before there is anything to hold up; nothing can be awaited instead."""
    blocks = tuple(block for block in loop.blocks if not block.importing)
    return loop._replace(
        blocks=blocks,
        blocked_ns=sum(block.duration_ns for block in blocks),
        longest_ns=max((block.duration_ns for block in blocks), default=0),
    )


def _why_unblock(loop: EventLoop, blocked: float) -> str:
    worst = max(loop.blocks, key=lambda block: block.duration_ns, default=None)
    where = f"; `{worst.call or worst.function}` at {place(worst.file, worst.line)}" if worst else ""
    return (
        f"The event loop of {loop.thread} was blocked for {duration(loop.blocked_ns)}, {percent(blocked)} of the wall "
        f"time, up to {duration(loop.longest_ns)} at once{where}. While one callback waits, no other task runs."
    )


def _waiting_part(loop: EventLoop) -> float:
    whole = sum(block.duration_ns for block in loop.blocks)
    waits = sum(block.duration_ns for block in loop.blocks if block.state not in COMPUTING)
    return waits / whole if whole else 1.0


def _unblocked(loop: EventLoop, recording: Recording) -> str:
    worst = max(loop.blocks, key=lambda block: block.duration_ns, default=None)
    fact = groups.call_at(recording, worst.file, worst.line) if worst else None
    return snippets.off_the_loop(fact.text) if fact else ""


def more_tasks(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """An event loop that mostly waits for the outside: how many tasks it has at once is the limit, or the far side.

    **Assumes** nothing of how many there are now, which cannot be seen; so the gain may be none.
    """
    selecting = max((loop.selecting_ns for loop in breakdown.event_loops), default=0) / breakdown.wall_ns
    share = min(selecting, sum(breakdown.shares.get(state, 0.0) for state in OUTSIDE_WAITS))
    if share < MOSTLY_SELECTING:
        return None
    found = _awaited_in_loop(recording)
    one_by_one = found is not None and found[1].kind != "while"
    return Candidate(
        Advice(
            strategy=Strategy.ASYNCIO if one_by_one else Strategy.MORE_WORKERS,
            workers=None,
            site=None,
            speed_up=without(share, least=0.1 if found else 0.0, most=1.0 if one_by_one else 0.99),
            reason=f"The event loop waits for {percent(share)} of the wall time and computes little: it has room for "
            f"more at once.{_told(found)}",
            steps=("await the items together, with a limit on how many",)
            if one_by_one
            else ("start more tasks at once",),
            snippet=_together(found) if one_by_one else "",
            obstacles=("how many tasks run at once cannot be seen: it helps only while items are left to start",),
        ),
        pool=False,
    )


def _told(found: Awaited | None) -> str:
    return f" `{found[0].name}` at {found[2]} is awaited one after another in each task." if found else ""


def _together(found: Awaited | None) -> str:
    return snippets.tasks(snippets.parts_of_loop(found[1], found[0].name, found[0]), TASKS) if found else ""


def _awaited_in_loop(recording: Recording) -> Awaited | None:
    """A call that is awaited in a loop, rather one over items than one of a server that takes what comes."""
    facts = recording.facts
    found: list[Awaited] = []
    for index, fact in facts.calls.items():
        loops = [facts.loops[loop] for loop in facts.enclosing.get(index, ())]
        where = recording.places[index]
        if not fact.awaited or not loops or not is_own_code(where.file) or groups.is_hand_over(fact.name):
            continue
        if fact.name not in groups.DELIBERATE_SLEEPS and loops[-1].independent != "no":
            found.append((fact, loops[-1], place(where.file, where.line)))
    return min(found, key=lambda each: each[1].kind == "while", default=None)
