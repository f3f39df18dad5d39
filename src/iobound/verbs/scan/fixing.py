"""Safe fixes, applied to the text of a file."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable

from iobound.model.finding import Edit, Finding
from iobound.verbs.scan.syntax.sources import Source, decode_or_why


def fixed(data: bytes, findings: Iterable[Finding]) -> tuple[bytes, int]:
    """A file with the safe fixes of its findings, and how many they are.

    Fixes whose edits touch those of one before them wait for the next time. A file whose bytes are not UTF-8 stays as
    it is, and so does a line that is not what the finding says it is: it has changed meanwhile. Ends of lines and a
    byte order mark stay.

    Args:
        data: The file's bytes.
        findings: Of this file.

    Example:
        >>> from iobound.model.finding import Confidence, Finding, Fix, Severity, Span
        >>> fix = Fix("Iterate", (Edit(Span(1, 14, 1, 26), ""),), safe=True)
        >>> finding = Finding("IOB702", "a.py", Span(1, 0, 1, 20), Severity.INFO, Confidence.HIGH, "…", fix=fix)
        >>> fixed(b"for row in fil.readlines(): ...\\r\\n", [finding])
        (b'for row in fil: ...\\r\\n', 1)
    """
    source = decode_or_why(data)
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        rows = list(io.StringIO(data[len(mark) :].decode("utf-8"), newline=""))  # splits where Python does
    except UnicodeDecodeError:
        return data, 0
    if not isinstance(source, Source) or not _agree(rows, source):
        return data, 0
    chosen: list[Edit] = []
    count = 0
    for finding in findings:
        fix = finding.fix
        if fix is None or not fix.safe or finding.cell is not None or not _is_there(finding, source):
            continue
        if not _overlap(chosen, fix.edits):
            chosen += fix.edits
            count += 1
    for edit in sorted(chosen, key=lambda each: each.span, reverse=True):
        _apply(rows, edit)
    return mark + "".join(rows).encode("utf-8"), count


def _agree(rows: list[str], source: Source) -> bool:
    """Whether lines of the text are those that spans count."""
    plain = [row.rstrip("\r\n") for row in rows]
    return [*plain, ""][: len(source.lines)] == list(source.lines) or plain == list(source.lines)


def _is_there(finding: Finding, source: Source) -> bool:
    """Whether its line is still the one that was looked at."""
    return not finding.excerpt or source.lines[finding.line - 1 : finding.line] == (finding.excerpt,)


def _overlap(chosen: Iterable[Edit], edits: Iterable[Edit]) -> bool:
    return any(one.span[:2] <= other.span[2:] and other.span[:2] <= one.span[2:] for one in chosen for other in edits)


def _apply(rows: list[str], edit: Edit) -> None:
    line, column, end_line, end_column = edit.span
    last = rows[end_line - 1] if end_line <= len(rows) else ""
    rows[line - 1 : end_line] = [rows[line - 1][:column] + edit.text + last[end_column:]]
