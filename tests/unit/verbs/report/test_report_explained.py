"""Every word of the reports is explained."""

from __future__ import annotations

import re

import pytest
from finding_stories import RULES
from hostile import HOSTILE

from iobound.errors import UsageError
from iobound.model.diagnosis import METHODS, Bound
from iobound.model.finding import Confidence, RuleNote, Severity
from iobound.model.prediction import Strategy
from iobound.model.state import State
from iobound.verbs import report
from iobound.verbs.report.glossary import KINDS, terms
from iobound.verbs.report.layout import width_of

STYLE = report.TextStyle(width=80, unicode=True)
EACH = {"verdicts": Bound, "states": State, "strategies": Strategy, "ways": METHODS}


def explained(word, rules=RULES, style=STYLE):
    """The text about a word."""
    return report.explain(word, rules, style=style)


@pytest.mark.parametrize("kind", EACH)
def test_the_words_of_a_kind_are_those_of_the_model(kind):
    """None is missing, and none is left over."""
    assert [term.word for term in terms().values() if term.kind == kind] == list(EACH[kind])


def test_no_word_is_explained_twice():
    """Nor is another spelling of one."""
    words = [word for term in terms().values() for word in {term.word, *term.others}]
    spelled = [word.casefold().replace("_", "-") for word in words]
    found = {word for word in spelled if spelled.count(word) > 1}
    ours = {term.word for term in terms().values()}
    assert {word.replace("-", "_") for word in found} <= ours  # `wait-gil` is only another spelling of `wait_gil`
    assert {term.kind for term in terms().values()} == set(KINDS)


@pytest.mark.parametrize("word", list(terms()))
def test_each_word_has_a_meaning_and_verdicts_states_strategies_have_all_parts(word):
    """What it means, how it is found, an example where there can be one."""
    term = terms()[word]
    assert term.meaning.endswith(".")
    assert len(term.meaning) < 200
    headings = re.findall(r"^## (.+)$", term.text, re.MULTILINE)
    assert set(headings) <= {"How it is found", "Example", "What to do", "What to know"}
    if term.kind != "terms":
        assert "How it is found" in headings
    if term.kind != "terms" and word != "unknown":
        assert "Example" in headings


@pytest.mark.parametrize("word", list(terms()))
@pytest.mark.parametrize("width", [40, 80])
def test_explanations_fit(word, width):
    """But for code, which is there to be copied."""
    style = report.TextStyle(width=width, unicode=True)
    text = explained(word, style=style)
    wide = [line for line in text.splitlines() if width_of(line) > width]
    assert all(line.startswith("    ") for line in wide)
    assert text.startswith(f"{word}, a ")


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("GIL", "gil"),
        ("I/O-bound", "io"),
        ("wait gil", "wait_gil"),
        ("Wait-GIL", "wait_gil"),
        ("native_threads", "native_threads"),
        ("speedup", "speed-up"),
        (" sample ", "look"),
    ],
)
def test_words_may_be_spelled_as_they_are_spoken(given, word):
    """Case, hyphens, underscores and spaces make no difference."""
    assert explained(given) == explained(word)


def test_a_rule_is_found_by_its_id_and_by_its_name():
    """And shows its summary, its severity, and all of its text with code as it stands."""
    text = explained("iob101")
    assert text == explained("Sleep in coroutine")
    assert text.startswith("IOB101 sleep-in-coroutine\nerror, high confidence\n\n  A coroutine calls")
    assert "\nBad\n    async def f():\n        time.sleep(1)\n" in text


def test_a_rule_without_a_text_shows_what_there_is():
    """Its summary."""
    assert explained("IOB110") == (
        "IOB110 hidden-wait-in-coroutine\nwarning, medium confidence\n\n"
        "  A coroutine calls a function that waits further down.\n"
    )


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("IOB10", "IOB101"),
        ("wiat_gil", "wait_gil"),
        ("thraeds", "threads"),
        ("speedups", "speed-up"),
        ("sleep-in-loops", "IOB207"),
        ("zebra", "lists all words"),
        ("", "lists all words"),
    ],
)
def test_an_unknown_word_is_told_with_what_is_like_it(word, hint):
    """As it is to be typed."""
    with pytest.raises(UsageError) as problem:
        explained(word)
    assert hint in (problem.value.hint or "")


def test_the_overview_has_every_word_and_every_rule():
    """Under the heading of its kind, with one sentence, in 80 columns."""
    text = report.overview(RULES, style=STYLE)
    assert all(width_of(line) <= 80 for line in text.splitlines())
    for word in (*RULES, *terms()):
        assert re.search(rf"^  {re.escape(word)}  ", text, re.MULTILINE)
    for title, _ in KINDS.values():
        assert f"\n{title}\n" in text


def test_the_overview_without_rules_has_no_heading_for_them():
    """Nothing is shown that there is not."""
    assert report.overview({}, style=STYLE).startswith(next(iter(KINDS.values()))[0])


@pytest.mark.parametrize("word", ["IOB101", "gil", "site"])
def test_colour_adds_nothing_but_colour(word):
    """And there is some."""
    coloured = explained(word, style=STYLE._replace(colour=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == explained(word)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_texts_of_rules_are_data(number):
    """As all that is printed."""
    text = HOSTILE[number]
    notes = {"IOB999": RuleNote("IOB999", text, text, Severity.INFO, Confidence.LOW, f"{text}\n\n# {text}\n\n- {text}")}
    for found in (explained("IOB999", notes), report.overview(notes, style=STYLE)):
        assert found.replace("\n", "").isprintable()
        assert not re.search(r"^\s*::|##\[|##vso\[", found, re.MULTILINE)
