"""Safe fixes, applied to the text of a file."""

from __future__ import annotations

from collections.abc import Iterable

from iobound.model.finding import Edit, Finding
from iobound.scan.syntax.sources import Source, decode_or_why


def fixed(data: bytes, findings: Iterable[Finding]) -> tuple[bytes, int]:
    """A file with the safe fixes of its findings, and how many they are.

    Fixes whose edits touch those of one before them wait for the next time, and so does a file whose bytes are not
    UTF-8. Ends of lines stay as they are.

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
    try:
        rows = data.decode("utf-8").splitlines(keepends=True)
    except UnicodeDecodeError:
        return data, 0
    if not isinstance(source, Source) or not _agree(rows, source):
        return data, 0
    chosen: list[Edit] = []
    count = 0
    for finding in findings:
        fix = finding.fix
        if fix is not None and fix.safe and finding.cell is None and not _overlap(chosen, fix.edits):
            chosen += fix.edits
            count += 1
    for edit in sorted(chosen, key=lambda each: each.span, reverse=True):
        _apply(rows, edit)
    return "".join(rows).encode("utf-8"), count


def _agree(rows: list[str], source: Source) -> bool:
    """Whether lines of the text are those that spans count."""
    plain = [row.rstrip("\r\n") for row in rows]
    return [*plain, ""][: len(source.lines)] == list(source.lines) or plain == list(source.lines)


def _overlap(chosen: Iterable[Edit], edits: Iterable[Edit]) -> bool:
    return any(one.span[:2] <= other.span[2:] and other.span[:2] <= one.span[2:] for one in chosen for other in edits)


def _apply(rows: list[str], edit: Edit) -> None:
    line, column, end_line, end_column = edit.span
    last = rows[end_line - 1] if end_line <= len(rows) else ""
    rows[line - 1 : end_line] = [rows[line - 1][:column] + edit.text + last[end_column:]]
