"""What a scan found as a whole, in one sentence that all formats for people share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from iobound.model.finding import ScanResult, Severity
from iobound.verbs.report import figures

_NOUN: Mapping[Severity, tuple[str, str]] = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("info", "info"),
}

LEFT_OUT: Mapping[str, tuple[str, str, str]] = {
    "test files": ("test file", "test files", " (--tests)"),
    "larger than 1 MB": ("file larger than 1 MB", "files larger than 1 MB", ""),
    "broken symbolic links": ("broken symbolic link", "broken symbolic links", ""),
    "no regular files": ("path that is no regular file", "paths that are no regular files", ""),
}
"""How reasons for leaving files out are told, of one file and of several, and the option that takes them in."""


def sentence(result: ScanResult) -> str:
    """Counts of findings, of what was read, and of what was not looked at.

    Example:
        >>> result = ScanResult((), files=214, lines=61_204, left_out={"test files": 14})
        >>> sentence(result)
        'No findings in 214 files, 61,204 lines; 14 test files left out (--tests)'
    """
    return "; ".join((_found(result), *_besides(result)))


def counts(result: ScanResult) -> str:
    """How many of each severity, worst first; those that there are.

    Example:
        >>> counts(ScanResult(()))
        ''
    """
    found = ((_count(result, severity), _NOUN[severity]) for severity in reversed(Severity))
    return ", ".join(figures.tally(count, one, many) for count, (one, many) in found if count)


def _count(result: ScanResult, severity: Severity) -> int:
    return sum(finding.severity is severity for finding in result.findings)


def _found(result: ScanResult) -> str:
    count = len(result.findings)
    if not count and not result.files:
        return "No files were read"
    read = f"in {figures.tally(result.files, 'file')}, {figures.tally(result.lines, 'line')}"
    if not count:
        return f"No findings {read}"
    return f"Found {figures.tally(count, 'finding')} ({counts(result)}) {read}"


def _besides(result: ScanResult) -> Iterator[str]:
    if result.unread:
        yield f"{figures.tally(result.unread, 'file')} could not be read"
    if result.fixed:
        yield f"{result.fixed:,} fixed"
    if result.ignored:
        yield f"{result.ignored:,} ignored by comments"
    left_out = [_left_out(why, count) for why, count in result.left_out.items() if count]
    if len(left_out) == 1:
        what, option = left_out[0]
        yield f"{what} left out{option}"
    elif left_out:
        yield f"left out: {', '.join(what + option for what, option in left_out)}"


def _left_out(why: str, count: int) -> tuple[str, str]:
    """What was left out, and the option that takes it in.

    Example:
        >>> _left_out("test files", 1), _left_out("written by a machine", 2)
        (('1 test file', ' (--tests)'), ('2 files (written by a machine)', ''))
    """
    one, many, option = LEFT_OUT.get(why, (f"file ({why})", f"files ({why})", ""))
    return figures.tally(count, one, many), option
