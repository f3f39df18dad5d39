"""The marker: what a test may do in its call, and the failure of one that did otherwise."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from iobound.model.suite import Limits

NAME = "iobound"
_ARGUMENTS = ("max_wait", "max_sleep", "bound", "no_loop_block")


def limits_of(item: pytest.Item) -> Limits | None:
    """What the markers of a test say together, those nearest to it before others; None when it has none.

    Raises:
        UsageError: An argument is unknown or makes no sense; the message names the test.
    """
    asked: dict[str, object] = {}
    marked = False
    for mark in item.iter_markers(NAME):
        marked = True
        if mark.args:
            _complain(item, f"takes no positional arguments, got {mark.args[0]!r}", "name it, as in max_wait=0.5")
        asked = {**mark.kwargs, **asked}
    if not marked:
        return None
    from iobound.model.diagnosis import Bound  # the nouns are loaded by suites that have a marker
    from iobound.model.suite import Limits

    bounds = tuple(bound.value for bound in Bound if bound is not Bound.INCONCLUSIVE)
    unknown = [name for name in asked if name not in _ARGUMENTS]
    if unknown:
        _complain(item, f"has no argument {unknown[0]!r}", f"there are {', '.join(_ARGUMENTS)}")
    if all(value is None for value in asked.values()):
        _complain(item, "asks for nothing", f"give one of {', '.join(_ARGUMENTS)}")
    bound = asked.get("bound")
    if bound is not None and bound not in bounds:
        _complain(item, f"has bound={bound!r}", f"one of {', '.join(bounds)}")
    blocks = asked.get("no_loop_block", False)
    if not isinstance(blocks, bool):
        _complain(item, f"has no_loop_block={blocks!r}", "True or False")
    return Limits(
        _seconds(item, asked, "max_wait"),
        _seconds(item, asked, "max_sleep"),
        None if bound is None else str(bound),
        bool(blocks),
        iscoroutinefunction(getattr(item, "obj", None)),
    )


def _seconds(item: pytest.Item, asked: Mapping[str, object], name: str) -> float | None:
    value = asked.get(name)
    if value is None:
        return None
    if isinstance(value, int) and value > sys.float_info.max:  # which may be too large to be printed, too
        _complain(item, f"has a {name} of 1e308 s and more", "a number of seconds, 0 or more")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        _complain(item, f"has {name}={value!r}", "a number of seconds, 0 or more")
    return float(value)  # type: ignore[arg-type]


def _complain(item: pytest.Item, what: str, hint: str) -> None:
    raise pytest.UsageError(f"{item.nodeid}: the marker iobound {what} ({hint})")


class _Crash(NamedTuple):
    """Where and why, for pytest's short summary."""

    path: str
    lineno: int
    message: str


class Broken:
    """What pytest shows of a test that did not keep to its marker.

    Args:
        location: Of the test: file, line from 0, name.
        sentences: What it did not keep to.
    """

    def __init__(self, location: tuple[str, int | None, str], sentences: tuple[str, ...]) -> None:
        path, line, self._name = location
        self.sentences = sentences
        first = sentences[0].partition("\n")[0]
        self.reprcrash = _Crash(path, (line or 0) + 1, f"iobound: {first}")

    def __str__(self) -> str:
        lines = [f"{self.reprcrash.path}:{self.reprcrash.lineno}: {self._name}: the marker iobound asks for"]
        return "\n".join([*lines, *(f"  {sentence}" for sentence in self.sentences)])

    def toterminal(self, tw: Any) -> None:
        """Write it to pytest's terminal."""
        for line in str(self).splitlines():
            tw.line(line, red=True)
