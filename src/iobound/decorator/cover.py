"""How long at least one of many calls was under way."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_MOST_BLOCKS = 2048
"""Blocks that are kept; of more, old neighbours become one."""

_KNOWN_BLOCKS = 16
"""Of so many of the last ones the single calls are known."""

BEGIN, END, BUSY, CALLS = range(4)
if TYPE_CHECKING:
    _Block = list[Any]
"""Begin, end, time in between with a call under way, and of new blocks the calls: begins in order, and the latest end
of those so far."""


class Cover:
    """Time in which at least one call was under way.

    Calls come in batches, in the order of their ends. A call that lasts longer than the sixteen batches before it
    began in one whose calls are forgotten: how much of that batch was before its begin is taken by proportion.

    Attributes:
        busy_ns: That time; not exact by less than a batch for each call that is longer than sixteen of them.
    """

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self.busy_ns = 0

    def add(self, starts: Sequence[int], ends: Sequence[int], busy_ns: int | None) -> None:
        """Take in a batch; `busy_ns` is its own time where each of its calls began after the one before had ended."""
        if busy_ns is None:
            starts, ends = zip(*sorted(zip(starts, ends, strict=True)), strict=True)
            ends = tuple(accumulate(ends, max))
            busy_ns = _busy(starts, ends)
        begin, end, blocks = starts[0], ends[-1], self._blocks
        if blocks and blocks[-1][END] > begin:
            until = blocks[-1][END]
            inside = _busy_until(starts, ends, until)
            busy_ns += max(0, self._cut(begin) - inside)  # more only if calls came out of order
            end = max(end, until)
        self._append([begin, end, busy_ns, (starts, ends)])

    def add_in_turn(self, begin: int, end: int, busy_ns: int) -> None:
        """Take in calls of which only this is known; they began when all before them had ended."""
        self._append([begin, end, busy_ns, None])

    def add_one(self, begin: int, end: int) -> None:
        """Take in one call that began when all before it had ended."""
        self._append([begin, end, end - begin, ((begin,), (end,))])

    def _append(self, block: _Block) -> None:
        blocks = self._blocks
        blocks.append(block)
        self.busy_ns += block[BUSY]
        if len(blocks) > _KNOWN_BLOCKS:
            blocks[-_KNOWN_BLOCKS - 1][CALLS] = None
            if len(blocks) > _MOST_BLOCKS:
                _halve(blocks)

    def _cut(self, at: int) -> int:
        """Forget what is known of later; returns how much of that was busy."""
        blocks, later = self._blocks, 0
        while blocks and blocks[-1][BEGIN] >= at:
            later += blocks.pop()[BUSY]
        if blocks and blocks[-1][END] > at:
            begin, end, busy, calls = blocks[-1]
            before = _busy_until(calls[0], calls[1], at) if calls else busy * (at - begin) // (end - begin)
            before = min(before, busy)
            later += busy - before
            if calls:
                first = bisect_left(calls[0], at)
                calls = calls[0][:first], (*calls[1][: first - 1], min(calls[1][first - 1], at))
            blocks[-1] = [begin, at, before, calls]
        self.busy_ns -= later
        return later


def _busy(starts: Sequence[int], latest: Sequence[int]) -> int:
    gaps = sum(start - end for start, end in zip(starts[1:], latest, strict=False) if start > end)
    return latest[-1] - starts[0] - gaps


def _busy_until(starts: Sequence[int], latest: Sequence[int], at: int) -> int:
    first = bisect_left(starts, at)
    return _busy(starts[:first], latest[:first]) - max(0, latest[first - 1] - at)


def _halve(blocks: list[_Block]) -> None:
    old = blocks[: _MOST_BLOCKS // 2]
    blocks[: _MOST_BLOCKS // 2] = [
        [one[BEGIN], other[END], one[BUSY] + other[BUSY], None] for one, other in zip(old[::2], old[1::2], strict=True)
    ]
