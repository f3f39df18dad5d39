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


@pytest.fixture
def no_folder(tmp_path, monkeypatch):
    """A working directory that has been removed."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()


@pytest.mark.parametrize("variable", ["CI", "GITHUB_ACTIONS", "GITLAB_CI"])
def test_in_every_ci_system_the_log_is_written_unasked(sides, capsys, monkeypatch, variable):
    """Also where there is no page for a summary."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.setenv(variable, "true")
    assert main(["compare", *sides]) == 0
    assert capsys.readouterr().out.startswith("verdict: changed beyond noise")


def test_a_closed_standard_error_takes_nothing_to_the_report(sides, capsys, monkeypatch):
    """`print` to no stream is to standard output, whose JSON would be none any more."""
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["compare", *sides, "--report", "json", "--fail-on", "regression"]) == 1
    assert json.loads(capsys.readouterr().out)["schema"] == "iobound.comparison/1"


@pytest.mark.skipif(sys.platform == "win32", reason="a working directory cannot be removed there")
def test_files_that_the_removed_working_directory_had_are_not_there(sides, capsys, no_folder):
    """And others are compared all the same."""
    assert main(["compare", *sides, "--report", "json", "--report", "github"]) == 0
    capsys.readouterr()
    assert main(["compare", "base.json", sides[1]]) != 0
    assert "base.json" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="a working directory cannot be removed there")
def test_a_program_runs_in_a_working_directory_that_has_been_removed(tmp_path, capfd, no_folder):
    """As without us: what is run and written may have a whole path."""
    report = tmp_path / "report.json"
    assert main(["run", "--report", f"json:{report}", "-c", "print('it ran')"]) == 0
    assert capfd.readouterr().out == "it ran\n"
    assert json.loads(report.read_text())["schema"] == "iobound.report/1"


@pytest.mark.parametrize("asked", ["count(findings[change=new]) > 0", "count(advice[change=new]) > 0"])
def test_a_gate_on_what_is_not_compared_does_not_pass(sides, capsys, asked):
    """An empty list says nothing of what is new where rules may have changed, or too little was seen."""
    head = Path(sides[1])
    document = json.loads(head.read_text())
    head.write_text(json.dumps({**document, "iobound": "0.0.9"}))
    assert main(["compare", *sides, "--report", "json", "--fail-on", asked]) == 1
    out, err = capsys.readouterr()
    assert "not measurable here" in err and "different versions of iobound" in err
    assert set(json.loads(out)["not_compared"]) == {"findings", "advice"}


def test_copies_of_a_report_are_one_run(tmp_path, sides, capsys):
    """Else they would agree better than any runs do, and noise would be told as a change."""
    folder = tmp_path / "copies"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.json").write_bytes(Path(sides[1]).read_bytes())
    assert main(["compare", sides[0], str(folder), "--report", "json"]) == 0
    copies = json.loads(capsys.readouterr().out)
    assert main(["compare", *sides, "--report", "json"]) == 0
    once = json.loads(capsys.readouterr().out)
    assert len(copies["head"]["runs"]) == 1
    assert copies["wall_s"] == once["wall_s"]
