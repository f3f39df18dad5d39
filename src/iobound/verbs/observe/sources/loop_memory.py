"""How far the `for` loops of running frames have come, read from outside out of the interpreter's own memory.

A running loop keeps its iterator on the value stack of its frame, and a built-in iterator knows how many items it has
handed out, or how many are left. A look at the stack says where a frame is and how many slots it has; this goes through
the slots for iterators. Nothing is written and the target does not stop, so whatever is read is checked before it is
believed: the frame must still be a frame of the same code, and an iterator must be of a known type.

The first words of the objects that are read have been the same since 3.8 (`_PyListIterObject` and the others in
Objects/*.c) but for the iterator of `range`, which changed in 3.12, and for tuples, which keep their hash before their
items from 3.14 on. From 3.15 on a loop over a list, a tuple or a string has no iterator: on the value stack are the
sequence itself and, above it, the index of the next item with two flags (`GET_ITER` in Python/bytecodes.c).
A free-threaded build has longer objects; there nothing looks like a frame, so no loop is believed.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from typing import NamedTuple

from iobound.verbs.observe.sources.interpreter_layout import REFERENCE, Layout

_MAX_SLOTS = 256
_MAX_LOOPS = 8
_INDEX_FLAGS, _INDEX_SHIFT = 0b11, 2
_STACK_POINTER_WORD = 8  # in `_PyInterpreterFrame` from 3.14 on: where the value stack ends
_SEQUENCES = frozenset({"a list", "a tuple", "a str", "a bytes"})
_NOT_ITERATORS = _SEQUENCES | {"code", "text", "nothing"}


class Progress(NamedTuple):
    """One iterator. `position` is None where only the rest is known, `length` where it cannot be known."""

    identity: int
    position: int | None
    left: int | None
    length: int | None


class LoopFrame:
    """A frame whose loops are watched.

    Attributes:
        address: Of the `_PyInterpreterFrame`.
        code: Address of its code object.
        variables: Local variables, in words; loops keep their iterators in the slots behind them.
        slots: Local variables and value stack, in words.
    """

    __slots__ = ("address", "code", "offsets", "rests", "slots", "variables")

    def __init__(self, address: int, code: int, variables: int, slots: int) -> None:
        self.address = address
        self.code = code
        self.variables = variables
        self.slots = slots
        self.offsets: list[int] = []  # of slots that held an iterator before
        self.rests = 0  # looks that it is spared yet


class LoopMemory:
    """Reads the loops of one process.

    Args:
        memory: Descriptor of its `/proc/PID/mem`.
        types: Addresses of types by name: `list`, `range`, `enumerate`, … for iterators, `a list`, `a tuple`, … for
            what is iterated over.
        layout: Where its interpreter keeps what.
    """

    def __init__(self, memory: int, types: Mapping[str, int], layout: Layout) -> None:
        version = layout.version
        self._memory = memory
        self._code_word, self._header_words = layout.frame_code // 8, layout.frame_locals // 8
        self._names = {address: name for name, address in types.items() if name not in _NOT_ITERATORS}
        self._counting_range = version < (3, 12)
        self._first_item = 4 if version >= (3, 14) else 3  # word of a tuple
        self._knows_its_end = version >= (3, 14)
        without_iterator = _SEQUENCES if version >= (3, 15) else frozenset[str]()
        self._sequences = {address for name, address in types.items() if name in without_iterator}

    def progress(self, frame: LoopFrame) -> list[Progress] | None:
        """The frame's running loops, outermost first; None when the frame is gone."""
        words = self._words(frame.address, self._header_words + min(frame.slots, _MAX_SLOTS))
        if len(words) <= self._header_words or words[self._code_word] & REFERENCE != frame.code:
            return None
        if self._knows_its_end:  # what lies above is left over from loops that have ended
            end = (words[_STACK_POINTER_WORD] - frame.address) // 8
            words = words[:end] if end >= self._header_words else words
        if frame.offsets:
            found = [self._loop_at(offset, words, frame.address) for offset in frame.offsets if offset < len(words)]
            loops = [one for one in found if one is not None]
            if len(loops) == len(frame.offsets):
                return loops
        return self._search(frame, words, frame.address)

    def _search(self, frame: LoopFrame, words: tuple[int, ...], base: int) -> list[Progress]:
        frame.offsets.clear()
        loops: list[Progress] = []
        for offset in range(self._header_words + frame.variables, len(words)):
            found = self._loop_at(offset, words, base)
            if found is not None:
                loops.append(found)
                frame.offsets.append(offset)
                if len(loops) == _MAX_LOOPS:
                    break
        return loops

    def _loop_at(self, offset: int, words: tuple[int, ...], base: int) -> Progress | None:
        address = words[offset] & REFERENCE
        if address < 1 << 16 or address >> 47:
            return None
        if self._sequences and offset + 1 < len(words) and words[offset + 1] & _INDEX_FLAGS == _INDEX_FLAGS:
            return self._indexed(address, words[offset + 1] >> _INDEX_SHIFT, base + 8 * offset)
        return self._iterator(address)

    def _indexed(self, sequence: int, position: int, slot: int) -> Progress | None:
        """A loop without an iterator; a slot and a sequence tell it from others."""
        head = self._words(sequence, 3)
        if len(head) < 3 or head[1] not in self._sequences or not position <= head[2] < 1 << 40:
            return None
        return Progress(slot << 64 | sequence, position, head[2] - position, head[2])

    def _iterator(self, address: int, depth: int = 0) -> Progress | None:
        words = self._words(address, 7)
        name = self._names.get(words[1]) if len(words) == 7 else None
        if name is None or depth > 2:
            return None
        if name in ("list", "tuple"):
            return self._sequence(address, words[2], words[3])
        if name == "range":
            return self._range(address, words)
        if name == "enumerate":
            inner = self._iterator(words[3], depth + 1)
            return Progress(address, words[2], inner.left if inner else None, inner.length if inner else None)
        if name in ("zip", "map"):
            return self._several(address, words[3] if name == "zip" else words[2], depth)
        if name == "filter":
            inner = self._iterator(words[3], depth + 1)
            return inner and inner._replace(identity=address)
        left = words[5] if name == "set" else words[6]  # dictionaries
        return Progress(address, None, left, None) if left < 1 << 40 else None

    def _sequence(self, address: int, position: int, sequence: int) -> Progress | None:
        if position >= 1 << 40:
            return None
        size = self._words(sequence, 3) if sequence else ()
        if len(size) < 3 or size[2] >= 1 << 40:
            return Progress(address, position, None, None)
        return Progress(address, position, max(0, size[2] - position), size[2])

    def _range(self, address: int, words: tuple[int, ...]) -> Progress | None:
        if self._counting_range:
            position, length = words[2], words[5]
            return Progress(address, position, length - position, length) if position <= length < 1 << 60 else None
        return Progress(address, None, words[4], None) if words[4] < 1 << 60 else None

    def _several(self, address: int, iterators: int, depth: int) -> Progress | None:
        """`zip` and `map` go as far as the first of their iterators that can be read."""
        words = self._words(iterators, 8)
        if len(words) < 8:
            return None
        for item in words[self._first_item : self._first_item + min(words[2], 4)]:
            inner = self._iterator(item, depth + 1)
            if inner is not None:
                return inner._replace(identity=address)
        return None

    def _words(self, address: int, count: int) -> tuple[int, ...]:
        try:
            data = os.pread(self._memory, 8 * count, address)
        except (OSError, OverflowError):
            return ()
        return struct.unpack(f"<{len(data) // 8}Q", data[: len(data) // 8 * 8])
