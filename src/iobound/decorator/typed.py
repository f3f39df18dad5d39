"""What type checkers know of a decorated function. Nothing of this is loaded when a program runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol, Self, TypeVar, overload

from iobound.pipeline.finished import Report

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")


class Advised(Protocol[P, R_co]):
    """A function whose calls are observed: called as before, and it can be asked for a report."""

    __name__: str
    __qualname__: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function."""

    def report(self) -> Report:
        """What was seen of its calls so far."""

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None, /) -> Self: ...
    @overload
    def __get__(
        self: Advised[Concatenate[T, Q], R], instance: T, owner: type[Any] | None = None, /
    ) -> Advised[Q, R]: ...


class Advise(Protocol):
    """What `advise` with arguments gives: it takes the function."""

    @overload
    def __call__(self, func: Callable[P, R], /) -> Advised[P, R]: ...
    @overload
    def __call__(self, func: classmethod[T, P, R], /) -> classmethod[T, P, R]: ...
