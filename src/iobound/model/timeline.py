"""All episodes of a run: what each thread did, when; they tile its life."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import add, ne, sub
from typing import NamedTuple, overload

from iobound.errors import LawBroken
from iobound.model.lawful import lawful
from iobound.model.recording import NO_STACK, RUNNING
from iobound.model.state import Budget, State


class Episode(NamedTuple):
    """Maximal stretch of one thread in one state at one stack and on one channel.

    Attributes:
        start_ns: Instant of the monotonic clock.
        duration_ns: At least 0.
        state: Inferred state.
        stack: Index into `Recording.stacks`; `NO_STACK` when no look saw one.
        channel: Index into `Recording.channels`.
        seen: Looks that support it; 0 for time that is only inferred from counters.
    """

    start_ns: int
    duration_ns: int
    state: State
    stack: int
    channel: int
    seen: int

    @property
    def end_ns(self) -> int:
        """Instant at which the next episode begins."""
        return self.start_ns + self.duration_ns


Doing = tuple[State, int, int]
"""A state, with the stack and the channel of a thread in it."""


class Episodes(Sequence[Episode]):
    """Episodes of one thread, in order; kept by column, for long recordings have several for each look.

    Attributes:
        doing: What the thread did, each once, in the order in which it was first seen to.
        doing_ns: Nanoseconds of each of these.
        number: By episode, an index into `doing`.
        start_ns: By episode, likewise `duration_ns` and `seen`: see `Episode`.

    Example:
        >>> episodes = Episodes.of([Episode(0, 5, State.IDLE, 0, 0, 1), Episode(5, 2, State.UNKNOWN, 0, 0, 0)])
        >>> episodes[-1].end_ns
        7
    """

    __slots__ = ("doing", "doing_ns", "duration_ns", "number", "seen", "start_ns")

    def __init__(
        self, doing: Sequence[Doing], start_ns: Iterable[int], duration_ns: Iterable[int], seen: Iterable[int]
    ) -> None:
        numbers = {what: number for number, what in enumerate(dict.fromkeys(doing))}
        self.doing = tuple(numbers)
        self.number = array("l", map(numbers.__getitem__, doing))
        self.start_ns = array("q", start_ns)
        self.duration_ns = array("q", duration_ns)
        self.seen = array("q", seen)
        sums = [0] * len(numbers)
        for number, duration in zip(self.number, self.duration_ns, strict=True):
            sums[number] += duration
        self.doing_ns = tuple(sums)

    @classmethod
    def of(cls, episodes: Iterable[Episode]) -> Episodes:
        """The same episodes."""
        given = tuple(episodes)
        return cls(
            [(each.state, each.stack, each.channel) for each in given],
            [each.start_ns for each in given],
            [each.duration_ns for each in given],
            [each.seen for each in given],
        )

    @classmethod
    def end_to_end(cls, start_ns: int, ends_ns: Sequence[int], doing: Sequence[Doing], seen: Sequence[int]) -> Episodes:
        """Episodes that each begin where the one before ends."""
        starts = [start_ns, *ends_ns[:-1]][: len(ends_ns)]
        return cls(doing, starts, map(sub, ends_ns, starts), seen)

    def __len__(self) -> int:
        return len(self.number)

    @overload
    def __getitem__(self, at: int) -> Episode: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Episode]: ...
    def __getitem__(self, at: int | slice) -> Episode | Sequence[Episode]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        return Episode(self.start_ns[at], self.duration_ns[at], *self.doing[self.number[at]], self.seen[at])

    def __iter__(self) -> Iterator[Episode]:
        doing = self.doing
        for number, start, duration, seen in zip(self.number, self.start_ns, self.duration_ns, self.seen, strict=True):
            yield Episode(start, duration, *doing[number], seen)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # too long to be anybody's key

    def __repr__(self) -> str:
        return f"Episodes.of({list(self)})"

    def times(self) -> dict[Doing, int]:
        """Nanoseconds by what the thread did, in the order in which it was first seen to."""
        return dict(zip(self.doing, self.doing_ns, strict=True))


@lawful
class ThreadTimeline(NamedTuple):
    """Episodes of one thread, in order, without gaps.

    Attributes:
        process: Index into `Recording.processes`.
        thread: Index into that process's `threads`.
    """

    process: int
    thread: int
    episodes: Episodes

    def _check(self) -> None:
        starts, durations = self.episodes.start_ns, self.episodes.duration_ns
        if any(map(ne, map(add, starts, durations), islice(starts, 1, None))):
            ends = map(add, starts, durations)
            end, start = next((end, start) for end, start in zip(ends, starts[1:], strict=False) if end != start)
            raise LawBroken(f"episodes do not tile: one ends at {end}, the next starts at {start}")

    @property
    def duration_ns(self) -> int:
        """Life of the thread as tiled."""
        return sum(self.episodes.duration_ns)


class Instant(NamedTuple):
    """Stretch of the whole run between two outside looks, with the thread that it belongs to.

    Attributes:
        thread: Index into `Timeline.threads` of the most active thread, -1 when nothing was observed.
        stack: That thread's stack, by index into `Recording.stacks`; `NO_STACK` when no look saw one.
        channel: What it was blocked on, by index into `Recording.channels`.
        waiting_stack: Stack of the main process's thread that waits for it, where it is of a program that was started.
    """

    start_ns: int
    duration_ns: int
    state: State
    thread: int
    stack: int = NO_STACK
    channel: int = RUNNING
    waiting_stack: int = NO_STACK

    @property
    def end_ns(self) -> int:
        """When the next one begins."""
        return self.start_ns + self.duration_ns


class Timeline(NamedTuple):
    """Every thread's episodes, and the whole run's sequence of states.

    Attributes:
        processes: For each of `Recording.processes`, its life by the state of its most active thread.
    """

    threads: tuple[ThreadTimeline, ...]
    whole: tuple[Instant, ...]
    processes: tuple[Budget, ...] = ()
