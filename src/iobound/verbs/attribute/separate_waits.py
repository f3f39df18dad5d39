"""How many waits were seen, apart from how long they were."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from iobound.model.recording import RUNNING
from iobound.model.state import COMPUTING, State
from iobound.verbs.attribute.looks import ThreadLooks

What = tuple[int, State, int]
"""A stack, the state there, and the channel."""

_WAKING_NS = 20_000
"""CPU time that a thread takes at least to wake up, run some Python and block again."""


_NO_WAITS = COMPUTING | {State.WAIT_CPU, State.UNKNOWN, State.IDLE}


class Spells(NamedTuple):
    """Separate waits that were seen, and how many of them by more than one look."""

    seen: int = 0
    long: int = 0

    def plus(self, other: Spells) -> Spells:
        """These and the others together."""
        return Spells(self.seen + other.seen, self.long + other.long)

    @property
    def are_all(self) -> bool:
        """Whether few can have been missed: a wait of two looks or more was seen, and most were as long as that."""
        return self.seen > 0 and 2 * self.long >= self.seen


def is_wait(state: State) -> bool:
    """Whether a state is a wait that has a place in the list of waits."""
    return state not in _NO_WAITS


def separate_waits(looks: Iterable[ThreadLooks]) -> dict[What, Spells]:
    """How many waits were seen: a mark of a blocked thread is a wait of its own, if the thread ran before it.

    Where nothing but CPU clocks is known every look makes a mark; a clock that has hardly moved shows the same wait.
    """
    seen: dict[What, int] = {}
    long: dict[What, int] = {}
    for thread in looks:
        for what, looked in _waits_of(thread):
            seen[what] = seen.get(what, 0) + 1
            long[what] = long.get(what, 0) + (looked > 1)
    return {what: Spells(count, long[what]) for what, count in seen.items()}


def _waits_of(thread: ThreadLooks) -> list[tuple[What, int]]:
    """What each wait of a thread was, and how many looks saw it."""
    marks, before, looked, cpu_before = thread.marks, None, 0, 0
    found: list[tuple[What, int]] = []
    rows = zip(marks.channel, thread.stacks, thread.states, marks.looks, marks.cpu, strict=True)
    for channel, stack, state, looks, cpu in rows:
        what = (stack, state, channel) if channel != RUNNING and state not in _NO_WAITS else None
        if before is not None and (not thread.by_clock or what != before or cpu - cpu_before >= _WAKING_NS):
            found.append((before, looked))
            looked = 0
        before, cpu_before = what, cpu
        looked = looked + looks if what is not None else 0
    if before is not None:
        found.append((before, looked))
    return found
