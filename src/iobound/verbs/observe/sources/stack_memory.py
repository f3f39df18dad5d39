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
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

from iobound.verbs.observe.sources.gil_memory import GilLocation
from iobound.verbs.observe.sources.interpreter_layout import REFERENCE, Layout
from iobound.verbs.observe.sources.stack_frames import Code, Frame, TornStack, lie_in_order

MAX_DEPTH = 160
_TRIES = 6
_TRAMPOLINE = "<interpreter trampoline>"  # where C code called Python code, up to 3.12
_GENERATORS = 0x20 | 0x80 | 0x200  # flags of code whose frames lie in objects: also of coroutines
_LOWEST, _HIGHEST = 1 << 12, 1 << 47
_PAGE = 4096
_THREAD_BYTES = 512
_LARGEST_THREAD = 4096
_MAX_THREADS = 10_000
_MAX_TEXT = 1000
_NAME_SLOTS = 24
_MAX_TABLE = 1 << 20
_MAX_CODES = 20_000
_TRUSTED_NS = 100_000_000  # code objects are freed and others put in their place, but seldom
_NEVER = -(1 << 63)
_RUN_ONCE = "<module>"  # also what `exec` runs: such code is freed as soon as it has run


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
        self._outermost: dict[int, int] = {}  # frame of each thread, by native id
        self._codes: dict[int, Code | None] = {}
        places = ((16, 8), (layout.code_file, 8), (layout.code_name, 8), (layout.code_table, 8), (layout.code_stack, 4))
        self._lasting = [slice(at - 8, at - 8 + size) for at, size in (*places, (layout.code_first_line, 4))]
        self._replaced = 0  # code objects that were found to be others than before
        self._replaced_ns = _NEVER
        self._shape = struct.Struct("<Q")

    # -- threads ------------------------------------------------------------------------------------------------

    def find_threads(self) -> None:
        """Learn anew which thread state belongs to which thread: threads have come or gone.

        The GIL knows the thread that had it last, but that may have ended since. So what was known before is followed
        first, as far as it is still true.
        """
        states: dict[int, int] = {}
        seen: set[int] = set()
        for native_id, state in self._states.items():
            if state not in seen and self._links(state)[2] == native_id:
                self._follow(state, states, seen)
        last_holder = self._read(self._gil.address + 8, 8)
        self._follow(int.from_bytes(last_holder, "little"), states, seen)
        self._states = states
        self._outermost = {native_id: frame for native_id, frame in self._outermost.items() if native_id in states}

    def _follow(self, first: int, states: dict[int, int], seen: set[int]) -> None:
        """Go from one thread state to all before and behind it."""
        for link in (0, 1):
            state = first if link == 0 else self._links(first)[1]
            while state not in seen and len(seen) < _MAX_THREADS:
                links = self._links(state)
                native_id = links[2]
                if native_id < 0:
                    break
                seen.add(state)
                if native_id:  # else its thread is just being started
                    states.setdefault(native_id, state)
                state = links[link]

    def _links(self, state: int) -> tuple[int, int, int]:
        """The previous and the next thread state, and the native id; -1 where there is no memory."""
        offset = self._gil.native_id_offset
        data = self._read(state, offset + 8)
        if len(data) < offset + 8:
            return 0, 0, -1
        return self._word_in(data, 0), self._word_in(data, 8), self._word_in(data, offset)

    def knows(self, native_id: int) -> bool:
        """Whether the thread is one of Python's, as far as that is known by now."""
        return native_id in self._states

    # -- stacks -------------------------------------------------------------------------------------------------

    def stack_of(self, native_id: int, now: int) -> list[Frame]:
        """The thread's frames, innermost first; at most `MAX_DEPTH` of them, empty where it runs no Python code.

        Raises:
            TornStack: The thread went on each time that it was tried, or is no thread of Python's any more.
        """
        state = self._states.get(native_id, 0)
        why = "frames come and go"
        before: list[Frame] | None = None
        for _ in range(_TRIES):
            replaced = self._replaced
            try:
                frames = self._walk(self._innermost(state, native_id), now)
            except TornStack as problem:
                why, before = str(problem), None  # not the exception: it has this frame, and this frame would have it
                continue
            if replaced == self._replaced and (self._is_whole(frames, native_id) or frames == before):
                return frames
            before = frames
        raise TornStack(why)

    def _is_whole(self, frames: list[Frame], native_id: int) -> bool:
        """Whether nothing speaks against it: that the thread went on while it was read, or has no frames."""
        return bool(frames) and self._has_its_end(frames, native_id) and lie_in_order(frames)

    def _has_its_end(self, frames: list[Frame], native_id: int) -> bool:
        """Whether the outermost frame is the one that it was before: it hardly ever changes.

        Another one is believed when it is found twice.
        """
        if len(frames) >= MAX_DEPTH:
            return True  # cut off
        end = frames[-1].address
        known = self._outermost.get(native_id)
        self._outermost[native_id] = end
        return known is None or end == known

    def _innermost(self, state: int, native_id: int) -> int:
        layout, offset = self._layout, self._gil.native_id_offset
        data = self._read(state, _THREAD_BYTES)
        if len(data) < _THREAD_BYTES or int.from_bytes(data[offset : offset + 8], "little") != native_id:
            self._states.pop(native_id, None)
            raise TornStack("the thread state is another's")
        at, *deeper = layout.frame_of_thread
        address = int.from_bytes(data[at : at + 8], "little")
        for offset in deeper:  # through a structure on the stack of C code, which is soon another's
            for _ in range(_TRIES):
                inner, now_at = self._word(address + offset), self._word(state + at)
                if now_at == address:
                    break
                address = now_at
            else:
                raise TornStack("the thread went on")
            if inner == 0 and not state <= address < state + _LARGEST_THREAD:
                # Only the structure inside of the thread state stands for no frames. A thread that lost its CPU between
                # hanging another one in and filling it would be without frames for as long as it does not run.
                raise TornStack("a structure that is just being made")
            address = inner
        return address

    def _walk(self, address: int, now: int) -> list[Frame]:
        layout = self._layout
        to_code, to_caller, to_instruction = layout.frame_code, layout.frame_caller, layout.frame_instruction
        word, codes = self._shape.unpack_from, self._codes
        frames: list[Frame] = []
        size, trusted_ns = layout.frame_locals, max(self._replaced_ns, now - _TRUSTED_NS)
        begin = end = 0
        data = b""
        for _ in range(2 * MAX_DEPTH):
            if not begin <= address <= end - size:
                if address == 0 or len(frames) >= MAX_DEPTH:
                    break
                begin, data = self._block(address)
                end = begin + len(data)
            at = address - begin
            code_address = word(data, at + to_code)[0] & REFERENCE
            code = codes.get(code_address)
            if code is None or code.checked_ns <= trusted_ns:
                code = self._code(code_address, now)
            if code is not None:
                instruction = word(data, at + to_instruction)[0] - code_address - layout.code_size
                if not -2 <= instruction < 2 * code.units:
                    raise TornStack("the instruction is not the code's")
                frames.append(Frame(code, max(0, instruction >> 1), address, code_address))
            address = word(data, at + to_caller)[0]
        if len(frames) < MAX_DEPTH and frames and frames[-1].code.is_generator:
            raise TornStack("a generator that has just been left")
        return frames[:MAX_DEPTH]

    def _block(self, address: int) -> tuple[int, bytes]:
        """The frame and what lies before it in its page, where callers mostly are."""
        begin, end = address & -_PAGE, address + self._layout.frame_locals
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
        if known is None or not self._is_still(known, identity):
            if known is not None:  # and then others may have been replaced, too
                self._replaced += 1
                self._replaced_ns = now
            if len(self._codes) >= _MAX_CODES:
                self._codes.clear()
            known = self._codes[address] = self._read_code(identity)
        known.checked_ns = _NEVER if known.function == _RUN_ONCE else now
        return known

    def _read_code(self, identity: bytes) -> Code:
        layout = self._layout
        file, function, table = (
            self._word_in(identity, offset - 8) for offset in (layout.code_file, layout.code_name, layout.code_table)
        )
        first_line, locals_, stack, flags = (
            struct.unpack_from("<i", identity, offset - 8)[0]
            for offset in (layout.code_first_line, layout.code_locals, layout.code_stack, layout.code_flags)
        )
        code = Code(
            file=self.text(file),
            function=self.text(function),
            first_line=first_line,
            table=self._bytes(table),
            units=self._word_in(identity, 8),
            variables=max(0, locals_),
            slots=max(0, locals_) + max(0, stack),
            identity=identity,
        )
        code.is_generator = flags & _GENERATORS != 0
        if not code.is_generator and code.function != _TRAMPOLINE:
            code.extent = layout.frame_locals + 8 * code.slots
        return code

    def _is_still(self, known: Code, identity: bytes) -> bool:
        """Whether it is the same code object; other fields of it change while it runs."""
        if any(known.identity[part] != identity[part] for part in self._lasting):
            return False
        # A new name may lie where the old one was.
        return (
            known.function != _RUN_ONCE or self.text(self._word_in(identity, self._layout.code_file - 8)) == known.file
        )

    # -- names --------------------------------------------------------------------------------------------------

    def names_of(self, outermost: Frame) -> list[str]:
        """What the thread whose outermost frame is given may be called, most likely first.

        Empty where it is no `threading.Thread`: such a thread begins in a method of its `Thread`.
        """
        if not outermost.code.function.endswith("._bootstrap"):
            return []
        names: list[str] = []
        for *way, last in self._layout.ways_to_name:
            try:
                address = self._word(outermost.address + self._layout.frame_locals) & REFERENCE
                for offset in way:
                    address = self._word(address + offset) & REFERENCE
                names += self._names_from(address + last)
            except TornStack:
                continue
        return names

    def _names_from(self, address: int) -> Iterator[str]:
        """Strings that are followed by a tuple, as the name of a thread is by the arguments of its function.

        Attributes that a derived class sets before it calls `Thread.__init__` come before them. The last is the string
        where the name of a plain `Thread` is; in a dictionary of its own a key follows it.
        """
        slots = self._read(address, 8 * _NAME_SLOTS)
        values = [value for (value,) in self._shape.iter_unpack(slots[: len(slots) & ~7])]
        for value, follower in pairwise(values):
            try:
                if self._word(follower + 8) == self.types["a tuple"]:
                    yield self.text(value)
                    return
            except TornStack:
                continue
        with suppress(TornStack, IndexError):
            yield self.text(values[0])

    def text(self, address: int) -> str:
        """The string at an address; of one beyond 1000 characters the first 999 and an ellipsis.

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
        whole = self._word_in(head, 16)
        length, rest = (whole, "") if whole <= _MAX_TEXT else (_MAX_TEXT - 1, "…")
        data = self._read(address + (layout.text_ascii if is_ascii else layout.text_wide), length * kind)
        try:
            return data.decode({1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}[kind], "surrogatepass") + rest
        except UnicodeDecodeError:
            raise TornStack("no characters") from None

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
