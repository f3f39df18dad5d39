"""What is known of the calls of one function: exactly, for each was delimited by the function's own wrapper."""

from __future__ import annotations

from typing import NamedTuple

from iobound.errors import LawBroken
from iobound.model.lawful import lawful
from iobound.model.place import Place


class CallSample(NamedTuple):
    """One call, chosen by chance: nanoseconds of wall time and of CPU time of its thread."""

    wall_ns: int
    cpu_ns: int


class Caller(NamedTuple):
    """Where a function is called from.

    Attributes:
        place: The call expression; a file without a name where it could not be kept.
        calls: How often.
        exact: Whether every call was looked at, and not one of sixteen.
    """

    place: Place
    calls: float
    exact: bool


@lawful
class FunctionCalls(NamedTuple):
    """All calls of one function that have ended, in all processes of a program.

    Attributes:
        name: Module and qualified name, with a colon in between.
        file, function, first_line: Where it begins, as code objects have it.
        kind: `function`, `coroutine`, `generator` or `async generator`.
        calls: How many; recursive ones among them.
        nested: Those of them that were inside another call on the same thread; all times leave them out.
        failed: Those that raised.
        wall_ns: Time from begin to end, added up over all that are not nested.
        cpu_ns: CPU time of their threads alike; of coroutines and generators, while they were on.
        busy_ns: Time in which at least one was under way; processes that overlap count once where that is known.
        longest_ns: Of a single call.
        first_ns, last_ns: Begin of the first and end of the last, by the monotonic clock.
        most_at_once: Largest number that was seen under way at once.
        threads: On how many threads.
        processes: In how many processes.
        steps: How often coroutines or generators went on; 0 for functions.
        held_ns: For how long in all: of a coroutine, time on its event loop.
        longest_step_ns: The longest step: nothing else ran on the loop meanwhile.
        samples: Single calls, each as likely as any other.
        callers: Where from, most calls first.
        notes: What may be missing.
        idle_ns: How long asynchronous generators waited to be asked for the next item: their consumers' time.
    """

    name: str
    file: str
    function: str
    first_line: int
    kind: str
    calls: int
    nested: int
    failed: int
    wall_ns: int
    cpu_ns: int
    busy_ns: int
    longest_ns: int
    first_ns: int
    last_ns: int
    most_at_once: int
    threads: int
    processes: int
    steps: int = 0
    held_ns: int = 0
    longest_step_ns: int = 0
    samples: tuple[CallSample, ...] = ()
    callers: tuple[Caller, ...] = ()
    notes: tuple[str, ...] = ()
    idle_ns: int = 0

    def _check(self) -> None:
        if not 0 <= self.nested <= self.calls:
            raise LawBroken(f"{self.nested} of {self.calls} calls of {self.name} are nested")

    @property
    def outermost(self) -> int:
        """Calls that are not inside another."""
        return self.calls - self.nested

    @property
    def concurrency(self) -> float:
        """Calls under way on average while any is."""
        return max(1.0, self.wall_ns / self.busy_ns) if self.busy_ns > 0 else 1.0
