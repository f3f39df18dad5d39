"""The wrappers: around a function, a coroutine function, a generator function and an asynchronous one.

What stands between a caller and a function is measured in tens of nanoseconds: names are bound once, and every line
that is not needed at each call is in another function. Wrappers have the globals of the function that they stand for,
so that `doctest` finds it; hence they may use no global of this file and no builtin that a module could hide.
"""

from __future__ import annotations

from _thread import get_ident
from functools import update_wrapper
from sys import _getframe, get_asyncgen_hooks, set_asyncgen_hooks
from time import monotonic_ns, thread_time_ns
from types import FunctionType, coroutine

from iobound.decorator.call_log import ENOUGH, PAUSE_NS, CallLog

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
    from typing import Any


def _in_place_of(func: Callable[..., Any], made: Callable[..., Any]) -> Callable[..., Any]:
    """A wrapper that looks like what it stands for, and belongs to its module."""
    home = getattr(func, "__globals__", None)
    if type(home) is dict and isinstance(made, FunctionType):
        made = FunctionType(made.__code__, home, made.__name__, made.__defaults__, made.__closure__)
    return update_wrapper(made, func)


def function(func: Callable[..., Any], log: CallLog, begin: Callable[[], None]) -> Callable[..., Any]:
    """Wrap a plain function.

    Args:
        func: The function.
        log: Where its calls go.
        begin: Called once, before the first call.
    """
    now, cpu, thread, frame_of, identity, nobody = monotonic_ns, thread_time_ns, get_ident, _getframe, id, ValueError
    keep, sites, learn, fail, pause = log.pending.extend, log.sites, log.learn, log.fail, PAUSE_NS
    pending, enough = log.pending, ENOUGH
    due, mask, several = 0, log.mask, log.several

    def settle(end: int) -> None:
        nonlocal due, mask, several
        due = end + pause
        if len(pending) < enough and not log.is_left_at_once:
            return
        try:
            log.drain(end)
            mask, several = log.mask, log.several
        except RecursionError:  # the function itself had just room enough
            return

    def advised(*args: Any, **kwargs: Any) -> Any:
        if not due:
            begin()
        start, spent = now(), cpu()
        try:
            return func(*args, **kwargs)
        except:
            fail(start)
            raise
        finally:
            spent = cpu() - spent
            end = now()
            if end & mask:
                site = 0
            else:
                try:
                    frame = frame_of(1)
                    site = identity(frame.f_code) + frame.f_lasti  # an address in the code: no two callers share one
                    if site not in sites:
                        learn(site, frame)
                except nobody:  # a thread's own function, or a callback from C
                    site = 0
            if end > due:
                keep((start, end, spent, site, thread()))
                settle(end)
            else:
                keep((start, end, spent, site, thread() if several else 0))

    return _in_place_of(func, advised)


class _Steps:
    """What the steps of one coroutine or generator add up to.

    Attributes:
        begin_ns: When it began.
        idle_ns: How long an asynchronous generator has waited to be asked for its next item.
        site: Where from.
        thread: On which thread; negative inside another call of the same function.
    """

    __slots__ = ("begin_ns", "count", "cpu_ns", "held_ns", "idle_ns", "longest_ns", "site", "thread")

    def __init__(self, begin_ns: int, site: int, thread: int) -> None:
        self.begin_ns, self.site, self.thread = begin_ns, site, thread
        self.count = self.cpu_ns = self.held_ns = self.idle_ns = self.longest_ns = 0


def _driven(inner: Any, steps: _Steps, stepping: list[int]) -> Generator[Any, Any, Any]:
    """Drive a coroutine, or one step of an asynchronous generator, and time what it does between two awaits.

    A generator that is closed is told so by its own `throw`, as `yield from` would do for any other exception: what it
    makes of that is up to it.
    """
    now, cpu, push, pop, me = monotonic_ns, thread_time_ns, stepping.append, stepping.remove, abs(steps.thread)
    go_on, value, count, held_ns, cpu_ns, longest_ns = inner.send, None, 0, 0, 0, 0
    try:
        while True:
            begun, spent = now(), cpu()
            try:
                push(me)
                awaited = go_on(value)
            except StopIteration as stop:
                return stop.value
            finally:
                cpu_ns += cpu() - spent
                step = now() - begun
                held_ns += step
                count += 1
                if step > longest_ns:
                    longest_ns = step
                try:
                    pop(me)
                except ValueError:  # a fork has made it forget
                    pass
            try:
                value = yield awaited
                go_on = inner.send
            except BaseException as error:
                go_on, value = inner.throw, error
    finally:
        go_on = value = None  # an exception whose traceback leads here would keep itself alive
        steps.count += count
        steps.held_ns += held_ns
        steps.cpu_ns += cpu_ns
        if longest_ns > steps.longest_ns:
            steps.longest_ns = longest_ns


def _copy(func: Callable[..., Generator[Any, Any, Any]]) -> Callable[..., Generator[Any, Any, Any]]:
    return FunctionType(func.__code__, func.__globals__, func.__name__)


_awaited = coroutine(_copy(_driven))
"""The same to be awaited; `types.coroutine` changes the function that it is given."""


class _Ends:
    """Takes note of calls that consist of steps."""

    def __init__(self, log: CallLog, begin: Callable[[], None]) -> None:
        self._log = log
        self._begin = begin
        self._due = 0

    def start(self) -> _Steps:
        """A call begins, in the frame that called this."""
        log, me = self._log, get_ident()
        if not self._due:
            self._begin()
        if me in log.stepping:  # awaited, or iterated over, by another call: not beside it
            return _Steps(monotonic_ns(), self._site(), -me)
        log.under_way += 1
        if log.under_way > log.most_under_way:
            log.most_under_way = log.under_way
        return _Steps(monotonic_ns(), self._site(), me)

    def _site(self) -> int:
        log = self._log
        if monotonic_ns() & log.mask:
            return 0
        try:
            frame = _getframe(3)
        except ValueError:  # nobody called: a loop written in C did
            return 0
        site = id(frame.f_code) + frame.f_lasti
        if site not in log.sites:
            log.learn(site, frame)
        return site

    def end(self, steps: _Steps, *, failed: bool) -> None:
        """It has ended."""
        log, end = self._log, monotonic_ns()
        if steps.begin_ns < log.born_ns:  # its begin was the parent's
            return
        if failed:
            log.failed += 1
        if steps.thread > 0:
            log.under_way -= 1
            log.steps += steps.count
            log.held_ns += steps.held_ns
            log.idle_ns += steps.idle_ns
        if steps.longest_ns > log.longest_step_ns:
            log.longest_step_ns = steps.longest_ns
        log.pending.extend((steps.begin_ns, end, steps.cpu_ns, steps.site, steps.thread))
        if end > self._due:
            self._due = end + PAUSE_NS
            if len(log.pending) < ENOUGH and not log.is_left_at_once:
                return
            try:
                log.drain(end)
            except RecursionError:  # the function itself had just room enough
                return


def coroutine_function(
    func: Callable[..., Coroutine[Any, Any, Any]], log: CallLog, begin: Callable[[], None]
) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Wrap a coroutine function; see `function`. A coroutine that is left half-way has ended too, and not failed."""
    ends = _Ends(log, begin)
    start, end, awaited, stepping, left = ends.start, ends.end, _awaited, log.stepping, GeneratorExit

    async def advised(*args: Any, **kwargs: Any) -> Any:
        steps, failed = start(), True
        try:
            result = await awaited(func(*args, **kwargs), steps, stepping)
            failed = False
            return result
        except left:
            failed = False
            raise
        finally:
            end(steps, failed=failed)

    return _in_place_of(func, advised)


def generator_function(
    func: Callable[..., Generator[Any, Any, Any]], log: CallLog, begin: Callable[[], None]
) -> Callable[..., Generator[Any, Any, Any]]:
    """Wrap a generator function; see `function`. A generator that is left half-way has ended too, and not failed."""
    ends = _Ends(log, begin)
    start, end, push, pop = ends.start, ends.end, log.stepping.append, log.stepping.remove
    now, cpu, thread, any_error, over, left, forgotten = (
        monotonic_ns,
        thread_time_ns,
        get_ident,
        BaseException,
        StopIteration,
        GeneratorExit,
        ValueError,
    )

    def advised(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        # As `_driven` does it, which would lose what a generator answers when it is closed.
        steps, failed = start(), True
        go_on: Any = None
        value: Any = None
        try:
            inner: Any = func(*args, **kwargs)
            go_on = inner.send
            while True:
                me = thread()  # which may be another one at each step: a server's pool, for one
                begun, spent = now(), cpu()
                try:
                    push(me)
                    item = go_on(value)
                except over as stop:
                    failed = False
                    return stop.value
                finally:
                    steps.cpu_ns += cpu() - spent
                    step = now() - begun
                    steps.held_ns += step
                    steps.count += 1
                    if step > steps.longest_ns:
                        steps.longest_ns = step
                    try:
                        pop(me)
                    except forgotten:  # by a fork
                        pass
                try:
                    value = yield item
                    go_on = inner.send
                except any_error as error:
                    go_on, value = inner.throw, error
        except left:
            failed = False
            raise
        finally:
            go_on = value = None  # an exception whose traceback leads here would keep itself alive
            end(steps, failed=failed)

    return _in_place_of(func, advised)


def awaitable_generator_function(
    func: Callable[..., Generator[Any, Any, Any]], log: CallLog, begin: Callable[[], None]
) -> Callable[..., Generator[Any, Any, Any]]:
    """Wrap what `types.coroutine` made of a generator function, so that it can be awaited as well; see `function`."""
    made = generator_function(func, log, begin)
    coroutine(made)
    return made


def async_generator_function(
    func: Callable[..., AsyncGenerator[Any, Any]], log: CallLog, begin: Callable[[], None]
) -> Callable[..., AsyncGenerator[Any, Any]]:
    """Wrap an asynchronous generator function; see `function`."""
    ends = _Ends(log, begin)
    start, end, awaited, stepping, left = ends.start, ends.end, _awaited, log.stepping, GeneratorExit
    first, any_error, is_over, now = _first_step, BaseException, StopAsyncIteration, monotonic_ns

    async def advised(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        steps, failed = start(), True
        try:
            inner = func(*args, **kwargs)
            go_on = first(inner)
            while True:
                try:
                    item = await awaited(go_on, steps, stepping)
                except is_over:
                    failed = False
                    return
                begun = now()
                try:
                    sent = yield item
                except any_error as error:
                    steps.idle_ns += now() - begun
                    go_on = inner.athrow(error)
                else:
                    steps.idle_ns += now() - begun
                    go_on = inner.asend(sent)
        except left:
            failed = False
            raise
        finally:
            go_on = None  # an exception whose traceback leads here would keep itself alive
            end(steps, failed=failed)

    return _in_place_of(func, advised)


def _first_step(inner: AsyncGenerator[Any, Any]) -> Any:
    """Begin without the event loop taking note of it: it is the one around it that the loop has to close."""
    hooks = get_asyncgen_hooks()
    set_asyncgen_hooks(None, None)
    try:
        return inner.asend(None)
    finally:
        set_asyncgen_hooks(*hooks)
