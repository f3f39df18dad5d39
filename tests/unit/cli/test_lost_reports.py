"""A run whose report is lost."""

from __future__ import annotations

import argparse

import pytest

from iobound.cli import run
from iobound.pipeline import Outcome, screen


@pytest.mark.parametrize(
    ("check", "target", "code"),
    [(None, 0, 0), (["bound=io", " a\x1b[31m<1"], 0, 1), (["bound=io"], 3, 3), (None, 3, 3)],
)
def test_its_gates_failed_for_nothing_is_known(capsys, check, target: int, code: int) -> None:
    """Without gates the exit code is the target's."""
    given = argparse.Namespace(check=check, tree=None, width=None)
    assert run._report(Outcome(target, None, "no memory"), given, (), screen.stderr()) == code
    first, *failed = capsys.readouterr().err.splitlines()
    assert first == "iobound: the report is lost: no memory"
    assert [line.startswith("iobound: check failed: ") for line in failed] == [True] * len(check or ())
    assert all(line.isprintable() and "not measurable here" in line for line in failed)
