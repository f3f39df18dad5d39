"""Tables by column: lists that compress well and that are checked and turned into arrays in bulk.

A column of whole numbers is coded in one of three ways, by its name: as its *steps* (the first value, then
differences), *beside* another column (differences to it, row by row), or *plain*.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, chain, islice
from operator import add, sub
from typing import Any, NamedTuple, TypeVar

from iobound.model.recording import LoopLooks, Marks, StackLooks
from iobound.verbs.store.layout import Invalid
from iobound.verbs.store.schema import annotations_of, as_list, as_object, decoder

Looks = TypeVar("Looks", Marks, StackLooks, LoopLooks)
Row = TypeVar("Row", bound=NamedTuple)

_STEPS = frozenset({"time", "cpu", "queued", "wanted", "loop", "position"})
_BESIDE: Mapping[str, str] = {"still": "time", "taken": "wanted"}


def looks_as_columns(looks: Sequence[Looks], kind: type[Looks]) -> dict[str, list[int]]:
    """The looks of several threads as one table, one thread after another."""
    whole = {name: list(chain.from_iterable(getattr(one, name) for one in looks)) for name in kind.__slots__}
    return {name: _coded(name, whole) for name in whole}


def columns_as_looks(raw: object, kind: type[Looks], lengths: Sequence[int]) -> list[Looks]:
    """The looks of several threads, `lengths[i]` rows for thread `i`; raises `Invalid`.

    Threads without a row share one empty table: most threads are waiting when they are looked at.
    """
    rows = sum(lengths)
    given = as_object(raw)
    columns: dict[str, array[int]] = {}
    for name, code in zip(kind.__slots__, kind.codes, strict=True):
        columns[name] = _decoded(name, code, given, columns, rows)
    empty, ends = kind(), accumulate(lengths)
    return [
        kind(*[column[end - length : end] for column in columns.values()]) if length else empty
        for end, length in zip(ends, lengths, strict=True)
    ]


def records_as_columns(
    records: Sequence[NamedTuple], kind: type[NamedTuple], without: Iterable[str] = ()
) -> dict[str, list[Any]]:
    """Records of scalars as one list per field."""
    return {name: [getattr(one, name) for one in records] for name in kind._fields if name not in without}


def columns_as_records(raw: object, kind: type[Row]) -> tuple[Row, ...]:
    """Records of scalars from one list per field; a missing column gives every record its default."""
    make: Callable[..., Row] = kind
    return tuple(make(**row) for row in columns_as_rows(raw, kind))


def columns_as_rows(raw: object, kind: type[NamedTuple], without: Iterable[str] = ()) -> list[dict[str, Any]]:
    """The same as keyword arguments for `kind`, for records with fields that come from elsewhere."""
    given, annotations = as_object(raw), annotations_of(kind)
    columns: dict[str, list[Any]] = {}
    for name in kind._fields:
        if name in without or (name not in given and name in kind._field_defaults):
            continue
        columns[name] = scalars(given, name, annotations[name])
    if len({len(column) for column in columns.values()}) > 1:
        raise Invalid("columns of one table differ in length")
    names = tuple(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def scalars(given: Mapping[str, object], name: str, annotation: Any) -> list[Any]:
    """One column of scalars, every value of the annotated type."""
    if name not in given:
        raise Invalid(f"column {name!r} is missing")
    raw: list[Any] = as_list(given[name])
    types = set(map(type, raw))
    if types <= {str} and annotation is str:
        return raw
    try:
        if types <= {int} and annotation is int:
            return array("q", raw).tolist()  # which checks their range
        return list(map(decoder(annotation), raw))
    except (Invalid, OverflowError) as error:
        raise Invalid(f"{name}: {error}") from error


def _coded(name: str, whole: Mapping[str, list[int]]) -> list[int]:
    values = whole[name]
    if name in _STEPS:
        return values[:1] + list(map(sub, islice(values, 1, None), values))
    if name in _BESIDE:
        return list(map(sub, values, whole[_BESIDE[name]]))
    return values


def _decoded(
    name: str, code: str, given: Mapping[str, object], known: Mapping[str, array[int]], rows: int
) -> array[int]:
    if rows == 0 and name not in given:
        return array(code)
    if name not in given:
        raise Invalid(f"column {name!r} is missing")
    raw: list[Any] = as_list(given[name])
    if len(raw) != rows:
        raise Invalid(f"column {name!r} has {len(raw)} rows, not {rows}")
    try:
        return array(code, _values(name, raw, known))
    except (TypeError, OverflowError) as error:
        raise Invalid(f"column {name!r} holds something else than 64-bit integers") from error


def _values(name: str, raw: list[Any], known: Mapping[str, array[int]]) -> Iterable[int]:
    if name in _STEPS:
        return accumulate(raw)
    if name in _BESIDE:
        return map(add, known[_BESIDE[name]], raw)
    return raw
