"""Groups of states with their intervals: what a verdict compares."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from iobound.model.breakdown import Breakdown, ProcessBudget, Wait
from iobound.model.recording import Place, Recording
from iobound.model.source_facts import CallFact, LoopFact
from iobound.model.state import COMPUTING, OUTSIDE_WAITS, State

HAND_OVERS = (
    "get", "put", "join", "result", "wait", "wait_for", "as_completed", "recv", "recv_bytes", "acquire_nowait",
    "exception", "shutdown", "task_done", "map", "imap", "imap_unordered", "gather", "communicate", "poll",
)  # fmt: skip
"""Last names of calls that wait for another thread or process to hand something over: no work of their own."""

HAND_OVER_MODULES = (
    "queue.", "multiprocessing.", "concurrent.futures", "threading.Thread", "threading.Event", "threading.Condition",
    "asyncio.", "subprocess.Popen.wait", "subprocess.Popen.communicate",
)  # fmt: skip

OF_OTHER_TASKS = (
    "asyncio.Queue.", "asyncio.PriorityQueue.", "asyncio.LifoQueue.", "asyncio.Event.", "asyncio.Condition.",
    "asyncio.Lock.", "asyncio.Semaphore.", "asyncio.BoundedSemaphore.", "asyncio.Barrier.", "asyncio.Future.",
    "asyncio.Task.", "asyncio.queues.", "asyncio.locks.", "asyncio.futures.", "asyncio.tasks.",
)  # fmt: skip
"""Types of `asyncio` whose methods wait for another task."""

SEVERAL = ("asyncio.gather", "asyncio.wait", "asyncio.as_completed")
"""Functions of `asyncio` that wait for several tasks at once; its other functions do work of their own."""

CLIENTS = ("session", "client", "requests", "httpx", "aiohttp", "urllib3")
"""How the names of types and modules end whose `get` and `put` are requests."""

PROGRAMS = ("subprocess.Popen.wait", "subprocess.Popen.communicate")
"""Waits for a program that was started before."""


class Group(NamedTuple):
    """Share of wall time in some states together, with its 90 % interval and the largest of them."""

    share: float
    low: float
    high: float
    dominant: State


def group(breakdown: Breakdown, states: Iterable[State]) -> Group:
    """Add up states.

    **Assumes** that the errors of the states are independent; they are negatively correlated, so the interval of the
    sum is a little too wide.
    """
    ordered = sorted(states, key=lambda state: breakdown.shares.get(state, 0.0), reverse=True)
    share = math.fsum(breakdown.shares.get(state, 0.0) for state in ordered)
    below = above = 0.0
    for state in ordered:
        if state in breakdown.intervals:
            interval, own = breakdown.intervals[state], breakdown.shares.get(state, 0.0)
            below += max(0.0, own - interval.low) ** 2
            above += max(0.0, interval.high - own) ** 2
    low, high = max(0.0, share - math.sqrt(below)), min(1.0, share + math.sqrt(above))
    return Group(share, min(low, share), max(high, share), ordered[0])


def computing(breakdown: Breakdown) -> Group:
    """On a CPU."""
    return group(breakdown, COMPUTING)


def outside(breakdown: Breakdown) -> Group:
    """Waiting for something outside the process."""
    return group(breakdown, OUTSIDE_WAITS)


def thread_seconds(processes: Sequence[ProcessBudget], states: Iterable[State] | None = None) -> float:
    """Seconds of all threads in some states, or in all but `idle`."""
    wanted = [state for state in State if state is not State.IDLE] if states is None else list(states)
    return (
        sum(thread.budget.get(state, 0) for process in processes for thread in process.threads for state in wanted)
        * 1e-9
    )


def call_at(recording: Recording, file: str, line: int, column: int | None = None) -> CallFact | None:
    """What the source says of the call at a place; the first one on the line when no column is given."""
    for index, where in enumerate(recording.places):
        if _is_at(where, file, line, column) and index in recording.facts.calls:
            return recording.facts.calls[index]
    return None


def is_hand_over(name: str) -> bool:
    """Whether a call of this name only waits for another thread or process to hand something over.

    Example:
        >>> is_hand_over("queue.Queue.get"), is_hand_over("outbox.get"), is_hand_over("aiohttp.ClientSession.get")
        (True, True, False)
        >>> is_hand_over("asyncio.Queue.get"), is_hand_over("asyncio.open_connection")
        (True, False)
    """
    if name.startswith("asyncio."):
        return name in SEVERAL or name.startswith(OF_OTHER_TASKS)
    if name.startswith(HAND_OVER_MODULES):
        return True
    owner, _, last = name.rpartition(".")
    return bool(owner) and last in HAND_OVERS and not owner.lower().endswith(CLIENTS)


def waits_for_its_own(name: str, text: str, loop: LoopFact | None) -> bool:
    """Whether a call waits for a program that the same iteration has started: that program is the item's work.

    Where it was started outside the loop it runs already while others are waited for.
    """
    if loop is None or name not in PROGRAMS or "Popen(" not in loop.source:
        return False
    owner = text.partition(".")[0].strip()
    return owner not in re.findall(r"\w+", loop.target) and "Popen(" not in loop.iterable


def queued_for_locks_ns(breakdown: Breakdown, recording: Recording) -> int:
    """Thread-time in line for locks of the program, without waits for a hand-over, in nanoseconds."""
    return sum(
        wait.thread_ns for wait in breakdown.waits if wait.state is State.WAIT_LOCK and not _hands_over(wait, recording)
    )


def _hands_over(wait: Wait, recording: Recording) -> bool:
    if wait.file is None or wait.line is None:
        return False
    fact = call_at(recording, wait.file, wait.line)
    return fact is not None and is_hand_over(fact.name)


def _is_at(where: Place, file: str, line: int, column: int | None) -> bool:
    return where.line == line and where.file == file and (column is None or column < 0 or where.column == column)
