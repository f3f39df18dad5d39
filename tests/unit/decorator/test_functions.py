"""A decorated function is as it was: to who calls it, who looks at it, and who copies it."""

from __future__ import annotations

import abc
import contextlib
import copy
import doctest
import functools
import gc
import inspect
import pickle
import sys
import threading
import traceback
import types
import typing
import weakref
from _thread import start_new_thread
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from iobound.decorator.wrappers import _in_place_of


def module_level(number: int, *, twice: bool = False) -> int:
    """Give a number.

    >>> module_level(3)
    3
    """
    return number * 2 if twice else number


def test_it_looks_as_before(advise: Any) -> None:
    """To `inspect`, `help` and type hints."""
    made = advise(module_level)
    assert made is not module_level
    assert inspect.signature(made) == inspect.signature(module_level)
    assert typing.get_type_hints(made) == typing.get_type_hints(module_level)
    for name in ("__name__", "__qualname__", "__module__", "__doc__", "__annotations__", "__globals__"):
        assert getattr(made, name) == getattr(module_level, name)
    assert made.__wrapped__ is module_level
    assert isinstance(made, types.FunctionType)
    assert inspect.getsource(made) == inspect.getsource(module_level)
    assert inspect.getfile(inspect.unwrap(made)) == __file__


def test_doctest_finds_it(advise: Any) -> None:
    """It looks whether functions belong to the module that it reads."""
    module = types.ModuleType("shop")
    exec('def price():\n    """\n    >>> price()\n    1\n    """\n    return 1\n', module.__dict__)
    module.price = advise(module.price)
    found = doctest.DocTestFinder().find(module, module=module)
    assert [test.name for test in found if test.examples] == ["shop.price"]


@pytest.mark.parametrize("kind", ["def f(): pass", "async def f(): pass", "def f(): yield", "async def f(): yield"])
def test_a_wrapper_uses_no_name_that_a_module_could_hide(advise: Any, kind: str) -> None:
    """It has the globals of the function that it stands for, whatever they are called."""
    home: dict[str, Any] = {}
    exec(kind, home)
    made = advise(home["f"])
    hidden = {
        name
        for name in made.__code__.co_names
        if name in dir(__builtins__) or name in dir(sys.modules[_in_place_of.__module__])
    }
    instructions = {
        i.argval for i in __import__("dis").get_instructions(made) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    assert not hidden
    assert not instructions


def test_every_call_counts(advise: Any) -> None:
    """With what it took, whether it failed, and who called."""
    made = advise(module_level)
    assert [made(n, twice=True) for n in range(5)] == [0, 2, 4, 6, 8]
    with pytest.raises(TypeError):
        made()
    log = advise.log
    assert (log.calls, log.failed) == (6, 1)
    assert log.wall_ns >= log.cpu_ns >= 0
    assert sum(advise.callers().values()) == 6


def test_the_same_exception_object_comes_out(advise: Any) -> None:
    """With one frame of ours a call in its traceback, also through a hundred calls."""
    error = LookupError("nothing there")

    def down(depth: int) -> None:
        if not depth:
            raise error
        again(depth - 1)

    again = advise(down)
    with pytest.raises(LookupError) as caught:
        again(99)
    assert caught.value is error
    assert error.__context__ is None
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith("wrappers.py")]
    assert len(ours) == 100
    assert (advise.log.calls, advise.log.failed, advise.log.overlaps.nested) == (100, 100, 99)


@pytest.mark.parametrize(
    "error", [StopIteration(1), GeneratorExit(), KeyboardInterrupt(), SystemExit(3), StopAsyncIteration()]
)
def test_any_exception_passes(advise: Any, error: BaseException) -> None:
    """Those that mean something to Python among them."""

    def fails() -> None:
        raise error

    made = advise(fails)
    with pytest.raises(type(error)) as caught:
        made()
    assert caught.value is error
    assert advise.log.failed == 1


def test_methods_bind(advise: Any) -> None:
    """Methods, class and static methods in either order of decorators, properties, slots, dataclasses."""

    class Base:
        __slots__ = ("x",)

        def method(self, y: int) -> tuple[Any, int]:
            return self, y

        method = advise(method)

        above_class = advise(classmethod(lambda cls, y: (cls, y)))
        below_class = classmethod(advise(lambda cls, y: (cls, y)))
        above_static = advise(staticmethod(lambda y: y))
        below_static = staticmethod(advise(lambda y: y))
        value = property(advise(lambda self: 7))

    class Sub(Base):
        __slots__ = ()

    it = Sub()
    assert it.method(1) == (it, 1) == Base.method(it, 1)
    assert it.above_class(1) == Sub.below_class(1) == (Sub, 1)
    assert it.above_static(1) == Sub.below_static(1) == 1
    assert it.value == 7
    assert isinstance(Base.__dict__["above_class"], classmethod)
    assert isinstance(Base.__dict__["above_static"], staticmethod)
    for found in (it.method, Sub.above_class, Sub.below_class, it.above_static, it.below_static, Base.value.fget):
        assert callable(found.report)


def test_of_dataclasses_and_abstract_classes(advise: Any) -> None:
    """What is abstract stays so, in either order."""

    class Port(abc.ABC):  # noqa: B024
        above = advise(abc.abstractmethod(lambda self: 1))
        below = abc.abstractmethod(advise(lambda self: 2))

    assert Port.__abstractmethods__ == {"above", "below"}

    @dataclass(frozen=True)
    class Point:
        x: int

        def doubled(self) -> int:
            return self.x * 2

        doubled = advise(doubled)

    assert Point(4).doubled() == 8
    assert Point(4) == Point(4)


def test_of_functools(advise: Any) -> None:
    """Caches inside and outside, partial functions, single dispatch."""

    def square(x: int) -> int:
        return x * x

    inside = advise(functools.lru_cache(maxsize=2)(square))
    assert [inside(2), inside(2)] == [4, 4]
    assert advise.log.calls == 2
    assert advise.log.function.endswith("square")
    assert inside.cache_info().hits == 1
    inside.cache_clear()
    assert inside.cache_info().hits == 0
    assert inside.cache_parameters() == {"maxsize": 2, "typed": False}

    outside = functools.cache(advise(square))
    assert [outside(3), outside(3)] == [9, 9]
    assert advise.log.calls == 2 + 1
    assert callable(outside.report)

    partial = advise(functools.partial(square, 5))
    assert partial() == 25
    assert advise.log.calls == 2 + 1 + 1
    assert advise.log.name.endswith("square")
    assert advise.log.function.endswith("square")

    single = functools.singledispatch(advise(lambda x: "any"))
    single.register(int, advise(lambda x: "int"))
    assert (single(1), single("")) == ("int", "any")
    around = advise(functools.singledispatch(lambda x: "any"))
    around.register(int, lambda x: "int")
    assert (around(1), around("")) == ("int", "any")


def test_partial_coroutine_functions_stay_such(advise: Any) -> None:
    """As `inspect` says of them."""

    async def fetch(x: int) -> int:
        return x

    made = advise(functools.partial(fetch, 2))
    assert inspect.iscoroutinefunction(made)
    with pytest.raises(StopIteration) as stopped:
        made().send(None)
    assert stopped.value.value == 2


def test_what_is_below_other_decorators_is_its_code(advise: Any) -> None:
    """Else all functions of one decorator would be one."""

    def decorated(func: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(func)
        def wrapper(*args: Any) -> Any:
            return func(*args)

        return wrapper

    def inner() -> int:
        return 1

    assert advise(decorated(inner))() == 1
    assert advise.log.first_line == inner.__code__.co_firstlineno
    assert advise.log.function == inner.__qualname__


def test_builtins(advise: Any) -> None:
    """They have no code to be seen, and count all the same."""
    made = advise(len)
    assert made("abc") == 3
    assert (advise.log.name, advise.log.file, advise.log.calls) == ("builtins:len", "", 1)
    items: list[int] = []
    advise(items.append)(3)
    assert items == [3]


class Callable_:
    def __call__(self) -> int:
        return 1


@pytest.mark.parametrize(
    ("what", "hint"),
    [
        (int, "methods"),
        (Callable_, "methods"),
        (Callable_(), "__call__"),
        (property(lambda self: 1), "below the other decorator"),
        (functools.cached_property(lambda self: 1), "below the other decorator"),
        (functools.singledispatchmethod(lambda self: 1), "below the other decorator"),
        (3, "above a function"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_function_is_refused_with_a_hint(advise: Any, what: Any, hint: str) -> None:
    """A function in place of an object would have lost what else it can."""
    with pytest.raises(TypeError, match=hint):
        advise(what)


def test_an_attribute_of_its_own_is_kept(advise: Any) -> None:
    """Also one that is called `report`."""

    def mine() -> int:
        return 1

    mine.report = "mine"  # type: ignore[attr-defined]
    mine.other = [1]  # type: ignore[attr-defined]
    made = advise(mine)
    assert (made.report, made.other) == ("mine", [1])
    made()
    assert advise.log.calls == 1


def test_decorated_twice_is_decorated_once(advise: Any) -> None:
    """With other decorators in between, too."""
    once = advise(module_level)
    assert advise(once) is once
    between = functools.wraps(once)(lambda *args: once(*args))
    assert advise(between) is between
    assert len(advise.ledger.logs) == 1


def test_closures_of_one_function_are_one(advise: Any) -> None:
    """However many are decorated, what is kept does not grow; those that nobody has any more are gone."""

    def decorated(number: int) -> Any:
        @advise
        def inner(x: int) -> int:
            return x + number

        return inner

    kept = [decorated(number) for number in range(3)]
    gone = weakref.ref(kept.pop())
    gc.collect()
    assert gone() is None
    assert [inner(10) for inner in kept] == [10, 11]
    assert sum(decorated(number)(0) for number in range(1000)) == sum(range(1000))
    assert len(advise.ledger.logs) == 1
    assert advise.log.calls == 1002
    assert (advise.log.overlaps.nested, advise.log.overlaps.most) == (0, 1)
    outer = advise(lambda inner: inner())
    assert len({id(log) for log in advise.ledger.logs}) == 2
    assert outer(lambda: 3) == 3


def test_closures_that_are_told_apart_stay_apart(advise: Any) -> None:
    """By name, by workers, and where they are not of the same code."""

    def decorated(**how: Any) -> Any:
        def inner() -> None:
            pass

        return advise(inner, **how)

    for how in ({}, {"name": "other"}, {"workers": (2,)}, {}):
        decorated(**how)()
    advise(lambda: 0)()
    advise(lambda: 0)()
    assert advise.log.calls == 1
    assert [(log.calls, log.workers) for log in advise.ledger.logs[:3]] == [(2, ()), (1, ()), (1, (2,))]
    assert len(advise.ledger.logs) == 5


def test_recursion_is_known(advise: Any) -> None:
    """Direct and mutual, and on several threads."""

    together = threading.Barrier(4)

    @advise
    def count(n: int) -> int:
        if n == 0:
            together.wait(30)
        return 0 if n == 0 else 1 + count(n - 1)

    threads = [threading.Thread(target=count, args=(20,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = advise.log
    assert (log.calls, log.overlaps.nested, len(log.overlaps.threads), log.overlaps.most) == (84, 80, 4, 4)
    assert 0 <= log.overlaps.nested_wall_ns <= log.wall_ns

    @advise
    def odd(n: int) -> bool:
        return n != 0 and even(n - 1)

    def even(n: int) -> bool:
        return n == 0 or odd(n - 1)

    assert odd(9)
    assert (advise.log.calls, advise.log.overlaps.nested) == (5, 4)


def test_recursion_ends_as_before(advise: Any) -> None:
    """With the same error, and nothing is out of order afterwards."""

    @advise
    def forever() -> None:
        forever()

    with pytest.raises(RecursionError):
        forever()
    log = advise.log
    assert log.calls == log.failed > 100
    assert log.overlaps.nested == log.calls - 1


def test_called_by_nobody(advise: Any) -> None:
    """A thread's own function has no caller that Python knows."""
    done = threading.Event()
    problems: list[Any] = []
    before, sys.unraisablehook = sys.unraisablehook, problems.append
    try:
        start_new_thread(advise(done.set.__func__ if hasattr(done.set, "__func__") else done.set), (done,))
        assert done.wait(30)
        while advise.log.calls < 1:
            pass
    finally:
        sys.unraisablehook = before
    assert not problems
    assert not advise.log.callers


def test_copies_are_the_function_itself(advise: Any) -> None:
    """As functions are copied."""
    made = advise(module_level)
    assert copy.copy(made) is made
    assert copy.deepcopy(made) is made


def test_it_is_pickled_by_its_name(advise: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """So it goes through a pool of processes."""
    module = types.ModuleType("shop")
    exec("def price(): return 1", module.__dict__)
    module.price = made = advise(module.price)
    module.price.__module__ = "shop"
    monkeypatch.setitem(sys.modules, "shop", module)
    assert pickle.loads(pickle.dumps(made)) is made


def test_nothing_of_a_call_stays_alive(advise: Any) -> None:
    """Neither arguments nor results nor exceptions."""

    class Thing:
        pass

    @advise
    def takes(thing: Thing, fail: bool) -> Thing:
        if fail:
            raise ValueError(thing)
        return thing

    gc.collect()
    gc.disable()
    try:
        for fail in (False, True):
            thing = Thing()
            alive = weakref.ref(thing)
            with contextlib.suppress(ValueError):
                takes(thing, fail)
            del thing
            assert alive() is None
    finally:
        gc.enable()


def test_called_in_finalizers_and_callbacks(advise: Any) -> None:
    """While the garbage collector is at work, and when weak references die."""

    @advise
    def note() -> None:
        pass

    class Noisy:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            note()

    def callback(phase: str, info: dict[str, int]) -> None:
        note()

    gc.callbacks.append(callback)
    try:
        for _ in range(100):
            Noisy()
        gc.collect()
    finally:
        gc.callbacks.remove(callback)

    class Plain:
        pass

    it = Plain()
    reference = weakref.ref(it, lambda reference: note())
    del it
    assert reference() is None
    assert advise.log.calls >= 103


def test_code_that_was_executed_from_text_and_is_gone(advise: Any) -> None:
    """Callers whose code dies are not taken for others that get its place in memory; memory stays bounded."""

    @advise
    def note() -> None:
        pass

    for number in range(3000):
        scope: dict[str, Any] = {"note": note}
        exec(f"def caller_{number}(): note()\ncaller_{number}()", scope)
    log = advise.log
    assert log.calls == 3000
    assert len(log.sites) == 1000
    known = {log.sites[site][0].co_name: sum(counts) for site, counts in log.callers.items() if site in log.sites}
    assert known == {f"caller_{number}": 1 for number in range(1000)}
    assert sum(map(sum, log.callers.values())) == 3000


def test_callers_are_told_apart_by_the_expression(advise: Any) -> None:
    """Two calls on one line are two."""

    @advise
    def note() -> int:
        return 1

    def caller() -> int:
        return note() + note()

    caller()
    assert sorted(sum(counts) for counts in advise.log.callers.values()) == [1, 1]


@pytest.mark.parametrize("workers", [(0,), (-2, 4), "48", (2.5,), None])
def test_workers_are_numbers_of_workers(advise: Any, workers: object) -> None:
    """What is no size of a pool is refused where the function is decorated, not when the program ends."""
    with pytest.raises(TypeError, match="workers are numbers of at least 1"):
        advise(len, workers=workers)


def test_one_size_is_enough(advise: Any) -> None:
    """`workers=8` says what is meant."""
    assert advise(lambda text: len(text), workers=8)("abc") == 3
