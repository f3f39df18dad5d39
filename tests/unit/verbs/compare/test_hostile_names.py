"""Names of the target, and whatever else a document holds, are data in every format of a comparison."""

from __future__ import annotations

import json
import re

import pytest
from comparison_stories import one, plain, worse
from hostile import HOSTILE
from platform_readers import annotations

from iobound.verbs import report
from iobound.verbs.compare import compare

STYLE = report.TextStyle(width=80, unicode=True)


def hostile(document, name):
    """The document with the name wherever a name can be."""
    document["command"] = [name]
    document["machine"]["system"] = document["interpreter"]["implementation"] = name
    document["iobound"] = name
    for wait in document["waits"]:
        wait["target"] += name
    for spot in document["hotspots"]:
        spot["function"] = spot["call"] = name
        spot["file"] += name
    for finding in document["findings"]:
        finding["message"] = finding["rule"] = name
    for site in document["sites"]:
        site["function"] = site["callee"] = name
    return document


def compared(name):
    return compare(one(plain(), f"base{name}.json"), one(hostile(worse(), name), f"head{name}.json"))


def same_rules(name):
    """Where versions agree, so that findings and advice are told, too."""
    head = hostile(worse(), name)
    head |= {key: plain()[key] for key in ("iobound", "machine", "interpreter")}
    return compare(one(plain(), "base.json"), one(head, "head.json"))


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
@pytest.mark.parametrize("format", report.COMPARISON_FORMATS)
def test_nothing_acts(format, name):
    """No control character, no command of a CI system at the start of a line or anywhere."""
    for found in (compared(name), same_rules(name)):
        text = report.render_comparison(found, format, style=STYLE)
        assert all(character.isprintable() or character == "\n" for character in text)
        if format == "github":
            assert all(each.command in ("error", "warning", "notice") for each in annotations(text))
        else:
            assert not any(line.lstrip().startswith("::") for line in text.split("\n"))
        assert "##[" not in text and "##vso[" not in text
        text.encode()
        if format == "json":
            assert json.loads(text)["schema"] == "iobound.comparison/1"


@pytest.mark.parametrize("name", ["<script>x</script>", "a|b", "`x`", "@ann", "[x](http://e)", "</details>", "<!-- x"])
def test_markdown_is_not_broken(name):
    """Names are code: no tag, no further cell, no mention, no link, no second marker."""
    text = report.render_comparison(same_rules(name), "markdown", style=STYLE)
    lines = text.split("\n")
    text = re.sub(r"`[^`\n]+`", "", text)  # where nothing is a tag
    assert lines[0] == "<!-- iobound:compare -->" and text.count("<!--") == 1
    assert "<script" not in text and text.count("</details>") == text.count("<details>") == 1
    for head, *rows in _tables(lines):
        assert {row.count("|") for row in rows} == {head.count("|")}


def _tables(lines):
    table = []
    for line in [*lines, ""]:
        if line.startswith("|"):
            table.append(line)
        elif table:
            yield table
            table = []


def test_long_names_stay_within_bounds():
    """A megabyte of name makes no megabyte of report."""
    found = compared("x" * 60_000)
    assert all(len(report.render_comparison(found, format, style=STYLE)) < 400_000 for format in ("text", "markdown"))
    assert len(report.render_comparison(found, "markdown", style=STYLE).encode()) <= 65_536
