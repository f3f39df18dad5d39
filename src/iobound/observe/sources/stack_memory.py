"""Python stacks of a process, read from outside out of the interpreter's own memory.

A thread state leads to the innermost frame, and each frame to its caller. Nothing is written, no lock is taken and the
target does not stop, so a thread that runs goes on while it is read: whatever is read is checked before it is believed.
Frames lie side by side in blocks of memory, so that one system call copies most of a stack in less than a microsecond;
a frame must refer to a code object and to an instruction in it, else everything is read again. What comes out is a
stack of about the moment of the look, and for a thread that is blocked exactly its stack.

Where things are is said by a `Layout`, which is measured on an interpreter of the same file.
"""

from __future__ import annotations

import os
import struct
from typing import NamedTuple

from iobound.observe.sources.gil_memory import GilLocation
from iobound.observe.sources.interpreter_layout import REFERENCE, Layout

MAX_DEPTH = 160
_TRIES = 3
_LOWEST, _HIGHEST = 1 << 12, 1 << 47
_PAGE = 4096
_FRAME_BYTES = 96  # at least what a frame has before its local variables
_THREAD_BYTES = 512
_MAX_THREADS = 10_000
_MAX_TEXT = 1000
_MAX_TABLE = 1 << 20
_MAX_CODES = 20_000
_TRUSTED_NS = 1_000_000_000  # code objects are freed and others put in their place, but seldom


class TornStack(Exception):
    """The thread went on while it was read."""


class Code:
    """One code object.

    Attributes:
        file: Path as the code object has it; `function` is its qualified name.
        first_line: First line of the function.
        table: Its line table (`co_linetable`).
        units: Number of its instructions, caches included; an instruction has two bytes.
        slots: Local variables and value stack, in words.
        places: For the caller's use: what it knows of instructions, by index.
    """

    __slots__ = ("checked_ns", "file", "first_line", "function", "identity", "places", "slots", "table", "units")

    def __init__(
        self, file: str, function: str, first_line: int, table: bytes, units: int, slots: int, identity: bytes
    ) -> None:
        self.file = file
        self.function = function
        self.first_line = first_line
        self.table = table
        self.units = units
        self.slots = slots
        self.identity = identity
        self.checked_ns = 0
        self.places: dict[int, int] = {}


class Frame(NamedTuple):
    """One frame: its code, the index of the current instruction, and where it is."""

    code: Code
    instruction: int
    address: int
    code_address: int


class StackMemory:
    """Reads the stacks of one process.

    Args:
        memory: Descriptor of its `/proc/PID/mem`.
        gil: Where its GIL is.
        layout: Where everything else is.
    """

    def __init__(self, memory: int, gil: GilLocation, layout: Layout) -> None:
        self._memory = memory
        self._gil = gil
        self._layout = layout
        base = gil.address - gil.file_delta
        self.types = {name: base + delta for name, delta in layout.types.items()}
        self._code_type, self._text_type = self.types["code"], self.types["text"]
        self._no_code = self.types["nothing"]
        self._states: dict[int, int] = {}
        self._codes: dict[int, Code | None] = {}
        self._shape = struct.Struct("<Q")

    # -- threads ------------------------------------------------------------------------------------------------

    def find_threads(self) -> None:
        """Learn anew which thread state belongs to which thread: threads have come or gone."""
        states: dict[int, int] = {}
        try:
            first = self._word(self._gil.address + 8)
            for link in (0, 8):  # pointers to the previous and to the next thread state
                state = first
                while _LOWEST <= state < _HIGHEST and len(states) < _MAX_THREADS:
                    native_id = self._word(state + self._gil.native_id_offset)
                    if native_id in states and state != first:
                        break
                    states[native_id] = state
                    state = self._word(state + link)
        except TornStack:
            pass  # what was found until then
        self._states = states

    def knows(self, native_id: int) -> bool:
        """Whether the thread is one of Python's, as far as that is known by now."""
        return native_id in self._states

    # -- stacks -------------------------------------------------------------------------------------------------

    def stack_of(self, native_id: int, now: int) -> list[Frame]:
        """The thread's frames, innermost first; at most `MAX_DEPTH` of them, empty where it runs no Python code.

        Raises:
            TornStack: The thread went on each time that it was tried, or is no thread of Python's any more.
        """
        state = self._states[native_id]
        for _ in range(_TRIES):
            try:
                return self._walk(self._innermost(state, native_id), now)
            except TornStack as problem:
                torn = problem
        raise torn

    def _innermost(self, state: int, native_id: int) -> int:
        layout, offset = self._layout, self._gil.native_id_offset
        data = self._read(state, _THREAD_BYTES)
        if len(data) < _THREAD_BYTES or int.from_bytes(data[offset : offset + 8], "little") != native_id:
            self._states.pop(native_id, None)
            raise TornStack("the thread state is another's")
        at, *deeper = layout.frame_of_thread
        address = int.from_bytes(data[at : at + 8], "little")
        for offset in deeper:
            address = self._word(address + offset)
        return address

    def _walk(self, address: int, now: int) -> list[Frame]:
        layout = self._layout
        to_code, to_caller, to_instruction = layout.frame_code, layout.frame_caller, layout.frame_instruction
        word, codes = self._shape.unpack_from, self._codes
        frames: list[Frame] = []
        begin = end = 0
        data = b""
        for _ in range(2 * MAX_DEPTH):
            if not begin <= address <= end - _FRAME_BYTES:
                if address == 0 or len(frames) >= MAX_DEPTH:
                    return frames
                begin, data = self._block(address)
                end = begin + len(data)
            at = address - begin
            code_address = word(data, at + to_code)[0] & REFERENCE
            code = codes.get(code_address)
            if code is None or now - code.checked_ns > _TRUSTED_NS:
                code = self._code(code_address, now)
            if code is not None:
                instruction = word(data, at + to_instruction)[0] - code_address - layout.code_size
                if not -2 <= instruction < 2 * code.units:
                    raise TornStack("the instruction is not the code's")
                frames.append(Frame(code, max(0, instruction >> 1), address, code_address))
            address = word(data, at + to_caller)[0]
        return frames

    def _block(self, address: int) -> tuple[int, bytes]:
        """The frame and what lies before it in its page, where callers mostly are."""
        begin, end = address & -_PAGE, address + _FRAME_BYTES
        data = self._read(begin, end - begin)
        if len(data) < end - begin:
            raise TornStack("no frame")
        return begin, data

    # -- code ---------------------------------------------------------------------------------------------------

    def _code(self, address: int, now: int) -> Code | None:
        """The code object at an address; None for what stands in its place in a frame of C code."""
        if address == self._no_code:
            return None
        layout = self._layout
        identity = self._read(address, layout.code_size)
        if len(identity) < layout.code_size or self._word_in(identity, 8) != self._code_type:
            raise TornStack("no code object")
        identity = identity[8:]  # without its count of references
        known = self._codes.get(address)
        if known is None or not _is_same(known.identity, identity, layout):
            if len(self._codes) >= _MAX_CODES:
                self._codes.clear()
            known = self._codes[address] = self._read_code(identity)
        known.checked_ns = now
        return known

    def _read_code(self, identity: bytes) -> Code:
        layout = self._layout
        file, function, table = (
            self._word_in(identity, offset - 8) for offset in (layout.code_file, layout.code_name, layout.code_table)
        )
        first_line, locals_, stack = (
            struct.unpack_from("<i", identity, offset - 8)[0]
            for offset in (layout.code_first_line, layout.code_locals, layout.code_stack)
        )
        return Code(
            file=self.text(file),
            function=self.text(function),
            first_line=first_line,
            table=self._bytes(table),
            units=self._word_in(identity, 8),
            slots=max(0, locals_) + max(0, stack),
            identity=identity,
        )

    # -- names --------------------------------------------------------------------------------------------------

    def names_of(self, outermost: Frame) -> list[str]:
        """What the thread whose outermost frame is given may be called, most likely first.

        Empty where it is no `threading.Thread`: such a thread begins in a method of its `Thread`.
        """
        if not outermost.code.function.endswith("._bootstrap"):
            return []
        names = []
        for way in self._layout.ways_to_name:
            try:
                address = self._word(outermost.address + self._layout.frame_locals) & REFERENCE
                for offset in way:
                    address = self._word(address + offset) & REFERENCE
                names.append(self.text(address))
            except TornStack:
                continue
        return names

    def text(self, address: int) -> str:
        """The string at an address, of which no more than 1000 characters are taken.

        Raises:
            TornStack: There is none.
        """
        layout = self._layout
        head = self._read(address, layout.text_wide)
        if len(head) < layout.text_wide or self._word_in(head, 8) != self._text_type:
            raise TornStack("no string")
        state = self._word_in(head, 32) >> layout.text_kind
        kind, is_ascii = state & 7, state >> 4 & 1
        if kind not in (1, 2, 4) or not state >> 3 & 1:
            raise TornStack("no compact string")
        length = min(self._word_in(head, 16), _MAX_TEXT)
        data = self._read(address + (layout.text_ascii if is_ascii else layout.text_wide), length * kind)
        return data.decode({1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}[kind], "surrogatepass")

    def _bytes(self, address: int) -> bytes:
        head = self._read(address, 24)
        if len(head) < 24:
            raise TornStack("no bytes")
        return self._read(address + 32, min(self._word_in(head, 16), _MAX_TABLE))

    # -- memory -------------------------------------------------------------------------------------------------

    def _word_in(self, data: bytes, at: int) -> int:
        return int(self._shape.unpack_from(data, at)[0])

    def _word(self, address: int) -> int:
        data = self._read(address, 8)
        if len(data) < 8:
            raise TornStack("no memory")
        return int.from_bytes(data, "little")

    def _read(self, address: int, size: int) -> bytes:
        if not _LOWEST <= address < _HIGHEST:
            return b""
        try:
            return os.pread(self._memory, size, address)
        except OSError:
            return b""


def _is_same(before: bytes, now: bytes, layout: Layout) -> bool:
    """Whether it is the same code object; other fields of it change while it runs."""
    names = (layout.code_file, layout.code_name, layout.code_table)
    return all(before[at - 8 : at] == now[at - 8 : at] for at in names)
