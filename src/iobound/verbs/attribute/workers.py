"""How many threads or processes were in a site at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from iobound.model.recording import NO_STACK
from iobound.model.timeline import Episode, Timeline
from iobound.verbs.attribute.frames import ASYNCIO, PROCESSES, SEQUENTIAL, THREADS, StackTable

Key = tuple[str, int]
Visit = tuple[int, int, int, int]
"""Thread by its number, from, until, and looks that saw it there."""

_BRIDGE_NS = 20_000_000
"""A thread that is seen elsewhere for less than this is between two items of the same work."""


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
    visits: dict[Key, list[Visit]] = {key: [] for keys in keys_of.values() for key in keys}
    entrances: dict[Key, dict[str, int]] = {key: {} for key in visits}
    for number, thread in enumerate(timeline.threads):
        for episode in thread.episodes:
            for key in keys_of.get(episode.stack, ()) if episode.stack != NO_STACK else ():
                _visit(visits[key], number, episode)
                by = table.entrances[episode.stack]
                entrances[key][by] = entrances[key].get(by, 0) + episode.duration_ns
    return {key: _crew(timeline, visits[key], entrances[key]) for key in visits}


def _visit(visits: list[Visit], number: int, episode: Episode) -> None:
    last = visits[-1] if visits else None
    if last and last[0] == number and episode.start_ns - last[2] <= _BRIDGE_NS:
        visits[-1] = (number, last[1], episode.end_ns, last[3] + episode.seen)
    else:
        visits.append((number, episode.start_ns, episode.end_ns, episode.seen))


def _crew(timeline: Timeline, visits: list[Visit], entrances: Mapping[str, int]) -> Crew:
    most, concurrency = _at_once(visits)
    processes = frozenset(timeline.threads[number].process for number, *_ in visits)
    stays = max(1, sum(seen > 0 and end - start > _BRIDGE_NS for _, start, end, seen in visits))
    mainly = max(entrances, key=lambda name: entrances[name], default=SEQUENTIAL)
    if mainly == ASYNCIO:
        return Crew(ASYNCIO, concurrency, most, processes, stays)
    if most < 2:
        return Crew(SEQUENTIAL, 1.0, 1, processes, stays)
    by = PROCESSES if len(processes) > 1 else THREADS
    return Crew(by, concurrency, most, processes, stays)


def _at_once(visits: list[Visit]) -> tuple[int, float]:
    """Largest and mean number of visitors while there was any."""
    turns = sorted([(start, 1) for _, start, _, _ in visits] + [(end, -1) for _, _, end, _ in visits])
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
