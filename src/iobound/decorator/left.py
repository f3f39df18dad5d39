"""What a process has left of the calls of one function, and how that of one after another becomes one.

It stands in a line, whose parts can be told apart without the module `json`: a child that was forked loads nothing.
"""

from __future__ import annotations

from operator import add

from iobound.decorator.as_json import encoded
from iobound.decorator.call_log import MOST_SAMPLES, plain

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from iobound.decorator.call_log import CallLog


def _earlier(one: int, other: int) -> int:
    """The earlier of two begins, of which 0 is none."""
    return min(one, other) if one and other else one or other


_HOW: dict[str, Callable[[int, int], int]] = {
    "calls": add,
    "failed": add,
    "wall_ns": add,
    "cpu_ns": add,
    "longest_ns": max,
    "first_ns": _earlier,
    "last_ns": max,
    "steps": add,
    "held_ns": add,
    "longest_step_ns": max,
    "nested": add,
    "nested_wall_ns": add,
    "nested_cpu_ns": add,
    "busy_ns": add,
    "most": max,
    "idle_ns": add,
    "threads": add,
    "processes": add,
}
SUMS = tuple(_HOW)
"""In the order in which they stand in a file."""

_FUNCTIONS = tuple(_HOW.values())
_FIELD, _ITEM = "\t", "\x1f"  # neither is in JSON as `encoded` makes it
_NOWHERE = encoded(("", "", 0, 0, -1, 0, -1))
_LEAST_SAMPLES, _LEAST_CALLERS = 16, 20
_SAMPLES_OF_ALL, _CALLERS_OF_ALL, _MOST_CALLERS = 16_384, 2_048, 64


class Left:
    """What is known of a function's calls in one process, or in several of which one ended before the next began.

    Attributes:
        sums: In the order of `SUMS`.
        samples: Wall and CPU time of single calls, one after the other.
        callers: By place, as JSON: calls among the first, and those that were met by chance.
        problem: Why calls were lost, as JSON; empty if none were.
    """

    __slots__ = ("callers", "problem", "samples", "sums")

    def __init__(
        self,
        sums: Sequence[int] = (0,) * len(SUMS),
        samples: Sequence[int] = (),
        callers: dict[str, tuple[int, int]] | None = None,
        problem: str = "",
    ) -> None:
        self.sums, self.samples, self.callers, self.problem = tuple(sums), samples, callers or {}, problem

    def __add__(self, other: Left) -> Left:
        callers = dict(self.callers)
        for place, (exact, some) in other.callers.items():
            before = callers.get(place, (0, 0))
            callers[place] = before[0] + exact, before[1] + some
        calls = self.sums[0] + other.sums[0]
        samples = [number for each in (self, other) for number in each._share(calls)]
        return Left(together(self.sums, other.sums), samples, callers, self.problem or other.problem)

    def _share(self, calls: int) -> Sequence[int]:
        """As many of the samples as these calls are of all."""
        return evenly(self.samples, max(1, MOST_SAMPLES * self.sums[0] // max(1, calls)))

    def line(self, place: int, name: str, functions: int) -> str:
        """The text of it, which is bounded.

        Args:
            place: Its number among the functions of the member.
            name: What does not change of the function, as JSON.
            functions: How many there are, for all of which there is to be room.
        """
        samples = evenly(self.samples, min(MOST_SAMPLES, max(_LEAST_SAMPLES, _SAMPLES_OF_ALL // functions)))
        callers = self._frequent(min(_MOST_CALLERS, max(_LEAST_CALLERS, _CALLERS_OF_ALL // functions)))
        fields = (
            str(place),
            name,
            " ".join(map(str, self.sums)),
            " ".join(map(str, samples)),
            _ITEM.join([f"{exact} {some} {where}" for where, (exact, some) in callers.items()]),
            self.problem,
        )
        return _FIELD.join(fields)

    def _frequent(self, most: int) -> dict[str, tuple[int, int]]:
        """The callers; of very many the most frequent ones, and all others as one that is not known."""
        if len(self.callers) <= most:
            return self.callers
        callers = sorted(self.callers.items(), key=lambda each: each[0] == _NOWHERE or -sum(each[1]))
        chosen = dict(callers[: most - 1])
        rest = [counts for _, counts in callers[most - 1 :]]
        chosen[_NOWHERE] = sum(exact for exact, _ in rest), sum(some for _, some in rest)
        return chosen


def read_line(line: str) -> tuple[int, str, Left]:
    """Place, name and what is left, of a line that `Left.line` made.

    Raises:
        ValueError: It is none.
    """
    place, name, sums, samples, callers, problem = line.split(_FIELD)
    found: dict[str, tuple[int, int]] = {}
    for item in callers.split(_ITEM) if callers else ():
        exact, some, where = item.split(" ", 2)
        found[where] = int(exact), int(some)
    left = Left([int(number) for number in sums.split(" ")], [int(each) for each in samples.split()], found, problem)
    if len(left.sums) != len(SUMS) or len(left.samples) % 2 or min(left.sums) < 0:
        raise ValueError("sums that are no numbers of anything")
    return int(place), name, left


def evenly(samples: Sequence[int], most: int) -> Sequence[int]:
    """So many samples at most, from all over: where they are few, they are in order."""
    count = len(samples) // 2
    if count <= most:
        return samples
    chosen = [number * count // most for number in range(most)]
    return [value for number in chosen for value in (samples[2 * number], samples[2 * number + 1])]


def together(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    """The sums of two that were not at work at the same time."""
    return tuple([how(first, second) for how, first, second in zip(_FUNCTIONS, one, other, strict=True)])


def sums_of(log: CallLog) -> tuple[int, ...]:
    """The sums of a log in the order of `SUMS`."""
    overlaps = log.overlaps
    return (
        log.calls,
        log.failed,
        log.wall_ns,
        log.cpu_ns,
        log.longest_ns,
        log.first_ns,
        log.last_ns,
        log.steps,
        log.held_ns,
        log.longest_step_ns,
        overlaps.nested,
        overlaps.nested_wall_ns,
        overlaps.nested_cpu_ns,
        overlaps.busy_ns,
        max(overlaps.most, log.most_under_way),
        log.idle_ns,
        len(overlaps.threads),
        1,
    )


def left_of(log: CallLog) -> Left:
    """What this process knows of a function's calls."""
    callers: dict[str, tuple[int, int]] = {}
    for site, (exact, some) in list(log.callers.items()):
        where = encoded(place_of(log, site))
        before = callers.get(where, (0, 0))
        callers[where] = before[0] + exact, before[1] + some
    samples = [number for sample in list(log.samples) for number in sample]
    return Left(sums_of(log), samples, callers, encoded(log.problem) if log.problem else "")


def named(log: CallLog) -> dict[str, Any]:
    """What does not change of a function."""
    return {
        "name": log.name,
        "file": log.file,
        "function": log.function,
        "first_line": log.first_line,
        "kind": log.kind,
        "told": log.told,
        "workers": log.workers,
    }


def as_content(log: CallLog) -> dict[str, Any]:
    """All that this process knows of a function's calls, as `read_family` gives it of others."""
    return {
        **named(log),
        "member": "",
        "sums": sums_of(log),
        "samples": list(log.samples),
        "callers": [(*place_of(log, site), *counts) for site, counts in list(log.callers.items())],
        "problem": log.problem,
    }


def place_of(log: CallLog, site: int) -> tuple[str, str, int, int, int, int, int]:
    """File, function, its first line, line, column, last line and column of a call expression."""
    known = log.sites.get(site)
    if known is None:
        return "", "", 0, 0, -1, 0, -1
    code, offset = known
    line, end_line, column, end_column = list(code.co_positions())[offset // 2]
    return (
        plain(code.co_filename),
        plain(code.co_qualname),
        code.co_firstlineno,
        line or code.co_firstlineno,
        -1 if column is None else column,
        end_line or 0,
        -1 if end_column is None else end_column,
    )
