"""Findings that comments silence, and comments that silence none."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from iobound.model.finding import Finding
from iobound.scan.rules.upkeep import UNUSED_IGNORE, unused
from iobound.scan.selection import Rules
from iobound.scan.syntax.comments import Code, Comments, Ignore
from iobound.scan.syntax.sources import Source


class Silenced(NamedTuple):
    """What is left of the findings of a file.

    Attributes:
        findings: Those that no comment silences, and those about comments, by place.
        ignored: How many were silenced.
    """

    findings: tuple[Finding, ...]
    ignored: int


def silence(file: str, findings: Iterable[Finding], comments: Comments, source: Source, rules: Rules) -> Silenced:
    """Apply the comments of a file to everything that was found in it.

    Args:
        findings: Of the file, before any was dropped for its confidence or its line: a comment is not unused because
            nobody wants to see what it silences.
        rules: Which rules there are, and which were looked for: what was not looked for is not missing.
    """
    found = list(findings)
    if comments.skip_file:
        return Silenced((), len(found))
    used: set[tuple[Ignore, Code | None]] = set()
    left = [finding for finding in found if not _is_silenced(finding, comments.ignores, used)]
    ignored = len(found) - len(left)
    if UNUSED_IGNORE.id in rules.selected:
        about = [each for ignore in comments.ignores for each in _unused(file, ignore, used, source, rules)]
        kept = [finding for finding in about if not _is_silenced(finding, comments.ignores, set(), named=True)]
        ignored += len(about) - len(kept)
        left += kept
    return Silenced(tuple(sorted(left, key=lambda finding: (finding.span, finding.rule))), ignored)


def _is_silenced(
    finding: Finding, ignores: Iterable[Ignore], used: set[tuple[Ignore, Code | None]], *, named: bool = False
) -> bool:
    """Whether a comment silences it; all that do are used.

    Args:
        named: Whether only those count that name rules: a comment does not silence that it is needless itself.
    """
    is_silenced = False
    for ignore in ignores:
        if not ignore.first_line <= finding.span.line <= ignore.last_line or (named and not ignore.codes):
            continue
        matching: list[Code | None] = [code for code in ignore.codes if finding.rule.startswith(code.text)]
        if not ignore.codes:
            matching = [None]
        used.update((ignore, code) for code in matching)
        is_silenced = is_silenced or bool(matching)
    return is_silenced


def _unused(
    file: str, ignore: Ignore, used: Collection[tuple[Ignore, Code | None]], source: Source, rules: Rules
) -> list[Finding]:
    if not ignore.codes:
        needless = (ignore, None) not in used and _was_looked_for("", rules)
        return [unused(file, ignore, (), source)] if needless else []
    codes = tuple(
        code
        for code in ignore.codes
        if (ignore, code) not in used
        and not UNUSED_IGNORE.id.startswith(code.text)
        and _was_looked_for(code.text, rules)
    )
    return [unused(file, ignore, codes, source)] if codes else []


def _was_looked_for(prefix: str, rules: Rules) -> bool:
    """Whether everything ran that people mean by a prefix: what is on by default, else whatever has it."""
    meant = {rule for rule in rules.known if rule.startswith(prefix)}
    usual = meant & rules.default
    return (usual or meant) <= rules.selected
