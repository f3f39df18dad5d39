"""Annotations of a GitHub Actions run: workflow commands, one a line.

Source:
    https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions. A step may have ten errors, ten
    warnings and ten notices; what is more vanishes without a word, so it is said how much more there is, and where.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from iobound.model.finding import Severity
from iobound.verbs.report import figures, harmless
from iobound.verbs.report.records import markdown
from iobound.verbs.report.records.record import Kind, Listing, Record
from iobound.verbs.report.style import TextStyle

MOST = 8
"""Annotations before the one that says how many more there are."""

_COMMAND: Mapping[Severity, str] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(listing: Listing, style: TextStyle) -> str:
    """The worst records as annotations, then how many more there are; nothing when there are none."""
    records = listing.worst_first()
    lines = [_annotation(record) for record in records[:MOST]] or list(_verdict(listing))
    more = len(records) - MOST
    if more > 0:
        told = _message(f"{figures.tally(more, 'more finding')}{_where_more(listing, len(records))}")
        lines.append(f"::notice title=iobound::{told}")
    return "".join(f"{line}\n" for line in lines)


def _where_more(listing: Listing, count: int) -> str:
    if not listing.on_page:
        return f": {listing.whole}"
    if count <= markdown.MOST:
        return " in the summary of this step"
    return f": the worst {markdown.MOST} are in the summary of this step, {listing.whole}"


def _verdict(listing: Listing) -> Iterator[str]:
    """What a run with nothing to point at is bound by; a clean scan needs no words."""
    if listing.of is not Kind.SCAN:
        said = "%0A".join(map(_message, listing.headline))
        yield f"::notice title={_property(listing.name)}::{said}"


def _annotation(record: Record) -> str:
    properties = {**_where(record), "title": record.heading}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    said = [f"{record.in_cell}{record.message}", f"help: {record.help}" if record.help else ""]
    message = "%0A".join(_message(line) for line in said if line)
    return f"::{_COMMAND[record.severity]} {listed}::{message}"


def _where(record: Record) -> dict[str, str]:
    """File, lines and columns; columns only within one line, and no lines in a notebook, whose cells have their own."""
    if record.path in ("", "-"):
        return {}
    where = {"file": record.path}
    if record.cell is not None or record.line is None:
        return where
    last = record.line if record.end_line is None else record.end_line
    where |= {"line": str(record.line), "endLine": str(last)}
    if last == record.line and record.column is not None:
        where["col"] = str(record.column)
        if record.end_column is not None:
            where["endColumn"] = str(record.end_column)
    return where


def _message(text: str) -> str:
    return harmless.inline(text).replace("%", "%25")  # which leaves no line ends to escape


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
