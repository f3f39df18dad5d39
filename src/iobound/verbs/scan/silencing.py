"""Findings that comments silence, and comments that silence none."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from iobound.model.finding import Finding, Span
from iobound.verbs.scan.rules.upkeep import UNUSED_IGNORE, unused
from iobound.verbs.scan.selection import Rules
from iobound.verbs.scan.syntax.comments import Code, Comments, Ignore
from iobound.verbs.scan.syntax.sources import Source


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
    used: Used = {}
    at = _Covering(comments.ignores)
    left = [finding for finding in found if not _is_silenced(finding, at, used)]
    if UNUSED_IGNORE.id in rules.selected:
        # A comment for everything does not silence that it is needless itself.
        named = _Covering(
            ignore for ignore in comments.ignores if any(map(UNUSED_IGNORE.id.startswith, _texts(ignore)))
        )
        about = [
            each
            for ignore in comments.ignores
            for each in _unused(file, ignore, used.get(ignore.span, ()), source, rules)
        ]
        found += about
        left += [finding for finding in about if not _is_silenced(finding, named, {})]
    left.sort(key=lambda finding: (finding.span, finding.rule))
    return Silenced(tuple(left), len(found) - len(left))


Used = dict[Span, set[Code | None]]
"""Codes of comments that silence something, by where the comment stands; None for a comment without codes."""


class _Covering:
    """Comments by the lines that they belong to: most belong to one."""

    def __init__(self, ignores: Iterable[Ignore]) -> None:
        self._of_line: dict[int, list[Ignore]] = {}
        self._of_several: list[Ignore] = []
        for ignore in ignores:
            if ignore.first_line == ignore.last_line:
                self._of_line.setdefault(ignore.first_line, []).append(ignore)
            else:
                self._of_several.append(ignore)

    def line(self, number: int) -> list[Ignore]:
        """Those that belong to a line."""
        several = [ignore for ignore in self._of_several if ignore.first_line <= number <= ignore.last_line]
        return [*self._of_line.get(number, ()), *several]


def _texts(ignore: Ignore) -> list[str]:
    return [code.text for code in ignore.codes]


def _is_silenced(finding: Finding, at: _Covering, used: Used) -> bool:
    """Whether a comment silences it; all that do are used."""
    silenced = False
    for ignore in at.line(finding.span.line):
        matching: list[Code | None] = [code for code in ignore.codes if finding.rule.startswith(code.text)]
        if matching or not ignore.codes:
            used.setdefault(ignore.span, set()).update(matching or [None])
            silenced = True
    return silenced


def _unused(file: str, ignore: Ignore, used: Collection[Code | None], source: Source, rules: Rules) -> list[Finding]:
    if not ignore.codes:
        needless = None not in used and _was_looked_for("", rules)
        return [unused(file, ignore, (), source)] if needless else []
    wanted = {
        text for text in set(_texts(ignore)) if not UNUSED_IGNORE.id.startswith(text) and _was_looked_for(text, rules)
    }
    codes = tuple(code for code in ignore.codes if code not in used and code.text in wanted)
    return [unused(file, ignore, codes, source)] if codes else []


def _was_looked_for(prefix: str, rules: Rules) -> bool:
    """Whether everything ran that people mean by a prefix: what is on by default, else whatever has it."""
    meant = {rule for rule in rules.known if rule.startswith(prefix)}
    usual = meant & rules.default
    return (usual or meant) <= rules.selected
