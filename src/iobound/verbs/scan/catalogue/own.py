"""A user's entries: the table `[tool.iobound.catalogue]`, as it was parsed, to additions of the catalogue.

    [tool.iobound.catalogue]
    "myco.db.query" = { category = "database", async = "myco.aio.query", weight = "2 ms", returns = "myco.db.Rows" }
    "myco.rpc.Client.*" = "network"
    "requests.get" = false                     # forget what is shipped

    [tool.iobound.catalogue.types]
    "myco.db.Connection" = { made-by = ["myco.db.connect"], thread-safe = false, picklable = false }

    [tool.iobound.catalogue.offload]
    "myco.jobs.spawn" = { where = "thread", argument = 0, keyword = "job" }

    [tool.iobound.catalogue.pools]
    "myco.farm.map" = { function = 0, carries = "elements" }

    [tool.iobound.catalogue.aliases]
    "myco.compat.json" = "json"

    [tool.iobound.catalogue.process-wide]
    "myco.settings.override" = "changes settings for every thread"

A key with a dot is a call, one without is a section. Nothing is read here: whoever reads the file passes its table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from iobound.errors import UsageError
from iobound.verbs.scan.catalogue.entries import (
    BLOCKING,
    CARRIES,
    CATEGORIES,
    GIL,
    OWN,
    PLACES,
    SERIALIZERS,
    Boundary,
    Entry,
    Offload,
    TypeFacts,
    seconds,
    usual_alternative,
    usual_weight,
)
from iobound.verbs.scan.catalogue.lookup import Own

SECTIONS = ("types", "offload", "pools", "aliases", "process-wide")
_TABLE = "tool.iobound.catalogue"
_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")
_PATTERN = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*\.(\*\*?|\*\.[^\W\d]\w*)")
_USUAL_GIL = {"cpu-python": "python", "cpu-native-holds-gil": "holds"}
Row = TypeVar("Row")


def own_entries(table: Mapping[str, object]) -> Own:
    """What a user has added.

    Args:
        table: The value of `[tool.iobound.catalogue]`, as `tomllib` gives it.

    Raises:
        UsageError: A name, key or value that means nothing here; the message holds it, the hint says what would do.

    Example:
        >>> own_entries({"myco.db.query": {"category": "database", "weight": "2 ms"}}).calls["myco.db.query"].weight_s
        0.002
    """
    sections = {name: _section(table, name) for name in SECTIONS}
    calls: dict[str, Entry | None] = {}
    returns: dict[str, str] = {}
    for name, value in table.items():
        if name in SECTIONS:
            continue
        _check_call(name)
        calls[name] = _call(name, value)
        if isinstance(value, Mapping) and "returns" in value:
            returns[name] = _dotted(value["returns"], f'"{name}".returns')
    types = {
        spelling: facts
        for name, value in sections["types"].items()
        for facts, made_by in [_type(_checked(name, "types"), value)]
        for spelling in (*made_by, name)
    }
    return Own(
        calls=calls,
        returns=returns,
        types=types,
        offload=_rows(sections, "offload", _offload),
        pools=_rows(sections, "pools", _pool),
        process_wide=_rows(sections, "process-wide", _reason),
        aliases=_rows(sections, "aliases", _alias),
    )


def _section(table: Mapping[str, object], name: str) -> Mapping[str, object]:
    section = table.get(name, {})
    if not isinstance(section, Mapping):
        raise _wrong(name, section, f'write it as a table: [{_TABLE}.{name}] with one `"package.name" = …` a line')
    return section


def _rows(
    sections: Mapping[str, Mapping[str, object]], section: str, make: Callable[[str, object], Row]
) -> dict[str, Row]:
    rows = sections[section].items()
    return {_checked(name, section): make(f'{section}."{name}"', value) for name, value in rows}


def _wrong(where: str, value: object, hint: str) -> UsageError:
    return UsageError(f"[{_TABLE}] {where}: {value!r} cannot be used", hint=hint)


def _checked(name: str, section: str) -> str:
    if not _NAME.fullmatch(name):
        raise _wrong(section, name, 'name it in full, as it is imported: "package.module.name"')
    return name


def _check_call(name: str) -> None:
    if "." not in name:
        hint = f'a call is named in full, as "package.{name}"; the sections are {", ".join(SECTIONS)}'
        raise _wrong("key", name, hint)
    if not _NAME.fullmatch(name) and not _PATTERN.fullmatch(name):
        raise _wrong("call", name, 'write "package.name", "package.Type.*" (any method), "package.Type.**" (any depth)')


def _call(name: str, value: object) -> Entry | None:
    if value is False:
        return None
    row = {"category": value} if isinstance(value, str) else value
    where = f'"{name}"'
    if not isinstance(row, Mapping):
        raise _wrong(where, value, 'give a category ("network"), a table ({ category = "network" }), or false')
    _known_keys(where, row, ("category", "gil", "blocking", "async", "weight", "returns"))
    if "category" not in row:
        raise _wrong(where, dict(row), f"say its category: {', '.join(CATEGORIES)}")
    category = _one_of(row["category"], CATEGORIES, f"{where}.category")
    usual = _USUAL_GIL.get(category, "releases")
    gil = _one_of(row.get("gil", usual), [each for each in GIL.values() if each], f"{where}.gil")
    blocking = _one_of(row.get("blocking", "yes"), BLOCKING.values(), f"{where}.blocking")
    known = row.get("async")
    alternative = usual_alternative(category, gil, blocking) if known is None else _dotted(known, f"{where}.async")
    weight = _weight(row["weight"], f"{where}.weight") if "weight" in row else usual_weight(category, blocking)
    return Entry(category, gil, blocking, OWN, alternative, weight)


def _type(name: str, value: object) -> tuple[TypeFacts, tuple[str, ...]]:
    where = f'types."{name}"'
    row = _row(where, value, ("made-by", "picklable", "thread-safe", "fork-safe", "note"))
    made_by = row.get("made-by", [])
    if not isinstance(made_by, list):
        raise _wrong(f"{where}.made-by", made_by, 'give a list of calls: ["myco.db.connect"]')
    facts = TypeFacts(
        name,
        picklable=_truth(row, "picklable", where),
        thread_safe=_truth(row, "thread-safe", where),
        fork_safe=_truth(row, "fork-safe", where),
        provenance=OWN,
        note=_text(row.get("note", ""), f"{where}.note"),
    )
    return facts, tuple(_dotted(each, f"{where}.made-by") for each in made_by)


def _offload(where: str, value: object) -> Offload:
    row = _row(where, value, ("where", "argument", "keyword"))
    keyword = row.get("keyword")
    argument = row.get("argument", None if keyword is not None else 0)
    return Offload(
        _one_of(row.get("where", "thread"), PLACES, f"{where}.where"),
        None if argument is None else _position(argument, f"{where}.argument"),
        None if keyword is None else _text(keyword, f"{where}.keyword"),
    )


def _pool(where: str, value: object) -> Boundary:
    row = _row(where, value, ("serializer", "function", "carries", "unless-forked"))
    function = row.get("function", 0)
    return Boundary(
        _one_of(row.get("serializer", "pickle"), SERIALIZERS, f"{where}.serializer"),
        function if isinstance(function, str) else _position(function, f"{where}.function"),
        _one_of(row.get("carries", "arguments"), CARRIES, f"{where}.carries"),
        _truth(row, "unless-forked", where),
    )


def _reason(where: str, value: object) -> str:
    return _text(value, where)


def _alias(where: str, value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", value):
        raise _wrong(where, value, 'name what it stands for: "json"')
    return value


def _row(where: str, value: object, keys: Iterable[str]) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise _wrong(where, value, f"write it as a table: {{ {', '.join(f'{key} = …' for key in keys)} }}")
    _known_keys(where, value, keys)
    return value


def _known_keys(where: str, row: Mapping[str, object], keys: Iterable[str]) -> None:
    for key in row:
        if key not in keys:
            raise _wrong(where, key, f"it may say {', '.join(keys)}")


def _one_of(value: object, words: Iterable[str], where: str) -> str:
    known = tuple(words)
    if not isinstance(value, str) or value not in known:
        raise _wrong(where, value, f"one of {', '.join(known)}")
    return value


def _truth(row: Mapping[str, object], key: str, where: str) -> bool:
    value = row.get(key, False)
    if not isinstance(value, bool):
        raise _wrong(f"{where}.{key}", value, "true or false")
    return value


def _position(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong(where, value, "the position of the function among the arguments, from 0")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(where, value, "give a text in quotes")
    return value


def _dotted(value: object, where: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise _wrong(where, value, 'name it in full: "package.module.name"')
    return value


def _weight(value: object, where: str) -> float:
    weight = seconds(value) if isinstance(value, str) else None
    if weight is None:
        raise _wrong(where, value, 'the typical length of one call, with its unit: "2 ms", "50 us", "1.5 s"')
    return weight
