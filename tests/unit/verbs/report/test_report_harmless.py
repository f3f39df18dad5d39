"""Whatever comes from the target is data in every format."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
from hostile import HOSTILE, poisoned
from hypothesis import given
from hypothesis import strategies as st
from pyinstrument.session import Session
from stories import STORIES

from iobound.verbs import report
from iobound.verbs.report import harmless

STYLES = {
    "log": report.TextStyle(width=80),
    "screen": report.TextStyle(width=80, unicode=True, plain=False),
    "narrow": report.TextStyle(width=10, unicode=True),
    "wide": report.TextStyle(width=300, plain=False),
}
SGR = re.compile(r"\x1b\[[0-9;]*m")
COMMAND = re.compile(r"^\s*::|##\[|##vso\[", re.MULTILINE)


@pytest.fixture(scope="module")
def diagnoses():
    """Stories with much in them, for each hostile text."""
    stories = ("cpu", "asyncio_blocked", "advised")
    return {text: [poisoned(STORIES[story](), text) for story in stories] for text in HOSTILE}


def test_there_are_enough_hostile_texts():
    """The list keeps its breadth."""
    assert len(set(HOSTILE)) >= 25


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_text_holds_nothing_but_printable_lines(number, diagnoses):
    """No control character, no bidirectional control, no surrogate, no workflow command gets through."""
    for diagnosis in diagnoses[HOSTILE[number]]:
        for style in STYLES.values():
            text = report.render(diagnosis, "text", style=style)
            assert text.replace("\n", "").isprintable()
            assert not COMMAND.search(text)
            text.encode("utf-8" if style.unicode else "ascii")


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_what_is_told_at_the_end_is_printable_lines(number, diagnoses):
    """Names of functions, callers and notes are data, too."""
    for style in STYLES.values():
        text = report.in_short(diagnoses[HOSTILE[number]][-1], style=style)
        assert SGR.sub("", text).replace("\n", "").isprintable()
        assert not COMMAND.search(text)
        text.encode("utf-8" if style.unicode else "ascii")


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_colour_adds_nothing_but_colour(number, diagnoses):
    """Without its colours a coloured log is the plain log: rich reads no markup in it."""
    for diagnosis in diagnoses[HOSTILE[number]]:
        plain = report.TextStyle(width=100, unicode=True)
        coloured = SGR.sub("", report.render(diagnosis, "text", style=plain._replace(colour=True)))
        assert coloured == report.render(diagnosis, "text", style=plain)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
@pytest.mark.parametrize("format", ["json", "pyisession", "speedscope"])
def test_machine_readable_reports_parse_and_are_ascii(format, number, diagnoses):
    """Raw text is printable ASCII, so nothing acts on it; strings are there after parsing."""
    for diagnosis in diagnoses[HOSTILE[number]]:
        text = report.render(diagnosis, format, style=STYLES["log"])
        assert text.isascii() and text.replace("\n", "").isprintable()
        assert not COMMAND.search(text)
        document = json.loads(text)
        json.dumps(document, ensure_ascii=False).encode()
        if format == "json":
            jsonschema.Draft202012Validator(report.schema()).validate(document)
        if format == "pyisession":
            frame = Session.from_json(document).root_frame()
            assert frame is not None
            frame.self_check()


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_trees_hold_nothing_but_printable_lines(number, diagnoses):
    """Names in call trees are data, too."""
    for diagnosis in diagnoses[HOSTILE[number]]:
        for style in STYLES.values():
            text = report.tree(diagnosis, None, style)
            assert text.replace("\n", "").isprintable()
            assert not COMMAND.search(text)


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_any_text_becomes_one_printable_line(text):
    """And the second time nothing changes any more."""
    line = harmless.inline(text)
    assert line.isprintable()
    assert len(line) <= harmless.LONGEST
    assert harmless.inline(line) == line


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_code_keeps_its_lines(text):
    """Each line of a snippet is one printable line."""
    assert all(line.isprintable() for line in harmless.code_lines(text))


@pytest.mark.parametrize(
    "text", ["Größe.py", "日本語.py", "std::vector<int>", "a # b ## c", "10 % of x", "naïve – “quoted”"]
)
def test_honest_text_stays_as_it_is(text):
    """Being printable is enough to be left alone."""
    assert harmless.inline(text) == harmless.guarded(text) == harmless.exact(text) == text


def test_bytes_of_a_file_name_are_shown():
    """A name that is not UTF-8 can still be recognised."""
    name = b"gr\xf6sse.txt".decode("utf-8", "surrogateescape")
    assert harmless.inline(name) == harmless.exact(name) == r"gr\xf6sse.txt"


def test_long_names_keep_both_ends():
    """The middle is what says least."""
    assert harmless.shortened("/home/ann/project/very/deep/module.py", 21) == "/home/ann/…/module.py"
