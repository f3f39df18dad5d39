"""What changed between two sides, as records: what must not be and is, what became worse or better beyond noise.

Order of the parts: checks, changes for the worse, new findings, changes for the better, findings that are gone. What
became better is a record that says that something holds: a test that passes, and nothing that a code host shows in
source. What is neither worse nor better (shares, time in code) stands in tables and in the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from iobound.model.comparison import Comparison, FindingChange, Presence, Where
from iobound.model.finding import RuleNote, Severity
from iobound.verbs.report.comparison import next_step, told
from iobound.verbs.report.comparison.sections import sections
from iobound.verbs.report.records import rule_notes
from iobound.verbs.report.records.checks import check_records
from iobound.verbs.report.records.details_of_comparison import details
from iobound.verbs.report.records.numbering import numbered
from iobound.verbs.report.records.places import Folder
from iobound.verbs.report.records.record import Kind, Listing, Record
from iobound.verbs.report.records.roots import Roots, is_outside


def listing_of(found: Comparison, roots: Roots, rules: Mapping[str, RuleNote] = {}) -> Listing:
    """The comparison: whether anything changed and what to do as its headline, a record for each change.

    Args:
        found: What is to be told, with how it did against what must not be.
        roots: Where names of files start.
        rules: What the scanner's rules say of themselves, by id.
    """
    places = _Places(found, roots)
    records = [
        *check_records(found.checks, places.at, places.home),
        *_changes(found, "worse", places),
        *_findings(found, Presence.NEW, places, rules),
        *_changes(found, "better", places),
        *_findings(found, Presence.GONE, places, rules),
    ]
    told_rules = {record.rule for record in records if not record.passed}
    return Listing(
        of=Kind.COMPARISON,
        headline=(told.headline(found), next_step.advice(found)),
        records=numbered(records),
        notes={**rule_notes.notes_of(told_rules), **{rule: rules[rule] for rule in sorted(told_rules & set(rules))}},
        facts=(
            ("base", told.of_side(found.base)),
            ("head", told.of_side(found.head)),
            ("verdict", told.verdict(found)),
            ("noise", told.noise(found)),
        ),
        sections=tuple(sections(found, placed=True)),
        numbers=_numbers(found),
        details=tuple(details(found)),
        subject=places.named(found.head.script),
    )


class _Places(Folder):
    """Where things of head stand, and what is gone stood in base."""

    def __init__(self, found: Comparison, roots: Roots) -> None:
        super().__init__(found.head.cwd, roots)
        self._found = found

    @cached_property
    def home(self) -> str:
        """The script; of a module, the first file of the repository in which lines have changed."""
        spots = (spot.at.file for spot in self._found.hotspots if spot.at is not None)
        paths = (self.path(file) for file in (self._found.head.script, *spots))
        return next((path for path in paths if path and not is_outside(path)), "")

    def path(self, file: str) -> str:
        """The name of a file from the root of the repository; one in the folder may begin as what is none ends."""
        is_file = file.startswith("<") and not file.endswith(">")
        return super().path(f"{self._cwd}/{file}" if is_file else file)

    def of(self, where: Where | None) -> dict[str, Any]:
        """A place in the repository; what has none there is about the whole program, and stands in its first file."""
        if where is None:
            return {"path": self.home}
        there = {**self.at(where.file, where.line or 0), "function": where.function}
        return there if there["path"] else {"path": self.home}

    def without_line(self, where: Where | None) -> dict[str, Any]:
        """The file of what is gone: its line is another's by now."""
        return {} if where is None else self.at(where.file, 0)


def _numbers(found: Comparison) -> Mapping[str, str | float | None]:
    wall = found.totals["wall_s"]
    return {
        "worse": len(found.worse),
        "better": len(found.better),
        "bound_before": found.verdict.before,
        "bound_after": found.verdict.after,
        "wall_s_before": wall.before,
        "wall_s_after": wall.after,
        "wall_s_change": wall.change,
    }


def _changes(found: Comparison, sense: str, places: _Places) -> Iterator[Record]:
    """A record for each change that `worse` or `better` names, in their order."""
    rows = [row for row in told.changed_rows(found) if row.sense == sense]
    named = found.worse if sense == "worse" else found.better
    paths = [path for path in named if not path.startswith("findings[")]
    for number, (row, path) in enumerate(zip(rows, paths, strict=True)):
        is_worse = sense == "worse"
        inside = "" if row.at is None or path.startswith('waits["') else f" in {row.at.function or row.at.file}"
        record = Record(
            rule=rule_notes.change_rule(row.kind, is_worse=is_worse),
            severity=Severity.WARNING if is_worse else Severity.INFO,
            message=_said(row),
            fingerprint="",
            title=f"{sense}: {row.what.replace('`', '')}",
            case=f"{sense} {path}{inside if path.startswith('waits[') else ''}",
            passed=not is_worse,
            tabled=True,
            worth=1.0 - number / 1_000,  # the order of the tables, in which the run comes before what it waits for
            numbers={
                "before": row.of.before,
                "after": row.of.after,
                "change": row.of.change,
                "low": row.of.low,
                "high": row.of.high,
            },
        )
        yield record._replace(**places.of(row.at))


def _said(row: told.Row) -> str:
    interval = f" (90 % interval {row.interval})" if row.interval else ""
    inside = row.at.function if row.at is not None and row.kind not in ("waits", "wait-time") else ""
    most = f"; most of the change is in `{told.ticked(inside)}`" if inside else ""
    return f"{row.before} → {row.after}, {row.change}{interval}{most}"


def _findings(
    found: Comparison, presence: Presence, places: _Places, rules: Mapping[str, RuleNote]
) -> Iterator[Record]:
    for each in found.findings:
        if each.presence is presence:
            where = places.of(each.at) if presence is Presence.NEW else places.without_line(each.at)
            yield _finding(each, rules.get(each.rule))._replace(**where)


def _finding(of: FindingChange, note: RuleNote | None) -> Record:
    is_new = of.presence is Presence.NEW
    message = of.message.rstrip(".")
    return Record(
        rule=of.rule,
        severity=Severity(of.severity) if is_new else Severity.INFO,
        message=f"new: {message}" if is_new else f"gone: {message}",
        fingerprint="",
        name="" if note is None else note.name,
        function=of.function,
        passed=not is_new,
        tabled=True,
        worth=0.0,  # behind what was measured
    )
