"""Hold a document from outside against a JSON Schema, as far as ours use it; what it has nothing on may be there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

MOST_ITEMS = 200_000
"""Items of all lists together: more than any report has."""

LONGEST_STRING = 65_536

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_NAMES = {"object": "an object", "array": "a list", "string": "a text", "integer": "a whole number"} | {
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_LARGEST = 1e18


MAY_LACK = frozenset({"totals.gil_wait", "totals.lock_wait"})
"""Members that reports had not always, and that nothing is compared by."""


def why_invalid(document: object, schema: Mapping[str, Any]) -> str:
    """What the document does not keep to, with the path to it; empty where it keeps to all.

    Args:
        document: As `json.loads` gives it.
        schema: With `type`, `enum`, `const`, `minimum`, `exclusiveMinimum`, `maximum`, `properties`, `required`,
            `items`, `prefixItems`, `minItems`, `maxItems`, `anyOf` and `$ref` to its own definitions.

    Example:
        >>> why_invalid({"count": -1}, {"type": "object", "properties": {"count": {"type": "integer", "minimum": 0}}})
        'count is -1, less than 0'
    """
    return _Holder(schema).hold(document, schema, "")


class _Holder:
    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._definitions: Mapping[str, Any] = schema.get("$defs", {})
        self._items = 0

    def hold(self, value: object, schema: Mapping[str, Any], path: str) -> str:
        """Why a value does not fit; empty where it does."""
        if "$ref" in schema:
            return self.hold(value, self._definitions[schema["$ref"].rpartition("/")[2]], path)
        if "anyOf" in schema:
            problems = [self.hold(value, each, path) for each in schema["anyOf"]]
            return "" if "" in problems else problems[0]
        return (
            self._wrong_type(value, schema, path)
            or _wrong_value(value, schema, path)
            or (self._wrong_member(value, schema, path) if isinstance(value, dict) else "")
            or (self._wrong_item(value, schema, path) if isinstance(value, list) else "")
        )

    def _wrong_type(self, value: object, schema: Mapping[str, Any], path: str) -> str:
        wanted = schema.get("type", ())
        types = [wanted] if isinstance(wanted, str) else wanted
        if types and not any(_is_a(value, each) for each in types):
            return f"{_named(path)} is {_shown(value)}, not {' or '.join(_NAMES[each] for each in types)}"
        return ""

    def _wrong_member(self, value: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> str:
        for name in schema.get("required", ()):
            if name not in value and f"{path}.{name}" not in MAY_LACK:
                return f"{_named(path)} has no {name}"
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                problem = self.hold(value[name], inner, f"{path}.{name}" if path else name)
                if problem:
                    return problem
        return ""

    def _wrong_item(self, value: list[Any], schema: Mapping[str, Any], path: str) -> str:
        self._items += len(value)
        if self._items > MOST_ITEMS:
            return f"{_named(path)} makes it more than {MOST_ITEMS:,} items"
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", math.inf):
            return f"{_named(path)} has {len(value)} items"
        first = schema.get("prefixItems", ())
        for index, item in enumerate(value):
            inner = first[index] if index < len(first) else schema.get("items")
            problem = self.hold(item, inner, f"{path}[{index}]") if inner else ""
            if problem:
                return problem
        return ""


def _is_a(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "number" and isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, _TYPES[name])


def _wrong_value(value: Any, schema: Mapping[str, Any], path: str) -> str:
    if "const" in schema and value != schema["const"]:
        return f"{_named(path)} is {_shown(value)}, not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{_named(path)} is {_shown(value)}, which it cannot be"
    if isinstance(value, str) and len(value) > LONGEST_STRING:
        return f"{_named(path)} is a text of {len(value):,} characters"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if abs(value) > _LARGEST:
        return f"{_named(path)} is larger than anything that is measured"
    if value < schema.get("minimum", -math.inf):
        return f"{_named(path)} is {value}, less than {schema['minimum']}"
    if value <= schema.get("exclusiveMinimum", -math.inf):
        return f"{_named(path)} is {value}, not more than {schema['exclusiveMinimum']}"
    if value > schema.get("maximum", math.inf):
        return f"{_named(path)} is {value}, more than {schema['maximum']}"
    return ""


def _named(path: str) -> str:
    return path or "the document"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST:
        return "a very large number"
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
