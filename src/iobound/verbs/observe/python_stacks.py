"""The Python stacks of one process, and how far its loops have come, kept as the collector keeps them."""

from __future__ import annotations

import os

from iobound.model.recording import Place, StackNode
from iobound.verbs.observe.collector import Collector, ThreadNotes
from iobound.verbs.observe.line_table import position
from iobound.verbs.observe.loop_watch import LoopWatch
from iobound.verbs.observe.sources.gil_memory import GilLocation
from iobound.verbs.observe.sources.interpreter_layout import Layout
from iobound.verbs.observe.sources.loop_memory import LoopFrame, LoopMemory
from iobound.verbs.observe.sources.stack_frames import Code, Frame, TornStack
from iobound.verbs.observe.sources.stack_memory import StackMemory

_MAX_NODES = 100_000
_PATIENCE_NS = 50_000_000  # between searches for threads that are not known: most of such never are Python's
_LIBRARY = f"{os.sep}lib{os.sep}python3."


class PythonStacks:
    """Looks at threads of one process, when it is told to.

    Args:
        memory: Descriptor of the process's `/proc/PID/mem`.
        gil: Where its GIL is.
        layout: Where its interpreter keeps everything else.
        collector: Where what is seen goes.

    Attributes:
        looks: Stacks that have been read.
        version: Of the interpreter.
        missed: Stacks that could not be read, for the thread went on too fast.
    """

    def __init__(self, memory: int, gil: GilLocation, layout: Layout, collector: Collector) -> None:
        self.looks = self.missed = 0
        self.version = layout.version
        self._stacks = StackMemory(memory, gil, layout)
        self._loops = LoopMemory(memory, self._stacks.types, layout)
        self._watch = LoopWatch()
        self._collector = collector
        self._nodes: dict[tuple[int, int], int] = {}
        self._searched_ns = 0
        self._stacks.find_threads()

    def find_threads(self) -> None:
        """Threads have come or gone."""
        self._stacks.find_threads()

    def look(self, thread: ThreadNotes, now: int) -> list[Frame] | None:
        """Take the thread's stack; None when it could not be read, or the thread is not one of Python's."""
        if not self._knows(thread.native_id, now):
            return None
        try:
            frames = self._stacks.stack_of(thread.native_id, now)
        except TornStack:
            self.missed += 1
            return None
        self.looks += 1
        return frames

    def _knows(self, native_id: int, now: int) -> bool:
        """A thread may get its thread state later than it is listed, and C code may make one its own at any time."""
        if not self._stacks.knows(native_id) and now - self._searched_ns > _PATIENCE_NS:
            self._searched_ns = now
            self._stacks.find_threads()
        return self._stacks.knows(native_id)

    def keep(self, thread: ThreadNotes, frames: list[Frame], now: int, *, loops: bool) -> None:
        """Put a stack down as the thread's at a time; with `loops`, also how far the loops of its frames are."""
        stack = 0
        own: list[tuple[int, LoopFrame]] = []
        for code, instruction, address, code_address in reversed(frames):
            if code.file.startswith("<shim>") or code.function == "<interpreter trampoline>":
                continue  # where C code called Python code, up to 3.12
            stack = self._node(stack, self._place(code, instruction))
            if loops and _may_have_loops(code.file):
                own.append((stack, LoopFrame(address, code_address, code.variables, code.slots)))
        thread.stacks.append(now, now, stack, -1)
        if loops:
            self._watch.look(thread, own, self._loops, now)

    def names_of(self, frames: list[Frame]) -> list[str]:
        """What a thread with these frames may be called, most likely first."""
        begun = next((frame for frame in reversed(frames) if not frame.code.file.startswith("<")), None)
        return self._stacks.names_of(begun) if begun else []

    def _place(self, code: Code, instruction: int) -> int:
        place = code.places.get(instruction)
        if place is None:
            where = position(code.table, code.first_line, instruction, code.marks)
            place = code.places[instruction] = self._collector.place(
                Place(code.file, code.function, code.first_line, *where)
            )
        return place

    def _node(self, caller: int, place: int) -> int:
        node = self._nodes.get((caller, place))
        if node is None:
            if len(self._nodes) >= _MAX_NODES:
                self._nodes.clear()
            node = self._nodes[caller, place] = self._collector.stack(StackNode(caller, place))
        return node


def _may_have_loops(file: str) -> bool:
    """Whether progress of loops in this file is worth a look: the user's own code, not a library's."""
    return not (file.startswith("<frozen") or "-packages" in file or _LIBRARY in file)
