"""Python stacks and loops as numbers and lines of text."""

from __future__ import annotations

import gc
import os
import sys

from _iobound_ring import escaped

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

MAX_DEPTH = 160
MAX_NODES = 40_000
LOOP_PERIOD_NS = 40_000_000

_ITERABLES: tuple[Any, ...] = ([], (), "", "\xe4", b"", range(0), range(1 << 70), {}, {}.values(), {}.items(), set())
_ITERATORS = frozenset(type(iter(thing)) for thing in _ITERABLES) | {
    enumerate,
    zip,
    reversed,
    type(reversed([])),
    map,
    filter,
}


class Tables:
    """Numbers for code objects, places and stacks, each written out once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.next_stack = self.next_place = self.next_code = self.next_loop = 1
        self.next_loops = 0
        self._forget()

    def _forget(self) -> None:
        self.codes: dict[CodeType, tuple[int, bool]] = {}
        self.places: dict[tuple[CodeType, int], int] = {}
        self.nodes: dict[tuple[int, CodeType, int], int] = {}
        self.names: dict[int, bool] = {}
        self.loops: dict[int, list[int]] = {}

    def clear(self) -> None:
        """Forget everything: numbers are not used again."""
        self._forget()
        self.lines[:] = ["R\n"]

    def name(self, ident: int) -> None:
        """Write the thread's name, if `threading` knows it by now."""
        threading = sys.modules.get("threading")
        thread = getattr(threading, "_active", {}).get(ident)
        facts = getattr(thread, "__dict__", {})
        name, native_id = facts.get("_name"), facts.get("_native_id")
        if type(name) is str:
            self.names[ident] = True
            self.lines.append("N\t%d\t%d\t%s\n" % (ident, native_id or 0, escaped(name)))

    def stack_of(self, frame: FrameType | None, ident: int, loops_at: int) -> int:
        """Number of the frame's stack; with loops_at, also how far its loops have come."""
        chain: list[FrameType] = []
        while frame is not None and len(chain) < MAX_DEPTH:
            chain.append(frame)
            frame = frame.f_back
        nodes, stack = self.nodes, 0
        for frame in reversed(chain):
            code = frame.f_code
            key = (stack, code, frame.f_lasti)
            node = nodes.get(key)
            if node is None:
                node = nodes[key] = self.next_stack
                self.next_stack += 1
                self.lines.append("S\t%d\t%d\t%d\n" % (node, stack, self._place(code, frame.f_lasti)))
            stack = node
            if loops_at and self.codes[code][1]:
                self._look_at_loops(frame, ident, stack, loops_at)
        chain.clear()
        return stack

    def _place(self, code: CodeType, lasti: int) -> int:
        key = (code, lasti)
        place = self.places.get(key)
        if place is None:
            number = self._code(code)
            place = self.places[key] = self.next_place
            self.next_place += 1
            line, end_line, column, end_column = _position(code, lasti)
            self.lines.append("P\t%d\t%d\t%d\t%d\t%d\t%d\n" % (place, number, line, column, end_line, end_column))
        return place

    def _code(self, code: CodeType) -> int:
        known = self.codes.get(code)
        if known is None:
            known = self.codes[code] = (self.next_code, _may_have_loops(code.co_filename))
            self.next_code += 1
            self.lines.append(
                "C\t%d\t%s\t%s\t%d\n"
                % (known[0], escaped(code.co_filename), escaped(code.co_qualname), code.co_firstlineno)
            )
        return known[0]

    def _look_at_loops(self, frame: FrameType, ident: int, stack: int, now: int) -> None:
        depth = 0
        for thing in gc.get_referents(frame):
            if type(thing) in _ITERATORS:
                progress = _progress(thing)
                if progress is not None:
                    number, position, length = self._loop(id(thing), progress)
                    line = "I\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n"
                    self.lines.append(line % (ident, stack, depth, number, position, length, now))
                    depth += 1

    def _loop(self, identity: int, progress: tuple[int, int, int]) -> tuple[int, int, int]:
        """Number, position and length of a loop by its iterator."""
        position, remaining, length = progress
        known = self.loops.get(identity)
        if known is None or (remaining > known[1] and position <= known[2]):  # another iterator at the old address
            if len(self.loops) > 1000:
                self.loops.clear()
            known = [self.next_loop, remaining, -1, remaining]
            self.next_loop += 1
            self.loops[identity] = known
        if position < 0:
            position = known[3] - remaining
        known[1], known[2] = remaining, position
        return known[0], position, length


def _progress(iterator: Any) -> tuple[int, int, int] | None:
    """(position or -1, items left, length or -1) of a built-in iterator; None where it cannot be told at no cost."""
    kind = type(iterator)
    try:
        if kind is enumerate:
            inner = iterator.__reduce__()[1][0]
            return _progress(inner) if type(inner) in _ITERATORS else None
        if kind in (zip, map, filter):
            parts = iterator.__reduce__()[1]
            inner = next((part for part in parts if type(part) in _ITERATORS), None)
            return None if inner is None else _progress(inner)
        left = iterator.__length_hint__()
        if kind is _LIST_ITERATOR or kind is _TUPLE_ITERATOR:
            state = iterator.__reduce__()
            if len(state) == 3:
                return state[2], left, state[2] + left
        return -1, left, -1
    except (AttributeError, TypeError, RuntimeError, IndexError):
        return None


_LIST_ITERATOR: type = type(iter([]))
_TUPLE_ITERATOR: type = type(iter(()))


def _may_have_loops(file: str) -> bool:
    """Whether progress of loops in this file is worth a look: the user's own code, not a library's."""
    return not (
        file.startswith("<frozen") or "site-packages" in file or "dist-packages" in file or file.startswith(_LIBRARY)
    )


_LIBRARY = os.path.dirname(os.__file__) + os.sep


def _position(code: CodeType, lasti: int) -> tuple[int, int, int, int]:
    """Line and column range of the instruction, -1 for what the code object does not say."""
    index = lasti // 2
    for at, position in enumerate(code.co_positions()):
        if at == index:
            line, end_line, column, end_column = position
            return (
                line or 0,
                end_line or 0,
                -1 if column is None else column,
                -1 if end_column is None else end_column,
            )
    return code.co_firstlineno, 0, -1, -1
