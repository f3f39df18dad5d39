"""What a scan found, as records: one for each finding, in their order."""

from __future__ import annotations

from iobound.model.finding import Finding, RuleNote, ScanResult, Severity
from iobound.verbs.report.records import scan_summary
from iobound.verbs.report.records.fingerprint import Fingerprints
from iobound.verbs.report.records.record import Kind, Listing, Record
from iobound.verbs.report.records.roots import Roots, rooted


def listing_of(result: ScanResult, roots: Roots) -> Listing:
    """The result with a record for each finding, in their order."""
    prints = Fingerprints()
    return Listing(
        of=Kind.SCAN,
        headline=(scan_summary.sentence(result),),
        records=tuple(_record(finding, result.rules.get(finding.rule), roots, prints) for finding in result.findings),
        notes=result.rules,
    )


def _record(finding: Finding, note: RuleNote | None, roots: Roots, prints: Fingerprints) -> Record:
    path = rooted(finding.file, roots)
    column = finding.span.column + 1
    cell = "" if finding.cell is None else f"cell {finding.cell}:"
    return Record(
        rule=finding.rule,
        severity=finding.severity,
        message=finding.message,
        fingerprint=prints.of(finding.rule, path, finding.function),
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
