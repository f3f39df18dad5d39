"""Facts and findings as bytes, for a cache: JSON without names of files, which the caller knows.

Whatever comes back is checked as far as its use needs it: bytes that are no facts give None.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from iobound.model.finding import Confidence, Edit, Finding, Fix, Severity, Span, Step
from iobound.model.source_facts import LoopFact
from iobound.scan.program.facts import CallSite, ClassFacts, FileFacts, FunctionFacts, Handing, LoopFacts

_TEXTS = ("obstacles", "ordered", "bound", "local", "nested")


def facts_as_bytes(facts: FileFacts) -> bytes:
    """The facts of one file."""
    loops = [[*loop[:5], None if loop.fact is None else {**asdict(loop.fact), "file": ""}] for loop in facts.loops]
    whole = facts._replace(
        loops=loops,  # type: ignore[arg-type]
        findings=[_finding(finding) for finding in facts.findings],  # type: ignore[arg-type]
        exports=dict(facts.exports),
        classes=[[each.name, each.bases, dict(each.attributes)] for each in facts.classes],  # type: ignore[arg-type]
    )
    return json.dumps(whole, separators=(",", ":")).encode("utf-8", "surrogatepass")


def facts_from_bytes(data: bytes, file: str) -> FileFacts | None:
    """The facts again, None where the bytes hold none.

    Args:
        file: The name that the file has now.
    """
    try:
        return _facts(json.loads(data), file)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return None


def _facts(row: Sequence[Any], file: str) -> FileFacts:
    plain: Any = FileFacts(*row)
    return FileFacts(
        **{name: getattr(plain, name) for name in ("exports", "lines", "cooperative", "silencing", "unread")},
        symbols=tuple(plain.symbols),
        functions=tuple(map(_function, plain.functions)),
        classes=tuple(ClassFacts(name, tuple(bases), attributes) for name, bases, attributes in plain.classes),
        loops=tuple(_loop(loop, file) for loop in plain.loops),
        stars=tuple(plain.stars),
        findings=tuple(_finding_again(finding, file) for finding in plain.findings),
    )


def _function(row: Sequence[Any]) -> FunctionFacts:
    name, line, kind, calls, handings, *rest = row
    sites = tuple([CallSite(symbol, Span(*span), *more) for symbol, span, *more in calls])
    handed = tuple([_handing(row) for row in handings])
    return FunctionFacts(name, line, kind, sites, handed, *rest)


def _handing(row: Sequence[Any]) -> Handing:
    fields: Any = Handing(*row)
    return Handing(*fields._replace(span=Span(*fields.span)))


def _loop(row: Sequence[Any], file: str) -> LoopFacts:
    function, kind, span, outer, trips, fact = row
    if fact is not None:
        texts = {key: tuple(fact[key]) for key in _TEXTS}
        fact = LoopFact(**{**fact, **texts, "file": file})
    return LoopFacts(function, kind, Span(*span), outer, trips, fact)


# Findings


def findings_as_json(findings: Sequence[Finding]) -> list[Any]:
    """Findings as plain lists, with their files."""
    return [[finding.file, _finding(finding)] for finding in findings]


def findings_from_json(rows: Sequence[Any]) -> tuple[Finding, ...]:
    """Findings again.

    Raises:
        ValueError, TypeError, IndexError: There are none in it.
    """
    return tuple(_finding_again(row, file) for file, row in rows)


def _finding(finding: Finding) -> list[Any]:
    fix = finding.fix
    return [
        finding.rule,
        finding.span,
        finding.severity,
        finding.confidence,
        finding.message,
        finding.hint,
        finding.function,
        finding.excerpt,
        [(step.name, step.file if step.file != finding.file else "", step.line) for step in finding.chain],
        finding.weight_s,
        finding.suggestion,
        None if fix is None else [fix.title, fix.edits, fix.safe],
        finding.cell,
    ]


def _finding_again(row: Sequence[Any], file: str) -> Finding:
    rule, span, severity, confidence, message, hint, function, excerpt, chain, weight_s, suggestion, fix, cell = row
    return Finding(
        rule=rule,
        file=file,
        span=Span(*span),
        severity=Severity(severity),
        confidence=Confidence(confidence),
        message=message,
        hint=hint,
        function=function,
        excerpt=excerpt,
        chain=tuple(Step(name, named or file, line) for name, named, line in chain),
        weight_s=weight_s,
        suggestion=suggestion,
        fix=None if fix is None else Fix(fix[0], tuple(Edit(Span(*span), text) for span, text in fix[1]), fix[2]),
        cell=cell,
    )
