"""How many threads or processes were in a site at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from iobound.model.recording import NO_STACK
from iobound.model.timeline import Episodes, Timeline
from iobound.verbs.attribute.frames import ASYNCIO, PROCESSES, SEQUENTIAL, THREADS, StackTable

Key = tuple[str, int]
_BRIDGE_NS = 20_000_000
"""A thread that is seen elsewhere for less than this is between two items of the same work."""


class _Visit:
    """A stay of one thread in a site: from, until, and looks that saw it there."""

    __slots__ = ("end_ns", "seen", "start_ns", "thread")

    def __init__(self, thread: int, start_ns: int, end_ns: int, seen: int) -> None:
        self.thread, self.start_ns, self.end_ns, self.seen = thread, start_ns, end_ns, seen


class Crew(NamedTuple):
    """Who ran a site.

    Attributes:
        strategy: `sequential`, `threads`, `processes` or `asyncio`.
        concurrency: Mean number at once while any was in it.
        most: Largest number at once.
        processes: Processes that ran it.
        visits: How often it was entered and stayed in for a while, as far as that was seen.
    """

    strategy: str
    concurrency: float
    most: int
    processes: frozenset[int] = frozenset()
    visits: int = 1


def crews(timeline: Timeline, keys_of: Mapping[int, frozenset[Key]], table: StackTable) -> dict[Key, Crew]:
    """For every site: how many ran it at once, and by what means."""
    visits: dict[Key, list[_Visit]] = {key: [] for keys in keys_of.values() for key in keys}
    entrances: dict[Key, dict[str, int]] = {key: {} for key in visits}
    for number, thread in enumerate(timeline.threads):
        for (_, stack, _), time in thread.episodes.times().items():
            for key in keys_of.get(stack, ()) if stack != NO_STACK else ():
                by = table.entrances[stack]
                entrances[key][by] = entrances[key].get(by, 0) + time
        _add_visits(visits, number, thread.episodes, keys_of)
    return {key: _crew(timeline, visits[key], entrances[key]) for key in visits}


def _add_visits(
    visits: dict[Key, list[_Visit]], thread: int, episodes: Episodes, keys_of: Mapping[int, frozenset[Key]]
) -> None:
    """Where a thread was when."""
    own = [
        [visits[key] for key in keys_of.get(stack, ())] if stack != NO_STACK else [] for _, stack, _ in episodes.doing
    ]
    rows = zip(episodes.number, episodes.start_ns, episodes.duration_ns, episodes.seen, strict=True)
    for number, start, duration, seen in rows:
        for stays in own[number]:
            last = stays[-1] if stays else None
            if last is not None and last.thread == thread and start - last.end_ns <= _BRIDGE_NS:
                last.end_ns = start + duration
                last.seen += seen
            else:
                stays.append(_Visit(thread, start, start + duration, seen))


def _crew(timeline: Timeline, visits: list[_Visit], entrances: Mapping[str, int]) -> Crew:
    most, concurrency = _at_once(visits)
    processes = frozenset(timeline.threads[visit.thread].process for visit in visits)
    stays = max(1, sum(visit.seen > 0 and visit.end_ns - visit.start_ns > _BRIDGE_NS for visit in visits))
    mainly = max(entrances, key=lambda name: entrances[name], default=SEQUENTIAL)
    if mainly == ASYNCIO:
        return Crew(ASYNCIO, concurrency, most, processes, stays)
    if most < 2:
        return Crew(SEQUENTIAL, 1.0, 1, processes, stays)
    by = PROCESSES if len(processes) > 1 else THREADS
    return Crew(by, concurrency, most, processes, stays)


def _at_once(visits: list[_Visit]) -> tuple[int, float]:
    """Largest and mean number of visitors while there was any."""
    turns = sorted([(visit.start_ns, 1) for visit in visits] + [(visit.end_ns, -1) for visit in visits])
    most = now = 0
    occupied = total = 0
    before = turns[0][0] if turns else 0
    for time, step in turns:
        if now:
            occupied += time - before
            total += now * (time - before)
        now += step
        before = time
        most = max(most, now)
    return max(1, most), total / occupied if occupied else 1.0
