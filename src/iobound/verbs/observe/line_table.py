"""Lines and columns of instructions, out of the line table of a code object.

The form is the same from 3.11 to 3.15 (Objects/locations.md): entries that each cover one to eight instructions.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import NamedTuple

_NO_LOCATION, _LONG, _NO_COLUMNS, _ONE_LINE = 15, 14, 13, 10
_MAX_SHIFT = 30  # of numbers that can be lines or columns
_STRIDE = 512  # entries between two marks


class Position(NamedTuple):
    """Where an instruction comes from; end line 0 and columns -1 where the table does not say them."""

    line: int
    column: int
    end_line: int
    end_column: int


class Mark(NamedTuple):
    """How far a table has been read: byte, instructions that the entries before it cover, and line reached."""

    at: int
    covered: int
    line: int


def position(table: bytes, first_line: int, instruction: int, marks: list[Mark] | None = None) -> Position:
    """Position of an instruction.

    Args:
        table: `co_linetable`.
        first_line: `co_firstlineno`.
        instruction: Index of the instruction, caches counted.
        marks: What this leaves for the next call with the same table. With it a table is read once from its beginning,
            however many of its instructions are asked for: generated code has tables of megabytes.

    Returns:
        The line of the instruction before, without columns, for one that the compiler gave none, such as the jump back
        to the head of a loop on 3.11. The first line of the code object where the table is garbled or ends early.
    """
    marks = [] if marks is None else marks
    at, covered, line = _nearest(marks, instruction) or Mark(0, 0, first_line)
    known, entries = (marks[-1].covered if marks else 0), 0
    try:
        while at < len(table):
            entries += 1
            if entries % _STRIDE == 0 and covered > known:
                marks.append(Mark(at, covered, line))
            head = table[at]
            kind, length = head >> 3 & 15, (head & 7) + 1
            delta, end_delta, column, end_column, at = _entry(table, at + 1, kind)
            line += delta
            covered += length
            if instruction < covered:
                if line < 0:
                    break
                if kind == _NO_LOCATION:
                    return Position(line, -1, 0, -1)
                return Position(line, column, line + end_delta, end_column)
    except IndexError:
        pass
    return Position(first_line, -1, 0, -1)


def _nearest(marks: list[Mark], instruction: int) -> Mark | None:
    """The last mark that does not lie behind the instruction."""
    number = bisect_right(marks, instruction, key=_covered)
    return marks[number - 1] if number else None


_covered = attrgetter("covered")


def _entry(table: bytes, at: int, kind: int) -> tuple[int, int, int, int, int]:
    """Lines further than the entry before, lines that it spans, columns, and where the next entry begins."""
    if kind == _NO_LOCATION:
        return 0, 0, -1, -1, at
    if kind == _LONG:
        delta, at = _signed(table, at)
        end_delta, at = _varint(table, at)
        column, at = _varint(table, at)
        end_column, at = _varint(table, at)
        return delta, end_delta, column - 1, end_column - 1, at
    if kind == _NO_COLUMNS:
        delta, at = _signed(table, at)
        return delta, 0, -1, -1, at
    if kind >= _ONE_LINE:
        return kind - _ONE_LINE, 0, table[at], table[at + 1], at + 2
    column = kind << 3 | table[at] >> 4
    return 0, 0, column, column + (table[at] & 15), at + 1


def _varint(table: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = table[at]
        at += 1
        number |= (byte & 63) << shift
        if not byte & 64:
            return number, at
        shift += 6
        if shift > _MAX_SHIFT:
            raise IndexError("a number without an end")


def _signed(table: bytes, at: int) -> tuple[int, int]:
    number, at = _varint(table, at)
    return (-(number >> 1) if number & 1 else number >> 1), at
