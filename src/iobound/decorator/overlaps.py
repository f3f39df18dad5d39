"""Which calls of a function were under way at once, told from their begins and ends."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import add, lt

from iobound.decorator.cover import Cover

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

_MOST_BLOCKS = 2048
"""Blocks that are kept of each thread; of more, old neighbours become one."""

_RAW_BLOCKS = 16
"""Of so many of the last ones the single calls are known."""

_MOST_THREADS = 1000
_SMALL_BATCH = 64
_COUNTED_BATCHES = 64
_COUNTED_SOMETIMES = 16
_MOST_RECENT = 1024
"""The first batches are asked how many calls were under way at most, later ones now and then: of so many calls."""

BEGIN, END, CALLS, WALL, CPU, RAW = range(6)
if TYPE_CHECKING:
    _Block = list[Any]
"""Calls of one thread, one after another: begin, end, how many, their wall and CPU time, and of new ones begins, wall
and CPU times of each. A list, for there is one for every batch of calls, and for every recursive call."""


class Overlaps:
    """Which calls were under way at once: inside one another on one thread, or on several.

    Calls come in batches, in the order of their ends. Those of one thread that come one after another cost a few sums.

    Args:
        may_nest: Whether of two calls on one thread one is inside the other. Tasks of a loop are beside one another:
            there, calls inside another one come with their thread's number negated.

    Attributes:
        nested: Calls inside another call of the same function on the same thread. Of one that is longer than sixteen
            batches, those in the batch in which it began may be missing.
        nested_wall_ns, nested_cpu_ns: Their times, which those around them contain.
        most: Largest number of threads that were seen in a call at once: never more than there were, and exact while
            there are few calls.
        threads: Threads that were met.
    """

    def __init__(self, *, may_nest: bool = True) -> None:
        self._may_nest = may_nest
        self.nested = self.nested_wall_ns = self.nested_cpu_ns = 0
        self.most = self._batches = 0
        self.threads: set[int] = set()
        self._by_thread: dict[int, list[_Block]] = {}
        self._cover = Cover()
        self._recent: list[tuple[int, int, int]] = []  # begin, end and thread

    @property
    def busy_ns(self) -> int:
        """Time in which at least one call was under way; see `Cover`."""
        return self._cover.busy_ns

    def add(
        self,
        starts: Sequence[int],
        ends: Sequence[int],
        walls: Sequence[int],
        cpus: Sequence[int],
        threads: Sequence[int],
        *,
        in_turn: bool,
    ) -> None:
        """Take in a batch; `in_turn` when each call began after the one before it had ended, also the first."""
        self._batches += 1
        if not self.most:
            self.most = 1
        self._cover.add(starts, ends, sum(walls) if in_turn else None)
        if not self._may_nest:
            self._meet(map(abs, threads))
            if min(threads) < 0:
                self._take_out(walls, cpus, threads)
        elif len(starts) > _SMALL_BATCH and threads.count(threads[0]) == len(threads):
            self._add_of_thread(threads[0], starts, walls, cpus, in_turn=in_turn)
        else:
            self._add_of_several(starts, walls, cpus, threads, in_turn=in_turn)
            self._count_at_once(starts, ends, threads)

    def add_in_turn(self, begin: int, end: int, calls: int, wall_ns: int, cpu_ns: int, thread: int) -> None:
        """Take in calls one after another, of a function none of whose calls has overlapped so far.

        They are kept as one, and not one by one: numbers that are kept are not in the cache when others are needed.

        Args:
            begin, end: Of the first, and of the last.
            calls, wall_ns, cpu_ns: How many, and their times.
            thread: Of the last.
        """
        self._meet((thread,))
        if self._may_nest:
            blocks = self._by_thread.setdefault(thread, [])
            blocks.append([begin, end, calls, wall_ns, cpu_ns, None])
            if len(blocks) > _MOST_BLOCKS:
                _halve_blocks(blocks)
        self._cover.add_in_turn(begin, end, wall_ns)

    def add_one(self, begin: int, end: int, wall_ns: int, cpu_ns: int, thread: int) -> None:
        """Take in one call that began when all before it had ended: what `add` does with it, for a call that is seldom.

        Args:
            begin, end: Of the call.
            wall_ns, cpu_ns: Its times.
            thread: Negative inside of another call, see `may_nest`.
        """
        self._batches += 1
        if not self.most:
            self.most = 1
        self._cover.add_one(begin, end)
        if not self._may_nest:
            self._meet((abs(thread),))
            if thread < 0:
                self._take_out((wall_ns,), (cpu_ns,), (thread,))
            return
        blocks = self._by_thread.get(thread)
        if blocks is None:
            self._meet((thread,))
            blocks = self._by_thread[thread] = []
        blocks.append([begin, end, 1, wall_ns, cpu_ns, ((begin,), (wall_ns,), (cpu_ns,))])
        self._trim(blocks)
        if len(self._by_thread) > _MOST_THREADS:
            self._forget_threads()
        recent = self._recent
        recent.append((begin, end, thread))
        if len(recent) > _MOST_RECENT:
            del recent[:-_MOST_RECENT]

    def _meet(self, threads: Iterable[int]) -> None:
        if len(self.threads) < _MOST_THREADS:
            self.threads.update(thread for thread in threads if thread > 0)

    def _take_out(self, walls: Sequence[int], cpus: Sequence[int], threads: Sequence[int]) -> None:
        """Calls that are marked as inside another one."""
        self.nested += sum(thread < 0 for thread in threads)
        self.nested_wall_ns += sum(wall for wall, thread in zip(walls, threads, strict=True) if thread < 0)
        self.nested_cpu_ns += sum(cpu for cpu, thread in zip(cpus, threads, strict=True) if thread < 0)

    def _add_of_several(
        self, starts: Sequence[int], walls: Sequence[int], cpus: Sequence[int], threads: Sequence[int], *, in_turn: bool
    ) -> None:
        self._meet(threads)
        rows: dict[int, list[int]] = {}
        for row, thread in enumerate(threads):
            rows.setdefault(thread, []).append(row)
        for thread, own in rows.items():
            columns = ([column[row] for row in own] for column in (starts, walls, cpus))
            self._add_of_thread(thread, *columns, in_turn=in_turn)
        if len(self._by_thread) > _MOST_THREADS:
            self._forget_threads()

    def _count_at_once(self, starts: Sequence[int], ends: Sequence[int], threads: Sequence[int]) -> None:
        """Among the calls that ended last; those still under way are counted when they have ended."""
        recent = self._recent
        recent.extend(zip(starts, ends, threads, strict=True))
        if len(recent) > _MOST_RECENT:
            del recent[:-_MOST_RECENT]
        if len(self._by_thread) > 1 and (self._batches <= _COUNTED_BATCHES or not self._batches % _COUNTED_SOMETIMES):
            self.most = max(self.most, _most_at_once(recent))

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
        else:
            self._nest(blocks, starts, walls, cpus)
        self._trim(blocks)

    def _trim(self, blocks: list[_Block]) -> None:
        if len(blocks) > _RAW_BLOCKS:
            blocks[-_RAW_BLOCKS - 1][RAW] = None
            if len(blocks) > _MOST_BLOCKS:
                _halve_blocks(blocks)

    def _nest(self, blocks: list[_Block], starts: Sequence[int], walls: Sequence[int], cpus: Sequence[int]) -> None:
        """Take in calls some of which are around others."""
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

    def _forget_threads(self) -> None:
        """Threads that have not called for long have ended, mostly: keep the half that called last."""
        ends = sorted(blocks[-1][END] for blocks in self._by_thread.values())
        middle = ends[len(ends) // 2]
        self._by_thread = {thread: blocks for thread, blocks in self._by_thread.items() if blocks[-1][END] > middle}


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


def _most_at_once(calls: Sequence[tuple[int, int, int]]) -> int:
    """Largest number of threads in a call at one time; of calls inside one another the outer one counts."""
    starts, ends, until = [], [], dict[int, int]()
    for start, end, thread in sorted(calls):
        if start >= until.get(thread, 0):
            starts.append(start)
            ends.append(end)
            until[thread] = end
    ends.sort()
    return max(number - bisect_right(ends, start) for number, start in enumerate(starts, start=1))


def _halve_blocks(blocks: list[_Block]) -> None:
    old = blocks[: _MOST_BLOCKS // 2]
    blocks[: _MOST_BLOCKS // 2] = [
        [one[BEGIN], other[END], *map(add, one[CALLS:RAW], other[CALLS:RAW]), None]
        for one, other in zip(old[::2], old[1::2], strict=True)
    ]
