"""A scan as JSON: everything that scripts may rely on, as `schema/scan-1.json` describes it.

What is not known is `null`. Columns count from 0 in characters here, as those of reports of runs and of `ast` do.
"""

from __future__ import annotations

import json

from iobound import __version__
from iobound.model.finding import Fix, RuleNote, Severity, Span
from iobound.verbs.report import harmless
from iobound.verbs.report.as_json import Json, encode
from iobound.verbs.report.findings.told import Scan, Told
from iobound.verbs.report.style import TextStyle

SCHEMA = "iobound.scan/1"

LONGEST = 65_536
"""Characters of one string: an edit must not be cut where it can be helped."""


def render(scan: Scan, style: TextStyle) -> str:
    """The document as JSON text, ASCII only, ending in a newline."""
    return encode(document(scan), longest=LONGEST)


def schema() -> dict[str, Json]:
    """The JSON Schema (draft 2020-12) that every document of this format keeps to."""
    from importlib import resources  # costs more than all else here, and scans do without

    file = resources.files("iobound.verbs.report").joinpath("schema/scan-1.json")
    found: dict[str, Json] = json.loads(file.read_text(encoding="utf-8"))
    return found


def document(scan: Scan) -> dict[str, Json]:
    """The scan as plain data; `encode` makes its strings and numbers fit for JSON."""
    result, listing = scan.result, scan.found
    return {
        "schema": SCHEMA,
        "iobound": __version__,
        "files": result.files,
        "lines": result.lines,
        "unread": result.unread,
        "left_out": dict(result.left_out),
        "ignored": result.ignored,
        "fixed": result.fixed,
        "counts": {severity.value: listing.count(severity) for severity in Severity},
        "rules": [_rule(note) for _, note in sorted(result.rules.items())],
        "findings": [_finding(told) for told in scan.told],
    }


def _rule(note: RuleNote) -> Json:
    return {
        "id": note.id,
        "name": note.name,
        "summary": note.summary,
        "severity": note.severity.value,
        "confidence": note.confidence.value,
    }


def _finding(told: Told) -> Json:
    finding, record = told
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "file": finding.file,
        "cell": finding.cell,
        **_span(finding.span),
        "function": finding.function,
        "message": finding.message,
        "hint": finding.hint or None,
        "excerpt": harmless.exact(finding.excerpt),
        "chain": [{"name": step.name, "file": step.file, "line": step.line} for step in finding.chain],
        "weight_s": finding.weight_s,
        "suggestion": finding.suggestion or None,
        "fix": None if finding.fix is None else _fix(finding.fix),
        "fingerprint": record.fingerprint,
    }


def _fix(fix: Fix) -> Json:
    edits: list[Json] = [{**_span(edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _span(span: Span) -> dict[str, Json]:
    return {
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
