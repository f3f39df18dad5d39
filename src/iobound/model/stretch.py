"""A stretch of one thread's time that the program noted itself, and what it went to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from iobound.errors import LawBroken
from iobound.model.breakdown import LoopBlock
from iobound.model.lawful import lawful
from iobound.model.state import Budget, State


@lawful
class Stretch(NamedTuple):
    """Time of one thread between two instants that the thread noted itself.

    Attributes:
        pid: Its process.
        native_id: The thread, as the kernel numbers it.
        start_ns, end_ns: Instants of the monotonic clock.
        cpu_ns: Time on a CPU in between, by the thread's own clock: exact. None where there is no such clock.
        times_blocked: How often the thread gave its CPU up to wait, by the kernel's exact count. None if nobody counts.
    """

    pid: int
    native_id: int
    start_ns: int
    end_ns: int
    cpu_ns: int | None = None
    times_blocked: int | None = None

    def _check(self) -> None:
        if self.end_ns < self.start_ns:
            raise LawBroken(f"a stretch ends at {self.end_ns}, before it starts at {self.start_ns}")

    @property
    def wall_ns(self) -> int:
        """Its length."""
        return self.end_ns - self.start_ns


class StretchWait(NamedTuple):
    """Waiting of one kind in a stretch, at one place.

    Attributes:
        target: As in `Wait`: `host:port (service)`, a path, a command; empty when not known.
        file, line: Innermost place of the user's own code; empty and 0 when no stack was seen.
        behind: For a wait for another thread, a child or a pipe: what the most active of those did meanwhile.
        who: Which thread or process that was; empty for the stretch's own thread.
    """

    state: State
    target: str
    file: str
    line: int
    duration_ns: int
    behind: StretchWait | None = None
    who: str = ""


_MOST_WAITS = 8


def wait_key(wait: StretchWait) -> tuple[State, str, str, int]:
    """What makes two waits one and the same: what for, and where."""
    return wait.state, wait.target, wait.file, wait.line


def joined(waits: Iterable[StretchWait]) -> tuple[StretchWait, ...]:
    """Waits for the same thing at the same place added up, longest first."""
    together: dict[tuple[State, str, str, int], StretchWait] = {}
    for wait in waits:
        key = wait_key(wait)
        known = together.get(key)
        if known is None:
            together[key] = wait
        else:
            behind = max(known, wait, key=lambda each: each.duration_ns if each.behind else -1).behind
            together[key] = known._replace(duration_ns=known.duration_ns + wait.duration_ns, behind=behind)
    ordered = sorted(together.values(), key=lambda wait: (-wait.duration_ns, wait.state, wait.target, wait.file))
    return tuple(ordered[:_MOST_WAITS])


class StretchBudget(NamedTuple):
    """What a stretch went to.

    Attributes:
        budget: By state; adds up to the stretch's length. What was not observed is `unknown`.
        waits: Its waits, longest first.
        seen_ns: Part of the stretch in which the thread was observed.
        blocks: Times in it that an event loop of the same process was blocked; `start_ns` from the start of the run.
        looped: Whether its process was seen in an event loop meanwhile.
    """

    budget: Budget
    waits: tuple[StretchWait, ...] = ()
    seen_ns: int = 0
    blocks: tuple[LoopBlock, ...] = ()
    looped: bool = False
