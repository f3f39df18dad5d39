"""Colour for terminals: the only file that knows rich. Loaded only when colour is asked for.

Only the terminal's own theme and weight are used, no fixed colours: what its owner can read on light or dark stays
readable. Words are in its foreground, or in red or magenta, which stand out from white and from black alike; green and
cyan are pale on white, blue and white and yellow vanish on one of the two. A bar may be green: it is large.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import TextIO

from rich.box import ASCII, ROUNDED
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from iobound.verbs.report import harmless
from iobound.verbs.report.blocks import Line, Page, Role
from iobound.verbs.report.layout import BAR, Layout
from iobound.verbs.report.style import TextStyle

_LOOKS: Mapping[Role, str] = {
    Role.BODY: "",
    Role.TITLE: "bold underline",
    Role.LABEL: "",
    Role.STRONG: "bold",
    Role.FAINT: "dim",
    Role.GOOD: "bold",
    Role.BAD: "bold red",
    Role.DOUBTFUL: "bold magenta",
    Role.COMPUTING: "",
    Role.WAITING: "magenta",
    Role.QUEUEING: "red",
    Role.RESTING: "",
}

_BARS: Mapping[Role, str] = {**_LOOKS, Role.COMPUTING: "green"}

_AT_A_TIME = 300
_FRAME = 4  # columns that the box around the answer takes


def render(page: Page, style: TextStyle) -> str:
    """The page with escape sequences of our own and no others; a box around the answer unless it is for a log."""
    out, console = _console(style)
    layout = Layout(style)
    if style.plain:
        _print(console, layout.headline(page, style.columns))
    else:
        answer = Text("\n").join(_text(line) for line in layout.headline(page, style.columns - _FRAME))
        console.print(Panel(answer, box=ROUNDED if style.unicode else ASCII, border_style="dim", padding=(0, 1)))
    if style.plain:
        console.print()
    _print(console, layout.page(page))
    return out.getvalue()


def render_lines(lines: Iterable[Line], style: TextStyle) -> str:
    """Finished lines with escape sequences of our own and no others."""
    out, console = _console(style)
    _print(console, lines)
    return out.getvalue()


def _console(style: TextStyle) -> tuple[io.StringIO, Console]:
    out = io.StringIO()
    console = Console(
        file=out,
        width=style.columns,
        force_terminal=True,
        force_jupyter=False,  # which would show it instead of writing it
        color_system="standard",
        legacy_windows=False,
        highlight=False,
        emoji=False,
        markup=False,
        _environ={},
    )
    return out, console


def _print(console: Console, lines: Iterable[Line]) -> None:
    """Many lines at a time: rich needs longer to begin than to print."""
    texts = iter([_text(line) for line in lines])
    while batch := list(islice(texts, _AT_A_TIME)):
        console.print(Text("\n").join(batch), no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)


def _text(line: Line) -> Text:
    """A line in colour; guarded as a whole, because its spans may only together spell a command."""
    bare = "".join(span.text for span in line)
    if harmless.guarded(bare) != bare:
        return Text(harmless.guarded(bare))
    text = Text(no_wrap=True)
    for span in line:
        looks = _LOOKS if span.text.strip(BAR) else _BARS
        text.append(span.text, looks[span.role])
    text.rstrip()
    return text


@contextmanager
def progress_bar(stream: TextIO) -> Iterator[Callable[[int, int], None]]:
    """A bar that vanishes at the end; see `report.progress_bar`."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TextColumn("files"))
    bar = Progress(*columns, console=Console(file=stream), transient=True, refresh_per_second=8)
    task = bar.add_task("", total=None)

    def progress(done: int, total: int) -> None:
        bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield progress
    finally:
        bar.stop()
