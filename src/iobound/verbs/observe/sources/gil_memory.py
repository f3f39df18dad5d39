"""Who holds the GIL of a process, read from outside out of the interpreter's own memory.

CPython keeps its GIL in one structure (`struct _gil_runtime_state`, Include/internal/pycore_gil.h) that begins alike in
every version from 3.11 to 3.15: the switch interval in microseconds, the thread state that held the GIL last, and
whether it is locked. It lies in the writable data of the interpreter. So it is found by its shape: the known interval,
followed by a pointer to a thread state, which is known by the native thread id in it. Nothing is written, the target
does not stop, and a read costs two microseconds.

The kernel allows it to whoever may read `/proc/PID/syscall`: a parent of the same user, with no further privilege.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_SHAPE = struct.Struct("<QQi")  # interval, last holder, locked
GIL_BYTES = 256
"""At least the size of the structure: the futexes in it lie within so many bytes of its beginning."""
_THREAD_STATE_BYTES = 1024
DEFAULT_INTERVAL_US = 5000
_MAX_SEGMENT = 64 << 20


class GilLocation(NamedTuple):
    """Where the GIL of one process is, and where in a thread state its native id stands."""

    address: int
    native_id_offset: int
    file: str
    file_delta: int  # address minus the first mapping of `file`: the same in every process of this interpreter


class _Segment(NamedTuple):
    start: int
    end: int
    file: str
    base: int


def find_gil(
    pid: int, memory: int, native_ids: frozenset[int], intervals_us: frozenset[int] = frozenset({DEFAULT_INTERVAL_US})
) -> GilLocation | None:
    """Search the interpreter's writable data for its GIL.

    Args:
        pid: Process to search.
        memory: Descriptor of its `/proc/PID/mem`.
        native_ids: Its threads.
        intervals_us: What its switch interval may be.

    Returns:
        None where there is no interpreter, the GIL is off, or more than one place would fit.
    """
    found: dict[int, GilLocation] = {}
    for segment in _segments(pid):
        data = _read(memory, segment.start, min(segment.end - segment.start, _MAX_SEGMENT))
        for at in _words(data, intervals_us):
            offset = _native_id_offset(memory, data, at, native_ids)
            if offset is not None:
                address = segment.start + at
                found[address] = GilLocation(address, offset, segment.file, address - segment.base)
    return next(iter(found.values())) if len(found) == 1 else None


def _words(data: bytes, values: Iterable[int]) -> Iterator[int]:
    """Offsets of the aligned 64-bit words with one of the values."""
    for value in values:
        pattern = value.to_bytes(8, "little")
        at = data.find(pattern)
        while at >= 0:
            if at % 8 == 0:
                yield at
            at = data.find(pattern, at + 1)


def find_known(pid: int, memory: int, native_ids: frozenset[int], known: GilLocation) -> GilLocation | None:
    """The GIL of another process of an interpreter whose GIL was found before; None when it does not fit."""
    for segment in _segments(pid):
        if segment.file == known.file:
            address = segment.base + known.file_delta
            data = _read(memory, address, _SHAPE.size)
            if len(data) == _SHAPE.size and _native_id_offset(memory, data, 0, native_ids) is not None:
                return GilLocation(address, known.native_id_offset, known.file, known.file_delta)
            return None
    return None


class GilReader:
    """Reads who holds the GIL; remembers which thread state belongs to which thread."""

    __slots__ = ("_threads", "location", "memory")

    def __init__(self, memory: int, location: GilLocation) -> None:
        self.memory = memory
        self.location = location
        self._threads: dict[int, int] = {}

    def holder(self) -> int | None:
        """Native id of the thread that holds the GIL; 0 when it is free, None when it cannot be told any more."""
        try:
            interval, state, locked = _SHAPE.unpack(os.pread(self.memory, _SHAPE.size, self.location.address))
        except (OSError, struct.error):
            return None
        if locked == 0:
            return 0
        if locked != 1 or not 0 < interval < 1 << 32:
            return None
        thread = self._threads.get(state)
        return thread if thread is not None else self._thread_of(state)

    def forget_threads(self) -> None:
        """Thread states are used again when threads end: look them up anew."""
        self._threads.clear()

    def _thread_of(self, state: int) -> int | None:
        data = _read(self.memory, state + self.location.native_id_offset, 8)
        if len(data) < 8:
            return None
        thread = int.from_bytes(data, "little")
        if 0 < thread < 1 << 32:
            self._threads[state] = thread
            return thread
        return None

    def is_in_gil(self, address: int) -> bool:
        """Whether a futex at the address belongs to the GIL."""
        return 0 <= address - self.location.address < GIL_BYTES


def _native_id_offset(memory: int, data: bytes, at: int, native_ids: frozenset[int]) -> int | None:
    if at + _SHAPE.size > len(data):
        return None
    _, state, locked = _SHAPE.unpack_from(data, at)
    if locked not in (0, 1) or state < 1 << 12 or state >> 47 or state % 8:
        return None
    words = _read(memory, state, _THREAD_STATE_BYTES)
    for offset in range(8, len(words) - 7, 8):
        if int.from_bytes(words[offset : offset + 8], "little") in native_ids:
            # the word before a native thread id is the thread's identity for pthreads: a large number
            if int.from_bytes(words[offset - 8 : offset], "little") > 1 << 16:
                return offset
    return None


def _segments(pid: int) -> list[_Segment]:
    """Writable data of the interpreter: mappings of the executable and of libpython, and their bss."""
    segments: list[_Segment] = []
    bases: dict[str, int] = {}
    end_of_last, file_of_last = 0, ""
    try:
        executable = os.readlink(f"/proc/{pid}/exe")
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="surrogateescape") as maps:
            lines = maps.read().splitlines()
    except OSError:
        return []
    for line in lines:
        fields = line.split(None, 5)
        start, end = (int(part, 16) for part in fields[0].split("-"))
        file = fields[5] if len(fields) > 5 else ""
        name = file.rpartition("/")[2]
        if file == executable or name.startswith("libpython"):
            bases.setdefault(file, start)
        elif file == "" and start == end_of_last and file_of_last:
            file = file_of_last
        else:
            file = ""
        if file and "w" in fields[1]:
            segments.append(_Segment(start, end, file, bases[file]))
        end_of_last, file_of_last = end, file
    return segments


def _read(memory: int, address: int, size: int) -> bytes:
    try:
        return os.pread(memory, size, address)
    except (OSError, OverflowError):
        return b""
