"""Frames of other threads, read while none of those threads can run.

Each reading is one call from Python, of functions that are written in C: the GIL is not given away inside of it, and no
frame object is held when it is over. That matters:

* What a function leaves behind is let go of when it returns, in its own thread, unless somebody holds its frame.
* Until 3.11 garbage may be collected where a frame object is made, so in the middle of a step to the frame outside. A
  finalizer may hand the GIL over just then, and that frame is gone when the step goes on: a crash. The collector is off
  meanwhile, if it is on, and nobody else runs before it is on again.

Where the program has an audit hook that is written in Python, that one is told of each frame and runs inside of the
call: none of this holds there.
"""

from __future__ import annotations

import sys
from _operator import attrgetter, call
from itertools import accumulate, chain, compress, islice, repeat, starmap, takewhile

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType
    from typing import Any, TypeVar

    Read = TypeVar("Read")
    Place = tuple[CodeType, int]
    """A code object and the offset of an instruction in it, in bytes."""

MAX_DEPTH = 160
"""Frames that are read of a stack."""

AT_ONCE = 64
"""Stacks that are read in one go: some 5 ms at their deepest, for which nobody else has the GIL."""

_COLLECTS_MEANWHILE = sys.version_info < (3, 12)
"""Whether garbage may be collected where a frame object is made, and not between instructions alone."""

if _COLLECTS_MEANWHILE:
    import gc

_MAKERS = ("_interpreters", "_xxsubinterpreters") if sys.version_info >= (3, 12) else ()
"""Modules that make sub-interpreters."""

_PLACE = attrgetter("f_code", "f_lasti")


def are_of_several_interpreters() -> bool:
    """Whether frames must be left alone: `sys._current_frames` makes objects of those of all interpreters.

    From 3.12 on each may have a memory allocator and a GIL of its own, and that ends in a crash. Who has made one has
    imported the module that makes them; and none can be made while we have the GIL of the main one.
    """
    for name in _MAKERS:
        maker = sys.modules.get(name)
        if maker is not None and len(maker.list_all()) > 1:
            return True
    return False


def threads() -> list[int]:
    """Idents of the threads that have frames."""
    frames: dict[int, FrameType] = {}
    return _reading(frames, chain.from_iterable((frames,)))


def stacks_of(idents: list[int]) -> Iterator[tuple[int, list[Place]]]:
    """Stacks of those of the threads that are still there: places, innermost first, `MAX_DEPTH` of them at most."""
    for at in range(0, len(idents), AT_ONCE):
        some = idents[at : at + AT_ONCE]
        frames: dict[int, FrameType] = {}
        # In the order of writing: a frame and then one step back after the other, until there is none; and its place.
        steps = map(chain, map(repeat, map(frames.get, some), repeat(1)), repeat(repeat("f_back")))
        walks = map(takewhile, repeat(bool), map(accumulate, steps, repeat(getattr)))
        places = map(map, repeat(_PLACE), map(islice, walks, repeat(MAX_DEPTH)))
        for ident, stack in zip(some, _reading(frames, map(list, places)), strict=True):
            if stack:
                yield ident, stack


def _reading(frames: dict[int, FrameType], things: Iterator[Read]) -> list[Read]:
    """What an iterator gives while `frames` is what `sys._current_frames` gives; it is empty before and afterwards.

    That keeps a lock: a finalizer that runs inside of it and hands the GIL over would wait forever for whoever waits
    for the lock (https://github.com/python/cpython/issues/106883), were the collector not off.
    """
    was_on: list[bool] = []
    before: list[tuple[Any, ...]] = []
    after: Iterator[tuple[Any, ...]] = iter(())
    if _COLLECTS_MEANWHILE:
        before = [(list, map(was_on.append, map(call, (gc.isenabled,)))), (gc.disable,)]
        after = zip(compress((gc.enable,), was_on))
    reading = ((list, map(frames.update, map(call, (sys._current_frames,)))), (list, things), (frames.clear,))
    try:
        done: list[Any] = list(starmap(call, chain(before, reading, after)))
    except BaseException:
        if was_on and was_on[0]:  # makes nothing anew: there may be no memory
            gc.enable()
        raise
    finally:
        frames.clear()
    read: list[Read] = done[len(before) + 1]
    return read
