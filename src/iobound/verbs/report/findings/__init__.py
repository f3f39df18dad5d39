"""From a ScanResult to text, in any format.

`as_text` and `as_json` are a scan's own; the formats of CI systems and code hosts are those of `records`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from iobound.errors import UnknownFormat
from iobound.model.finding import ScanResult
from iobound.verbs.report.findings.told import Scan, scan_of
from iobound.verbs.report.loading import later
from iobound.verbs.report.records import RECORD_FORMATS, Roots
from iobound.verbs.report.records import step_summary as summary_of
from iobound.verbs.report.style import TextStyle

if TYPE_CHECKING:
    from iobound.verbs.report.as_json import Json

__all__ = ["FINDING_FORMATS", "Roots", "render_findings", "scan_schema", "step_summary"]

Renderer = Callable[[Scan, TextStyle], str]


def _of_records(format: str) -> Renderer:
    """A renderer of any listing, for that of a scan."""
    return lambda scan, style: RECORD_FORMATS[format](scan.listing, style)


FINDING_FORMATS: Mapping[str, Renderer] = {
    "text": later(__name__, "as_text"),
    "json": later(__name__, "as_json"),
    **{format: _of_records(format) for format in RECORD_FORMATS},
}
"""What a scan can be reported as by `--report FORMAT`, and who writes it."""

_NOWHERE = Roots()


def render_findings(result: ScanResult, format: str, *, style: TextStyle, roots: Roots = _NOWHERE) -> str:
    """Write what a scan found in one format.

    Args:
        result: What is to be told; its findings are told in their order, or worst first where a format has a limit.
        format: A key of `FINDING_FORMATS`.
        style: What the reader's screen can show; only formats for people look at it.
        roots: Where names of files start; formats for code hosts want them from the root of the repository.

    Returns:
        Text that UTF-8 can hold, without control characters of the source's; `github` may be empty, all others end in a
        line feed.

    Raises:
        UnknownFormat: There is no such format; the hint lists those that there are.

    Example:
        >>> from iobound.model.finding import Confidence, Finding, Severity, Span
        >>> wait = Finding("IOB101", "app.py", Span(3, 4, 3, 17), Severity.ERROR, Confidence.HIGH, "it sleeps")
        >>> text = render_findings(ScanResult((wait,), files=1, lines=9), "text", style=TextStyle(concise=True))
        >>> print(text.splitlines()[0])
        app.py:3:5: IOB101 error: it sleeps
    """
    renderer = FINDING_FORMATS.get(format)
    if renderer is None:
        formats = ", ".join(sorted(FINDING_FORMATS))
        raise UnknownFormat(f"no report format is called {format!r}", hint=f"formats: {formats}")
    return renderer(scan_of(result, roots), style)


def step_summary(result: ScanResult, *, roots: Roots = _NOWHERE) -> str:
    """Markdown of a scan for the summary page of a CI step; see `records.step_summary`."""
    return summary_of(scan_of(result, roots).listing)


def scan_schema() -> dict[str, Json]:
    """The JSON Schema (draft 2020-12) that every scan in the format `json` keeps to."""
    from iobound.verbs.report.findings import as_json

    return as_json.schema()
