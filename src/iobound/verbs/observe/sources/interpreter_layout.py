"""Where a CPython keeps what is to be read from outside: measured on the interpreter that we run on ourselves.

The order of fields in thread states, frames, code objects and strings differs from one minor version of CPython to the
next, and is no interface. So nothing of it is written down here: objects whose contents are known are made in this
process and looked for in its own memory (`id` gives an address). What is not found exactly where it must be gives no
layout at all, and then stacks are not read from outside. A layout holds for every process of the same interpreter file.

What is relied on, and has been so from 3.11 to 3.15: a thread state begins with the pointers to the previous and the
next one; `PyFrameObject` points to an `_PyInterpreterFrame` that contains its code, its caller's frame and the address
of the current instruction; a code object ends with its instructions (`tp_basicsize` is where they begin).
"""

from __future__ import annotations

import os
import struct
import sys
import threading
import types
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from iobound.verbs.observe.sources.gil_memory import GilLocation, find_gil

REFERENCE = ~0b111
"""References in frames carry flags in their lowest bits from 3.14 on."""
_LOWEST, _HIGHEST = 1 << 12, 1 << 47  # of addresses that can be meant
_FRAME_WORDS = 12  # no `_PyInterpreterFrame` has as many before its local variables
_THREAD_WORDS = 64
_ATTRIBUTE_WORDS = 40
_HEADER_WORDS = 4  # before an object: two of the garbage collector's, its dictionary's and its values'
_ODD, _ODDER, _MANY = 0x12345677, 0x23457, 631  # numbers that stand nowhere in a code object by chance


class Layout(NamedTuple):
    """Offsets in bytes from the beginning of each structure.

    Attributes:
        version: Major and minor version of the interpreter.
        gil: Where the GIL is in this process; `file` and `file_delta` tell where it is in others.
        frame_of_thread: Offsets to follow from a thread state to its innermost frame; the last is not dereferenced.
        frame_code: The code object; or what stands for a frame of C code.
        frame_caller: The frame that called, 0 for none.
        frame_instruction: Address of the current instruction.
        frame_locals: The first local variable.
        code_size: Of a code object without its instructions, which follow.
        code_first_line: 32-bit integers, this and `code_locals`, `code_stack` and `code_flags`.
        text_kind: Bits of a string's state that tell its kind from: 3 bits, then whether it is compact, and ASCII.
        text_ascii: Where the characters of a compact ASCII string begin; `text_wide` for others.
        ways_to_name: Each of them offsets to follow from a `threading.Thread` to its name.
        types: Addresses of builtin types by name, relative to the first mapping of the file.
    """

    version: tuple[int, int]
    gil: GilLocation
    frame_of_thread: tuple[int, ...]
    frame_code: int
    frame_caller: int
    frame_instruction: int
    frame_locals: int
    code_size: int
    code_file: int
    code_name: int
    code_table: int
    code_first_line: int
    code_locals: int
    code_stack: int
    code_flags: int
    text_kind: int
    text_ascii: int
    text_wide: int
    ways_to_name: tuple[tuple[int, ...], ...]
    types: Mapping[str, int]


def told() -> str:
    """The layout of the interpreter that runs this, as JSON; `null` where it has none that is known."""
    import json

    layout = own_layout()
    return json.dumps(layout and {**layout._asdict(), "gil": layout.gil._asdict()})


class _Misfit(Exception):
    """Something is not where it must be."""


def own_layout() -> Layout | None:
    """The layout of the interpreter that runs this; None where it has another one than any that is known.

    Takes a few milliseconds and no more memory than it gives back.
    """
    if sys.implementation.name != "cpython" or struct.calcsize("P") != 8 or sys.byteorder != "little":
        return None
    try:
        memory = os.open("/proc/self/mem", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return _measured(memory)
    except (_Misfit, OSError, struct.error):
        return None
    finally:
        os.close(memory)


def _measured(memory: int) -> Layout:
    # The beginning of the switch interval is what the target will have; ours may have been changed.
    interval_us = round(sys.getswitchinterval() * 1e6)
    gil = find_gil(os.getpid(), memory, frozenset({threading.get_native_id()}), frozenset({interval_us}))
    if gil is None:
        raise _Misfit("no GIL")
    own = _Memory(memory)
    state = own.words(gil.address, 2)[1]
    marker, running = object(), _suspended
    generator = running(marker)
    next(generator)
    frame = _FrameFields(own, generator, marker)
    kind, ascii_at, wide_at = _text_fields(own)
    return Layout(
        version=(sys.version_info[0], sys.version_info[1]),
        gil=gil,
        frame_of_thread=_way_to_frame(memory, state, frame.pointer),
        frame_code=frame.code,
        frame_caller=_caller(own, frame.pointer),
        frame_instruction=frame.instruction,
        frame_locals=frame.locals,
        code_size=types.CodeType.__basicsize__,
        **_code_fields(own),
        text_kind=kind,
        text_ascii=ascii_at,
        text_wide=wide_at,
        ways_to_name=_ways_to_name(own),
        types={name: id(type_) - gil.address + gil.file_delta for name, type_ in _types().items()},
    )


class _Memory:
    """This process's own memory."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def words(self, address: int, count: int) -> tuple[int, ...]:
        """Up to so many 64-bit words; none where there is no memory."""
        if not _LOWEST <= address < _HIGHEST:
            return ()
        try:
            data = os.pread(self._descriptor, 8 * count, address)
        except OSError:
            return ()
        return struct.unpack(f"<{len(data) // 8}Q", data[: len(data) // 8 * 8])

    def integers(self, address: int, size: int) -> tuple[int, ...]:
        """32-bit integers."""
        return struct.unpack(f"<{size // 4}i", os.pread(self._descriptor, size // 4 * 4, address))


def _first(places: Iterator[int], what: str) -> int:
    for place in places:
        return place
    raise _Misfit(what)


def _suspended(marker: object) -> Iterator[object]:
    yield marker


class _FrameFields:
    """Fields of a frame, found in one that stands still: that of a suspended generator."""

    def __init__(self, own: _Memory, generator: Any, marker: object) -> None:
        frame, code = generator.gi_frame, generator.gi_code
        pointers = enumerate(own.words(id(frame), 8))
        self.pointer = 8 * _first(
            (at for at, word in pointers if at > 1 and _holds(own, word, id(code))), "frame of a frame object"
        )
        address = own.words(id(frame) + self.pointer, 1)[0]
        words = own.words(address, 2 * _FRAME_WORDS)
        begin = id(code) + types.CodeType.__basicsize__
        self.code = 8 * _first((at for at, word in enumerate(words) if word & REFERENCE == id(code)), "code of a frame")
        self.instruction = 8 * _first(
            (at for at, word in enumerate(words[:_FRAME_WORDS]) if word - begin == frame.f_lasti), "instruction"
        )
        self.locals = 8 * _first((at for at, word in enumerate(words) if word & REFERENCE == id(marker)), "locals")


def _holds(own: _Memory, address: int, wanted: int) -> bool:
    return any(word & REFERENCE == wanted for word in own.words(address, _FRAME_WORDS))


def _caller(own: _Memory, pointer: int) -> int:
    """Where a frame has its caller."""
    frame = sys._getframe()
    mine = own.words(id(frame) + pointer, 1)[0]
    callers = own.words(id(frame.f_back) + pointer, 1)[0]
    return 8 * _first((at for at, word in enumerate(own.words(mine, _FRAME_WORDS)) if word == callers), "caller")


def _way_to_frame(memory: int, state: int, pointer: int) -> tuple[int, ...]:
    """How a thread state leads to the innermost frame: at once, or up to 3.12 through a structure of C code.

    Memory is read here and not in a function of its own, for that would be the innermost frame then.
    """
    mine = struct.unpack("<Q", os.pread(memory, 8, id(sys._getframe()) + pointer))[0]
    words = struct.unpack(f"<{_THREAD_WORDS}Q", os.pread(memory, 8 * _THREAD_WORDS, state))
    for at, word in enumerate(words):
        if word == mine:
            return (8 * at,)
    for at, word in enumerate(words):
        if not _LOWEST <= word < _HIGHEST:
            continue
        try:
            inner = struct.unpack("<3Q", os.pread(memory, 24, word))
        except (OSError, struct.error):
            continue
        if mine in inner:
            return (8 * at, 8 * inner.index(mine))
    raise _Misfit("frame of a thread state")


def _code_fields(own: _Memory) -> dict[str, int]:
    code = _nested()
    size = types.CodeType.__basicsize__
    words = own.words(id(code), size // 8)

    def holding(thing: object, what: str) -> int:
        return 8 * _first((at for at, word in enumerate(words) if at > 1 and word == id(thing)), what)

    odd = code.replace(co_firstlineno=_ODD, co_stacksize=_ODDER)
    many = code.replace(co_nlocals=_MANY, co_varnames=tuple(map(str, range(_MANY))))
    numbers, locals_ = own.integers(id(odd), size), own.integers(id(many), size)
    return {
        "code_file": holding(code.co_filename, "file of a code object"),
        "code_name": holding(code.co_qualname, "name of a code object"),
        "code_table": holding(code.co_linetable, "line table"),
        "code_first_line": 4 * _first((at for at, number in enumerate(numbers) if number == _ODD), "first line"),
        "code_locals": 4 * _first((at for at, number in enumerate(locals_) if number == _MANY), "number of locals"),
        "code_stack": 4 * _first((at for at, number in enumerate(numbers) if number == _ODDER), "stack size"),
        "code_flags": _code_flags(own, odd),
    }


def _code_flags(own: _Memory, code: types.CodeType) -> int:
    """Where the flags are: they differ when a code object is taken for a generator's."""
    codes = code, code.replace(co_flags=code.co_flags ^ 0x20)
    numbers = zip(*(own.integers(id(code), types.CodeType.__basicsize__) for code in codes), strict=True)
    flags = tuple(code.co_flags for code in codes)
    return 4 * _first((at for at, pair in enumerate(numbers) if pair == flags), "flags")


def _nested() -> types.CodeType:
    """A code object whose name and qualified name differ."""

    def inner() -> None:
        """Never called."""

    return inner.__code__


def _text_fields(own: _Memory) -> tuple[int, int, int]:
    """The kind's lowest bit, and where characters begin in ASCII and in other compact strings."""
    fresh = str(os.getpid())  # not interned
    examples = {1: fresh + "abc", 2: fresh + "\u0101", 4: fresh + "\U0001f600"}
    ascii_at = sys.getsizeof(examples[1]) - len(examples[1]) - 1
    wide_at = sys.getsizeof(examples[2]) - 2 * (len(examples[2]) + 1)
    for shift in (2, 3, 8, 16):
        states = {kind: own.words(id(text), 5)[4] >> shift & 31 for kind, text in examples.items()}
        if states == {1: 0b11001, 2: 0b01010, 4: 0b01100}:
            return shift, ascii_at, wide_at
    raise _Misfit("kind of a string")


def _ways_to_name(own: _Memory) -> tuple[tuple[int, ...], ...]:
    """How a `Thread`, and one of a derived class, lead to their names; from 3.14 on the two differ.

    A way that is not found is left out: names are a convenience.
    """

    class Derived(threading.Thread):
        """Nothing of its own."""

    threads = (kind(name=f"iobound-{os.getpid()}") for kind in (threading.Thread, Derived))
    return tuple(dict.fromkeys(way for way in (_way_to_name(own, thread) for thread in threads) if way))


def _way_to_name(own: _Memory, thread: threading.Thread) -> tuple[int, ...]:
    """Up to 3.12 it leads through a block of values, since then the name is in the object itself."""
    name = id(thread._name)  # type: ignore[attr-defined]
    words = own.words(id(thread) - 8 * _HEADER_WORDS, _ATTRIBUTE_WORDS)
    # Not before the object: there another one may end that had to do with the name by chance.
    for at, word in enumerate(words[_HEADER_WORDS:]):
        if word == name:
            return (8 * at,)
    for at, word in enumerate(words[:_HEADER_WORDS]):
        for inner, value in enumerate(own.words(word & REFERENCE, _ATTRIBUTE_WORDS)):
            if value == name:
                return 8 * (at - _HEADER_WORDS), 8 * inner
    return ()


def _types() -> dict[str, Any]:
    """Types by the name under which they are looked for; iterators by that of what they go through."""
    some: dict[Any, Any] = {}
    return {
        "code": types.CodeType,
        "text": str,
        "nothing": None,
        "list": type(iter([])),
        "tuple": type(iter(())),
        "range": type(iter(range(0))),
        "set": type(iter(set())),
        "dict_keys": type(iter(some)),
        "dict_values": type(iter(some.values())),
        "dict_items": type(iter(some.items())),
        "enumerate": enumerate,
        "zip": zip,
        "map": map,
        "filter": filter,
        "a list": list,
        "a tuple": tuple,
        "a str": str,
        "a bytes": bytes,
    }
