"""The parts of a recording as the content of blocks, and back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from iobound.model.increment import Closing, Increment, Opening, ThreadPart
from iobound.model.recording import (
    Channel,
    Effort,
    HostLook,
    LoopLooks,
    Marks,
    Place,
    ProcessRecord,
    StackLooks,
    StackNode,
    ThreadRecord,
)
from iobound.verbs.store.columns import (
    columns_as_looks,
    columns_as_records,
    columns_as_rows,
    looks_as_columns,
    records_as_columns,
    scalars,
)
from iobound.verbs.store.layout import BlockKind, Invalid
from iobound.verbs.store.schema import Decoder, as_list, as_object, decoder, encoded, record_decoder

Part = Opening | Increment | Closing

_TABLES: Mapping[str, type[NamedTuple]] = {"channels": Channel, "places": Place, "stacks": StackNode, "host": HostLook}
_LOOKS: Mapping[str, type[Marks | StackLooks | LoopLooks]] = {
    "marks": Marks,
    "stacks": StackLooks,
    "loops": LoopLooks,
}


def as_content(part: Part) -> tuple[BlockKind, object]:
    """What the block of a part holds."""
    match part:
        case Opening():
            return BlockKind.OPENING, encoded(part)
        case Closing():
            return BlockKind.CLOSING, encoded(part)
        case Increment():
            return BlockKind.INCREMENT, _increment_content(part)


def as_part(kind: int, content: object) -> Part | None:
    """The part that a block holds, None for a kind of block that is not known; raises `Invalid`."""
    match kind:
        case BlockKind.OPENING:
            return _opening(content)
        case BlockKind.CLOSING:
            return _closing(content)
        case BlockKind.INCREMENT:
            return _increment(as_object(content))
    return None


def _opening(content: object) -> Opening:
    opening: Opening = decoder(Opening)(content)
    return opening


def _closing(content: object) -> Closing:
    closing: Closing = decoder(Closing)(content)
    return closing


def _increment_content(part: Increment) -> dict[str, object]:
    content: dict[str, object] = {"time_ns": part.time_ns}
    for name, kind in _TABLES.items():
        if rows := getattr(part, name):
            content[name] = records_as_columns(rows, kind)
    if part.processes:
        content["processes"] = [[index, _process_content(record)] for index, record in part.processes]
    if part.threads:
        content["threads"] = _threads_content(part.threads)
    if part.effort is not None:
        content["effort"] = encoded(part.effort)
    return content


def _process_content(record: ProcessRecord) -> object:
    return encoded(record._replace(threads=()))


def _threads_content(parts: tuple[ThreadPart, ...]) -> dict[str, object]:
    records = [part.record for part in parts]
    content: dict[str, object] = {
        "process": [part.process for part in parts],
        "thread": [part.thread for part in parts],
        "first_mark": [part.first_mark for part in parts],
        "record": records_as_columns(records, ThreadRecord, without=_LOOKS),
    }
    for name, kind in _LOOKS.items():
        looks = [getattr(record, name) for record in records]
        if any(map(len, looks)):
            content[name] = {"rows": list(map(len, looks)), **looks_as_columns(looks, kind)}
    return content


def _increment(content: dict[str, object]) -> Increment:
    tables: dict[str, Any] = {
        name: columns_as_records(content[name], kind) for name, kind in _TABLES.items() if name in content
    }
    return Increment(
        time_ns=decoder(int)(content.get("time_ns")),
        processes=tuple(map(_process, as_list(content.get("processes", [])))),
        threads=_threads(as_object(content["threads"])) if "threads" in content else (),
        effort=decoder(Effort | None)(content.get("effort")),
        **tables,
    )


def _process(raw: object) -> tuple[int, ProcessRecord]:
    pair = as_list(raw)
    if len(pair) != 2:
        raise Invalid("a process is no pair of index and record")
    return _index(pair[0]), _process_decoder()(pair[1], threads=())


@cache
def _process_decoder() -> Decoder:
    return record_decoder(ProcessRecord, without="threads")


def _threads(content: dict[str, object]) -> tuple[ThreadPart, ...]:
    positions = [scalars(content, name, int) for name in ("process", "thread", "first_mark")]
    records = columns_as_rows(content.get("record"), ThreadRecord, without=_LOOKS)
    looks = {name: _looks(content.get(name, {}), kind, len(records)) for name, kind in _LOOKS.items()}
    if any(len(column) != len(records) or min(column, default=0) < 0 for column in positions):
        raise Invalid("the numbers of the threads do not fit to their records")
    return tuple(
        ThreadPart(process, thread, first, ThreadRecord(**record, marks=marks, stacks=stacks, loops=loops))
        for process, thread, first, record, marks, stacks, loops in zip(
            *positions, records, looks["marks"], looks["stacks"], looks["loops"], strict=True
        )
    )


def _looks(raw: object, kind: type[Any], threads: int) -> list[Any]:
    given = as_object(raw)
    rows = scalars(given, "rows", int) if "rows" in given else [0] * threads
    if len(rows) != threads or min(rows, default=0) < 0:
        raise Invalid("the row counts of the looks do not fit to the threads")
    return columns_as_looks(given, kind, rows)


def _index(raw: object) -> int:
    index: int = decoder(int)(raw)
    if index < 0:
        raise Invalid(f"{index} is no index")
    return index
