"""Frames of a stack, their code, and whether they can be frames of one stack."""

from __future__ import annotations

from typing import Any, NamedTuple

_PAGE = 4096


class TornStack(Exception):
    """The thread went on while it was read."""


class Code:
    """One code object.

    Attributes:
        file: Path as the code object has it; `function` is its qualified name.
        first_line: First line of the function.
        table: Its line table (`co_linetable`).
        units: Number of its instructions, caches included; an instruction has two bytes.
        variables: Local variables, in words; `slots` with the value stack.
        is_generator: Whether its frames lie in objects; also those of coroutines do.
        extent: Of other frames in bytes: there begins the frame that it calls. 0 where that is not so.
        places: For the caller's use: what it knows of instructions, by index.
        marks: For the caller's use: how far it has read the line table.
    """

    __slots__ = (
        "checked_ns",
        "extent",
        "file",
        "is_generator",
        "first_line",
        "function",
        "identity",
        "marks",
        "places",
        "slots",
        "table",
        "units",
        "variables",
    )

    def __init__(
        self,
        file: str,
        function: str,
        first_line: int,
        table: bytes,
        units: int,
        variables: int,
        slots: int,
        identity: bytes,
    ) -> None:
        self.file = file
        self.function = function
        self.first_line = first_line
        self.table = table
        self.units = units
        self.variables = variables
        self.slots = slots
        self.extent = 0
        self.is_generator = False
        self.identity = identity
        self.checked_ns = 0
        self.places: dict[int, int] = {}
        self.marks: list[Any] = []


class Frame(NamedTuple):
    """One frame: its code, the index of the current instruction, and where it is."""

    code: Code
    instruction: int
    address: int
    code_address: int


def lie_in_order(frames: list[Frame]) -> bool:
    """Whether each frame begins where its caller's ends, as they do in the interpreter's stack.

    What has been left lies there until something else takes its place: then its caller may seem to be another function.
    Those in different pages may lie in different blocks. Generators have their frames elsewhere.
    """
    called = 0
    for code, _, address, _ in frames:
        if code.extent:
            end = address + code.extent
            if called and end != called and (address // _PAGE == called // _PAGE or address < called < end):
                return False
            called = address
    return True
