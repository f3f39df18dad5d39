"""What type checkers make of decorated functions: read by mypy, and never run."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Protocol, TypeVar, assert_type, overload

import iobound

T = TypeVar("T")


@iobound.advise
def plain(x: int, y: str = "") -> float:
    return x + len(y)


assert_type(plain(1, y="a"), float)
assert_type(plain.report(), iobound.Report)
assert_type(plain.__name__, str)
plain("x")  # type: ignore[arg-type]
plain(1, z=2)  # type: ignore[call-arg]


@iobound.advise(name="mine", workers=(2, 4), report=False)
def named(x: int) -> str:
    return str(x)


assert_type(named(2), str)
assert_type(named.report(), iobound.Report)
assert_type(list(map(named, [1])), list[str])
iobound.advise(nam="x")  # type: ignore[call-overload]


@iobound.advise
async def fetch(x: int) -> bytes:
    return bytes(x)


@iobound.advise
def items(x: int) -> Iterator[int]:
    yield x


@iobound.advise()
async def later(x: int) -> AsyncIterator[str]:
    yield str(x)


async def use() -> None:
    assert_type(await fetch(1), bytes)
    assert_type(await asyncio.gather(fetch(1), fetch(2)), tuple[bytes, bytes])
    assert_type(asyncio.create_task(fetch(1)), asyncio.Task[bytes])
    async for text in later(1):
        assert_type(text, str)
    for number in items(2):
        assert_type(number, int)


class Shop:
    @iobound.advise
    def method(self, x: int) -> str:
        return str(x)

    @iobound.advise()
    async def asynchronous(self, x: int) -> int:
        return x

    @property
    @iobound.advise
    def value(self) -> int:
        return 1

    @staticmethod
    @iobound.advise
    def static(x: int) -> int:
        return x


shop = Shop()
assert_type(shop.method(1), str)
assert_type(Shop.method(shop, 1), str)
assert_type(shop.method.report(), iobound.Report)
assert_type(Shop.method.report(), iobound.Report)
assert_type(shop.value, int)
assert_type(Shop.static(1), int)
shop.method("x")  # type: ignore[arg-type]
shop.method()  # type: ignore[call-arg]


async def use_method() -> None:
    assert_type(await shop.asynchronous(1), int)


@iobound.advise
def listed(x: T) -> list[T]:
    return [x]


assert_type(listed(1), list[int])
assert_type(listed("s"), list[str])


@overload
def either(x: int) -> int: ...
@overload
def either(x: str) -> str: ...
@iobound.advise
def either(x: int | str) -> int | str:
    return x


assert_type(either(1), int)
assert_type(either("s"), str)


def takes(function: Callable[[int, str], float]) -> None: ...


class Named(Protocol):
    def __call__(self, x: int, y: str = "") -> float: ...


takes(plain)
as_protocol: Named = plain
takes(named)  # type: ignore[arg-type]
assert_type(iobound.advise(len)("abc"), int)
assert_type(iobound.advise(functools.partial(plain, 1))(), float)


def untyped(x):  # type: ignore[no-untyped-def]
    return x


loose = iobound.advise(untyped)
assert_type(loose(1, 2), Any)  # type: ignore[call-arg]
assert_type(loose(1), Any)
