"""Which loops are watched in one process, and how far each was when it was looked at last."""

from __future__ import annotations

from typing import Protocol

from iobound.verbs.observe.collector import ThreadNotes
from iobound.verbs.observe.sources.loop_memory import LoopFrame, Progress

_MOST_FRAMES = 40  # of one thread at one look
_MOST_REMEMBERED = 2_000
_RESTS = 5  # looks that a frame without a loop is spared: finding none means that every slot was tried
_MOST_RUNS = 2_000


class _Run:
    """One execution of a loop over its iterator."""

    __slots__ = ("first_left", "left", "number", "position")

    def __init__(self, number: int, left: int) -> None:
        self.number = number
        self.first_left = self.left = left
        self.position = 0


class LoopReader(Protocol):
    """Port: reads the loops of a frame."""

    def progress(self, frame: LoopFrame) -> list[Progress] | None:
        """The frame's running loops, outermost first; None when the frame is gone."""


class LoopWatch:
    """Follows the loops of frames from one look to the next."""

    def __init__(self) -> None:
        self._frames: dict[tuple[int, int], LoopFrame] = {}
        self._runs: dict[int, _Run] = {}
        self._next = 1

    def look(self, thread: ThreadNotes, frames: list[tuple[int, LoopFrame]], memory: LoopReader, now: int) -> None:
        """Look at the innermost frames of one thread, each with its stack; they are its frames just now."""
        for stack, found in frames[-_MOST_FRAMES:]:
            frame = self._known(found)
            if frame.rests:
                frame.rests -= 1
                continue
            loops = memory.progress(frame)
            if loops is None:
                continue
            if not loops:
                frame.rests = _RESTS
            for depth, progress in enumerate(loops):
                run, position = self._run_of(progress)
                thread.loops.append(
                    now, stack, depth, run, position, -1 if progress.length is None else progress.length
                )

    def _known(self, frame: LoopFrame) -> LoopFrame:
        """What is remembered of the frame: where its iterators are, and whether it has none."""
        key = frame.address, frame.code
        known = self._frames.get(key)
        if known is None:
            if len(self._frames) >= _MOST_REMEMBERED:
                self._frames.clear()
            known = self._frames[key] = frame
        return known

    def _run_of(self, progress: Progress) -> tuple[int, int]:
        """Number of the run and the position in it; counted from the first look where it is not known."""
        left = -1 if progress.left is None else progress.left
        position = progress.position
        run = self._runs.get(progress.identity)
        if run is None or left > run.left or (position is not None and position < run.position):
            if len(self._runs) >= _MOST_RUNS:  # iterators that are long gone
                self._runs.clear()
            run = self._runs[progress.identity] = _Run(self._next, left)
            self._next += 1
        if position is None:
            position = run.first_left - left
        run.left, run.position = left, position
        return run.number, position
