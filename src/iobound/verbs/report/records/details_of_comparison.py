"""What a comparison's log says beside its records: what else changed, what did not, what was not judged."""

from __future__ import annotations

from collections.abc import Iterator

from iobound.model.comparison import Comparison, Presence
from iobound.verbs.report.comparison import told
from iobound.verbs.report.records.record import Detail


def details(found: Comparison) -> Iterator[Detail]:
    """One fact a line, what changed beyond noise first."""
    bound = f"verdict, {told.verdict(found)}"
    if found.verdict.beyond:
        yield Detail("change", f"other: {bound}")
    for row in told.changed_rows(found):
        if not row.sense:
            yield Detail("change", f"other: {_plain(row.what)}, {told.from_to(row)}{_at(row, found)}")
    for each in found.advice:
        if each.beyond and each.presence is not Presence.KEPT:
            yield Detail("change", f"other: {each.presence.value} advice, {_plain(told.advice(each))}")
    if not found.verdict.beyond:
        yield Detail("same", bound)
    for row in told.same_rows(found):
        seen = f", seen from {row.visible}" if row.visible else ""
        yield Detail("same", f"{_plain(row.what)}, {told.from_to(row)}{seen}")
    if told.is_assumed(found):
        yield Detail("note", told.noise(found))
    for note in (*found.warnings, *told.unjudged(found)):
        yield Detail("note", note)


def _at(row: told.Row, found: Comparison) -> str:
    place = told.place(row.at, found)
    return f", at {place}" if place else ""


def _plain(text: str) -> str:
    return text.replace("`", "")
