"""The call path, outermost first, that leads to a place."""

from __future__ import annotations

from collections import Counter

from iobound.model.origin import is_own_code
from iobound.model.recording import NO_STACK, Place, Recording, StackNode
from iobound.verbs.advise.wording import place

SHOWN = 6
"""Functions of a path that are named; those in the middle of a longer one are left out."""


def path_to(recording: Recording, file: str, line: int) -> str:
    """The path by which a place was reached in most looks, as `main → fetch_all → download (app.py:14)`.

    Functions of the library in between are left out.

    A place that no stack holds is told by itself.
    """
    seen: Counter[int] = Counter()
    wanted = {index for index, where in enumerate(recording.places) if (where.file, where.line) == (file, line)}
    for process in recording.processes:
        for thread in process.threads:
            seen.update(thread.stacks.stack)
    passing = {stack: count for stack, count in seen.items() if _passes(recording, stack, wanted)}
    if not passing:
        return place(file, line)
    most = max(passing, key=lambda stack: (passing[stack], -stack))
    return _told(_up_to(recording, most, wanted), place(file, line))


def _places(recording: Recording, stack: int) -> list[int]:
    """Places of a stack, outermost first; a table whose callers run in a circle ends the walk."""
    found: list[int] = []
    seen: set[int] = set()
    while stack != NO_STACK and 0 <= stack < len(recording.stacks) and stack not in seen:
        seen.add(stack)
        found.append(recording.stacks[stack].place)
        stack = recording.stacks[stack].caller
    return found[::-1]


def callers(recording: Recording, node: StackNode) -> list[int]:
    """Places of the stack that called a node, outermost first."""
    return _places(recording, node.caller)


def _passes(recording: Recording, stack: int, wanted: set[int]) -> bool:
    return not wanted.isdisjoint(_places(recording, stack))


def _up_to(recording: Recording, stack: int, wanted: set[int]) -> list[Place]:
    path = _places(recording, stack)
    last = max(index for index, where in enumerate(path) if where in wanted)
    return [recording.places[where] for where in path[: last + 1]]


def _told(path: list[Place], end: str) -> str:
    names = [where.function for where in path[:-1] if is_own_code(where.file)] + [path[-1].function]
    if len(names) > SHOWN:
        names = [*names[:2], "…", *names[-(SHOWN - 2) :]]
    return f"{' → '.join(names)} ({end})"
