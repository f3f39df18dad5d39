"""Each story in each format that is compared by eye."""

from __future__ import annotations

import pytest
from stories import STORIES

from iobound.verbs import report

PLAIN = report.TextStyle(width=80, colour=False, unicode=False, plain=True)
SCREEN = report.TextStyle(width=120, colour=True, unicode=True, plain=False)


@pytest.mark.parametrize("story", STORIES)
def test_text_in_a_log(story, golden):
    """The text report at 80 columns, as a CI log gets it."""
    golden.check(f"{story}.txt", report.render(STORIES[story](), "text", style=PLAIN))


@pytest.mark.parametrize("story", STORIES)
def test_json(story, golden):
    """The JSON report."""
    golden.check(f"{story}.json", report.render(STORIES[story](), "json", style=PLAIN))


def test_text_on_a_screen(golden):
    """The text report in colour at 120 columns."""
    golden.check("sequential_io.ansi", report.render(STORIES["sequential_io"](), "text", style=SCREEN))


def test_tree(golden):
    """The call tree of several threads."""
    golden.check("gil_queue.tree", report.tree(STORIES["gil_queue"](), None, PLAIN))


def test_speedscope(golden):
    """Flame graphs by thread."""
    golden.check("inconclusive.speedscope.json", report.render(STORIES["inconclusive"](), "speedscope", style=PLAIN))


def test_html(golden):
    """The page that a browser shows."""
    golden.check("sequential_io.html", report.render(STORIES["sequential_io"](), "html", style=PLAIN))


def test_in_short(golden):
    """What is told of decorated functions when a program ends."""
    golden.check("advised.short.txt", report.in_short(STORIES["advised"](), style=PLAIN))
