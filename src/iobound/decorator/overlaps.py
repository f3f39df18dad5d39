"""Which calls of a function were under way at once, told from their begins and ends."""

from __future__ import annotations

from bisect import bisect_left
from operator import add, lt

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_MOST_BLOCKS = 2048
"""Blocks that are kept of each thread; of more, old neighbours become one."""

_RAW_BLOCKS = 16
"""Of so many of the last ones the single calls are known."""

_MOST_THREADS = 1000
_SMALL_BATCH = 64
_COUNTED_BATCHES = 64
_COUNTED_SOMETIMES = 16
"""The first batches are asked how many calls were under way at most, later ones now and then."""

BEGIN, END, CALLS, WALL, CPU, RAW = range(6)
if TYPE_CHECKING:
    _Block = list[Any]
"""Calls of one thread, one after another: begin, end, how many, their wall and CPU time, and of new ones begins, wall
and CPU times of each. A list, for there is one for every batch of calls, and for every recursive call."""


class Overlaps:
    """Which calls were under way at once: inside one another on one thread, or on several.

    Calls come in batches, in the order of their ends. Those of one thread that come one after another cost a few sums.

    Args:
        may_nest: Whether of two calls on one thread one is inside the other; tasks of a loop are beside one another.

    Attributes:
        nested: Calls inside another call of the same function on the same thread.
        nested_wall_ns, nested_cpu_ns: Their times, which those around them contain.
        most: Largest number of calls that was seen under way at once on different threads, or tasks.
        threads: Threads that were met.
    """

    def __init__(self, *, may_nest: bool = True) -> None:
        self._may_nest = may_nest
        self.nested = self.nested_wall_ns = self.nested_cpu_ns = 0
        self.most = self._batches = 0
        self.threads: set[int] = set()
        self._by_thread: dict[int, list[_Block]] = {}
        self._cover: list[list[int]] = []  # begin, end, and time in between with a call under way

    @property
    def busy_ns(self) -> int:
        """Time in which at least one call was under way; within about a millisecond where several threads called."""
        return sum(busy for _, _, busy in self._cover)

    def add(
        self, starts: Sequence[int], walls: Sequence[int], cpus: Sequence[int], threads: Sequence[int], *, in_turn: bool
    ) -> None:
        """Take in a batch; `in_turn` when each call began after the one before it had ended, also the first."""
        self._batches += 1
        if not self.most:
            self.most = 1
        if not self._may_nest:
            self._meet(threads)
            self._cover_each(starts, walls, in_turn=in_turn)
        elif len(starts) > _SMALL_BATCH and threads.count(threads[0]) == len(threads):
            self._add_of_thread(threads[0], starts, walls, cpus, in_turn=in_turn)
        else:
            self._add_of_several(starts, walls, cpus, threads, in_turn=in_turn)

    def add_in_turn(self, begin: int, end: int, calls: int, wall_ns: int, cpu_ns: int) -> None:
        """Take in calls one after another, of a function none of whose calls has overlapped so far.

        They are kept as one, and not one by one: numbers that are kept are not in the cache when others are needed.
        """
        if self._may_nest:
            for blocks in self._by_thread.values():  # there is one thread, if any
                blocks.append([begin, end, calls, wall_ns, cpu_ns, None])
                if len(blocks) > _MOST_BLOCKS:
                    _halve_blocks(blocks)
        self._cover_with(begin, end, wall_ns)

    def _meet(self, threads: Sequence[int]) -> None:
        if len(self.threads) < _MOST_THREADS:
            self.threads.update(threads)

    def _add_of_several(
        self, starts: Sequence[int], walls: Sequence[int], cpus: Sequence[int], threads: Sequence[int], *, in_turn: bool
    ) -> None:
        self._meet(threads)
        seldom = self._batches > _COUNTED_BATCHES and self._batches % _COUNTED_SOMETIMES
        if not self.nested and not seldom:  # one call inside another is not meant
            self._count_at_once(starts, walls, threads)
        rows: dict[int, list[int]] = {}
        for row, thread in enumerate(threads):
            rows.setdefault(thread, []).append(row)
        for thread, own in rows.items():
            columns = ([column[row] for row in own] for column in (starts, walls, cpus))
            self._add_of_thread(thread, *columns, in_turn=in_turn)
        if len(self._by_thread) > _MOST_THREADS:
            self._forget_threads()

    def _count_at_once(self, starts: Sequence[int], walls: Sequence[int], threads: Sequence[int]) -> None:
        """Within the batch; and beside those that ended before it, where calls are long and batches small."""
        self.most = max(self.most, _most_at_once(starts, walls))
        if len(starts) <= _SMALL_BATCH:
            lasts = {thread: blocks[-1][END] for thread, blocks in self._by_thread.items()}
            for start, wall, thread in zip(starts, walls, threads, strict=True):
                lasts[thread] = start + wall
                self.most = max(self.most, sum(end > start for end in lasts.values()))

    def _add_of_thread(
        self, thread: int, starts: Sequence[int], walls: Sequence[int], cpus: Sequence[int], *, in_turn: bool
    ) -> None:
        blocks = self._by_thread.get(thread)
        if blocks is None:
            blocks = self._by_thread[thread] = []
            self._meet((thread,))
        is_first = not blocks or blocks[-1][END] <= starts[0]
        if is_first and (in_turn or not any(map(lt, starts[1:], map(add, starts, walls)))):
            blocks.append(_block_of(starts, walls, cpus))
            begin, busy = starts[0], blocks[-1][WALL]
        else:
            begin, busy = self._nest(blocks, starts, walls, cpus)
        self._cover_with(begin, blocks[-1][END], busy)
        if len(blocks) > _RAW_BLOCKS:
            blocks[-_RAW_BLOCKS - 1][RAW] = None
        if len(blocks) > _MOST_BLOCKS:
            _halve_blocks(blocks)

    def _nest(
        self, blocks: list[_Block], starts: Sequence[int], walls: Sequence[int], cpus: Sequence[int]
    ) -> tuple[int, int]:
        """Take in calls some of which are around others; returns when the outermost new ones began, and their time."""
        calls = wall_inside = cpu_inside = 0
        pop, push = blocks.pop, blocks.append
        for start, wall, cpu in zip(starts, walls, cpus, strict=True):
            while blocks and blocks[-1][BEGIN] >= start:  # ended before and began after: this call is around it
                _, _, count, inner_wall, inner_cpu, _ = pop()
                calls += count
                wall_inside += inner_wall
                cpu_inside += inner_cpu
            if blocks and blocks[-1][END] > start:
                inside = _cut(blocks[-1], start)
                if inside is not None:
                    calls += inside[CALLS]
                    wall_inside += inside[WALL]
                    cpu_inside += inside[CPU]
            push([start, start + wall, 1, wall, cpu, None])
        self.nested += calls
        self.nested_wall_ns += wall_inside
        self.nested_cpu_ns += cpu_inside
        first = min(starts)
        new = [block for block in blocks[-len(starts) :] if block[BEGIN] >= first]
        return first, sum(block[WALL] for block in new)

    def _forget_threads(self) -> None:
        """Threads that have not called for long have ended, mostly: keep the half that called last."""
        ends = sorted(blocks[-1][END] for blocks in self._by_thread.values())
        middle = ends[len(ends) // 2]
        self._by_thread = {thread: blocks for thread, blocks in self._by_thread.items() if blocks[-1][END] > middle}

    def _cover_each(self, starts: Sequence[int], walls: Sequence[int], *, in_turn: bool) -> None:
        if in_turn:
            self._cover_with(starts[0], starts[-1] + walls[-1], sum(walls))
            return
        for start, wall in zip(starts, walls, strict=True):
            self._cover_with(start, start + wall, wall)

    def _cover_with(self, begin: int, end: int, busy: int) -> None:
        """Take in a stretch that may have begun before those that are known."""
        cover = self._cover
        before = 0
        while cover and cover[-1][0] >= begin:
            _, last_end, inside = cover.pop()
            end, before = max(end, last_end), before + inside
        busy = min(end - begin, max(busy, before))
        last = cover[-1] if cover else None
        if last is None or last[1] <= begin:
            cover.append([begin, end, busy])
            if len(cover) > _MOST_BLOCKS:
                _halve_cover(cover)
        elif end > last[1]:
            known = last[2] * (begin - last[0]) // max(1, last[1] - last[0])  # as if evenly spread
            last[1:] = [end, max(last[2], known + busy)]


def _block_of(starts: Sequence[int], walls: Sequence[int], cpus: Sequence[int]) -> _Block:
    return [starts[0], starts[-1] + walls[-1], len(starts), sum(walls), sum(cpus), (starts, walls, cpus)]


def _cut(block: _Block, at: int) -> _Block | None:
    """Take off the calls that began then or later, and give them; None if there are none, or it is not known."""
    if block[RAW] is None:
        return None
    starts, walls, cpus = block[RAW]
    first = bisect_left(starts, at)
    if first in (0, len(starts)):
        return None
    later = _block_of(starts[first:], walls[first:], cpus[first:])
    block[:] = _block_of(starts[:first], walls[:first], cpus[:first])
    return later


def _most_at_once(starts: Sequence[int], walls: Sequence[int]) -> int:
    """Of calls that began when others were under way, how many were: at the begin of each."""
    ends = sorted(map(add, starts, walls))
    return max(number - bisect_left(ends, start + 1) for number, start in enumerate(sorted(starts), start=1))


def _halve_blocks(blocks: list[_Block]) -> None:
    old = blocks[: _MOST_BLOCKS // 2]
    blocks[: _MOST_BLOCKS // 2] = [
        [one[BEGIN], other[END], *map(add, one[CALLS:RAW], other[CALLS:RAW]), None]
        for one, other in zip(old[::2], old[1::2], strict=True)
    ]


def _halve_cover(cover: list[list[int]]) -> None:
    old = cover[: _MOST_BLOCKS // 2]
    pairs = zip(old[::2], old[1::2], strict=True)
    cover[: _MOST_BLOCKS // 2] = [[one[0], other[1], one[2] + other[2]] for one, other in pairs]
