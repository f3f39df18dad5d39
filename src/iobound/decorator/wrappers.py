"""The wrappers: around a function, a coroutine function, a generator function and an asynchronous one.

What stands between a caller and a function is measured in tens of nanoseconds: names are bound once, and every line
that is not needed at each call is in another function.
"""

from __future__ import annotations

from _thread import get_ident
from functools import wraps
from sys import _getframe
from time import monotonic_ns, thread_time_ns
from types import FunctionType, coroutine

from iobound.decorator.call_log import PAUSE_NS, CallLog

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
    from typing import Any


def function(func: Callable[..., Any], log: CallLog, begin: Callable[[], None]) -> Callable[..., Any]:
    """Wrap a plain function.

    Args:
        func: The function.
        log: Where its calls go.
        begin: Called once, before the first call.
    """
    now, cpu, thread, frame_of = monotonic_ns, thread_time_ns, get_ident, _getframe
    keep, sites = log.pending.extend, log.sites
    due, mask, several = 0, 0, True

    def settle(end: int) -> None:
        nonlocal due, mask, several
        due = end + PAUSE_NS
        log.drain(end)
        mask, several = log.mask, log.several

    @wraps(func)
    def advised(*args: Any, **kwargs: Any) -> Any:
        if not due:
            begin()
        start, spent = now(), cpu()
        try:
            return func(*args, **kwargs)
        except BaseException:
            log.failed += 1
            raise
        finally:
            spent = cpu() - spent
            end = now()
            if end & mask:
                site = 0
            else:
                frame = frame_of(1)
                site = id(frame.f_code) + frame.f_lasti  # an address in the code: no two callers share one
                if site not in sites:
                    log.learn(site, frame)
            keep((start, end, spent, site, thread() if several else 0))
            if end > due:
                settle(end)

    return advised


class _Steps:
    """What the steps of one coroutine or generator add up to."""

    __slots__ = ("count", "cpu_ns", "held_ns", "longest_ns")

    def __init__(self) -> None:
        self.count = self.cpu_ns = self.held_ns = self.longest_ns = 0


def _driven(inner: Any, steps: _Steps) -> Generator[Any, Any, Any]:
    """Drive a coroutine, or one step of an asynchronous generator, and time what it does between two awaits."""
    now, cpu = monotonic_ns, thread_time_ns
    go_on, value, count, held_ns, cpu_ns, longest_ns = inner.send, None, 0, 0, 0, 0
    try:
        while True:
            begun, spent = now(), cpu()
            try:
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
                value = yield awaited
                go_on = inner.send
            except GeneratorExit:
                inner.close()
                raise
            except BaseException as error:
                go_on, value = inner.throw, error
    finally:
        steps.count += count
        steps.held_ns += held_ns
        steps.cpu_ns += cpu_ns
        steps.longest_ns = max(steps.longest_ns, longest_ns)


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

    def start(self, depth: int) -> tuple[int, int]:
        """A call begins: when, and where from."""
        log = self._log
        if not self._due:
            self._begin()
        log.under_way += 1
        if log.under_way > log.most_under_way:
            log.most_under_way = log.under_way
        now = monotonic_ns()
        if now & log.mask:
            return now, 0
        try:
            frame = _getframe(depth)
        except ValueError:  # nobody called: a loop written in C did
            return now, 0
        site = id(frame.f_code) + frame.f_lasti
        if site not in log.sites:
            log.learn(site, frame)
        return now, site

    def end(self, begun: tuple[int, int], steps: _Steps, *, failed: bool) -> None:
        """It has ended."""
        log, end = self._log, monotonic_ns()
        log.under_way -= 1
        log.failed += failed
        log.steps += steps.count
        log.held_ns += steps.held_ns
        if steps.longest_ns > log.longest_step_ns:
            log.longest_step_ns = steps.longest_ns
        log.pending.extend((begun[0], end, steps.cpu_ns, begun[1], get_ident()))
        if end > self._due:
            self._due = end + PAUSE_NS
            log.drain(end)


def coroutine_function(
    func: Callable[..., Coroutine[Any, Any, Any]], log: CallLog, begin: Callable[[], None]
) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Wrap a coroutine function; see `function`."""
    ends = _Ends(log, begin)

    @wraps(func)
    async def advised(*args: Any, **kwargs: Any) -> Any:
        steps, failed = _Steps(), True
        begun = ends.start(2)
        try:
            result = await _awaited(func(*args, **kwargs), steps)
            failed = False
            return result
        finally:
            ends.end(begun, steps, failed=failed)

    return advised


def generator_function(
    func: Callable[..., Generator[Any, Any, Any]], log: CallLog, begin: Callable[[], None]
) -> Callable[..., Generator[Any, Any, Any]]:
    """Wrap a generator function; see `function`. A generator that is left half-way has ended too, and not failed."""
    ends = _Ends(log, begin)

    @wraps(func)
    def advised(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        steps, failed = _Steps(), True
        begun = ends.start(2)
        try:
            result = yield from _driven(func(*args, **kwargs), steps)
            failed = False
            return result
        except GeneratorExit:
            failed = False
            raise
        finally:
            ends.end(begun, steps, failed=failed)

    return advised


def async_generator_function(
    func: Callable[..., AsyncGenerator[Any, Any]], log: CallLog, begin: Callable[[], None]
) -> Callable[..., AsyncGenerator[Any, Any]]:
    """Wrap an asynchronous generator function; see `function`."""
    ends = _Ends(log, begin)

    @wraps(func)
    async def advised(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        steps, failed = _Steps(), True
        begun = ends.start(2)
        inner = func(*args, **kwargs)
        go_on: Awaitable[Any] = inner.asend(None)
        try:
            while True:
                try:
                    item = await _awaited(go_on, steps)
                except StopAsyncIteration:
                    failed = False
                    return
                try:
                    sent = yield item
                except GeneratorExit:
                    failed = False
                    await inner.aclose()
                    raise
                except BaseException as error:
                    go_on = inner.athrow(error)
                else:
                    go_on = inner.asend(sent)
        finally:
            ends.end(begun, steps, failed=failed)

    return advised
