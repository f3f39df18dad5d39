"""A decorated generator function is as it was: whatever is asked of a generator, the same happens."""

from __future__ import annotations

import gc
import inspect
import sys
import threading
import types
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.decorator import wrappers
from iobound.decorator.call_log import CallLog


def numbers(upto: int) -> Generator[int, Any, str]:
    """Count."""
    yield from range(upto)
    return "done"


def test_it_looks_as_before(advise: Any) -> None:
    """To `inspect`, and by its name."""
    made = advise(numbers)
    assert inspect.isgeneratorfunction(made)
    assert inspect.signature(made) == inspect.signature(numbers)
    assert inspect.isgenerator(made(1))
    assert made(1).__qualname__ == "numbers"


def test_steps_count_and_what_is_between_them_does_not(advise: Any) -> None:
    """One call, a step for each item and one for the end."""
    assert list(advise(numbers)(3)) == [0, 1, 2]
    log = advise.log
    assert (log.calls, log.steps, log.failed, log.kind) == (1, 4, 0, "generator")
    assert log.held_ns <= log.wall_ns


def test_return_values(advise: Any) -> None:
    """Also through `yield from`."""
    made = advise(numbers)

    def outer() -> Iterator[int]:
        assert (yield from made(2)) == "done"

    assert list(outer()) == [0, 1]


def test_a_generator_that_can_be_awaited_still_can(advise: Any) -> None:
    """What `types.coroutine` made: awaited by a coroutine, iterated over, and known to `inspect`."""

    @types.coroutine
    def asks(what: str) -> Generator[str, int, int]:
        return 2 * (yield what)

    made = advise(asks)

    async def outer() -> int:
        return await made("how many") + 1

    assert inspect.isgeneratorfunction(made)
    assert inspect.isawaitable(made(""))
    waiting = outer()
    assert waiting.send(None) == "how many"
    with pytest.raises(StopIteration) as end:
        waiting.send(5)
    assert end.value.value == 11
    assert next(made("once")) == "once"
    assert advise.log.kind == "coroutine"
    assert advise.callers() == {"outer": 1, "test_a_generator_that_can_be_awaited_still_can": 1}
    assert not inspect.isawaitable(advise(numbers)(1))


def script(actions: list[int]) -> Callable[[], Generator[Any, Any, Any]]:
    """A generator that does as it is told for each thing that happens to it."""

    def acts() -> Generator[Any, Any, Any]:
        got: Any = None
        for number, action in enumerate(actions):
            try:
                if action == 0:
                    got = yield (number, got)
                elif action == 1:
                    return (number, got)
                elif action == 2:
                    raise LookupError(number)
                elif action == 3:
                    got = yield from numbers(2)
                else:
                    got = yield number
            except GeneratorExit as error:
                if action == 4:
                    return "closed"
                if action == 5:
                    got = yield "not yet"
                else:
                    raise error
            except BaseException as error:
                got = repr(error)
        return got

    return acts


def happens(generator: Generator[Any, Any, Any], what: int) -> Any:
    """Do something to a generator; what comes of it."""
    try:
        if what == 0:
            return "item", next(generator)
        if what == 1:
            return "item", generator.send("sent")
        if what == 2:
            return "item", generator.throw(ValueError("thrown"))
        if what == 3:
            return "item", generator.throw(GeneratorExit)
        return "closed", generator.close()
    except BaseException as error:
        return type(error), error.args, getattr(error, "value", None)


@given(st.lists(st.integers(0, 5), max_size=6), st.lists(st.integers(0, 4), max_size=10))
def test_the_same_comes_of_everything(actions: list[int], what: list[int]) -> None:
    """Against the generator itself, whatever either does."""
    log = CallLog("m:f", None, "generator", lambda log, now: None)
    made = wrappers.generator_function(script(actions), log, lambda: None)
    plain, advised = script(actions)(), made()
    assert [happens(advised, each) for each in what] == [happens(plain, each) for each in what]
    for it in (advised, plain):
        while it.gi_frame is not None:  # some answer their end with one more item
            happens(it, 2)
    log.drain(0)
    assert not log.problem
    assert log.under_way == 0
    assert log.stepping == []


def test_left_half_way(advise: Any) -> None:
    """By `break`, by being forgotten, and in a cycle that is collected later: it has ended, and not failed."""
    made = advise(numbers)
    for _ in made(5):
        break
    it = made(5)
    next(it)
    del it
    holder: list[Any] = []
    it = made(5)
    next(it)
    holder.extend([it, holder])
    del it, holder
    gc.collect()
    log = advise.log
    assert (log.calls, log.failed, log.under_way) == (3, 0, 0)


def test_never_begun_is_no_call(advise: Any) -> None:
    """Nothing of it ran."""
    advise(numbers)(5).close()
    assert advise.log.calls == 0


def test_re_entry_is_refused_as_before(advise: Any) -> None:
    """With the same words."""

    @advise
    def eats_itself() -> Iterator[int]:
        yield next(it)

    it = eats_itself()
    with pytest.raises(ValueError, match="generator already executing"):
        next(it)


def test_recursion_by_yield_from(advise: Any) -> None:
    """Walking a tree is one call; its steps are those of the outermost."""

    @advise
    def walk(depth: int) -> Iterator[int]:
        yield depth
        if depth:
            yield from walk(depth - 1)
            yield from walk(depth - 1)

    assert len(list(walk(4))) == 31
    log = advise.log
    assert (log.calls, log.overlaps.nested, log.most_under_way, log.under_way) == (31, 30, 1, 0)
    assert log.steps == 32
    assert log.held_ns <= log.wall_ns - log.overlaps.nested_wall_ns


def test_two_that_take_turns_are_beside_one_another(advise: Any) -> None:
    """As with `zip`."""
    made = advise(numbers)
    assert list(zip(made(3), made(3), strict=True)) == [(0, 0), (1, 1), (2, 2)]
    log = advise.log
    assert (log.calls, log.overlaps.nested, log.most_under_way) == (2, 0, 2)


def test_begun_on_one_thread_and_ended_on_another(advise: Any) -> None:
    """Generators are handed on."""
    it = advise(numbers)(5)
    next(it)
    thread = threading.Thread(target=list, args=(it,))
    thread.start()
    thread.join()
    log = advise.log
    assert (log.calls, log.steps, log.under_way, log.stepping) == (1, 6, 0, [])


@pytest.mark.skipif(sys.version_info < (3, 13), reason="close() gives nothing before")
def test_what_close_gives(advise: Any) -> None:
    """Since Python 3.13, what the generator returns."""

    @advise
    def answers() -> Iterator[int]:
        try:
            yield 1
        except GeneratorExit:
            return "answer"

    it = answers()
    next(it)
    assert it.close() == "answer"


def test_a_generator_that_goes_on_in_another_thread_is_beside_what_its_first_thread_calls(advise: Any) -> None:
    """As a server's pool does it, which takes each item on another thread: nothing is inside anything."""
    inside, go_on = threading.Event(), threading.Event()

    @advise
    def slow() -> Iterator[int]:
        yield 1
        inside.set()
        go_on.wait(30)
        yield 2

    begun_here = slow()
    next(begun_here)
    other = threading.Thread(target=lambda: list(begun_here))
    other.start()
    assert inside.wait(30)
    quick = slow()
    next(quick)
    quick.close()
    go_on.set()
    other.join()
    log = advise.log
    assert (log.calls, log.overlaps.nested, log.most_under_way) == (2, 0, 2)
