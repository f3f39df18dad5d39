"""What is wrong with the scan itself: files that it cannot read, comments that silence nothing."""

from __future__ import annotations

import re

from iobound.model.finding import Confidence, Edit, Finding, Fix, Severity, Span
from iobound.verbs.scan.rules.rule import Rule
from iobound.verbs.scan.syntax.comments import Code, Ignore
from iobound.verbs.scan.syntax.sources import Source, Unparsable

UNPARSABLE = Rule(
    "IOB904",
    "unparsable",
    Severity.WARNING,
    Confidence.HIGH,
    "A file cannot be read as Python 3, so that nothing is known of it.",
)

_MOST_LISTED = 10  # codes of one comment

UNUSED_IGNORE = Rule(
    "IOB906",
    "unused-ignore",
    Severity.INFO,
    Confidence.HIGH,
    "A comment silences a finding that there is not.",
)

RULES = (UNPARSABLE, UNUSED_IGNORE)


def unparsable(file: str, why: Unparsable, data: bytes = b"") -> Finding:
    """A file that was not looked at.

    Args:
        data: Its bytes, where there are any: a template is not meant to be Python.
    """
    text = _line_of(data, why.line)
    is_template, is_newer = _is_template(file, text), bool(_NEWER.match(text))
    hint = "mend it, or leave it out with extend-exclude"
    if is_template:
        hint = "leave it out with extend-exclude: it seems to be a template"
    elif is_newer:
        hint = (
            "run iobound with the Python that it is written for: the syntax seems to be newer than the one that runs it"
        )
    return UNPARSABLE.at(
        file,
        Span(why.line, why.column, why.line, why.column),
        f"not looked at: {why.reason}",
        hint=hint,
        severity=Severity.INFO if is_template or is_newer else None,
        confidence=Confidence.LOW if is_template else None,
    )


_NEWER = re.compile(
    rb"\s*(?:(?:async\s+)?def\s+\w+\s*\[|class\s+\w+\s*\[|type\s+\w+\s*(?:\[.*\]\s*)?=[^=]"
    rb"|except\s+\w[\w.]*\s*,\s*(?:\w+\.)*[A-Z][\w.,\s]*:|.*\b[tT][rR]?[\"'])"
)
"""Beginnings of lines as PEP 695 (Python 3.12), PEP 758 and PEP 750 (3.14) have them."""


def _line_of(data: bytes, line: int) -> bytes:
    lines = data.splitlines()
    return lines[line - 1] if 0 < line <= len(lines) else b""


def _is_template(file: str, text: bytes) -> bool:
    """Whether a path, or the line that is no Python, holds marks of a template."""
    return any(mark in file for mark in ("{{", "{%")) or (b"{{" in text and b"}}" in text) or b"{%" in text


def unused(file: str, ignore: Ignore, codes: tuple[Code, ...], source: Source) -> Finding:
    """A comment of which some codes, or all of it, silence nothing."""
    if len(codes) == len(ignore.codes):
        named = f" {_listed(codes)}" if codes else ""
        return UNUSED_IGNORE.at(
            file,
            ignore.span,
            f"the comment silences nothing:{named} is not found here" if named else "the comment silences nothing",
            hint="remove it",
            fix=_removal(ignore, source) if ignore.plain else None,
        )
    first, needless = codes[0], set(codes)
    rest = ", ".join(code.text for code in ignore.codes if code not in needless)
    inner = Span(first.span.line, ignore.codes[0].span.column, first.span.line, ignore.codes[-1].span.end_column)
    fix = Fix(f"Remove {_listed(codes)}", (Edit(inner, rest),), safe=True) if ignore.plain else None
    return UNUSED_IGNORE.at(
        file, first.span, f"{_listed(codes)} silences nothing here", hint="remove it from the comment", fix=fix
    )


def _listed(codes: tuple[Code, ...]) -> str:
    shown = ", ".join(code.text for code in codes[:_MOST_LISTED])
    return shown if len(codes) <= _MOST_LISTED else f"{shown} and {len(codes) - _MOST_LISTED} more"


def _removal(ignore: Ignore, source: Source) -> Fix:
    line, column, _, end_column = ignore.span
    row = source.lines[line - 1]
    before, after = row[:column], row[end_column:]
    if after.strip() and not after.lstrip().startswith("#"):
        return Fix("Remove the directive", (Edit(Span(line, column + 1, line, end_column), ""),), safe=True)
    if after.strip():
        end = end_column + len(after) - len(after.lstrip())
        return Fix("Remove the comment", (Edit(Span(line, column, line, end), ""),), safe=True)
    if not before.strip() and line < len(source.lines):
        return Fix("Remove the comment", (Edit(Span(line, 0, line + 1, 0), ""),), safe=True)
    return Fix("Remove the comment", (Edit(Span(line, len(before.rstrip()), line, len(row)), ""),), safe=True)


def unreadable(file: str, reason: str) -> Finding:
    """A file whose bytes nobody gave."""
    return unparsable(file, Unparsable(1, 0, reason))
