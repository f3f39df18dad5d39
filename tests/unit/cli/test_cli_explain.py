"""`iobound explain`."""

from __future__ import annotations

import pytest
from finding_stories import RULES

from iobound.cli import explain
from iobound.errors import UsageError


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """None of the settings that colours and widths follow."""
    for name in ("NO_COLOR", "FORCE_COLOR", "CI", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


def test_a_word_is_explained(capsys):
    """On standard output, for it is what was asked for."""
    assert explain.main(["wait_gil"], RULES) == 0
    told = capsys.readouterr()
    assert told.out.startswith("wait_gil, a state\n")
    assert told.err == ""


def test_a_word_may_be_several(capsys):
    """Nobody wants to quote."""
    assert explain.main(["event", "loop"], RULES) == 0
    assert capsys.readouterr().out.startswith("event-loop, ")


def test_rules_are_explained(capsys):
    """By their ids."""
    assert explain.main(["IOB101"], RULES) == 0
    assert capsys.readouterr().out.startswith("IOB101 sleep-in-coroutine\n")


def test_without_a_word_all_are_listed(capsys):
    """Rules first."""
    assert explain.main([], RULES) == 0
    out = capsys.readouterr().out
    assert out.startswith("Rules of ")
    assert "  wait_gil  " in out


def test_an_unknown_word_is_a_usage_error(capsys):
    """With what was meant as a hint, and nothing on standard output."""
    with pytest.raises(UsageError) as problem:
        explain.main(["wiat_gil"], RULES)
    assert problem.value.message == "nothing is known of 'wiat_gil'"
    assert problem.value.hint == "did you mean wait_gil?"
    assert capsys.readouterr().out == ""


def test_the_width_is_kept(capsys):
    """Also where it is narrow."""
    assert explain.main(["--width", "50", "site"], RULES) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 50
