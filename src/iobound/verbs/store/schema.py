"""From records of the model to plain JSON values and back, driven by the annotations of the model.

Everything that comes back is exactly of its annotated type. Fields that are not known are ignored, fields that are
missing take their default: that is how the format grows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from iobound.verbs.store.layout import Invalid

Decoder = Callable[..., Any]

INT_LIMIT = 1 << 63


def encoded(value: object) -> object:
    """A record, tuple, mapping or scalar as JSON can hold it; a mapping becomes a list of pairs."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: encoded(item) for name, item in value._asdict().items()}
    if isinstance(value, Mapping):
        return [[key, encoded(item)] for key, item in value.items()]
    if isinstance(value, tuple):
        return [encoded(item) for item in value]
    return value


@cache
def decoder(annotation: Any) -> Decoder:
    """The function that turns a JSON value into a value of the annotated type, or raises `Invalid`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is tuple:
        item = decoder(arguments[0])
        return lambda raw: tuple(map(item, as_list(raw)))
    if origin in (Union, UnionType):
        (present,) = (decoder(argument) for argument in arguments if argument is not NoneType)
        return lambda raw: None if raw is None else present(raw)
    if origin is Mapping:
        return _mapping_decoder(decoder(arguments[0]), decoder(arguments[1]))
    if isinstance(annotation, type) and issubclass(annotation, IntEnum):
        return _enum_decoder(annotation)
    if isinstance(annotation, type) and issubclass(annotation, tuple):
        return record_decoder(annotation)
    return _SCALARS[annotation]


def record_decoder(record: Any, without: str = "") -> Decoder:
    """The same for a record class; a field `without` a JSON form is a keyword argument of the function instead."""
    annotations = annotations_of(record)
    members = [(name, decoder(annotations[name])) for name in record._fields if name != without]

    def decode(raw: object, **rest: object) -> Any:
        given = as_object(raw)
        known = {name: _member(given, name, member) for name, member in members if _given(given, name, record)}
        return record(**known, **rest)

    return decode


@cache
def annotations_of(record: Any) -> Mapping[str, Any]:
    """The types of a record's fields; finding them is slow."""
    return get_type_hints(record)


def as_list(raw: object) -> list[object]:
    """`raw`, known to be a list."""
    if type(raw) is not list:
        raise Invalid(f"{clipped(raw)} is not a list")
    return raw


def as_object(raw: object) -> dict[str, object]:
    """`raw`, known to be a JSON object."""
    if type(raw) is not dict:
        raise Invalid(f"{clipped(raw)} is not an object")
    return raw


def clipped(raw: object) -> str:
    """A value as a message can show it."""
    text = ascii(raw) if isinstance(raw, str | int | float | None) else f"a {type(raw).__name__}"
    return text if len(text) <= 40 else text[:37] + "..."


def _given(given: dict[str, object], name: str, record: Any) -> bool:
    if name in given:
        return True
    if name in record._field_defaults:
        return False
    raise Invalid(f"{name!r} is missing")


def _member(given: dict[str, object], name: str, member: Decoder) -> Any:
    try:
        return member(given[name])
    except Invalid as error:
        raise Invalid(f"{name}: {error}") from error


def _mapping_decoder(key: Decoder, item: Decoder) -> Decoder:
    def decode(raw: object) -> dict[Any, Any]:
        pairs = [as_list(pair) for pair in as_list(raw)]
        if any(len(pair) != 2 for pair in pairs):
            raise Invalid("a mapping has a row that is no pair")
        return {key(first): item(second) for first, second in pairs}

    return decode


def _enum_decoder(enum: type[IntEnum]) -> Decoder:
    members = {member.value: member for member in enum}

    def decode(raw: object) -> IntEnum:
        # A later version may know more members; every enumeration of the model has 0 for "unknown".
        return members.get(_int(raw), members[0])

    return decode


def _int(raw: object) -> int:
    if type(raw) is not int or not -INT_LIMIT <= raw < INT_LIMIT:
        raise Invalid(f"{clipped(raw)} is not a 64-bit integer")
    return raw


def _float(raw: object) -> float:
    if type(raw) is int:
        return float(_int(raw))
    if type(raw) is not float or not math.isfinite(raw):
        raise Invalid(f"{clipped(raw)} is not a finite number")
    return raw


def _str(raw: object) -> str:
    if type(raw) is not str:
        raise Invalid(f"{clipped(raw)} is not a string")
    return raw


def _bool(raw: object) -> bool:
    if type(raw) is not bool:
        raise Invalid(f"{clipped(raw)} is neither true nor false")
    return raw


_SCALARS: Mapping[Any, Decoder] = {int: _int, float: _float, str: _str, bool: _bool}
