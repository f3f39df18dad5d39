"""Findings that comments silence, and comments that silence none."""

from __future__ import annotations

import textwrap
from itertools import pairwise

from iobound.model.finding import Confidence, Finding, Severity, Span
from iobound.model.scan_options import ScanOptions
from iobound.verbs.scan.selection import select
from iobound.verbs.scan.silencing import Silenced, silence
from iobound.verbs.scan.syntax.comments import comments_in, may_silence
from iobound.verbs.scan.syntax.sources import source_of

KNOWN = ("IOB101", "IOB201", "IOB202", "IOB299", "IOB906")
DEFAULT = ("IOB101", "IOB201", "IOB202", "IOB906")


def finding(rule: str, line: int) -> Finding:
    return Finding(rule, "a.py", Span(line, 0, line, 1), Severity.WARNING, Confidence.HIGH, "it waits")


def silenced(text: str, *findings: Finding, **options: object) -> Silenced:
    source = source_of(textwrap.dedent(text))
    rules = select(ScanOptions(**options), KNOWN, DEFAULT)  # type: ignore[arg-type]
    return silence("a.py", findings, comments_in(source), source, rules)


def told(result: Silenced) -> list[tuple[str, int]]:
    return [(each.rule, each.line) for each in result.findings]


def mended(text: str, result: Silenced) -> str:
    """The text with all fixes applied, from the end on."""
    rows = textwrap.dedent(text).split("\n")
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row) + 1)
    whole = "\n".join(rows)
    edits = [edit for each in result.findings if each.fix for edit in each.fix.edits]
    edits.sort(key=lambda edit: edit.span, reverse=True)
    assert all(after.span[:2] >= before.span[2:] for after, before in pairwise(edits))
    for (line, column, end_line, end_column), text in edits:
        whole = whole[: starts[line - 1] + column] + text + whole[starts[end_line - 1] + end_column :]
    return whole


def test_a_comment_silences_what_it_names_where_it_stands() -> None:
    """Not other rules, not other lines."""
    text = "a  # iobound: ignore[IOB201]\nb\n"
    result = silenced(text, finding("IOB201", 1), finding("IOB101", 1), finding("IOB201", 2))
    assert told(result) == [("IOB101", 1), ("IOB201", 2)]
    assert result.ignored == 1


def test_a_prefix_and_nothing_at_all_silence_more() -> None:
    """As in `select`."""
    text = "a  # iobound: ignore[IOB2]\nb  # iobound: ignore\n"
    given = [finding(rule, line) for rule in ("IOB101", "IOB201", "IOB202") for line in (1, 2)]
    assert told(silenced(text, *given)) == [("IOB101", 1)]


def test_a_skipped_file_has_no_findings() -> None:
    """Not even of comments."""
    result = silenced("# iobound: skip-file\na  # iobound: ignore\n", finding("IOB201", 2))
    assert (result.findings, result.ignored) == ((), 1)


def test_what_silences_nothing_is_told() -> None:
    """Of several codes those that do not."""
    text = """\
    a  # iobound: ignore
    b  # iobound: ignore[IOB201, IOB101]
    c  # iobound: ignore[IOB202]
    d  # noqa: E501, IOB101
    """
    result = silenced(text, finding("IOB201", 2))
    assert told(result) == [("IOB906", 1), ("IOB906", 2), ("IOB906", 3), ("IOB906", 4)]
    assert ["IOB101" in each.message for each in result.findings] == [False, True, False, True]
    assert mended(text, result) == "a\nb  # iobound: ignore[IOB201]\nc\nd  # noqa: E501, IOB101\n"


def test_what_is_removed_leaves_its_neighbours() -> None:
    """Other comments, reasons, and lines that held nothing else."""
    text = """\
    a  # type: ignore # iobound: ignore
    b  # iobound: ignore  # type: ignore
    c  # iobound: ignore since it is fast
        # iobound: ignore
    d
    # iobound: ignore"""
    result = silenced(text)
    assert len(result.findings) == 5
    expected = "a  # type: ignore\nb  # type: ignore\nc  # since it is fast\nd\n"
    assert mended(text, result) == expected


def test_what_was_not_looked_for_is_not_missing() -> None:
    """With `--select IOB1` nothing can be said of IOB201, nor of a comment for everything."""
    text = "a  # iobound: ignore[IOB201]\nb  # iobound: ignore[IOB101]\nc  # iobound: ignore\n"
    assert told(silenced(text, select=("IOB1", "IOB906"))) == [("IOB906", 2)]


def test_a_rule_that_is_off_by_default_must_be_asked_for_to_be_missed() -> None:
    """A prefix means what is on."""
    text = "a  # iobound: ignore[IOB299]\nb  # iobound: ignore[IOB2]\n"
    assert told(silenced(text)) == [("IOB906", 2)]
    assert told(silenced(text, extend_select=("IOB299",))) == [("IOB906", 1), ("IOB906", 2)]


def test_a_code_that_there_is_not_is_unused() -> None:
    """Most likely it is misspelled."""
    assert told(silenced("a  # iobound: ignore[IOB999]\n")) == [("IOB906", 1)]


def test_the_note_itself_can_be_silenced_or_not_selected() -> None:
    """By its name; not by the very comment for everything that it is about."""
    assert told(silenced("a  # iobound: ignore[IOB201, IOB906]\n")) == []
    assert told(silenced("a  # iobound: ignore[IOB201]\n", ignore=("IOB9",))) == []
    assert told(silenced("a  # iobound: ignore\n")) == [("IOB906", 1)]


def test_no_comment_is_overlooked_by_the_quick_look() -> None:
    """Whatever the letters; what only other tools read is passed over."""
    assert may_silence(b"# IOBOUND: Skip-File")
    assert may_silence(b"# NoQA:E501, iob101")
    assert not may_silence(b"# noqa: E501")
    assert not may_silence(b"from iobound import x")
