"""What changed, what did not, and what is not compared: the parts that text and Markdown have in common.

Names of the target's stand in backticks, which a page needs and a screen does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iobound.model.comparison import Comparison, Presence
from iobound.verbs.report import figures
from iobound.verbs.report.blocks import Block, Cell, Column, Prose, Role, Section, Table
from iobound.verbs.report.comparison import told

_TITLES = {"worse": "What became worse", "better": "What became better", "": "What else changed"}
_REMARK = "beyond noise"
_ROLES = {"worse": Role.BAD, "better": Role.GOOD, "": Role.BODY}


def sections(found: Comparison, *, placed: bool) -> Iterator[Section]:
    """All of them that have something to say, in the order of reading.

    Args:
        found: What is to be told.
        placed: Whether there is room to say where each change is.
    """
    parts = (*_changed(found, placed), _items(found), _same(found), _not_compared(found))
    yield from (section for section in parts if section is not None)


def _changed(found: Comparison, placed: bool) -> list[Section]:
    rows = told.changed_rows(found)
    shown = rows[: told.MOST_CHANGED]
    groups = {sense: [row for row in shown if row.sense == sense] for sense in _TITLES}
    sections = [
        Section(_TITLES[sense], (_changes(group, found, placed),), _REMARK) for sense, group in groups.items() if group
    ]
    if len(rows) > len(shown):
        more = figures.tally(len(rows) - len(shown), "more change")
        sections.append(Section("And more", (Prose(f"{more} in the JSON document"),)))
    return sections


def _same(found: Comparison) -> Section | None:
    rows = told.same_rows(found)[: told.MOST_SAME]
    if not rows:
        return None
    return Section("No change that this noise lets us see", (_unchanged(rows, found),), folded=True)


def _changes(rows: list[told.Row], found: Comparison, placed: bool) -> Table:
    columns = (
        Column("quantity", least=20),
        Column("before", right=True),
        Column("after", right=True),
        Column("change", right=True),
        Column(_interval(found), right=True, rank=1),
        *([Column("at")] if placed else []),
    )
    cells = tuple(
        (
            Cell(row.what),
            Cell(row.before),
            Cell(row.after),
            Cell(row.change, _ROLES[row.sense]),
            Cell(row.interval, Role.FAINT),
            *([Cell(told.place(row.at, found), Role.LABEL)] if placed else []),
        )
        for row in rows
    )
    return Table(columns, cells)


def _unchanged(rows: list[told.Row], found: Comparison) -> Table:
    """The change itself is left out: it is noise, and its interval says so."""
    columns = (
        Column("quantity", least=20),
        Column("before", right=True),
        Column("after", right=True),
        Column(_interval(found), right=True),
        Column("seen from", right=True, rank=1),
    )
    cells = tuple(
        (
            Cell(row.what),
            Cell(row.before),
            Cell(row.after),
            Cell(row.interval),
            Cell(row.visible, Role.FAINT),
        )
        for row in rows
    )
    return Table(columns, cells)


def _interval(found: Comparison) -> str:
    return "90 % (assumed)" if told.is_assumed(found) else "90 % interval"


def _items(found: Comparison) -> Section | None:
    """Findings and advice of one side alone."""
    blocks: list[Block] = []
    for presence, label in ((Presence.NEW, "new"), (Presence.GONE, "gone")):
        findings = [told.finding(each) for each in found.findings if each.presence is presence]
        advice = [told.advice(each) for each in found.advice if each.presence is presence and each.beyond]
        blocks += _listed(findings, label, "finding")
        blocks += _listed(advice, label, "advice")
    return Section("Findings and advice", tuple(blocks)) if blocks else None


def _listed(lines: list[str], label: str, kind: str) -> Iterable[Prose]:
    for line in lines[: told.MOST_SAME]:
        yield Prose(line, f"{label} {kind}", label_width=len("gone finding"))
    if len(lines) > told.MOST_SAME:
        rest = figures.tally(len(lines) - told.MOST_SAME, "more", "more")
        yield Prose(f"and {rest} in the JSON document", "", Role.FAINT)


def _not_compared(found: Comparison) -> Section | None:
    lines = [*found.warnings, *told.unjudged(found)]
    if not lines:
        return None
    return Section("What is not compared", tuple(Prose(line, "-", label_role=Role.FAINT) for line in lines))
