"""Which loops are watched in one process, and how far each was when it was looked at last."""

from __future__ import annotations

from dataclasses import dataclass

from iobound.observe.collector import ThreadNotes
from iobound.observe.sources.loop_memory import LoopFrame, LoopMemory, Progress

_MOST_FRAMES = 40
_RESTS = 5  # looks that a frame without a loop is spared: finding none means that every slot was tried
_MOST_RUNS = 2_000


@dataclass(slots=True)
class _Run:
    """One execution of a loop over its iterator."""

    number: int
    first_left: int
    left: int
    position: int


class LoopWatch:
    """Keeps the frames that an agent told of, until they are gone.

    Attributes:
        types: Addresses of iterator types by name, once the agent has told them.
    """

    def __init__(self) -> None:
        self.types: dict[str, int] = {}
        self._frames: dict[int, tuple[ThreadNotes, int, LoopFrame]] = {}

        self._runs: dict[int, _Run] = {}
        self._next = 1

    def watch(self, thread: ThreadNotes, stack: int, frame: LoopFrame) -> None:
        """Begin to look at a frame; of too many, the one that was told of first is left out."""
        if len(self._frames) >= _MOST_FRAMES and frame.address not in self._frames:
            self._frames.pop(next(iter(self._frames)))
        self._frames[frame.address] = (thread, stack, frame)

    def look(self, memory: LoopMemory, now: int) -> None:
        """Look at all frames once."""
        for address, (thread, stack, frame) in list(self._frames.items()):
            if frame.rests:
                frame.rests -= 1
                continue
            loops = memory.progress(frame)
            if loops is None:
                del self._frames[address]
                continue
            if not loops:
                frame.rests = _RESTS
            for depth, progress in enumerate(loops):
                run, position = self._run_of(progress)
                thread.loops.append(
                    now, stack, depth, run, position, -1 if progress.length is None else progress.length
                )

    def _run_of(self, progress: Progress) -> tuple[int, int]:
        """Number of the run and the position in it; counted from the first look where it is not known."""
        left = -1 if progress.left is None else progress.left
        position = progress.position
        run = self._runs.get(progress.identity)
        if run is None or left > run.left or (position is not None and position < run.position):
            if len(self._runs) >= _MOST_RUNS:  # iterators that are long gone
                self._runs.clear()
            run = self._runs[progress.identity] = _Run(self._next, left, left, 0)
            self._next += 1
        if position is None:
            position = run.first_left - left
        run.left, run.position = left, position
        return run.number, position
