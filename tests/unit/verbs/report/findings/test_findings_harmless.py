"""Names, paths, messages and source of a scan are data in every format."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from finding_stories import poisoned
from hostile import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from iobound.verbs import report
from iobound.verbs.report import harmless

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
SIGNS = st.text("`|\\<>&*_[]()!#@:/.%,=~\n\r \t'\"-x1$", max_size=40)
TEXTS = st.one_of(st.sampled_from(HOSTILE), ANY, SIGNS)
COMMAND = re.compile(r"^\s*::|##\[|##vso\[", re.MULTILINE)
OURS = re.compile(r"</?code>|<br>")
SARIF = jsonschema.Draft4Validator(
    json.loads(Path(__file__).with_name("sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
)
SCAN = jsonschema.Draft202012Validator(report.scan_schema())
LOG = report.TextStyle(width=80)


def decoded(text):
    """What a runner makes of an escaped value."""
    for code, sign in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, sign)
    return text


@given(TEXTS)
@settings(max_examples=200)
def test_text_holds_nothing_but_printable_lines(text):
    """No control character, no bidirectional control, no surrogate, no workflow command gets through."""
    result = poisoned(text)
    for concise in (False, True):
        for style in (LOG, LOG._replace(unicode=True, plain=False), LOG._replace(width=1, unicode=True)):
            found = report.render_findings(result, "text", style=style._replace(concise=concise))
            assert found.replace("\n", "").isprintable()
            assert not COMMAND.search(found)
            found.encode("utf-8" if style.unicode else "ascii")


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_colour_adds_nothing_but_colour(number):
    """Rich reads no markup in it."""
    style = report.TextStyle(width=100, unicode=True)
    result = poisoned(HOSTILE[number])
    coloured = report.render_findings(result, "text", style=style._replace(colour=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == report.render_findings(result, "text", style=style)


@given(TEXTS)
@settings(max_examples=200)
def test_json_formats_parse_validate_and_are_ascii(text):
    """Raw text is printable ASCII, so nothing acts on it."""
    result = poisoned(text)
    for format in ("json", "gitlab", "sarif"):
        found = report.render_findings(result, format, style=LOG)
        assert found.isascii() and found.replace("\n", "").isprintable()
        assert not COMMAND.search(found)
        document = json.loads(found)
        json.dumps(document, ensure_ascii=False).encode()
        if format == "json":
            SCAN.validate(document)
        if format == "sarif":
            SARIF.validate(document)
            message = document["runs"][0]["results"][0]["message"]["text"]
            assert "](" not in message


@given(TEXTS)
@settings(max_examples=200)
def test_github_commands_are_ours_and_say_what_was_meant(text):
    """One line for each finding, and a runner that takes it apart finds the text again."""
    lines = report.render_findings(poisoned(text), "github", style=LOG).split("\n")
    assert lines.pop() == ""
    assert len(lines) == 2
    for line in lines:
        assert line.isprintable()
        assert not re.search(r"##\[|##vso\[", line)
        command, properties, message = re.fullmatch(r"::(\w+) (.*?)::(.*)", line).groups()
        assert command == "warning"
        pairs = dict(item.split("=", 1) for item in properties.split(","))
        assert set(pairs) <= {"file", "line", "endLine", "col", "endColumn", "title"}
        assert decoded(pairs["title"]) == harmless.inline(f"IOB201 {text}".strip())
        assert decoded(message).split("\n")[0].endswith(harmless.inline(text)[-20:])


@given(TEXTS)
@settings(max_examples=200)
def test_junit_is_xml_that_says_what_was_meant(text):
    """No text ends a tag, and none holds a character that XML forbids."""
    found = report.render_findings(poisoned(text), "junit", style=LOG)
    assert not COMMAND.search(found)
    root = ElementTree.fromstring(found)
    assert {element.tag for element in root.iter()} == {
        *("testsuites", "testsuite", "testcase", "properties", "property", "failure")
    }
    assert {failure.get("message") for failure in root.iter("failure")} == {harmless.inline(text)}


def tokens_of(text):
    """Everything that a reader of Markdown finds in it, as a flat list."""
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        yield token
        yield from token.children or ()


@given(TEXTS)
@settings(max_examples=300)
def test_markdown_is_a_table_of_text_and_code(text):
    """No link, picture, mention, reference, emphasis or HTML but ours, and no cell too many."""
    found = report.render_findings(poisoned(text), "markdown", style=LOG)
    assert not COMMAND.search(found)
    assert found.replace("\n", "").isprintable()
    tokens = list(tokens_of(found))
    kinds = [token.type for token in tokens]
    assert not {"link_open", "image", "em_open", "s_open", "blockquote_open", "bullet_list_open", "hr"} & set(kinds)
    assert kinds.count("heading_open") == 1
    assert kinds.count("table_open") == 1
    assert kinds.count("tr_open") == 3
    assert kinds.count("th_open") == 4
    assert kinds.count("td_open") == 8
    coded = False
    for token in tokens:
        if token.type == "html_inline":
            assert OURS.fullmatch(token.content)
            coded = token.content == "<code>" or (coded and token.content != "</code>")
        elif token.type == "html_block":
            inner = re.sub(r"</?(?:details|summary|code)>|<!-- iobound:scan -->", "", token.content)
            assert not re.search("[<>]", inner)
        elif token.type == "text" and not coded:
            assert not re.search(r"@\w|#\d|\w://|www\.|\w/\w", token.content)


@given(TEXTS)
@settings(max_examples=100)
def test_a_page_of_a_step_is_as_harmless_as_a_comment(text):
    """It is the same but for the marker."""
    result = poisoned(text)
    comment = report.render_findings(result, "markdown", style=LOG)
    assert report.step_summary(result) == comment.partition("\n")[2]
