"""The text that people read of a scan."""

from __future__ import annotations

import re

import pytest
from finding_stories import BROKEN, CHAIN, LOOP, SLEEP, STORIES
from hypothesis import given
from hypothesis import strategies as st

from iobound.model.finding import ScanResult, Span, Step
from iobound.verbs import report
from iobound.verbs.gather import files
from iobound.verbs.report.layout import width_of
from iobound.verbs.report.records import scan_summary

LOG = report.TextStyle(width=80, unicode=True)
SCREEN = report.TextStyle(width=80, unicode=True, plain=False)
SGR = re.compile(r"\x1b\[([0-9;]*)m")


def told(*findings, style=LOG, **counts):
    """The text of a scan with these findings."""
    return report.render_findings(ScanResult(findings, **counts), "text", style=style)


def marked(text):
    """What the carets stand under."""
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if set(line.split("|")[-1]) == {" ", "^"})
    carets = lines[at].index("^"), len(lines[at])
    return lines[at - 1][slice(*carets)]


def at(excerpt, begin, end, **changes):
    """A finding about a part of one line."""
    return SLEEP._replace(excerpt=excerpt, span=Span(7, begin, 7, end), **changes)


def test_a_finding_begins_with_its_place_rule_and_message():
    """On one line, for editors and grep."""
    assert told(BROKEN).startswith(f"old/python2.py:1:7: IOB904 {BROKEN.message}\n")


@pytest.mark.parametrize(
    ("excerpt", "begin", "end", "seen"),
    [
        ("time.sleep(1)", 0, 13, "time.sleep(1)"),
        ("\t\ttime.sleep(1)", 2, 12, "time.sleep"),
        ("x = fetch(u)  ", 4, 99, "fetch(u)"),
        ("x = 1", 50, 60, ""),
        ("a\x1bb = get()", 6, 9, "get"),
        ("x = get()", 4, 4, "g"),
    ],
)
def test_carets_stand_under_what_is_meant(excerpt, begin, end, seen):
    """Also after tabs, and after characters that are shown as escapes."""
    assert marked(told(at(excerpt, begin, end))) == seen


def test_carets_count_columns_of_the_screen():
    """Letters that are two columns wide have two carets."""
    lines = told(at("größe = 日本(x)", 8, 10)).splitlines()
    assert lines[3] == "  |         ^^^^"


def test_a_span_of_several_lines_is_marked_to_the_end_of_its_first():
    """And the last line is named."""
    text = told(LOOP)
    assert marked(text) == "for url in urls:"
    assert "up to line 27" in text


@given(
    st.text(st.characters(codec="utf-8"), max_size=300),
    st.integers(0, 300),
    st.integers(0, 300),
    st.integers(40, 130),
)
def test_excerpts_fit_and_show_what_is_meant(excerpt, begin, length, width):
    """However long the line, and wherever in it the finding is."""
    style = report.TextStyle(width=width, unicode=True, plain=False)
    text = told(at(excerpt, begin, begin + length), style=style)
    assert all(width_of(line) <= width for line in text.splitlines())
    source = excerpt.rstrip()
    if begin < len(source) and length:
        assert "^" in text


def test_the_marked_part_of_a_long_line_is_in_view():
    """What is left out is where it is not."""
    text = told(at("x" * 5_000 + " = requests.get(url)" + "y" * 5_000, 5_003, 5_015))
    assert marked(text) == "requests.get"
    assert "…" in text


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("unicode", [True, False])
def test_everything_fits_on_a_screen(width, unicode):
    """No line is wider than the terminal but those of code, which is there to be copied."""
    style = report.TextStyle(width=width, unicode=unicode, plain=False)
    text = report.render_findings(STORIES["mixed"](), "text", style=style)
    code = {f"    {line}".rstrip() for line in LOOP.suggestion.splitlines()}
    assert code <= set(text.splitlines())
    assert all(width_of(line) <= width for line in text.splitlines() if line not in code)


def test_a_place_that_is_too_long_is_told_whole():
    """The rule and the message then begin below it."""
    file = "/".join(f"folder_{number}" for number in range(20)) + "/x.py"
    text = told(BROKEN._replace(file=file), style=SCREEN)
    assert text.replace("\n", "").startswith(f"{file}:1:7    IOB904 not read")


def test_the_chain_is_shown_on_one_line_where_it_fits():
    """A call that stands at the place itself has no place of its own."""
    chain = (Step("load", CHAIN.file, 8), Step("open", "b.py", 3))
    assert "calls: load → open (b.py:3)\n" in told(CHAIN._replace(chain=chain))


def test_a_long_chain_has_a_line_for_each_call_and_keeps_both_ends():
    """The middle says least."""
    chain = tuple(Step(f"package.module.function_{number}", f"m{number}.py", number + 1) for number in range(30))
    text = told(CHAIN._replace(chain=chain))
    assert "function_0 (m0.py:1)" in text
    assert "       → (22 more)\n" in text
    assert "       → package.module.function_29 (m29.py:30)\n" in text


def test_calls_that_are_too_long_keep_their_ends():
    """Of a name and of a path the end says most; a call in the finding's own file has no more than its line."""
    chain = (
        Step("a" * 50 + ".module.function", CHAIN.file, 40),
        Step(f"{'package.' * 12}last", "folder/" * 12 + "m.py", 7),
    )
    style = SCREEN._replace(width=60)
    lines = told(CHAIN._replace(chain=chain), style=style).splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("calls: "))
    assert lines[at].startswith("calls: …aaa") and lines[at].endswith("a.module.function")
    assert lines[at + 1] == "         (line 40)"
    assert lines[at + 2].startswith("       …") and lines[at + 2].endswith(".package.last")
    assert lines[at + 3].startswith("         …/folder/") and lines[at + 3].endswith("/m.py:7)")


def test_nothing_is_shown_that_there_is_not():
    """No excerpt, hint, chain or suggestion: no empty gutter, label or code."""
    text = told(BROKEN._replace(excerpt="", hint=""))
    body = text.partition("\n\n")[0].splitlines()
    assert body == [f"old/python2.py:1:7: IOB904 {BROKEN.message}", " = info, high confidence"]


def test_fixable_findings_are_marked_and_counted():
    """As `--fix` would settle them; an unsafe fix is not counted."""
    unsafe = SLEEP._replace(fix=SLEEP.fix._replace(safe=False))
    text = told(SLEEP, unsafe)
    assert text.count("IOB101 [*]") == 1
    assert "[*] 1 finding fixable with --fix." in text
    assert "[*]" not in told(unsafe)


def test_a_fix_is_the_next_step_where_no_other_is_given():
    """Its title says what it does."""
    assert f"help: {SLEEP.fix.title}\n" in told(SLEEP._replace(hint=""))


def test_concise_takes_one_line_for_each():
    """With the severity, never wrapped, whatever the width."""
    style = report.TextStyle(width=40, concise=True, plain=False)
    lines = told(SLEEP, LOOP, style=style).splitlines()
    assert lines[0] == f"app/poll.py:12:9: IOB101 [*] error: {SLEEP.message}"
    assert lines[1] == f"app/crawl.py:24:5: IOB201 warning: {LOOP.message}"
    assert "^" not in "".join(lines)


SUMMARIES = {
    "No findings in 1 file, 1 line.": ((), {"files": 1, "lines": 1}),
    "No files were read.": ((), {}),
    "No files were read; 2 test files left out (--tests).": ((), {"left_out": {"test files": 2}}),
    "No findings in 2 files, 9 lines; 1 file could not be read.": ((), {"files": 2, "lines": 9, "unread": 1}),
    "No findings in 2 files, 9 lines; 4 fixed; 3 ignored by comments.": (
        (),
        {"files": 2, "lines": 9, "fixed": 4, "ignored": 3},
    ),
    "Found 2 findings (1 error, 1 warning) in 1 file, 1,000 lines; left out: 1 test file (--tests), "
    "2 files larger than 1 MB.": (
        (SLEEP, LOOP),
        {"files": 1, "lines": 1000, "left_out": {"test files": 1, "larger than 1 MB": 2, "hidden": 0}},
    ),
}


@pytest.mark.parametrize(("sentence", "given"), SUMMARIES.items(), ids=range(len(SUMMARIES)))
def test_the_last_words_count(sentence, given):
    """What was found, what was read, and what was not."""
    findings, counts = given
    assert sentence in told(*findings, style=report.TextStyle(concise=True), **counts).splitlines()


@pytest.mark.parametrize("why", [files.TEST_FILES, files.TOO_LARGE, files.BROKEN_LINKS, files.NOT_REGULAR])
def test_every_reason_for_leaving_files_out_has_its_words(why):
    """Also for one file alone."""
    one, _, option = scan_summary.LEFT_OUT[why]
    assert told(left_out={why: 1}) == f"No files were read; 1 {one} left out{option}.\n"


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("concise", [True, False])
def test_colour_adds_nothing_but_colour(story, concise):
    """And only such as can be read on light and on dark grounds."""
    plain = report.TextStyle(width=90, unicode=True, concise=concise)
    coloured = report.render_findings(STORIES[story](), "text", style=plain._replace(colour=True))
    assert SGR.sub("", coloured) == report.render_findings(STORIES[story](), "text", style=plain)
    codes = {code for found in SGR.findall(coloured) for code in found.split(";")}
    assert codes <= {"0", "1", "2", "31", "35"}
    assert codes - {"0"}
