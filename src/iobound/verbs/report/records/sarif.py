"""SARIF 2.1.0, for code scanning of GitHub and others.

Source:
    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; sections are named where they are not obvious.
    GitHub refuses more than 25,000 results and shows 5,000, so these are the worst 5,000.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from iobound import __version__
from iobound.model.finding import Confidence, Edit, Fix, RuleNote, Severity, Span, Step
from iobound.verbs.report import figures, harmless
from iobound.verbs.report.as_json import Json, encode
from iobound.verbs.report.records.record import Kind, Listing, Record
from iobound.verbs.report.records.roots import is_outside
from iobound.verbs.report.style import TextStyle

MOST = 5_000
"""Results in one file."""

LONGEST = 65_536
"""Characters of one string: documentation and edits are longer than names."""

LONGEST_DESCRIPTION = 1_024
"""Characters of a full description that GitHub takes."""

_LEVEL: Mapping[Severity, str] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_ROOT = "%SRCROOT%"
_SAFE = "/-._~"


def render(listing: Listing, style: TextStyle) -> str:
    """The log as JSON text, results worst first."""
    records = [record for record in listing.worst_first() if record.path]
    return encode(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [_run(listing, records)],
        },
        longest=LONGEST,
    )


def _run(listing: Listing, records: list[Record]) -> Json:
    notes = _notes(listing)
    index = {note.id: number for number, note in enumerate(notes)}
    rules: list[Json] = [_rule(note) for note in notes]
    return {
        "tool": {"driver": {"name": "iobound", "semanticVersion": __version__, "rules": rules}},
        "automationDetails": {"id": _category(listing)},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(listing, len(records) - MOST)],
        "results": [_result(record, index[record.rule]) for record in records[:MOST]],
    }


def _category(listing: Listing) -> str:
    """What code scanning keeps results apart by, up to the last slash: later results of one category replace earlier.

    So a scan, a suite and runs of different programs do not take away one another's.

    Source:
        https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support#runautomationdetails-object

    Example:
        >>> _category(Listing(Kind.RUN, (), subject="jobs/fetch.py")), _category(Listing(Kind.SCAN, ()))
        ('iobound/run/jobs/fetch.py/', 'iobound/scan/')
    """
    return "/".join(filter(None, ("iobound", listing.of.value, harmless.inline(listing.subject)))) + "/"


def _notes(listing: Listing) -> list[RuleNote]:
    """Of every rule that was selected or has a finding: results refer to them by their number."""
    notes = dict(listing.notes)
    for record in listing.records:
        if record.rule not in notes and not record.passed:
            confidence = record.confidence or Confidence.HIGH
            notes[record.rule] = RuleNote(record.rule, "", record.rule, record.severity, confidence)
    return [notes[id_] for id_ in sorted(notes)]


def _rule(note: RuleNote) -> Json:
    text = note.text or note.summary
    return {
        "id": note.id,
        **({"name": note.name} if note.name else {}),
        "shortDescription": {"text": _said(note.summary or note.id)},
        "fullDescription": {"text": _said(_opening(text) or note.summary or note.id)},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _LEVEL[note.severity]},
        "properties": {"precision": note.confidence.value, "tags": ["performance", "concurrency"]},
    }


def _opening(text: str) -> str:
    """What documentation says before its first heading, as one line: as many sentences as code scanning takes.

    Example:
        >>> _opening("It sleeps. The loop\\nstops.\\n\\n## Bad\\n\\n...")
        'It sleeps. The loop stops.'
    """
    opening = " ".join(re.split(r"^#", text, maxsplit=1, flags=re.MULTILINE)[0].split())
    if len(opening) <= LONGEST_DESCRIPTION:
        return opening
    return opening[: opening.rfind(". ", 0, LONGEST_DESCRIPTION) + 1]


def _invocation(listing: Listing, left_out: int) -> Json:
    """How it went, with what can be no result: GitHub refuses a whole file for one result that has no place."""
    notes: list[Json] = [
        {"level": _LEVEL[record.severity], "message": {"text": _said(f"{record.rule}: {record.sentences}")}}
        for record in listing.worst_first()
        if not record.path
    ]
    if listing.of is not Kind.SCAN:
        notes = [{"level": "note", "message": {"text": _said("; ".join(listing.headline))}}, *notes]
    if left_out > 0:
        text = f"{figures.tally(left_out, 'finding')} left out: this file holds the worst {MOST:,}"
        notes.append({"level": "warning", "message": {"text": text}})
    return {"executionSuccessful": True, **({"toolExecutionNotifications": notes} if notes else {})}


def _result(record: Record, rule_index: int) -> Json:
    result: dict[str, Json] = {
        "ruleId": record.rule,
        "ruleIndex": rule_index,
        "level": _LEVEL[record.severity],
        "message": {"text": _said(record.sentences)},
        "locations": [_location(record)],
        "partialFingerprints": {"iobound/v1": record.fingerprint},
        "rank": _rank(record),
        "properties": dict(record.numbers),
    }
    if record.chain:
        result["relatedLocations"] = [_related(step, number) for number, step in enumerate(record.chain)]
    if record.fix is not None and record.cell is None:
        result["fixes"] = [_fix(record.fix, record)]
    return result


def _rank(record: Record) -> float:
    """Priority from 0 to 100 (section 3.27.25): severity first, then how sure it is."""
    most = len(Severity) * len(Confidence)
    sure = Confidence.HIGH if record.confidence is None else record.confidence
    return round(100 * (record.severity.rank * len(Confidence) + sure.rank + 1) / most, 1)


def _location(record: Record) -> Json:
    """The place; in a notebook the whole file, because the lines of its cells are not lines of the file."""
    physical: dict[str, Json] = {"artifactLocation": _artifact(record.path)}
    if record.cell is None and record.line is not None:
        physical["region"] = {**_place(record), **({"snippet": {"text": record.snippet}} if record.snippet else {})}
    return {
        "physicalLocation": physical,
        "logicalLocations": [{"fullyQualifiedName": record.function or "<module>", "kind": "function"}],
    }


def _artifact(path: str) -> dict[str, Json]:
    """A file by its name, percent-encoded; relative ones from the root of the repository.

    Example:
        >>> _artifact("C:/lib/ast.py"), _artifact("a b.py")
        ({'uri': 'file:///C:/lib/ast.py'}, {'uri': 'a%20b.py', 'uriBaseId': '%SRCROOT%'})
    """
    drive, path = (path[:2], path[2:]) if is_outside(path) and not path.startswith("/") else ("", path)
    uri = quote(path.encode("utf-8", "surrogatepass" if _lone(path) else "surrogateescape"), safe=_SAFE)
    if path.startswith("/"):
        return {"uri": f"file://{drive and f'/{drive}'}{uri}"}
    return {"uri": uri, "uriBaseId": _ROOT}


def _lone(path: str) -> bool:
    """Whether it holds a surrogate that stands for no byte of a file name."""
    return any("\ud800" <= character <= "\udfff" and not "\udc80" <= character <= "\udcff" for character in path)


def _region(span: Span) -> dict[str, Json]:
    return {
        "startLine": span.line,
        "startColumn": span.column + 1,
        "endLine": span.end_line,
        "endColumn": span.end_column + 1,
    }


def _place(record: Record) -> dict[str, Json]:
    """Its lines and columns, those that are known."""
    known = (
        ("startLine", record.line),
        ("startColumn", record.column),
        ("endLine", record.end_line),
        ("endColumn", record.end_column),
    )
    return {key: value for key, value in known if value is not None}


def _related(step: Step, number: int) -> Json:
    return {
        "id": number,
        "message": {"text": _said(step.name)},
        "physicalLocation": {"artifactLocation": _artifact(step.file), "region": {"startLine": step.line}},
    }


def _fix(fix: Fix, record: Record) -> Json:
    return {
        "description": {"text": _said(fix.title)},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(record.path),
                "replacements": [_replacement(edit) for edit in fix.edits],
            }
        ],
    }


def _replacement(edit: Edit) -> Json:
    return {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}


def _said(text: str) -> str:
    """A message in which names make no links: `[text](target)` is one in any message (3.11.6)."""
    return harmless.inline(text).replace("](", "] (")
