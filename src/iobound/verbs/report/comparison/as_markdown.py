"""A comparison for a comment on a pull request; by its first line, a hidden marker, a bot finds it and replaces it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iobound.model.comparison import Comparison, Presence
from iobound.verbs.report.comparison import told
from iobound.verbs.report.records.markdown import LONGEST_COMMENT, cut, prose
from iobound.verbs.report.style import TextStyle

MARKER = "<!-- iobound:compare -->"

_SIGNS = {"worse": "worse", "better": "better", "": ""}


def render(comparison: Comparison, style: TextStyle) -> str:
    """The comment: marker, whether anything changed, the changes, and the rest to unfold."""
    return cut([MARKER, *_lines(comparison)], LONGEST_COMMENT)


def _lines(found: Comparison) -> Iterator[str]:
    yield "### iobound compare"
    yield ""
    yield f"{prose(_capital(told.headline(found)))}."
    yield ""
    for name, side in (("base", found.base), ("head", found.head)):
        yield f"* {name}: {prose(told.of_side(side))}"
    yield f"* verdict: {prose(told.verdict(found))}"
    rows = told.changed_rows(found)
    if rows:
        yield from _table(rows[: told.MOST_CHANGED], "", with_sense=True)
    if len(rows) > told.MOST_CHANGED:
        yield ""
        yield f"And {len(rows) - told.MOST_CHANGED} more in the JSON document."
    yield from _items(found)
    same = told.same_rows(found)[: told.MOST_SAME]
    if same:
        yield ""
        yield "<details><summary>No change that this noise lets us see</summary>"
        yield from _table(same, "seen from", with_sense=False)
        yield ""
        yield "</details>"
    notes = [*found.warnings, *told.unjudged(found)]
    if notes:
        yield ""
        yield "**What is not compared**"
        yield ""
        yield from (f"* {prose(note)}" for note in notes)


def _table(rows: Sequence[told.Row], last: str, *, with_sense: bool) -> Iterator[str]:
    yield ""
    head = ["", "quantity"] if with_sense else ["quantity"]
    head += ["before", "after", "change (90 % interval)"] + ([last] if last else [])
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        cells = [_SIGNS[row.sense]] if with_sense else []
        cells += [prose(row.what), prose(row.before), prose(row.after), prose(_change(row))]
        yield f"| {' | '.join([*cells, prose(row.visible)] if last else cells)} |"


def _change(row: told.Row) -> str:
    return f"{row.change} ({row.interval})" if row.interval else row.change


def _items(found: Comparison) -> Iterator[str]:
    for presence in (Presence.NEW, Presence.GONE):
        lines = [f"{presence} finding: {told.finding(each)}" for each in found.findings if each.presence is presence]
        lines += [
            f"{presence} advice: {told.advice(each)}"
            for each in found.advice
            if each.presence is presence and each.beyond
        ]
        if lines:
            yield ""
            yield from (f"* {prose(line)}" for line in lines[: told.MOST_CHANGED])
        if len(lines) > told.MOST_CHANGED:
            yield f"* and {len(lines) - told.MOST_CHANGED} more in the JSON document"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
