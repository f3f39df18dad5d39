"""What the reader's screen can show, and writing reports to it."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TextIO

from iobound import pipeline
from iobound.errors import UsageError
from iobound.model.state import State
from iobound.pipeline import ReportWish, ci

if TYPE_CHECKING:
    from iobound.model.diagnosis import Diagnosis
    from iobound.pipeline import TextStyle
    from iobound.pipeline.listed import Told

_FALLBACK = (80, 24)


def style_of(stream: TextIO, width: int | None) -> TextStyle:
    """Colour, width and Unicode by the stream, `NO_COLOR`, `FORCE_COLOR`, `TERM`, and whether it is a CI system's.

    Source:
        https://no-color.org and https://force-color.org
    """
    terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
    forced = bool(os.environ.get("FORCE_COLOR"))
    log = ci.here() is not None
    colour = forced or (terminal and not log and not os.environ.get("NO_COLOR"))
    if os.environ.get("NO_COLOR"):
        colour = False
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    columns = width or (
        shutil.get_terminal_size(_FALLBACK).columns if terminal or "COLUMNS" in os.environ else _FALLBACK[0]
    )
    return pipeline.style(
        width=columns, colour=colour, unicode=encoding.startswith("utf"), plain=not (terminal or forced) or log
    )


def fresh_line(stream: TextIO) -> str:
    """What sets a report apart from what the target wrote to the same terminal; nothing in a pipe or a log.

    The target may have left its last line unfinished, and the terminal in a colour.
    """
    style = style_of(stream, None)
    return "" if style.plain or not stream.isatty() else "\x1b[0m\n" if style.colour else "\n"


def states_of(text: str | None) -> frozenset[State] | None:
    """`--tree` as given: the states of the tree, None for all.

    Raises:
        UsageError: There is no such state.
    """
    if text is None or text == "all":
        return None
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in set(State):
            raise UsageError(f"no state is called {name!r}", hint=f"states: {', '.join(State)}, or all")
    return frozenset(map(State, names))


def show(
    told: Told,
    wishes: Sequence[ReportWish],
    stream: TextIO,
    *,
    width: int | None = None,
    concise: bool = False,
    then: Callable[[TextStyle], str] | None = None,
) -> None:
    """Write every report that was asked for: to its file, or to the stream.

    Args:
        told: What the reports are of.
        wishes: The reports, in their order.
        stream: Where those go that have no file.
        width: Columns of the text report; those of the stream, and 100 in a file, unless given.
        concise: Whether a finding is one line of text.
        then: What else the stream shows, behind them.

    Raises:
        UsageError: A file could not be written; the other reports have been.
    """
    style = style_of(stream, width)._replace(concise=concise)
    failed: UsageError | None = None
    for wish in wishes:
        if wish.path is None:
            put(told.render(wish.format, style), stream)
            continue
        text = told.render(wish.format, pipeline.style(width=width or 100, unicode=True, concise=concise))
        try:
            pipeline.write(text, wish.path)
        except UsageError as error:
            failed = failed or error
    if then is not None:
        put(then(style), stream)
    if failed is not None:
        raise failed


def tree_of(diagnosis: Diagnosis, tree: str | None, wishes: Sequence[ReportWish]) -> Callable[[TextStyle], str] | None:
    """What draws the call tree that `--tree` asks for, behind what is reported; None where it asks for none."""
    if tree is None:
        return None
    apart = "\n" if any(wish in (pipeline.TEXT, pipeline.LOG) for wish in wishes) else ""
    return lambda style: apart + pipeline.tree(diagnosis, states_of(tree), style)


def tell_ci(told: Told, stream: TextIO) -> None:
    """Annotations on a stream that the CI system reads."""
    put(told.render("github", style_of(stream, None)), stream)


def put(text: str, stream: TextIO) -> None:
    """Write text; what the stream's encoding does not have is shown escaped."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def stdout() -> TextIO:
    """Standard output.

    Raises:
        UsageError: It is closed.
    """
    if sys.stdout is None:  # which typing does not know of
        raise UsageError("standard output is closed", hint="write to a file: --report text:FILE")
    return sys.stdout


def output(wishes: Sequence[ReportWish], tree: str | None = None) -> TextIO:
    """Standard output, which may be closed when everything goes to files.

    Raises:
        UsageError: It is closed, and something is to be shown.
    """
    shows = tree is not None or any(wish.path is None for wish in wishes)
    return stdout() if shows else sys.stdout or stderr()


def stderr() -> TextIO:
    """Standard error, or a place that swallows everything when there is none."""
    return sys.stderr or _nowhere()


@functools.cache
def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # lives as long as we do


def give_up_on_stderr() -> None:
    """Nobody reads standard error any more: what Python still flushes to it at its end must not fail."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
