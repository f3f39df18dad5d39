"""`iobound compare` where the surroundings are unusual: CI systems, a closed stream, no working directory."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from iobound.cli.main import main

for _name in ("stories", "comparison_stories"):
    if _name not in sys.modules:
        _spec = importlib.util.spec_from_file_location(_name, Path(__file__).parents[2] / "golden" / f"{_name}.py")
        assert _spec is not None and _spec.loader is not None
        sys.modules[_name] = _module = importlib.util.module_from_spec(_spec)
        _spec.loader.exec_module(_module)

from comparison_stories import plain, worse  # noqa: E402


@pytest.fixture
def sides(tmp_path):
    """A report and a worse one, by their whole paths."""
    for name, document in (("base.json", plain()), ("head.json", worse())):
        (tmp_path / name).write_text(json.dumps(document))
    return [str(tmp_path / "base.json"), str(tmp_path / "head.json")]


@pytest.mark.parametrize("variable", ["CI", "GITHUB_ACTIONS", "GITLAB_CI"])
def test_in_ci_systems_the_text_is_written_for_there_is_no_log(sides, capsys, monkeypatch, variable):
    """What other commands write unasked there is a log."""
    monkeypatch.setenv(variable, "true")
    assert main(["compare", *sides]) == 0
    assert capsys.readouterr().out.startswith("compare:  changed beyond noise")


def test_a_closed_standard_error_takes_nothing_to_the_report(sides, capsys, monkeypatch):
    """`print` to no stream is to standard output, whose JSON would be none any more."""
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["compare", *sides, "--report", "json", "--fail-on", "regression"]) == 1
    assert json.loads(capsys.readouterr().out)["schema"] == "iobound.comparison/1"
