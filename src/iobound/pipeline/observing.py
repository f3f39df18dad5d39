"""Observing a part of a program from within: a block, or a call."""

from __future__ import annotations

import os
import sys
from _thread import get_native_id
from contextlib import suppress

from iobound.errors import UsageError
from iobound.pipeline.arguments import numbers_above_0, sizes, text
from iobound.pipeline.attached import Attached
from iobound.pipeline.finished import Report  # not when it is asked for: the program may have nothing to load it with
from iobound.pipeline.unobserved import Clocks

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Any, Self

    from iobound.model.recording import Recording

_WORKERS = (2, 4, 8, 16, 32)
_UNDER_WAY: dict[int, Observation] = {}
"""The observation of this process, by its number: a forked child has another one."""


class Observation:
    """One observed stretch of this process: a context manager, in coroutines also with `async with`.

    All threads are observed, and all children. A process can be in one such block at a time; a forked child is another
    process.

    Nothing that goes wrong with observing is an error of the program's: it runs on, and the report says why little or
    nothing was seen.

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

    def __init__(
        self,
        *,
        workers: Sequence[int] = _WORKERS,
        rate: float = 150.0,
        max_overhead: float = 0.01,
        name: str = "",
        portable: bool = False,
    ) -> None:
        numbers_above_0(rate=rate, max_overhead=max_overhead)
        self._shown = (name,) if text("name", name) else tuple(map(str, getattr(sys, "argv", ()))) or ("python",)
        self._workers = sizes(workers)
        self._how = {"rate_hz": rate, "max_overhead": max_overhead, "portable": portable}
        self._attached: Attached | None = None
        self._begun: Clocks | None = None
        self._ended: Clocks | None = None
        self._notes: list[str] = []
        self._lost = "this process was forked from the observed one"
        self._report = Report.of(self._whole, self._workers)
        self._pid = -1
        self._thread = 0

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        if error is not None:
            _give(error, self._report)

    async def __aenter__(self) -> Self:
        from iobound.pipeline.coroutines import in_a_thread

        self._claim()
        try:
            self._attached = await in_a_thread(self._prepared, Attached.remove)
            self._start()
        except Exception as problem:
            self._lost = _why(problem)
            self._remove()
        except BaseException:
            self._give_back()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def begin(self) -> None:
        """Start to observe; returns when observing has begun, or cannot.

        Raises:
            UsageError: This process is observed by another such block already, or this one was used before.
        """
        self._claim()
        try:
            self._attached = self._prepared()
            self._start()
        except Exception as problem:  # the program runs unobserved: there is no room on its stack, or no memory
            try:
                self._lost = _why(problem)
                self._remove()
            except RecursionError:
                self._attached = None
        except BaseException:  # Ctrl-C
            self._give_back()
            raise

    def _claim(self) -> None:
        if self._pid != -1:
            raise UsageError("this observation is over or under way", hint="make a new one: iobound.observe()")
        pid, thread = os.getpid(), get_native_id()
        self._begun = Clocks()
        if _UNDER_WAY.setdefault(pid, self) is not self:
            raise UsageError(
                "this process is observed already: observations cannot be nested",
                hint="leave the outer block first, or take its report: it sees all threads",
            )
        self._pid, self._thread = pid, thread

    def _remove(self) -> None:
        attached, self._attached = self._attached, None
        if attached is not None:
            attached.remove()

    def _give_back(self) -> None:
        self._remove()
        _UNDER_WAY.pop(self._pid, None)
        self._pid = -1

    def _prepared(self) -> Attached:
        return Attached(self._shown, thread=self._thread, **self._how)  # type: ignore[arg-type]

    def _start(self) -> None:
        if self._attached is not None:
            self._attached.begin()
        self._begun = Clocks()

    @property
    def is_under_way(self) -> bool:
        """Whether the block has begun in this process and has not ended."""
        return self._pid == os.getpid() and _UNDER_WAY.get(self._pid) is self

    def end(self) -> None:
        """Stop observing; what was seen is kept until the report is asked for."""
        if self._pid != os.getpid() or _UNDER_WAY.get(self._pid) is not self:
            return
        try:
            self._ended = Clocks()
            if self._attached is not None:
                self._attached.stop()
        except Exception as problem:  # what the program has worked out is worth more
            if self._attached is not None:
                self._attached.lost = f"observing did not end well: {type(problem).__name__}: {problem}"
        finally:
            _UNDER_WAY.pop(self._pid, None)

    @property
    def report(self) -> Report:
        """What was found; while the block is under way, what was found so far.

        Nothing is worked out, and nothing of what that needs is loaded, before something is asked of it. In a child
        that was forked in the block there is nothing to be found: the parent has it.
        """
        if self._pid == -1:
            raise UsageError("nothing has been observed yet", hint="use it: with iobound.observe() as observation: …")
        if self.is_under_way and self._attached is not None:
            self._attached.hand_on()
            recording = self._recording(Clocks())
            return Report.of(lambda: recording, self._workers)
        return self._report

    def _whole(self) -> Recording:
        return self._recording(self._ended or Clocks())

    def _recording(self, now: Clocks) -> Recording:
        begun = self._begun or now
        if self._pid != os.getpid() or self._attached is None:
            from iobound.pipeline.unobserved import recording_of

            recording = recording_of(self._shown, "", begun, now, self._lost)
        else:
            recording = self._attached.recording(begun, now)
        return recording._replace(notes=(*recording.notes, *self._notes))

    def note(self, text: str) -> None:
        """Something that everybody who reads the report has to know."""
        self._notes.append(text)

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
            already in this thread, in another thread meanwhile. A generator is returned as it is: what it does is done,
            and observed, only when somebody iterates over it.
        args, kwargs: For the call.

    Returns:
        What the call returned, and the report.

    Raises:
        Exception: Whatever the call raises; it has the report as its attribute `iobound_report`.
        UsageError: This process is observed already, or `func` cannot be called.

    Example:
        >>> import iobound, time
        >>> result, report = iobound.run(time.sleep, 0.5)
        >>> report.bound
        'sleep'
    """
    if not callable(func):
        raise UsageError(f"{func!r} cannot be called", hint="give the function, not its result: iobound.run(f, 1, 2)")
    observation = Observation(name=_name_of(func))
    observation.begin()
    report = observation._report  # before the call, which may succeed with no room left on the stack for more
    try:
        result = func(*args, **kwargs)
        if type(result).__name__ == "coroutine":
            from iobound.pipeline.coroutines import run_to_its_end

            result = run_to_its_end(result)
    except BaseException as error:
        observation.end()
        _give(error, report)
        raise
    observation.end()
    if type(result).__name__ in ("generator", "async_generator"):
        observation.note("the call returned a generator: what it does when it is iterated over was not observed")
    return result, report


def _give(error: BaseException, report: Report) -> None:
    with suppress(Exception):  # some exceptions have no room for attributes
        error.iobound_report = report  # type: ignore[attr-defined]


def _why(problem: Exception) -> str:
    return f"observing could not begin: {type(problem).__name__}: {problem}"


def _name_of(func: Callable[..., Any]) -> str:
    """Module and name of a callable, also of one that is wrapped in a `partial`."""
    for _ in range(8):
        inner = getattr(func, "func", None)
        if getattr(func, "__qualname__", None) or not callable(inner):
            break
        func = inner
    of = func if getattr(func, "__qualname__", None) else type(func)
    module = getattr(of, "__module__", None) or getattr(type(getattr(of, "__self__", None)), "__module__", None)
    return f"{module or '?'}:{of.__qualname__}"
