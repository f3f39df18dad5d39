"""What the source says: one finding of a rule, and everything that a scan found."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from iobound.errors import LawBroken
from iobound.model.lawful import lawful

if TYPE_CHECKING:
    from iobound.model.diagnosis import Check


class Severity(StrEnum):
    """What a finding costs; from the least to the worst."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return tuple(Severity).index(self)


class Confidence(StrEnum):
    """How sure a finding is; from the least to the surest."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return tuple(Confidence).index(self)


class Span(NamedTuple):
    """A stretch of source: lines count from 1, columns from 0 in characters; the end lies after the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


class Step(NamedTuple):
    """One call of the chain that leads from a finding to what waits or computes.

    Attributes:
        name: Resolved dotted name of what is called, such as `app.net.load` or `requests.get`.
        file: Where the call stands, as findings name files.
        line: Of the call.
    """

    name: str
    file: str
    line: int


class Edit(NamedTuple):
    """Text that takes the place of a stretch of source."""

    span: Span
    text: str


@lawful
class Fix(NamedTuple):
    """A change that settles a finding.

    Attributes:
        title: What it does, in the imperative.
        edits: In the order of the source; none overlaps another.
        safe: Whether the program does the same afterwards, so that it may be applied unseen.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False

    def _check(self) -> None:
        spans = [edit.span for edit in self.edits]
        if any(one[2:] > other[:2] for one, other in pairwise(spans)):
            raise LawBroken("edits of a fix overlap")


@lawful
class Finding(NamedTuple):
    """One place that a rule speaks of.

    Attributes:
        rule: Id such as `IOB201`.
        file: Name of the file as it was asked for, with `/`; `-` for standard input.
        span: Where; of a notebook in the cell.
        message: What, and why it counts; one line.
        hint: The next step; one line.
        function: Qualified name of what it is in, `<module>` at the top.
        excerpt: The first line of the span as written, without its end.
        chain: From the place to the call that waits or computes; empty when that call stands at the place itself.
        weight_s: Seconds that the calls may take, times how often they are made; orders findings, None when unknown.
        suggestion: Code that shows the change with the program's own names; empty when there is none.
        cell: Number of the notebook's cell, from 1; None outside of notebooks.
    """

    rule: str
    file: str
    span: Span
    severity: Severity
    confidence: Confidence
    message: str
    hint: str = ""
    function: str = "<module>"
    excerpt: str = ""
    chain: tuple[Step, ...] = ()
    weight_s: float | None = None
    suggestion: str = ""
    fix: Fix | None = None
    cell: int | None = None

    def _check(self) -> None:
        if self.span[2:] < self.span[:2]:
            raise LawBroken(f"{self.rule} ends before it begins: {self.span}")

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.span.line


class RuleNote(NamedTuple):
    """What reports say of a rule, whatever it found.

    Attributes:
        name: In words with hyphens, such as `independent-waits-in-sequence`.
        summary: One sentence.
        text: The whole documentation, as Markdown.
    """

    id: str
    name: str
    summary: str
    severity: Severity
    confidence: Confidence
    text: str = ""


class ScanResult(NamedTuple):
    """Everything that a scan found.

    Attributes:
        findings: Selected and not ignored, by file and place.
        rules: Of every rule that was selected, by id.
        files: How many were read; `lines` in all of them.
        unread: Files that could not be read or parsed are findings; here is how many.
        left_out: Why files were not looked at, and how many each: `test files`, `larger than 1 MB`, …
        ignored: Findings that a comment in the source silenced.
        fixed: Findings that were settled by `--fix`.
        checks: How its gates went.
    """

    findings: tuple[Finding, ...]
    rules: Mapping[str, RuleNote] = {}
    files: int = 0
    lines: int = 0
    unread: int = 0
    left_out: Mapping[str, int] = {}
    ignored: int = 0
    fixed: int = 0
    checks: tuple[Check, ...] = ()
