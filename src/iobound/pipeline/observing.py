"""Observing a part of a program from within: a block, or a call."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from iobound.errors import ObservationLost, UsageError
from iobound.pipeline.attached import Attached
from iobound.verbs.observe import NoObserver

if TYPE_CHECKING:
    from types import TracebackType

    from iobound.model.recording import Recording
    from iobound.pipeline.finished import Report

_WORKERS = (2, 4, 8, 16, 32)


class Observation:
    """One observed stretch of this process: a context manager, in coroutines also with `async with`.

    All threads are observed, and all children. A process can be in one such block at a time.

    Args:
        workers: Pool sizes to predict.
        rate: Looks a second, as long as they cost little.
        max_overhead: Largest share of one CPU that looking may take.
        name: What is observed, for the head of reports; the program's own command line if empty.
        portable: Do as if nothing could be seen from outside.

    Example:
        >>> import iobound, time
        >>> with iobound.observe() as observation:
        ...     time.sleep(0.5)
        >>> observation.report.bound
        'sleep'
    """

    _current: Observation | None = None
    """The one that is under way in this process."""

    def __init__(
        self,
        *,
        workers: Sequence[int] = _WORKERS,
        rate: float = 150.0,
        max_overhead: float = 0.01,
        name: str = "",
        portable: bool = False,
    ) -> None:
        self._shown = (name,) if name else tuple(sys.argv) if getattr(sys, "argv", [""])[0] else ("python",)
        self._workers = tuple(workers)
        self._how = {"rate_hz": rate, "max_overhead": max_overhead, "portable": portable}
        self._attached: Attached | None = None
        self._why_lost = ""
        self._kept: Recording | None = None
        self._pid = -1

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        if error is not None:
            with suppress(Exception):  # some exceptions have no room for attributes
                error.iobound_report = self.report  # type: ignore[attr-defined]

    async def __aenter__(self) -> Self:
        import asyncio

        await asyncio.to_thread(self.begin)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def begin(self) -> None:
        """Start to observe; returns when observing has begun.

        Raises:
            UsageError: This process is observed by another such block already, or this one was used before.
        """
        if self._pid != -1:
            raise UsageError("this observation is over or under way", hint="make a new one: iobound.observe()")
        other = Observation._current
        if other is not None and other.is_under_way:
            raise UsageError(
                "this process is observed already: observations cannot be nested",
                hint="leave the outer block first, or take its report: it sees all threads",
            )
        Observation._current, self._pid = self, os.getpid()
        try:
            self._attached = Attached(self._shown, **self._how)  # type: ignore[arg-type]
            if not self._attached.wait_until_ready():
                self._why_lost = self._attached.lost
        except NoObserver as problem:
            self._why_lost = str(problem)

    @property
    def is_under_way(self) -> bool:
        """Whether the block has begun in this process and has not ended."""
        return Observation._current is self and self._pid == os.getpid()

    def end(self) -> None:
        """Stop observing; what was seen is kept until the report is asked for."""
        if not self.is_under_way:
            return
        Observation._current = None
        if self._attached is not None:
            self._attached.stop()

    @property
    def report(self) -> Report:
        """What was found; while the block is under way, what was found so far.

        Nothing is worked out, and nothing of what that needs is loaded, before something is asked of it.
        """
        from iobound.pipeline.finished import Report

        if self._pid == -1:
            raise UsageError("nothing has been observed yet", hint="use it: with iobound.observe() as observation: …")
        if self.is_under_way:
            recording = self._so_far()
            return Report.of(lambda: recording, self._workers)
        return Report.of(self._whole, self._workers)

    def _so_far(self) -> Recording:
        attached = self._the_attached()
        attached.hand_on()
        return attached.recording()

    def _whole(self) -> Recording:
        if self._kept is None:
            attached = self._the_attached()
            self._kept = attached.recording()
            attached.remove()
        return self._kept

    def _the_attached(self) -> Attached:
        if self._attached is None:
            hint = "`iobound run` observes a program from its start; `iobound env` says what can be observed here"
            raise ObservationLost(f"nothing was observed: {self._why_lost}", hint=hint)
        return self._attached

    def __del__(self) -> None:
        """Nobody can ask for a report any more."""
        attached = getattr(self, "_attached", None)
        if attached is not None and self._pid == os.getpid():
            with suppress(Exception):
                attached.remove()


def run(func: Callable[..., Any], /, *args: Any, **kwargs: Any) -> tuple[Any, Report]:
    """Call a function, or run a coroutine function to its end, and say what it is bound by.

    Args:
        func: Any callable. What a coroutine function gives is awaited in an event loop of its own; where one runs
            already in this thread, in another thread meanwhile.
        args, kwargs: For the call.

    Returns:
        What the call returned, and the report.

    Raises:
        Exception: Whatever the call raises; it has the report as its attribute `iobound_report`.
        UsageError: This process is observed already.

    Example:
        >>> import iobound, time
        >>> result, report = iobound.run(time.sleep, 0.5)
        >>> report.bound
        'sleep'
    """
    name = f"{getattr(func, '__module__', None) or '?'}:{getattr(func, '__qualname__', None) or type(func).__name__}"
    with Observation(name=name) as observation:
        result = _called(func, args, kwargs)
    return result, observation.report


def _called(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    result = func(*args, **kwargs)
    if not _is_coroutine(result):
        return result
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(result)
    import contextvars
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1, thread_name_prefix="iobound.run") as pool:
        return pool.submit(contextvars.copy_context().run, asyncio.run, result).result()


def _is_coroutine(result: object) -> bool:
    import inspect

    return inspect.iscoroutine(result)
