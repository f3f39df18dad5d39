"""From a Diagnosis to text, in any format; `findings` does so for what a scan found, `comparison` for what changed.

Steps of the text report: `headline`, `measured`, `concluded` and `unseen` choose what to say as blocks (`text` puts
them in order), `layout` makes lines that fit, `plain` or `terminal` prints them. A new format is one file and one
line in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TextIO

from iobound.errors import UnknownFormat
from iobound.verbs.report.comparison import OWN_FORMATS as OWN_OF_COMPARISONS
from iobound.verbs.report.comparison import comparison_document, comparison_schema
from iobound.verbs.report.findings import FINDING_FORMATS, Roots, render_findings, scan_schema, step_summary
from iobound.verbs.report.loading import later
from iobound.verbs.report.records import RECORD_FORMATS
from iobound.verbs.report.style import TextStyle

if TYPE_CHECKING:
    from iobound.model.comparison import Comparison
    from iobound.model.diagnosis import Diagnosis
    from iobound.model.finding import RuleNote, ScanResult
    from iobound.model.state import State
    from iobound.model.suite import SuiteFindings
    from iobound.verbs.report.as_json import Json
    from iobound.verbs.report.records.record import Listing as Listing

    Renderer = Callable[[Diagnosis, TextStyle], str]

__all__ = [
    "COMPARISON_FORMATS",
    "FINDING_FORMATS",
    "FORMATS",
    "RECORD_FORMATS",
    "Roots",
    "TextStyle",
    "comparison_document",
    "comparison_schema",
    "document",
    "explain",
    "fragment",
    "in_short",
    "listing_of_comparison",
    "listing_of_run",
    "listing_of_scan",
    "listing_of_suite",
    "overview",
    "progress_bar",
    "render",
    "render_comparison",
    "render_findings",
    "render_listing",
    "scan_schema",
    "schema",
    "step_summary",
    "summary_of_listing",
    "tree",
]


def _of_records(format: str) -> Renderer:
    """A renderer of any listing, for that of a run; names of files start where they did on its machine."""
    return lambda diagnosis, style: RECORD_FORMATS[format](listing_of_run(diagnosis), style)


FORMATS: Mapping[str, Renderer] = {
    "text": later(__name__, "text"),
    "html": later(__name__, "as_html"),
    "json": later(__name__, "as_json"),
    "pyisession": later(__name__, "call_tree", "pyisession"),
    "speedscope": later(__name__, "speedscope"),
    **{format: _of_records(format) for format in RECORD_FORMATS},
}
"""What can be asked for by `--report FORMAT`, and who writes it."""


def _comparison_of_records(format: str) -> Callable[[Comparison, TextStyle], str]:
    """The same for that of a comparison; names of files start where they did for head."""
    return lambda found, style: RECORD_FORMATS[format](listing_of_comparison(found), style)


COMPARISON_FORMATS: Mapping[str, Callable[[Comparison, TextStyle], str]] = {
    **OWN_OF_COMPARISONS,
    **{format: _comparison_of_records(format) for format in RECORD_FORMATS},
}
"""What a comparison can be reported as, and who writes it."""


_NOWHERE = Roots()


def listing_of_run(diagnosis: Diagnosis, *, roots: Roots = _NOWHERE, rules: Mapping[str, RuleNote] = {}) -> Listing:
    """What a run says, as records that any of `RECORD_FORMATS` can be written of.

    Args:
        diagnosis: What is to be told.
        roots: Where names of files start; formats for code hosts want them from the root of the repository.
        rules: What the scanner's rules say of themselves, by id.
    """
    from iobound.verbs.report.records import of_run

    return of_run.listing_of(diagnosis, roots, rules)


def listing_of_comparison(found: Comparison, *, roots: Roots = _NOWHERE, rules: Mapping[str, RuleNote] = {}) -> Listing:
    """What changed between two sides, as records that any of `RECORD_FORMATS` can be written of.

    Args:
        found: What is to be told, with how it did against what must not be.
        roots: Where names of files start.
        rules: What the scanner's rules say of themselves, by id.
    """
    from iobound.verbs.report.records import of_comparison

    return of_comparison.listing_of(found, roots, rules)


def listing_of_scan(result: ScanResult, *, roots: Roots = _NOWHERE) -> Listing:
    """What a scan found, as records that any of `RECORD_FORMATS` can be written of."""
    from iobound.verbs.report.records import of_scan

    return of_scan.listing_of(result, roots)


def listing_of_suite(findings: SuiteFindings, *, roots: Roots = _NOWHERE) -> Listing:
    """What a test suite says, as records that any of `RECORD_FORMATS` can be written of.

    Args:
        findings: What is to be told, with the checks that it was held against.
        roots: Where names of files start.
    """
    from iobound.verbs.report.records import of_suite

    return of_suite.listing_of(findings, roots)


def summary_of_listing(listing: Listing) -> str:
    """Markdown for the summary page of a CI step; see `records.step_summary`."""
    from iobound.verbs.report import records

    return records.step_summary(listing)


def render_listing(listing: Listing, format: str, *, style: TextStyle) -> str:
    """Write a listing, whatever it is of, in one format.

    Args:
        listing: What is to be told.
        format: A key of `RECORD_FORMATS`.
        style: What the reader's screen can show; only formats for people look at it.

    Returns:
        Text that UTF-8 can hold, without control characters of the target's; `github` may be empty, all others end in a
        line feed.

    Raises:
        UnknownFormat: There is no such format; the hint lists those that there are.
    """
    renderer = RECORD_FORMATS.get(format)
    if renderer is None:
        formats = ", ".join(sorted(RECORD_FORMATS))
        raise UnknownFormat(f"no report format is called {format!r}", hint=f"formats: {formats}")
    return renderer(listing, style)


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


def render_comparison(comparison: Comparison, format: str, *, style: TextStyle) -> str:
    """Write what changed between two sides in one of `COMPARISON_FORMATS`; see `render`."""
    renderer = COMPARISON_FORMATS.get(format)
    if renderer is None:
        known = ", ".join(sorted(COMPARISON_FORMATS))
        raise UnknownFormat(f"no report of a comparison has the format {format!r}", hint=f"formats: {known}")
    return renderer(comparison, style)


def document(diagnosis: Diagnosis) -> dict[str, Json]:
    """The JSON report as plain data; see `as_json.document`."""
    from iobound.verbs.report import as_json

    return as_json.document(diagnosis)


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
