"""Fixes that are called safe leave a program that does the same."""

from __future__ import annotations

import pytest

from iobound.scan import scanning

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
