"""What was asked of a run, a scan, a suite or a comparison, as records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from iobound.model.diagnosis import Check
from iobound.model.finding import Severity
from iobound.verbs.report import figures
from iobound.verbs.report.records import rule_notes
from iobound.verbs.report.records.record import Record
from iobound.verbs.report.records.roots import is_outside


def check_records(
    checks: Iterable[Check],
    at: Callable[[str, int], dict[str, Any]],
    home: str = "",
) -> Iterator[Record]:
    """A record for each gate; what does not hold stands where most of its number comes from in the repository.

    Args:
        checks: The gates.
        at: Fields of a record for a file and a line, 0 where that is not known; `path` is empty where readers have no
            such file.
        home: The file that stands for the whole, for readers that show nothing without one.
    """
    for check in checks:
        record = _record(check, home)
        if not check.passed:
            places = (at(place.file, place.line or 0) for place in check.places if place.file)
            record = record._replace(
                **next((place for place in places if place["path"] and not is_outside(place["path"])), {})
            )
        yield record


def _record(check: Check, home: str) -> Record:
    return Record(
        rule=rule_notes.CHECK,
        severity=Severity.INFO if check.passed else Severity.ERROR,
        message=check.text or f"{check.expression}: seen {check.seen or figures.NOT_KNOWN}",
        fingerprint="",
        title="" if check.passed else "check failed",
        case=f"check {check.expression}",
        path=home,
        fails=not check.passed,
        passed=check.passed,
        worth=1.0,
        numbers={"seen": check.seen, "low": check.low, "high": check.high},
    )
