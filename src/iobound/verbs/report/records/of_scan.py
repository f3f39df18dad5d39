"""What a scan found, as records: its checks, then one for each finding, in their order."""

from __future__ import annotations

from iobound.model.finding import Finding, RuleNote, ScanResult, Severity
from iobound.verbs.report.records import rule_notes, scan_summary
from iobound.verbs.report.records.checks import check_records
from iobound.verbs.report.records.numbering import numbered
from iobound.verbs.report.records.places import Folder
from iobound.verbs.report.records.record import Kind, Listing, Record
from iobound.verbs.report.records.roots import Roots, rooted


def listing_of(result: ScanResult, roots: Roots) -> Listing:
    """The result with a record for each check and finding, in their order."""
    checks = list(check_records(result.checks, Folder("", roots).at))
    found = (_record(each, result.rules.get(each.rule), roots) for each in result.findings)
    failed = (record.rule for record in checks if not record.passed)
    return Listing(
        of=Kind.SCAN,
        headline=(scan_summary.sentence(result),),
        records=numbered((*checks, *found)),
        notes={**result.rules, **rule_notes.notes_of(failed)},
    )


def _record(finding: Finding, note: RuleNote | None, roots: Roots) -> Record:
    path = rooted(finding.file, roots)
    column = finding.span.column + 1
    cell = "" if finding.cell is None else f"cell {finding.cell}:"
    return Record(
        rule=finding.rule,
        severity=finding.severity,
        message=finding.message,
        fingerprint="",
        name="" if note is None else note.name,
        help=finding.hint or (finding.fix.title if finding.fix is not None else ""),
        path=path,
        place=f"{finding.file}:{cell}{finding.line}:{column}",
        line=finding.line,
        column=column,
        end_line=finding.span.end_line,
        end_column=finding.span.end_column + 1,
        cell=finding.cell,
        function=finding.function,
        fails=finding.severity is not Severity.INFO,
        worth=finding.weight_s,
        confidence=finding.confidence,
        numbers={"confidence": finding.confidence.value, "weight_s": finding.weight_s},
        chain=finding.chain,
        snippet=_snippet(finding),
        suggestion=finding.suggestion,
        fix=finding.fix,
    )


def _snippet(finding: Finding) -> str:
    """The excerpt is the first line of the span: of a longer one it is not the text of the place."""
    whole = finding.span.end_line == finding.line
    return finding.excerpt[finding.span.column : finding.span.end_column] if whole else ""
