"""From a Diagnosis to text, in any format; `findings` does the same for what a scan found.

Steps of the text report: `headline`, `measured`, `concluded` and `unseen` choose what to say as blocks (`text` puts
them in order), `layout` makes lines that fit, `plain` or `terminal` prints them. A new format is one file and one
line in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

from iobound.errors import UnknownFormat
from iobound.verbs.report.findings import FINDING_FORMATS, Roots, render_findings, scan_schema, step_summary
from iobound.verbs.report.style import TextStyle

if TYPE_CHECKING:
    from iobound.model.diagnosis import Diagnosis
    from iobound.model.finding import RuleNote
    from iobound.model.state import State
    from iobound.verbs.report.as_json import Json

    Renderer = Callable[[Diagnosis, TextStyle], str]

__all__ = [
    "FINDING_FORMATS",
    "FORMATS",
    "Roots",
    "TextStyle",
    "explain",
    "fragment",
    "in_short",
    "overview",
    "progress_bar",
    "render",
    "render_findings",
    "scan_schema",
    "schema",
    "step_summary",
    "tree",
]


def _later(file: str, function: str = "render") -> Renderer:
    """A renderer whose file is loaded when it is used: a run that is told as text needs no other format."""

    def renderer(diagnosis: Diagnosis, style: TextStyle) -> str:
        written: str = getattr(import_module(f"{__name__}.{file}"), function)(diagnosis, style)
        return written

    return renderer


FORMATS: Mapping[str, Renderer] = {
    "text": _later("text"),
    "html": _later("as_html"),
    "json": _later("as_json"),
    "pyisession": _later("call_tree", "pyisession"),
    "speedscope": _later("speedscope"),
}
"""What can be asked for by `--report FORMAT`, and who writes it."""


def render(diagnosis: Diagnosis, format: str, *, style: TextStyle) -> str:
    """Write a diagnosis in one format.

    Args:
        diagnosis: What is to be told.
        format: A key of `FORMATS`.
        style: What the reader's screen can show; only formats for people look at it.

    Returns:
        Text that UTF-8 can hold, ending in a line feed, without control characters of the target's.

    Raises:
        UnknownFormat: There is no such format; the hint lists those that there are.
    """
    renderer = FORMATS.get(format)
    if renderer is None:
        raise UnknownFormat(f"no report format is called {format!r}", hint=f"formats: {', '.join(sorted(FORMATS))}")
    return renderer(diagnosis, style)


def fragment(diagnosis: Diagnosis) -> str:
    """The HTML report as a part of somebody else's page, such as the output of a notebook's cell."""
    from iobound.verbs.report import as_html

    return as_html.fragment(diagnosis, TextStyle(unicode=True, plain=False))


def in_short(diagnosis: Diagnosis, *, style: TextStyle) -> str:
    """A few lines for each function whose calls were delimited; see `functions.in_short`."""
    from iobound.verbs.report import functions

    return functions.in_short(diagnosis, style)


def tree(diagnosis: Diagnosis, states: frozenset[State] | None, style: TextStyle) -> str:
    """Draw the call tree of all threads, largest branches first.

    Args:
        diagnosis: Its timeline and recording are what is drawn.
        states: Only time in these states; None for all of them. With several, the state is the innermost frame.
        style: Colour and Unicode; a tree is not cut to the width.

    Returns:
        Lines of text with seconds of thread time, ending in a line feed.
    """
    from iobound.verbs.report import call_tree

    return call_tree.tree(diagnosis, states, style)


def explain(word: str, rules: Mapping[str, RuleNote], *, style: TextStyle) -> str:
    """What a rule or a word of the reports means; see `explained.explain`."""
    from iobound.verbs.report import explained  # with the glossary, which reports do without

    return explained.explain(word, rules, style=style)


def overview(rules: Mapping[str, RuleNote], *, style: TextStyle) -> str:
    """All rules and words that can be explained, each with one sentence."""
    from iobound.verbs.report import explained

    return explained.overview(rules, style=style)


def schema() -> dict[str, Json]:
    """The JSON Schema (draft 2020-12) that every report in the format `json` keeps to."""
    from iobound.verbs.report import as_json

    return as_json.schema()


def progress_bar(stream: TextIO) -> AbstractContextManager[Callable[[int, int], None]]:
    """A bar on a terminal; its function is told how much is done, and of how much, and draws nothing before that."""
    from iobound.verbs.report import terminal

    return terminal.progress_bar(stream)
