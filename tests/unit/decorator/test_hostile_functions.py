"""Functions whose attributes and names raise, and what only looks like a function."""

from __future__ import annotations

import unittest.mock
from typing import Any

import pytest

from iobound.decorator.collecting import collected


def module_level() -> int:
    """Give a number."""
    return 4


class Refusing:
    """Whatever is asked of it, it raises."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __bool__(self) -> bool:
        raise RuntimeError

    def __repr__(self) -> str:
        raise RuntimeError

    @property
    def __class__(self) -> type:
        raise RuntimeError


class Odd(str):
    """Text that bears nothing."""

    def refuses(self, *_: object) -> Any:
        raise RuntimeError

    __bool__ = __str__ = __repr__ = __format__ = __len__ = __hash__ = __eq__ = encode = refuses  # type: ignore[assignment]


@pytest.mark.parametrize("attribute", ["__module__", "__wrapped__", "__qualname__", "__doc__"])
def test_attributes_that_raise_are_nobodys_business(advise: Any, attribute: str) -> None:
    """What is decorated is called as before, and told."""

    def plain() -> int:
        return 3

    setattr(plain, attribute, Odd("odd") if attribute == "__qualname__" else Refusing())
    assert advise(plain)() == 3
    [told] = collected(advise.ledger)
    assert told.calls.calls == 1
    assert type(told.calls.name) is str


def test_what_raises_is_refused_as_anything_else(advise: Any) -> None:
    """With a `TypeError` that says what to do."""
    for refused in (Refusing(), type("Called", (Refusing,), {"__call__": len})()):
        with pytest.raises(TypeError, match=r"iobound\.advise decorates functions, not a "):
            advise(refused)
    with pytest.raises(TypeError, match="workers are numbers of at least 1"):
        advise(module_level, workers=Refusing())


@pytest.mark.parametrize("name", [5, b"x", None, ["a"]])
def test_a_name_is_text(advise: Any, name: Any) -> None:
    """Told where it is given, and not when the report of all functions is made."""
    with pytest.raises(TypeError, match="name is a text, not "):
        advise(module_level, name=name)


def test_names_that_raise(advise: Any) -> None:
    """Of a file, of a function, of what it is called: as text they are like any other."""

    def plain() -> int:
        return 3

    def calls(func: Any) -> int:
        return int(func())

    for func in (plain, calls):
        func.__code__ = func.__code__.replace(co_filename=Odd("odd.py"), co_qualname=Odd("odd"))
    assert calls(advise(plain, name=Odd("mine"))) == 3
    [told] = collected(advise.ledger)
    assert [type(text) for text in (told.calls.name, told.calls.file, told.calls.function)] == [str] * 3
    [caller] = told.calls.callers
    assert (type(caller.place.file), caller.place.file) == (str, "odd.py")


def test_a_mock_is_no_function(advise: Any) -> None:
    """Even where it has a code object, as it seems: in its place, a function would have lost what it knows."""
    for made in (unittest.mock.Mock(), unittest.mock.MagicMock(), unittest.mock.AsyncMock()):
        with pytest.raises(TypeError, match="put it below the decorator that made this object"):
            advise(made)
