"""Fixes that are called safe leave a program that does the same."""

from __future__ import annotations

import pytest

from iobound.model.finding import Confidence, Edit, Finding, Fix, Severity, Span
from iobound.verbs.scan import fixing, scanning

LOOP = "def show(path, out):\n    with open(path) as source:\n        for line in source.readlines():\n            {}\n"


def found_in(text: str) -> list:
    data = text.encode()
    return scanning.findings({"a.py": scanning.read_facts("a.py", data)}, lambda _: data)


def fixed(text: str) -> str | None:
    fixes = [finding.fix for finding in found_in(text) if finding.rule == "IOB702" and finding.fix is not None]
    if not fixes:
        return None
    (edit,) = fixes[0].edits
    assert fixes[0].safe
    lines = text.split("\n")
    line = lines[edit.span.line - 1]
    assert edit.span.line == edit.span.end_line
    lines[edit.span.line - 1] = line[: edit.span.column] + edit.text + line[edit.span.end_column :]
    return "\n".join(lines)


def test_lines_are_taken_from_the_file_itself(tmp_path):
    text = LOOP.format("out.append(line.strip())")
    after = fixed(text)
    assert after is not None and "for line in source:" in after
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    results = []
    for source in (text, after):
        out: list[str] = []
        space: dict = {}
        exec(source, space)
        space["show"](tmp_path / "a.txt", out)
        results.append(out)
    assert results[0] == results[1] == ["one", "two"]


@pytest.mark.parametrize(
    "body",
    ["source.read()", "open(path, 'w').write(line)", "other(line)", "yield line", "del source"],
)
def test_nothing_is_changed_where_more_may_happen_to_the_file(body):
    text = LOOP.format(body)
    assert any(finding.rule == "IOB702" for finding in found_in(text))
    assert fixed(text) is None


def test_columns_are_those_of_characters():
    after = fixed(LOOP.format("out.append(line)").replace("source", "quellé"))
    assert after is not None and "for line in quellé:" in after


def finding_with_fix(excerpt: str = "") -> Finding:
    fix = Fix("Iterate", (Edit(Span(2, 14, 2, 26), ""),), safe=True)
    return Finding(
        "IOB702", "a.py", Span(2, 0, 2, 30), Severity.INFO, Confidence.HIGH, "…", fix=fix, excerpt=excerpt
    )  # fmt: skip


@pytest.mark.parametrize(
    "above",
    [b"\xef\xbb\xbfx = 1\n", b"x = 1\r\n", b"x = '\x0c'\n", "x = '\u2028'\n".encode(), b"x = 1\r"],
    ids=["byte order mark", "CRLF", "form feed", "line separator", "CR"],
)
def test_everything_but_the_fix_stays(above):
    end = above[len(above.rstrip()) :]
    content, count = fixing.fixed(above + b"for row in fil.readlines(): ..." + end, [finding_with_fix()])
    assert count == 1
    assert content == above + b"for row in fil: ..." + end


def test_a_line_that_has_changed_since_the_scan_is_left_alone():
    data = b"x = 1\nfor row in fil.readlines(): ...\n"
    assert fixing.fixed(data, [finding_with_fix("for row in fil.readlines(): ...")])[1] == 1
    assert fixing.fixed(data, [finding_with_fix("for row in old.readlines(): ...")]) == (data, 0)
    assert fixing.fixed(b"", [finding_with_fix("for row in fil.readlines(): ...")]) == (b"", 0)
