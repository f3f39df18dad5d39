"""One large increment as several, each of which fits into a block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeVar

from iobound.model.increment import Increment, ThreadPart
from iobound.model.recording import LoopLooks, Marks, StackLooks, ThreadRecord
from iobound.verbs.store.limits import MEBIBYTE

Item = TypeVar("Item")
Looks = TypeVar("Looks", Marks, StackLooks, LoopLooks)

_BATCH_BYTES = 2 * MEBIBYTE
_ROW_BYTES = 150  # a row at its longest: seven numbers of twenty digits, with their commas
_LETTER_BYTES = 6  # a letter at its longest: backslash, u and four digits
_PIECE_ROWS = _BATCH_BYTES // (3 * _ROW_BYTES)


def batches(increment: Increment) -> Iterator[Increment]:
    """Yield increments that together do what this one does, none with much more than 2 MiB of text."""
    blank = Increment(time_ns=increment.time_ns)
    yield blank._replace(effort=increment.effort)
    for channels in _groups(increment.channels, lambda one: _text(one.call, one.target)):
        yield blank._replace(channels=channels)
    for places in _groups(increment.places, lambda one: _text(one.file, one.function)):
        yield blank._replace(places=places)
    for stacks in _groups(increment.stacks, lambda one: 0):
        yield blank._replace(stacks=stacks)
    for host in _groups(increment.host, lambda one: 0):
        yield blank._replace(host=host)
    for processes in _groups(increment.processes, lambda one: _text(one[1].command) + 5 * _ROW_BYTES):
        yield blank._replace(processes=processes)
    pieces = chain.from_iterable(map(_pieces, increment.threads))
    for threads in _groups(pieces, lambda one: _text(one.record.name) + _rows(one.record) * _ROW_BYTES):
        yield blank._replace(threads=threads)


def _groups(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[tuple[Item, ...]]:
    group: list[Item] = []
    filled = 0
    for item in items:
        if filled > _BATCH_BYTES:
            yield tuple(group)
            group, filled = [], 0
        group.append(item)
        filled += size(item) + _ROW_BYTES
    if group:
        yield tuple(group)


def _pieces(part: ThreadPart) -> Iterator[ThreadPart]:
    record = part.record
    longest = max(len(record.marks), len(record.stacks), len(record.loops), 1)
    for start in range(0, longest, _PIECE_ROWS):
        rows = slice(start, start + _PIECE_ROWS)
        piece = record._replace(
            marks=_cut(record.marks, rows), stacks=_cut(record.stacks, rows), loops=_cut(record.loops, rows)
        )
        yield part._replace(first_mark=part.first_mark + min(start, len(record.marks)), record=piece)


def _cut(looks: Looks, rows: slice) -> Looks:
    return type(looks)(*(getattr(looks, name)[rows] for name in looks.__slots__))


def _rows(record: ThreadRecord) -> int:
    return len(record.marks) + len(record.stacks) + len(record.loops)


def _text(*texts: str) -> int:
    return _LETTER_BYTES * sum(map(len, texts))
