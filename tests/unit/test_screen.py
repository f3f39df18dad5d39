"""What the reader's screen can show is told from the stream and the environment."""

from __future__ import annotations

import io

import pytest

from iobound.pipeline import screen

SETTINGS = ("NO_COLOR", "FORCE_COLOR", "TERM", "CI", "COLUMNS")


class Stream(io.StringIO):
    """Text in memory that says it is, or is not, a terminal."""

    def __init__(self, terminal, encoding="utf-8"):
        super().__init__()
        self._terminal, self._encoding = terminal, encoding

    def isatty(self):
        """As it was told."""
        return self._terminal

    @property
    def encoding(self):
        """As it was told."""
        return self._encoding


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """None of the settings that matter."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(
    ("terminal", "settings", "colour", "plain"),
    [
        (True, {}, True, False),
        (True, {"NO_COLOR": "1"}, False, False),
        (True, {"NO_COLOR": ""}, True, False),
        (True, {"TERM": "dumb"}, False, True),
        (True, {"CI": "true"}, False, True),
        (True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        (False, {}, False, True),
        (False, {"FORCE_COLOR": "1"}, True, False),
        (False, {"FORCE_COLOR": "1", "CI": "true"}, True, True),
    ],
)
def test_colour_and_boxes(monkeypatch, terminal, settings, colour, plain):
    """As the conventions of NO_COLOR and FORCE_COLOR have it; a log gets plain lines."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    style = screen.style_of(Stream(terminal), None)
    assert (style.colour, style.plain) == (colour, plain)


def test_width_and_letters(monkeypatch):
    """An option before the environment; ASCII where the stream has no more."""
    monkeypatch.setenv("COLUMNS", "117")
    assert screen.style_of(Stream(False), None).width == 117
    assert screen.style_of(Stream(False), 64).width == 64
    assert screen.style_of(Stream(False), None).unicode
    assert not screen.style_of(Stream(False, "ascii"), None).unicode


@pytest.mark.parametrize(
    ("terminal", "settings", "before"),
    [
        (True, {}, "\x1b[0m\n"),
        (True, {"NO_COLOR": "1"}, "\n"),
        (True, {"CI": "true"}, ""),
        (False, {}, ""),
        (False, {"FORCE_COLOR": "1"}, ""),
    ],
)
def test_a_report_on_a_terminal_begins_on_a_line_of_its_own_in_its_own_colours(monkeypatch, terminal, settings, before):
    """Whatever the target left there; a pipe gets the report and nothing else."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert screen.fresh_line(Stream(terminal)) == before
