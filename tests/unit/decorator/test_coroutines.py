"""A decorated coroutine function is as it was, to whatever drives it."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import inspect
import traceback
import types
import weakref
from collections.abc import Generator
from typing import Any

import pytest


@types.coroutine
def asks(what: object) -> Generator[object, Any, Any]:
    """Await an answer from whatever drives it."""
    return (yield what)


def test_it_looks_as_before(advise: Any) -> None:
    """To `inspect` and `asyncio`."""

    async def fetch(x: int) -> int:
        """Fetch it."""
        return x

    made = advise(fetch)
    assert inspect.iscoroutinefunction(made)
    assert inspect.signature(made) == inspect.signature(fetch)
    it = made(1)
    assert inspect.iscoroutine(it)
    assert it.__qualname__ == fetch.__qualname__
    it.close()


def test_a_driver_that_is_no_event_loop(advise: Any) -> None:
    """What is asked comes out, what is answered goes in, as in trio and curio."""

    @advise
    async def fetch() -> list[Any]:
        return [await asks("a"), await asks("b")]

    it = fetch()
    assert it.send(None) == "a"
    assert it.send(1) == "b"
    with pytest.raises(StopIteration) as stopped:
        it.send(2)
    assert stopped.value.value == [1, 2]
    log = advise.log
    assert (log.calls, log.steps, log.failed, log.under_way) == (1, 3, 0, 0)
    assert log.held_ns <= log.wall_ns


def test_exceptions_go_in_and_come_out(advise: Any) -> None:
    """The same objects, and what catches them goes on."""
    error = LookupError()

    @advise
    async def fetch() -> Any:
        try:
            await asks("a")
        except LookupError as caught:
            await asks(caught)
            raise

    it = fetch()
    it.send(None)
    assert it.throw(error) is error
    with pytest.raises(LookupError) as raised:
        it.send(None)
    assert raised.value is error
    assert error.__context__ is None
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith("wrappers.py")]
    assert len(ours) <= 4  # of its two ways through the coroutine
    assert advise.log.failed == 1


def test_closed_half_way(advise: Any) -> None:
    """Its `finally` runs at once, and it has ended without having failed."""
    cleaned: list[int] = []

    @advise
    async def fetch() -> None:
        try:
            await asks("a")
        finally:
            cleaned.append(1)

    it = fetch()
    it.send(None)
    it.close()
    assert cleaned == [1]
    log = advise.log
    assert (log.calls, log.failed, log.under_way) == (1, 0, 0)


def test_one_that_ignores_its_end_is_told(advise: Any) -> None:
    """As before."""

    @advise
    async def fetch() -> None:
        try:
            await asks("a")
        except GeneratorExit:
            await asks("b")

    it = fetch()
    it.send(None)
    with pytest.raises(RuntimeError, match="ignored GeneratorExit"):
        it.close()


def test_one_that_is_never_awaited_warns_by_its_name(advise: Any) -> None:
    """Once, and it is no call."""

    @advise
    async def fetch() -> None: ...

    with pytest.warns(RuntimeWarning, match=r"coroutine '.*fetch' was never awaited") as warned:
        fetch()
    assert len(warned) == 1
    assert advise.log.calls == 0


def test_gathered_tasks(advise: Any) -> None:
    """All of them are under way at once, and each counts."""

    @advise
    async def fetch(n: int) -> int:
        await asyncio.sleep(0.001)
        return n

    async def main() -> list[int]:
        return await asyncio.gather(*map(fetch, range(200)))

    assert asyncio.run(main()) == list(range(200))
    log = advise.log
    assert (log.calls, log.steps, log.most_under_way, log.under_way) == (200, 400, 200, 0)
    assert log.overlaps.nested == 0
    assert log.overlaps.busy_ns <= log.wall_ns / 10


def test_cancelled_tasks(advise: Any) -> None:
    """Cancelled from outside, by a time limit, and shielded."""
    cleaned: list[str] = []

    @advise
    async def fetch(name: str) -> str:
        try:
            await asyncio.sleep(0.01 if name == "shielded" else 60)
        finally:
            cleaned.append(name)
        return name

    async def main() -> None:
        task = asyncio.create_task(fetch("cancelled"))
        await asyncio.sleep(0)
        task.cancel("why not")
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await task
        assert cancelled.value.args in (("why not",), ())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await fetch("late")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(fetch("waited"), 0.001)
        shielded = asyncio.create_task(fetch("shielded"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(shielded), 0.001)
        assert await shielded == "shielded"

    asyncio.run(main())
    assert cleaned == ["cancelled", "late", "waited", "shielded"]
    log = advise.log
    assert (log.calls, log.failed, log.under_way) == (4, 3, 0)


def test_exception_groups(advise: Any) -> None:
    """A task group sees what its tasks raised."""

    @advise
    async def fails(n: int) -> None:
        raise ValueError(n)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails(1))
            group.create_task(fails(2))

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(main())
    assert sorted(str(error) for error in caught.value.exceptions) == ["1", "2"]
    assert advise.log.failed == 2


def test_context_variables(advise: Any) -> None:
    """Set inside and seen outside where it is awaited directly, not where it is a task."""
    variable = contextvars.ContextVar("variable", default=0)

    @advise
    async def sets(value: int) -> None:
        await asyncio.sleep(0)
        variable.set(value)

    async def main() -> tuple[int, int]:
        await sets(1)
        direct = variable.get()
        await asyncio.create_task(sets(2))
        return direct, variable.get()

    assert asyncio.run(main()) == (1, 1)


def test_recursion_is_not_taken_for_concurrency(advise: Any) -> None:
    """A coroutine that awaits itself is one call after another inside the first."""

    @advise
    async def walk(n: int) -> int:
        await asyncio.sleep(0.001)
        return 0 if n == 0 else 1 + await walk(n - 1)

    assert asyncio.run(walk(9)) == 9
    log = advise.log
    assert (log.calls, log.overlaps.nested, log.most_under_way, log.under_way) == (10, 9, 1, 0)
    assert log.overlaps.busy_ns == log.wall_ns - log.overlaps.nested_wall_ns
    assert log.held_ns <= log.overlaps.busy_ns
    assert log.stepping == []


def test_tasks_of_tasks_are_beside_one_another(advise: Any) -> None:
    """A task that makes others waits beside them."""

    @advise
    async def spread(n: int) -> None:
        await asyncio.sleep(0)
        if n:
            await asyncio.gather(spread(n - 1), spread(n - 1))

    asyncio.run(spread(5))
    log = advise.log
    assert (log.calls, log.overlaps.nested) == (63, 0)
    assert log.most_under_way > 10


def test_callers(advise: Any) -> None:
    """Who awaits it, or what runs the task."""

    @advise
    async def fetch() -> None: ...

    async def awaiting() -> None:
        await fetch()

    async def main() -> None:
        await awaiting()
        await asyncio.create_task(fetch())

    asyncio.run(main())
    advise.log  # noqa: B018
    assert advise.callers() == {"awaiting": 1, "_run": 1}


def test_ten_thousand_tasks(advise: Any) -> None:
    """Each counts once."""

    @advise
    async def step(n: int) -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(*map(step, range(10_000)))

    asyncio.run(main())
    log = advise.log
    assert (log.calls, log.steps, log.failed, log.under_way, log.most_under_way) == (10_000, 30_000, 0, 0, 10_000)


def test_nothing_thrown_in_stays_alive(advise: Any) -> None:
    """An exception that was thrown in does not keep itself and all frames alive."""

    class Broken(Exception):
        pass

    @advise
    async def fetch() -> None:
        await asks("a")

    gc.collect()
    gc.disable()
    try:
        error = Broken()
        alive = weakref.ref(error)
        it = fetch()
        it.send(None)
        with contextlib.suppress(Broken):
            it.throw(error)
        del error, it
        assert alive() is None
    finally:
        gc.enable()


def test_wrong_arguments_are_told_when_it_is_awaited(advise: Any) -> None:
    """Later than before: which is documented."""

    @advise
    async def fetch(x: int) -> None: ...

    it = fetch()
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        it.send(None)


def test_a_task_shows_where_it_is_awaited_by_its_frame(advise: Any) -> None:
    """What is lost: the stack of a waiting task ends in the wrapper; the coroutine's own frame is below."""

    @advise
    async def fetch() -> None:
        await asyncio.sleep(60)

    async def main() -> list[str]:
        task = asyncio.create_task(fetch())
        await asyncio.sleep(0)
        names = [frame.f_code.co_name for frame in task.get_stack()]
        task.cancel()
        return names

    assert asyncio.run(main()) == ["advised"]
