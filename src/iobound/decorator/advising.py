"""The decorator itself: what kind of function it is given, and what takes its place."""

from __future__ import annotations

import os
from types import CodeType

from iobound.decorator import wrappers
from iobound.decorator.call_log import CallLog
from iobound.decorator.ledger import LEDGER, Ledger

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from iobound.pipeline.finished import Report

_OFF = "IOBOUND"
_ASYNC_GENERATOR, _COROUTINE, _GENERATOR = 0x200, 0x80, 0x20  # of `inspect`, which is too heavy

_KINDS = (
    (_ASYNC_GENERATOR, "async generator", wrappers.async_generator_function),
    (_COROUTINE, "coroutine", wrappers.coroutine_function),
    (_GENERATOR, "generator", wrappers.generator_function),
)


def advise(func: Any = None, /, *, name: str = "", workers: tuple[int, ...] = (), report: bool = True) -> Any:
    """Observe every call of a function, and say what its calls wait for and what would help.

    Args:
        func: A function, coroutine function, generator or asynchronous generator function, or what `classmethod` and
            `staticmethod` make of one. Signature, docstring, type and name stay, so it can be pickled as before.
        name: What reports call it; its own name if empty.
        workers: Pool sizes to predict; the usual ones if empty.
        report: Whether it is in the report when the program ends.

    Returns:
        A function with a method `report()` that tells what was seen so far. With `IOBOUND=0` in the environment the
        function itself.

    Raises:
        TypeError: What is decorated is no function.

    Example:
        >>> import iobound
        >>> @iobound.advise(report=False)
        ... def double(number):
        ...     return 2 * number
        >>> double(21)
        42
    """
    if func is None:
        return lambda function: advise(function, name=name, workers=workers, report=report)
    if isinstance(func, classmethod | staticmethod):
        return type(func)(advise(func.__func__, name=name, workers=workers, report=report))
    if not callable(func) or isinstance(func, type):
        raise TypeError(f"iobound.advise decorates functions, not {func!r}: put it on the methods that are of interest")
    if os.environ.get(_OFF) == "0":
        return _with_report(func, lambda: None)
    return _advised(func, name, workers, report)


def _advised(func: Callable[..., Any], name: str, workers: tuple[int, ...], report: bool) -> Any:
    code = getattr(func, "__code__", None)
    flags = code.co_flags if isinstance(code, CodeType) else 0
    kind, wrap = "function", wrappers.function
    for flag, its_kind, its_wrapper in _KINDS:
        if flags & flag:
            kind, wrap = its_kind, its_wrapper
            break
    log = CallLog(name or _name_of(func), code if isinstance(code, CodeType) else None, kind, LEDGER.changed)
    LEDGER.register(log, report=report)
    made = wrap(func, log, LEDGER.begin)

    def tell() -> Report:
        from iobound.decorator.telling import report_of

        return report_of(LEDGER, log, workers)

    return _with_report(made, tell)


def _tell(ledger: Ledger) -> None:
    from iobound.decorator import at_exit

    try:
        at_exit.tell(ledger)
    except Exception as problem:
        at_exit.complain(problem)


LEDGER.tell = _tell


def _name_of(func: Callable[..., Any]) -> str:
    module = getattr(func, "__module__", None) or "?"
    module = "__main__" if module == "__mp_main__" else module  # as workers call the program that they belong to
    return f"{module}:{getattr(func, '__qualname__', None) or type(func).__name__}"


def _with_report(func: Any, tell: Callable[[], Any]) -> Any:
    try:
        func.report = tell
    except (AttributeError, TypeError):  # a builtin, which was given back as it is
        return func
    return func
