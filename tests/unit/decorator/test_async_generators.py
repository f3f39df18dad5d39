"""A decorated asynchronous generator function is as it was."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
from collections.abc import AsyncGenerator
from typing import Any

import pytest


async def numbers(upto: int) -> AsyncGenerator[int, Any]:
    """Count."""
    for number in range(upto):
        await asyncio.sleep(0)
        yield number


def test_it_looks_as_before(advise: Any) -> None:
    """To `inspect`."""
    made = advise(numbers)
    assert inspect.isasyncgenfunction(made)
    assert inspect.signature(made) == inspect.signature(numbers)
    assert inspect.isasyncgen(made(1))


def test_items_steps_and_calls(advise: Any) -> None:
    """A step for each time that it goes on."""
    made = advise(numbers)

    async def main() -> list[int]:
        return [number async for number in made(3)]

    assert asyncio.run(main()) == [0, 1, 2]
    log = advise.log
    assert (log.calls, log.steps, log.failed, log.under_way) == (1, 7, 0, 0)


def test_sent_thrown_and_closed(advise: Any) -> None:
    """As into the generator itself."""
    seen: list[Any] = []

    @advise
    async def listens() -> AsyncGenerator[str, Any]:
        try:
            while True:
                try:
                    seen.append((yield "item"))
                except LookupError as error:
                    seen.append(error)
                    await asyncio.sleep(0)
        finally:
            await asyncio.sleep(0)
            seen.append("closed")

    async def main() -> None:
        it = listens()
        await it.asend(None)
        await it.asend("sent")
        error = LookupError()
        assert await it.athrow(error) == "item"
        await it.aclose()
        assert seen == ["sent", error, "closed"]
        with pytest.raises(StopAsyncIteration):
            await it.asend(None)

    asyncio.run(main())
    log = advise.log
    assert (log.calls, log.failed, log.under_way) == (1, 0, 0)


def test_exceptions_come_out(advise: Any) -> None:
    """The same object."""
    error = LookupError()

    @advise
    async def fails() -> AsyncGenerator[int, None]:
        yield 1
        raise error

    async def main() -> None:
        with pytest.raises(LookupError) as caught:
            async for _ in fails():
                pass
        assert caught.value is error

    asyncio.run(main())
    assert advise.log.failed == 1


def test_one_that_ignores_its_end_is_told(advise: Any) -> None:
    """With the words of before."""

    @advise
    async def stays() -> AsyncGenerator[int, None]:
        while True:
            try:
                yield 1
            except GeneratorExit:
                yield 2

    async def main() -> None:
        it = stays()
        await anext(it)
        with pytest.raises(RuntimeError, match="async generator ignored GeneratorExit"):
            await it.aclose()

    asyncio.run(main())


def test_two_at_a_time_are_refused_as_before(advise: Any) -> None:
    """With the words of before."""
    made = advise(numbers)

    async def main() -> None:
        it = made(3)
        first = asyncio.create_task(it.asend(None))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="asynchronous generator is already running"):
            await it.asend(None)
        await first
        await it.aclose()

    asyncio.run(main())


def test_the_loop_closes_what_is_left(advise: Any) -> None:
    """Each once, with what it has to await, and without a complaint."""
    cleaned: list[int] = []
    complaints: list[Any] = []

    @advise
    async def slow_to_close(n: int) -> AsyncGenerator[int, None]:
        try:
            yield n
            yield n
        finally:
            await asyncio.sleep(0.001)
            cleaned.append(n)

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
        main.kept = [slow_to_close(n) for n in range(3)]  # type: ignore[attr-defined]
        for it in main.kept:  # type: ignore[attr-defined]
            await anext(it)

    asyncio.run(main())
    assert sorted(cleaned) == [0, 1, 2]
    assert complaints == []
    log = advise.log
    assert (log.calls, log.failed, log.under_way) == (3, 0, 0)


def test_forgotten_half_way(advise: Any) -> None:
    """The loop is told, and closes it."""
    cleaned: list[int] = []

    @advise
    async def items() -> AsyncGenerator[int, None]:
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            cleaned.append(1)

    async def main() -> None:
        async for _ in items():
            break
        gc.collect()
        for _ in range(5):
            await asyncio.sleep(0)
        assert cleaned == [1]

    asyncio.run(main())
    assert advise.log.calls == 1


def test_cancelled_while_it_waits(advise: Any) -> None:
    """Its clean-up runs, and it counts as failed."""

    @advise
    async def waits() -> AsyncGenerator[int, None]:
        await asyncio.sleep(60)
        yield 1

    async def main() -> None:
        async def consume() -> None:
            async for _ in waits():
                pass

        task = asyncio.create_task(consume())
        await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())
    log = advise.log
    assert (log.calls, log.failed, log.under_way, log.stepping) == (1, 1, 0, [])


def test_time_until_the_next_item_is_asked_for_is_the_consumers(advise: Any) -> None:
    """It is no time of awaiting; what the generator awaits itself is."""

    @advise
    async def waits() -> AsyncGenerator[int, None]:
        for number in range(3):
            await asyncio.sleep(0.01)
            yield number

    async def main() -> None:
        async for _ in waits():
            await asyncio.sleep(0.03)

    asyncio.run(main())
    log = advise.log
    assert log.idle_ns >= 3 * 30_000_000
    assert log.wall_ns - log.idle_ns - log.held_ns >= 3 * 10_000_000
