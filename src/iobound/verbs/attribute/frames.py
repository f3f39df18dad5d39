"""What a stack says: whose code its frames are, which loops it is in, and which pool or event loop runs it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from iobound.model.origin import begins_or_ends_block, is_own_code
from iobound.model.recording import NO_STACK, Place, Recording

Frame = tuple[str, str]
"""A library module's path and the qualified name of a function in it; the path is empty for the user's own code."""

# Compiled when the first library file is met, not when this file is loaded; `re` keeps what it has compiled.
_PREFIX = r"(?i)(?:.*/)?(?:(?:site|dist)-packages|lib(?:64)?/(?:python|pypy)\d[^/]*|lib|python\d+\.zip)/"

SEQUENTIAL, THREADS, PROCESSES, ASYNCIO = "sequential", "threads", "processes", "asyncio"

ENTRANCES: dict[Frame, str] = {
    ("threading.py", "Thread._bootstrap_inner"): THREADS,
    ("threading.py", "Thread.run"): THREADS,
    ("concurrent/futures/thread.py", "_worker"): THREADS,
    ("multiprocessing/pool.py", "worker"): "",
    ("multiprocessing/process.py", "BaseProcess._bootstrap"): PROCESSES,
    ("multiprocessing/process.py", "BaseProcess.run"): PROCESSES,
    ("concurrent/futures/process.py", "_process_worker"): PROCESSES,
    ("joblib/externals/loky/process_executor.py", "_process_worker"): PROCESSES,
    ("asyncio/events.py", "Handle._run"): ASYNCIO,
    ("IPython/core/interactiveshell.py", "InteractiveShell.run_code"): SEQUENTIAL,
}
"""Frames that begin work of their own: what is outside of them is not what runs the work.

A forked worker still has the frames of its parent below these, loops around `Process.start()` and the parent's event
loop included: the stacks of `StackTable` end there. An empty value means: by what was entered before, a thread or a
process.
"""


IMPORTING: frozenset[Frame] = frozenset(
    {("importlib/_bootstrap.py", "_find_and_load"), ("importlib/_bootstrap.py", "_call_with_frames_removed")}
)
"""Frames that load modules."""

_MAKER_OF_METHODS = "__create_fn__"

POOLS: frozenset[Frame] = frozenset(
    {
        ("concurrent/futures/thread.py", "_worker"),
        ("concurrent/futures/process.py", "_process_worker"),
        ("multiprocessing/pool.py", "worker"),
        ("joblib/externals/loky/process_executor.py", "_process_worker"),
    }
)
"""Entrances that run one function after another, and not just once."""


def library_path(file: str) -> str:
    """Path of a library file below its library, with slashes; empty for the user's own code.

    Example:
        >>> library_path("/usr/lib/python3.12/concurrent/futures/thread.py")
        'concurrent/futures/thread.py'
        >>> library_path("<frozen importlib._bootstrap>")
        'importlib/_bootstrap.py'
        >>> library_path("/home/me/app.py")
        ''
    """
    if is_own_code(file):
        return ""
    if file.startswith("<frozen "):
        return file[8:-1].replace(".", "/") + ".py"
    return re.sub(_PREFIX, "", file.replace("\\", "/"), count=1) or "?"


class StackTable:
    """Everything that follows from a recording's stacks, worked out once per stack and not per look."""

    def __init__(self, recording: Recording) -> None:
        self.places = recording.places
        self.facts = recording.facts
        self.frames: list[Frame] = [_frame_of(place) for place in recording.places]
        self.caller: list[int] = [NO_STACK]
        self.place: list[int] = [-1]
        for index, node in enumerate(recording.stacks[1:], 1):
            # A caller is always interned before what it calls; anything else is cut, so that no walk can go in circles.
            place = node.place if 0 <= node.place < len(self.places) else -1
            cut = self._begins_process(place) or not 0 <= node.caller < index
            self.caller.append(NO_STACK if cut else node.caller)
            self.place.append(place)

    def leaf(self, stack: int) -> int:
        """Place of the innermost frame, -1 for the empty stack."""
        return self.place[stack] if stack != NO_STACK else -1

    def inward_out(self, stack: int) -> Iterator[int]:
        """Places of a stack, innermost first."""
        while stack != NO_STACK:
            if self.place[stack] >= 0:
                yield self.place[stack]
            stack = self.caller[stack]

    def is_users(self, place: int) -> bool:
        """Whether a place is the user's own code."""
        return not self.frames[place][0]

    @cached_property
    def ours(self) -> list[bool]:
        """By stack: whether the program was beginning or ending to have itself observed, or loading what that needs."""
        is_ours = [begins_or_ends_block(place.file) for place in self.places]
        ours: list[bool] = []
        for place, caller in zip(self.place, self.caller, strict=True):
            loads = place >= 0 and self.frames[place][0].startswith("importlib/") and caller != NO_STACK
            ours.append(place >= 0 and (is_ours[place] or (loads and ours[caller])))
        return ours

    def line(self, place: int) -> int:
        """Line of a place, that of its function's head where the compiler gave the instruction none."""
        where = self.places[place]
        return where.line if where.line > 0 else where.first_line

    @cached_property
    def _users(self) -> list[int]:
        users = [-1] * len(self.place)
        for stack in range(1, len(users)):
            place = self.place[stack]
            if place >= 0 and self.is_users(place):
                users[stack] = place
            else:
                users[stack] = users[self.caller[stack]]
        return users

    def _begins_process(self, place: int) -> bool:
        """Whether what is outside of this frame belongs to the parent that a process was forked from."""
        return place >= 0 and ENTRANCES.get(self.frames[place]) == PROCESSES

    @cached_property
    def _in_files(self) -> list[int]:
        """By stack: the innermost place of a file that can be read, the innermost of all where there is none."""
        known = [-1] * len(self.place)
        for stack in range(1, len(known)):
            place, outer = self.place[stack], known[self.caller[stack]]
            made = place < 0 or self.places[place].file.startswith("<")
            known[stack] = outer if made and outer >= 0 else place
        return known

    def users_place(self, stack: int) -> int:
        """Innermost place of the user's own code, else of any that has a file, -1 for the empty stack."""
        users = self._users[stack] if stack != NO_STACK else -1
        return users if users >= 0 else self._in_files[stack]

    def has_users_code(self, stack: int) -> bool:
        """Whether any frame is the user's own code."""
        return stack != NO_STACK and self._users[stack] >= 0

    @cached_property
    def functions(self) -> list[frozenset[int]]:
        """By stack: the functions in it, each by the first place that was seen of it."""
        known: list[frozenset[int]] = [frozenset()] * len(self.place)
        for stack in range(1, len(known)):
            place = self.place[stack]
            outer = known[self.caller[stack]]
            function = self.function_of[place] if place >= 0 else -1
            known[stack] = outer if function < 0 or function in outer else outer | {function}
        return known

    @cached_property
    def function_of(self) -> list[int]:
        """By place: the first place of the same function."""
        first: dict[tuple[str, str, int], int] = {}
        return [
            first.setdefault((place.file, place.function, place.first_line), index)
            for index, place in enumerate(self.places)
        ]

    @cached_property
    def entrances(self) -> list[str]:
        """By stack: `threads`, `processes`, `asyncio` or `sequential`, whatever runs its innermost frames."""
        known = [SEQUENTIAL] * len(self.place)
        for stack in range(1, len(known)):
            outer = known[self.caller[stack]]
            place = self.place[stack]
            found = ENTRANCES.get(self.frames[place]) if place >= 0 else None
            known[stack] = found or outer
        return known

    @cached_property
    def entries(self) -> list[int]:
        """By stack: the outermost place of the user's own code inside the innermost entrance, -1 if none."""
        known = [-1] * len(self.place)
        for stack in range(1, len(known)):
            place = self.place[stack]
            outer = known[self.caller[stack]]
            if place >= 0 and self.frames[place] in ENTRANCES:
                known[stack] = -1
            else:
                known[stack] = place if outer < 0 <= place and self.is_users(place) else outer
        return known

    @cached_property
    def pooled(self) -> list[bool]:
        """By stack: whether a pool's worker runs its innermost frames."""
        known = [False] * len(self.place)
        for stack in range(1, len(known)):
            place = self.place[stack]
            entrance = place >= 0 and self.frames[place] in ENTRANCES
            known[stack] = self.frames[place] in POOLS if entrance else known[self.caller[stack]]
        return known

    @cached_property
    def loops(self) -> list[tuple[tuple[int, int], ...]]:
        """By stack: the loops of the user's own code that it is in, outermost first, each with the place inside it."""
        known: list[tuple[tuple[int, int], ...]] = [()] * len(self.place)
        for stack in range(1, len(known)):
            place = self.place[stack]
            if place >= 0 and self.frames[place] in ENTRANCES:
                continue
            outer = known[self.caller[stack]]
            inner = self._enclosing(place) if place >= 0 and self.is_users(place) else ()
            if inner:
                seen = {loop for loop, _ in outer}
                outer += tuple((loop, place) for loop in inner if loop not in seen)
            known[stack] = outer
        return known

    def _enclosing(self, place: int) -> tuple[int, ...]:
        """Loops around a place, outermost first.

        CPython 3.11 gives no line to the jump back to a loop's head: such a look is in the loops that all other places
        of its function that are in loops have in common.
        """
        if self.places[place].line > 0:
            return self.facts.enclosing.get(place, ())
        return self._common_loops.get(self.function_of[place], ())

    @cached_property
    def _common_loops(self) -> dict[int, tuple[int, ...]]:
        """By function: the loops that enclose all of its places that are in loops, outermost first."""
        common: dict[int, tuple[int, ...]] = {}
        for place, loops in self.facts.enclosing.items():
            function = self.function_of[place]
            known = common.get(function, loops)
            common[function] = tuple(loop for loop in known if loop in loops)
        return common


def _frame_of(place: Place) -> Frame:
    """Methods that `dataclasses` writes have the file name of code that somebody typed, and are the library's."""
    if place.file == "<string>" and place.function.partition(".")[0] == _MAKER_OF_METHODS:
        return "dataclasses.py", place.function
    return library_path(place.file), place.function
