"""The decorator itself: what kind of function it is given, and what takes its place."""

from __future__ import annotations

import _thread
import os
from types import BuiltinFunctionType, BuiltinMethodType, CodeType, FunctionType, MethodType

from iobound.decorator import wrappers
from iobound.decorator.call_log import plain
from iobound.decorator.ledger import LEDGER, Ledger

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, overload

    from iobound.decorator.call_log import CallLog
    from iobound.decorator.typed import Advise, Advised, P, R, T
    from iobound.pipeline.finished import Report

_OFF = "IOBOUND"
_ASYNC_GENERATOR, _AWAITABLE, _COROUTINE, _GENERATOR = 0x200, 0x100, 0x80, 0x20  # of `inspect`, which is too heavy
_KINDS = (
    (_ASYNC_GENERATOR, "async generator", wrappers.async_generator_function),
    (_COROUTINE, "coroutine", wrappers.coroutine_function),
    (_AWAITABLE, "coroutine", wrappers.awaitable_generator_function),
    (_GENERATOR, "generator", wrappers.generator_function),
)
_OF_CACHES = ("cache_info", "cache_clear")

if TYPE_CHECKING:

    @overload
    def advise(
        func: Callable[P, R], /, *, name: str = "", workers: tuple[int, ...] = (), report: bool = True
    ) -> Advised[P, R]: ...
    @overload
    def advise(
        func: classmethod[T, P, R], /, *, name: str = "", workers: tuple[int, ...] = (), report: bool = True
    ) -> classmethod[T, P, R]: ...
    @overload
    def advise(*, name: str = "", workers: tuple[int, ...] = (), report: bool = True) -> Advise: ...


def advise(func: Any = None, /, *, name: str = "", workers: tuple[int, ...] = (), report: bool = True) -> Any:
    """Observe every call of a function, and say what its calls wait for and what would help.

    Args:
        func: A function, coroutine function, generator or asynchronous generator function; also what `classmethod`,
            `staticmethod`, `functools.partial` and `functools.cache` make of one. Signature, docstring, type and name
            stay, so it can be pickled as before.
        name: What reports call it; its own name if empty.
        workers: Pool sizes to predict, or one; the usual ones if empty.
        report: Whether it is in the report when the program ends.

    Returns:
        A function with a method `report()` that tells what was seen so far, unless it has one of that name already.
        With `IOBOUND=0` in the environment the function itself.

    Raises:
        TypeError: `workers` are no numbers of workers, `name` is no text, or what is decorated is no function.

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
    return advise_in(LEDGER, func, name, workers, report)


def advise_in(ledger: Ledger, func: Any, name: str, workers: tuple[int, ...], report: bool) -> Any:
    """Decorate a function, with its calls in this ledger; see `advise`."""
    if issubclass(type(func), classmethod | staticmethod):
        return type(func)(advise_in(ledger, func.__func__, name, workers, report))
    _require_function(func)
    pools, name = _checked(workers, name)
    if os.environ.get(_OFF) == "0" or not _IS_MAIN:
        return _with_report(func, _off)
    if type(_attribute(func, "report")) is _Teller:  # twice: once will do
        return func
    outer, code = _codes_of(func)
    kind, wrap = "function", wrappers.function
    for flag, its_kind, its_wrapper in _KINDS:
        if outer is not None and outer.co_flags & flag:
            kind, wrap = its_kind, its_wrapper
            break
    log = ledger.log_of(name or _name_of(func), code, kind, told=report, workers=pools)
    made = wrap(func, log, ledger.begin)
    for method in _OF_CACHES:
        found = _attribute(func, method)
        if found is not None and not hasattr(made, method):
            setattr(made, method, found)
    return _with_report(made, _Teller(ledger, log))


def _checked(workers: Any, name: Any) -> tuple[tuple[int, ...], str]:
    """Both as given; nothing is loaded for those that are as usual."""
    pools: tuple[int, ...] = ()
    if type(workers) is not tuple or workers:
        from iobound.pipeline.arguments import sizes

        pools = sizes(workers)
    if type(name) is not str:
        from iobound.pipeline.arguments import text

        name = text("name", name)
    return pools, name


class _Teller:
    """The `report` of a decorated function."""

    def __init__(self, ledger: Ledger, log: CallLog) -> None:
        self._what = ledger, log

    def __call__(self) -> Report:
        """What was seen of the function's calls so far, in all processes.

        Raises:
            ObservationLost: It has not been called yet, or nothing was observed.
        """
        from iobound.decorator.telling import report_of

        return report_of(*self._what)


def _off() -> Report:
    from iobound.pipeline.finished import NoReport

    where = f"{_OFF}=0 is in the environment" if _IS_MAIN else "this is an interpreter inside of the program's own"
    return NoReport(f"observing is off: {where}")


def _is_main_interpreter() -> bool:
    """Whether this is the interpreter that the program began with: nothing can be seen of the others from outside."""
    asked = getattr(_thread, "_is_main_interpreter", None)  # from 3.12 on
    if asked is not None:
        return bool(asked())
    try:
        import _xxsubinterpreters as interpreters
    except ImportError:
        return True
    return bool(interpreters.get_current() == interpreters.get_main())


_IS_MAIN = _is_main_interpreter()


def _tell(ledger: Ledger) -> None:
    from iobound.decorator import at_exit

    at_exit.tell(ledger)


LEDGER.tell = _tell


def _require_function(func: Any) -> None:
    """Refuse what would not be the same any more if a function took its place."""
    if issubclass(type(func), FunctionType | MethodType | BuiltinFunctionType | BuiltinMethodType):
        return
    is_class = issubclass(type(func), type)
    is_compiled = callable(func) and not is_class and type(_attribute(func, "__code__")) is CodeType
    if _is_of_functools(func) or is_compiled:  # by Cython, which has a type of its own for functions
        return
    if is_class:
        hint = "put it on the methods that are of interest"
    elif callable(func):
        hint = "put it below the decorator that made this object, or on its `__call__`"
    elif _attribute(func, "__get__") is not None:
        hint = "put it below the other decorator, next to the function"
    else:
        hint = "write @iobound.advise above a function"
    from iobound.pipeline.arguments import shown

    raise TypeError(f"iobound.advise decorates functions, not {shown(func)}: {hint}")


def _attribute(given: object, name: str) -> Any:
    """An attribute; None where it has none, and where it raises: whoever decorates does not ask for it."""
    try:
        return getattr(given, name, None)
    except Exception:
        return None


def _is_of_functools(func: Any) -> bool:
    return type(func).__module__ == "functools" and type(func).__name__ in ("partial", "_lru_cache_wrapper")


def _codes_of(func: Any) -> tuple[CodeType | None, CodeType | None]:
    """The code that says of what kind a function is, and that which is its own: below other decorators."""
    while type(func).__module__ == "functools" and type(func).__name__ == "partial":
        func = func.func
    outer = code = _code_of(func)
    for _ in range(100):
        func = _attribute(func, "__wrapped__")
        below = _code_of(func)
        if below is None or _kind_flags(below) != _kind_flags(outer):
            break
        code = below
    return outer, code


def _code_of(func: Any) -> CodeType | None:
    code = _attribute(func, "__code__")
    return code if type(code) is CodeType else None


def _kind_flags(code: CodeType | None) -> int:
    return code.co_flags & (_ASYNC_GENERATOR | _AWAITABLE | _COROUTINE | _GENERATOR) if code else 0


def _name_of(func: Any) -> str:
    while type(func).__module__ == "functools" and type(func).__name__ == "partial":
        func = func.func
    module = _text(func, "__module__") or "?"
    module = "__main__" if module == "__mp_main__" else module  # as workers call the program that they belong to
    return f"{module}:{_text(func, '__qualname__') or type(func).__name__}"


def _text(given: object, name: str) -> str:
    """An attribute that is text; empty where it is something else."""
    found = _attribute(given, name)
    return plain(found) if issubclass(type(found), str) else ""


def _with_report(func: Any, tell: Callable[[], Any]) -> Any:
    try:
        if not hasattr(func, "report"):  # else it has one of its own, which somebody may need
            func.report = tell
    except Exception:  # a builtin, which was given back as it is, or one whose attributes raise
        return func
    return func
