"""Paths to everything that a JSON report holds, as a check writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

SIMPLE = frozenset("abcdefghijklmnopqrstuvwxyz_0123456789")


def addresses(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each number, word and truth of a document with its path; what is null has none."""
    if isinstance(value, dict):
        for name, member in value.items():
            simple = SIMPLE.issuperset(name)
            step = f".{name}" if simple and path else name if simple else f"[{json.dumps(name)}]"
            yield from addresses(member, path + step)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from addresses(item, f"{path}[{index}]")
    elif value is not None:
        yield path, value


def asked(value: Any) -> str:
    """The value as a check asks for it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{"".join(map(_escaped, value))}"'
    return repr(value)


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08X}"
