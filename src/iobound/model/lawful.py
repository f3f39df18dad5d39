"""Nouns that cannot be made wrong: they look at themselves as they are made."""

from __future__ import annotations

from collections.abc import Iterable
from functools import wraps
from typing import Any, TypeVar

Noun = TypeVar("Noun", bound=tuple[Any, ...])


def lawful(kind: type[Noun]) -> type[Noun]:
    """Have a named tuple call its `_check` whenever one is made: by its name, by `_replace` or of a pickle.

    `_check` raises `LawBroken`. The body of a named tuple cannot have a `__new__` of its own.
    """
    unchecked = kind.__new__

    @wraps(unchecked)
    def made(cls: type[Noun], *values: Any, **named: Any) -> Noun:
        noun = unchecked(cls, *values, **named)
        noun._check()  # type: ignore[attr-defined]
        return noun

    def made_of(cls: type[Noun], values: Iterable[Any]) -> Noun:
        return cls(*values)

    kind.__new__ = made  # type: ignore[assignment]
    kind._make = classmethod(made_of)  # type: ignore[attr-defined]
    return kind
