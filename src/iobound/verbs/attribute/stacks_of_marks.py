"""Which stack a mark had: looks from inside are fewer than those from outside, and may come late."""

from __future__ import annotations

from bisect import bisect_left

from iobound.model.recording import NO_STACK, RUNNING, Marks, StackLooks

_FAR_NS = 1_000_000_000
"""A stack that was seen longer ago than this is no guess at the present one."""

_Likeness = tuple[int, int]
"""The channel, and a `Gil` value of a thread that ran: marks that are alike in these lend one another their stacks."""


def stacks_of_marks(marks: Marks, looks: StackLooks) -> list[int]:
    """Stack of each mark: the look that belongs to it, else the nearest one of a mark of the same kind.

    A look belongs to a mark when it was asked for while the thread was in it. One that had to wait for the GIL until
    the thread was in another wait shows that other wait; for a thread that ran it shows where the GIL was let go.
    """
    if not len(looks):
        return [NO_STACK] * len(marks)
    found = _own_looks(marks, looks)
    times, seen_at = marks.time.tolist(), looks.stack.tolist()
    alike = [(channel, gil if channel == RUNNING else 0) for channel, gil in zip(marks.channel, marks.gil, strict=True)]
    seen: dict[_Likeness, tuple[list[int], list[int]]] = {}
    for look, likeness, time in zip(found, alike, times, strict=True):
        if look >= 0:
            times_seen, stacks = seen.setdefault(likeness, ([], []))
            times_seen.append(time)
            stacks.append(seen_at[look])
    return [
        seen_at[look] if look >= 0 else _likely(seen.get(likeness), time)
        for look, likeness, time in zip(found, alike, times, strict=True)
    ]


def _own_looks(marks: Marks, looks: StackLooks) -> list[int]:
    """The look that belongs to each mark, -1 where there is none."""
    wanted, taken, count = looks.wanted.tolist(), looks.taken.tolist(), len(looks)
    found: list[int] = []
    following = [*marks.time[1:], None]
    for time, still, channel, after in zip(marks.time, marks.still, marks.channel, following, strict=True):
        at = bisect_left(wanted, time)
        blocked = channel != RUNNING
        if at < count and wanted[at] <= still:
            late = blocked and after is not None and taken[at] > after
            found.append(at if not late else _taken_in(taken, at + 1, still))
            continue
        # Asked for before and taken since: a running thread kept the GIL all the while, a blocked one came to block.
        before = taken[at - 1] if at else -1
        found.append(at - 1 if before >= time and (not blocked or before <= still) else -1)
    return found


def _taken_in(taken: list[int], first: int, still: int) -> int:
    return first if first < len(taken) and taken[first] <= still else -1


def _likely(seen: tuple[list[int], list[int]] | None, time: int) -> int:
    """The stack that was seen nearest to a time, `NO_STACK` where that was too long ago."""
    if seen is None:
        return NO_STACK
    times, stacks = seen
    after = bisect_left(times, time)
    best = after - 1
    if after == 0 or (after < len(times) and times[after] - time < time - times[best]):
        best = after
    return stacks[best] if abs(times[best] - time) <= _FAR_NS else NO_STACK
