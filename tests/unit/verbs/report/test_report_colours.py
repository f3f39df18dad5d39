"""Colours can be read on light and on dark grounds."""

from __future__ import annotations

import re

import pytest
from stories import STORIES

from iobound.verbs import report

SCREEN = report.TextStyle(width=120, colour=True, unicode=True, plain=False)
READABLE = {"", "1", "2", "4", "31", "35"}  # the terminal's own, bold, dim, underlined, red, magenta


@pytest.mark.parametrize("story", STORIES)
def test_words_are_in_colours_that_stand_out_from_white_and_from_black(story):
    """Only a bar, which is large, may be of another."""
    text = report.render(STORIES[story](), "text", style=SCREEN)
    for codes, words in re.findall(r"\x1b\[([\d;]*)m([^\x1b]*)", text):
        if words.strip("█ \n"):
            assert set(codes.replace("0", "").split(";")) <= READABLE, (codes, words)


def test_computing_and_waiting_are_told_apart_at_a_glance():
    """By the colours of their bars."""
    text = report.render(STORIES["sequential_io"](), "text", style=SCREEN)
    colours = {codes for codes, bar in re.findall(r"\x1b\[([\d;]*)m(█+)", text)}
    assert {"32", "35"} <= colours


def test_numbers_are_not_dimmed():
    """An interval is half of what is said."""
    text = report.render(STORIES["sequential_io"](), "text", style=SCREEN)
    assert not re.findall(r"\x1b\[2m[^\x1b]*\d\.\.\d", text)
