"""What a document can hold at a place, read from its JSON Schema."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple

ESTIMATES = ("estimate", "share", "change", "measured")
"""Members whose interval is beside them, as `low` and `high`."""

RATIOS = ("change", "measured", "low", "high", "surely", "visible")
"""Members of what is compared that say how much it changed, in no unit."""

CHANGE = "change"
"""The member of a quantity on two sides that says how much it changed."""

OF_A_CHANGE = ("before", "after", "measured", "low", "high", "surely", "visible")
"""Other members of it that are numbers."""

INTERVALS, STATES = "intervals", "states"
"""The members of one whose intervals are those of the same name in the other."""

SECONDS = "states_s"
"""The member of a test that has the seconds in each state."""


class Kind(Enum):
    """What there is at a place."""

    OBJECT = "an object"
    LIST = "a list"
    NUMBER = "a number"
    WORD = "a word"
    TRUTH = "true or false"
    NOTHING = "nothing"


class Shape(NamedTuple):
    """All that the schema allows at one place.

    Attributes:
        root: The whole schema, that references are looked up in.
        rules: The schemas one of which holds; references are followed, null is left out.
    """

    root: Mapping[str, Any]
    rules: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, root: Mapping[str, Any], rule: Mapping[str, Any] | None = None) -> Shape:
        """The shape that a schema describes; of the whole document unless another is given."""
        return cls(root, tuple(_rules(root, root if rule is None else rule)))

    @property
    def kind(self) -> Kind:
        """What there is here, null aside."""
        for rule in self.rules:
            types = rule.get("type", ())
            types = (types,) if isinstance(types, str) else types
            for name, kind in _KINDS.items():
                if name in types:
                    return kind
            if "enum" in rule or "const" in rule:
                return Kind.WORD
        return Kind.NOTHING

    @property
    def counts(self) -> bool:
        """Whether it is a whole number."""
        types = {name for rule in self.rules for name in _types(rule)}
        return "integer" in types and "number" not in types

    @property
    def least(self) -> float:
        """The smallest number that there can be here."""
        return min((float(rule.get("minimum", -math.inf)) for rule in self._numbers), default=-math.inf)

    @property
    def most(self) -> float:
        """The largest number that there can be here; 1 for a share, of which schemas allow for rounding."""
        most = max((float(rule.get("maximum", math.inf)) for rule in self._numbers), default=math.inf)
        return round(most, 5) if math.isfinite(most) else most

    @property
    def _numbers(self) -> list[Mapping[str, Any]]:
        return [rule for rule in self.rules if {"number", "integer"} & set(_types(rule))]

    @property
    def words(self) -> tuple[str, ...]:
        """The only words that there can be here; empty where it can be any."""
        if any("enum" not in rule and "const" not in rule for rule in self.rules):
            return ()
        return tuple(str(word) for rule in self.rules for word in rule.get("enum", (rule.get("const"),)))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the members that the schema lists."""
        found = [name for rule in self.rules for name in (*rule.get("properties", {}), *_named(rule, self.root))]
        return tuple(dict.fromkeys(found))

    @property
    def is_open(self) -> bool:
        """Whether members may have names that the schema does not list."""
        return any(isinstance(rule.get("additionalProperties"), Mapping) and not _named(rule, self.root)
                   for rule in self.rules)  # fmt: skip

    def member(self, name: str) -> Shape | None:
        """What there is under a name; None where there is no such member."""
        found: list[Mapping[str, Any]] = []
        for rule in self.rules:
            if name in rule.get("properties", {}):
                found += _rules(self.root, rule["properties"][name])
            elif isinstance(rule.get("additionalProperties"), Mapping):
                allowed = _named(rule, self.root)
                if not allowed or name in allowed:
                    found += _rules(self.root, rule["additionalProperties"])
        return Shape(self.root, tuple(found)) if found else None

    @property
    def item(self) -> Shape:
        """What there is in each place of a list."""
        found: list[Mapping[str, Any]] = []
        for rule in self.rules:
            for inner in (*rule.get("prefixItems", ()), rule.get("items")):
                if isinstance(inner, Mapping):
                    found += _rules(self.root, inner)
        return Shape(self.root, tuple(found))

    @property
    def is_estimate(self) -> bool:
        """Whether it is an object that stands for a number with its interval."""
        return {"estimate", "low", "high"} <= set(self.names)

    @property
    def is_change(self) -> bool:
        """Whether it is an object that stands for a quantity on two sides."""
        return {CHANGE, "measured"} <= set(self.names)


_KINDS = {
    "object": Kind.OBJECT,
    "array": Kind.LIST,
    "number": Kind.NUMBER,
    "integer": Kind.NUMBER,
    "boolean": Kind.TRUTH,
    "string": Kind.WORD,
}


def _types(rule: Mapping[str, Any]) -> tuple[str, ...]:
    types = rule.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def _rules(root: Mapping[str, Any], rule: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schema with references followed and alternatives side by side; the one for null is left out."""
    if "$ref" in rule:
        target: Any = root
        for part in rule["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        yield from _rules(root, target)
    elif "anyOf" in rule or "oneOf" in rule:
        for inner in (*rule.get("anyOf", ()), *rule.get("oneOf", ())):
            yield from _rules(root, inner)
    elif _types(rule) != ("null",):
        yield rule


def _named(rule: Mapping[str, Any], root: Mapping[str, Any]) -> tuple[str, ...]:
    """Names that members may have, where the schema lists names but not members."""
    if not isinstance(rule.get("propertyNames"), Mapping):
        return ()
    return tuple(str(name) for inner in _rules(root, rule["propertyNames"]) for name in inner.get("enum", ()))


def comparable(shape: Shape) -> Iterator[str]:
    """Members of an object that a number or a word can be held against; of quantities on two sides, their change."""
    for name in shape.names:
        inner = shape.member(name)
        if inner is None:
            continue
        if inner.kind in (Kind.NUMBER, Kind.WORD, Kind.TRUTH):
            yield name
        elif inner.kind is Kind.OBJECT and inner.is_change:
            yield f"{name}.{CHANGE}"


def paths(shape: Shape, deepest: int = 6) -> Iterator[str]:
    """All that can be asked for by names alone, as it is written; for those who misspelled one."""
    for name in shape.names:
        inner = shape.member(name)
        if inner is None:
            continue
        while inner.kind is Kind.LIST:
            inner = inner.item
        yield name
        if inner.kind is Kind.OBJECT and deepest > 1:
            yield from (f"{name}.{rest}" for rest in paths(inner, deepest - 1))
