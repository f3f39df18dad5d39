"""All episodes of a run: what each thread did, when; they tile its life."""

from __future__ import annotations

from typing import NamedTuple

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


@lawful
class ThreadTimeline(NamedTuple):
    """Episodes of one thread, in order, without gaps.

    Attributes:
        process: Index into `Recording.processes`.
        thread: Index into that process's `threads`.
    """

    process: int
    thread: int
    episodes: tuple[Episode, ...]

    def _check(self) -> None:
        for before, after in zip(self.episodes, self.episodes[1:], strict=False):
            if before.end_ns != after.start_ns:
                raise LawBroken(
                    f"episodes do not tile: one ends at {before.end_ns}, the next starts at {after.start_ns}"
                )

    @property
    def duration_ns(self) -> int:
        """Life of the thread as tiled."""
        return sum(episode.duration_ns for episode in self.episodes)


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
