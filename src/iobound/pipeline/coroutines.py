"""Coroutines and event loops around an observed block."""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar, cast

_T = TypeVar("_T")
_A_MOMENT_S = 0.1


async def in_a_thread(make: Callable[[], _T], remove: Callable[[_T], None]) -> _T:
    """Make something in a thread of its own while the event loop goes on; in loops of others than asyncio, here.

    Args:
        make: What takes a while.
        remove: Undoes it, where nobody waits for it any more.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return make()
    made: asyncio.Future[_T] = loop.create_future()

    def settle(thing: _T | None, problem: BaseException | None) -> None:
        if problem is None and thing is not None:
            if made.cancelled():
                remove(thing)
            else:
                made.set_result(thing)
        elif not made.cancelled() and problem is not None:
            made.set_exception(problem)

    def work() -> None:
        thing, problem = None, None
        try:
            thing = make()
        except BaseException as error:
            problem = error
        try:
            loop.call_soon_threadsafe(settle, thing, problem)
        except RuntimeError:  # the loop is closed by now
            if thing is not None:
                remove(thing)

    thread = threading.Thread(target=work, name="iobound.observe", daemon=True)
    thread.start()
    thing = await made
    try:
        await _end_of(thread)
    except BaseException:  # cancelled
        remove(thing)
        raise
    return thing


async def _end_of(thread: threading.Thread) -> None:
    """Until the kernel has forgotten a thread that has nothing left to do, a fifth of a second at most."""
    thread.join()
    for _ in range(200):
        if not _is_known_to_the_kernel(thread):
            return
        await asyncio.sleep(0.001)


def _is_known_to_the_kernel(thread: threading.Thread) -> bool:
    return os.path.exists(f"/proc/self/task/{thread.native_id}")


def run_to_its_end(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Run it in an event loop of its own; where one runs in this thread already, in another thread.

    The context variables of the caller are seen in it.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    return cast("_T", _Elsewhere(coroutine).result())


class _Elsewhere:
    """A coroutine in a thread of its own, which is cancelled when the thread that waits for it is interrupted."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._coroutine = coroutine
        self._value: Any = None
        self._problem: BaseException | None = None
        self._task: asyncio.Task[Any] | None = None
        self._unwanted = False

    def result(self) -> Any:
        thread = threading.Thread(target=contextvars.copy_context().run, args=(self._run,), name="iobound.run")
        around = asyncio.current_task()
        before = around.cancelling() if around is not None else 0
        thread.start()  # from here on Ctrl-C is for what runs in there
        try:
            while thread.is_alive():
                thread.join(_A_MOMENT_S if around is not None and not self._unwanted else None)
                if around is not None and around.cancelling() > before:  # Ctrl-C, which `asyncio.run` says in this way
                    self._cancel()
        except BaseException:
            self._cancel()
            thread.join()
            raise
        if self._problem is not None:
            try:
                raise self._problem
            finally:
                self._problem = None  # no cycle of the exception and this frame
        return self._value

    def _run(self) -> None:
        try:
            self._value = asyncio.run(self._main())
        except BaseException as problem:
            self._problem = problem

    async def _main(self) -> Any:
        self._task = asyncio.current_task()
        if self._unwanted:
            self._coroutine.close()
            raise asyncio.CancelledError
        return await self._coroutine

    def _cancel(self) -> None:
        if self._unwanted:
            return
        self._unwanted = True
        if self._task is not None:
            with suppress(RuntimeError):  # it has ended by now
                self._task.get_loop().call_soon_threadsafe(self._task.cancel)
