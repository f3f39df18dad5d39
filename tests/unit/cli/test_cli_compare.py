"""`iobound compare`: what sides can be, what is said when they cannot, and exit codes."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from iobound.cli.main import main
from iobound.errors import UsageError
from iobound.pipeline import comparing

for _name in ("stories", "comparison_stories"):
    if _name not in sys.modules:
        _spec = importlib.util.spec_from_file_location(_name, Path(__file__).parents[2] / "golden" / f"{_name}.py")
        assert _spec is not None and _spec.loader is not None
        sys.modules[_name] = _module = importlib.util.module_from_spec(_spec)
        _spec.loader.exec_module(_module)

from comparison_stories import plain, run, several, worse  # noqa: E402


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Reports in the working directory: one of base, one that is worse, three of each in folders."""
    monkeypatch.chdir(tmp_path)
    Path("base.json").write_text(json.dumps(plain()))
    Path("head.json").write_text(json.dumps(worse()))
    for name, documents in (("before", several(3, 1)), ("after", several(3, 2, waiting=1.4))):
        Path(name).mkdir()
        for file, document in documents:
            Path(name, file).write_text(json.dumps(document))
    return tmp_path


def test_the_first_line_says_it(folder, capsys):
    """And without --fail-on a change is no failure."""
    assert main(["compare", "base.json", "head.json"]) == 0
    assert capsys.readouterr().out.startswith("compare:  changed beyond noise: 6 worse: wall time 12.1 s")
    assert main(["compare", "base.json", "base.json"]) == 0
    assert capsys.readouterr().out.startswith("compare:  no change that this noise lets us see")


def test_in_ci_systems_the_log_is_what_is_read_unasked(folder, capsys, monkeypatch):
    """As of all commands."""
    monkeypatch.setenv("CI", "true")
    assert main(["compare", "base.json", "head.json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("verdict: changed beyond noise: 6 worse: wall time 12.1 s")
    assert lines[1].startswith("advice: look at `download_all.py:14`, in `download`: waits for `files.example.org:443`")
    assert len([line for line in lines if line.startswith("change: worse: ")]) == 5


@pytest.fixture
def page(tmp_path, monkeypatch):
    """The summary page of a step of GitHub Actions, in which the command then runs."""
    file = tmp_path / "page.md"
    file.touch()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    return file


@pytest.mark.parametrize("format", ["log", "text"])
def test_github_gets_annotations_and_a_summary(folder, capsys, page, format):
    """One annotation for each --fail-on that fires, at the line that most of its number comes from."""
    asked = ["--fail-on", "regression", "--fail-on", "wall_s.change > 10%", "--fail-on", "wall_s.change > 900%"]
    assert main(["compare", "base.json", "head.json", "--report", format, *asked]) == 1
    out, said = capsys.readouterr()
    commands = [line for line in out.splitlines() if line.startswith("::")]
    failed = [line for line in commands if "title=check failed::" in line]
    assert [line.partition("::")[2].partition(" ")[0] for line in failed] == ["error", "error"]
    assert all("file=download_all.py,line=14," in line and " must not be: " in line for line in failed)
    assert said.splitlines() == [line for line in said.splitlines() if line.startswith("iobound: check failed: ")]
    assert len(said.splitlines()) == 2
    text = page.read_text()
    assert text.startswith("\n### iobound compare\n")
    assert text.count("**check failed**") == 2 and text.count("Checks that passed") == 1


@pytest.mark.parametrize("options", [["--no-ci"], ["--report", "json"]])
def test_who_wants_no_annotations_gets_none(folder, capsys, page, options):
    """By an option, or because nobody reads what is written."""
    assert main(["compare", "base.json", "head.json", *options]) == 0
    assert "\n::" not in capsys.readouterr().out
    assert page.read_text() == ""


def test_each_expression_that_fires_is_a_failed_test(folder):
    """And each that does not is one that passed; changes for the worse fail nothing that nobody asked for."""
    asked = ["--fail-on", "regression", "--fail-on", "cpu_s.change > 0"]
    assert main(["compare", "base.json", "head.json", "--report", "junit:out.xml", *asked]) == 1
    cases = {case.get("name"): case for case in ElementTree.parse("out.xml").iter("testcase")}
    failed = [name for name, case in cases.items() if case.find("failure") is not None]
    assert failed == ["check regressions > 0"]
    assert {"check cpu_s.change > 0", "verdict", "worse wall_s"} < set(cases)


def test_every_format_names_a_failed_check_by_the_same_words(folder, capsys):
    """So that one `grep` finds them, wherever they are kept."""
    for format in ("github", "gitlab", "sarif", "junit", "markdown"):
        assert main(["compare", "base.json", "head.json", "--report", format, "--fail-on", "regression"]) == 1
        out, said = capsys.readouterr()
        assert "check failed" in out, format
        assert said.startswith("iobound: check failed: regressions > 0 must not be: regressions is 6, at ")


@pytest.mark.parametrize(
    ("expression", "meant"),
    [
        ("wall_s>20%", "write wall_s.change>20%, where 0 is no change beyond noise; or ask for one of before, "),
        ('waits["db:5432"].count > 0', 'write waits["db:5432"].count.change > 0, '),
        ("waits > 20%", "write waits.count.change > 20% or waits.wall_s.change > 20%, "),
        ("states > 20%", "write states.cpu_python.change > 20% or states.cpu_native.change > 20%, "),
        ("verdict = io", "ask for one of: verdict.before, verdict.after, verdict.beyond_noise"),
    ],
)
def test_a_quantity_that_is_no_number_is_told_with_the_one_that_was_meant(folder, capsys, expression, meant):
    """A usage error that can be mended by copying."""
    assert main(["compare", "base.json", "head.json", "--fail-on", expression]) == 2
    said = capsys.readouterr().err
    assert "no number or word" in said and f"hint: {meant}" in said


@pytest.mark.parametrize(
    "words",
    [
        ["before", "after"],
        ["before/*.json", "after/run-?.json"],
        ["--base", "before/run-0.json", "before/run-1.json", "before/run-2.json", "--head", "after"],
        ["before", "--head", "after/run-0.json", "after/run-1.json", "after/run-2.json"],
        ["--head", "after", "after/run-1.json", "--base", "before"],
    ],
)
def test_a_side_is_files_a_directory_or_a_pattern(folder, capsys, words):
    """However it is given; a file that is named twice is one run."""
    assert main(["compare", *words, "--report", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["base"]["runs"]) == len(document["head"]["runs"]) == 3
    assert document["wall_s"]["change"] > 0.2


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("regression", 1),
        ("regressions > 0", 1),
        ("regression_of_what_is_compared", 1),
        ("wall_s.change > 10%", 1),
        ("wall_s.surely > 30%", 1),
        ("wall_s.surely > 40%", 0),
        ("wall_s.change > 80%", 0),
        ("cpu_s.change > 0", 0),
        ("states.wait_network.change > 0.05", 0),
        ('waits["files*"].count.change > 50%', 1),
        ('waits["db:5432"].count.change > 0', 1),
        ("count(waits[change=new]) > 0", 1),
        ("count(findings[change=new]) > 0", 1),
        ("count(findings[change=gone]) > 0", 0),
        ("count(hotspots[change=new]) > 0", 0),
        ("verdict.after = cpu", 0),
        ('waits["nowhere"].count.change > 0', 1),
        ("loop_blocks.change > 0", 1),
    ],
)
def test_what_must_not_be(folder, capsys, expression, code):
    """1 when it is so, or when nobody knows; 0 when it is not so beyond noise."""
    assert main(["compare", "base.json", "head.json", "--fail-on", expression]) == code
    said = capsys.readouterr().err
    assert said.startswith("iobound: check failed: ") if code else not said


@pytest.mark.parametrize(
    ("changes", "first", "code"),
    [
        ({"machine": {"cpus": 64}}, "not compared: seconds, waits, memory (different machines)", 0),
        ({"overhead": {"samples": 29}}, "not compared: waits, counts, findings (fewer than 50 looks)", 0),
        ({"exit_code": 3}, "not the same ending (exit 0 in base, exit 3 in head)", 0),
        (
            {"interpreter": {"version": "3.15.0"}, "source": "portable", "iobound": "9.9"},
            "not compared: seconds, waits, counts, loops, memory, findings (different interpreters; different ways of ",
            1,
        ),
    ],
)
def test_sides_that_are_unlike_say_so_first(folder, capsys, changes, first, code):
    """And who asks for less gets it, unless nothing at all is compared that could be worse."""
    unlike = run(waiting=1.02)
    for name, change in changes.items():
        unlike[name] = {**unlike[name], **change} if isinstance(change, dict) else change
    Path("unlike.json").write_text(json.dumps(unlike))
    words = ["compare", "base.json", "unlike.json", "--fail-on", "regression_of_what_is_compared"]
    assert main(words) == code
    out, err = capsys.readouterr()
    assert out.startswith(f"compare:  {first}") and "no change that" not in out.splitlines()[0]
    assert ("is not measurable here" in err) is bool(code)


def test_noise_fires_nothing(folder, capsys):
    """12 % more as measured are 0 % that can be told in one run; `measured` is for those who want it."""
    Path("noisy.json").write_text(json.dumps(run(waiting=1.12)))
    assert main(["compare", "base.json", "noisy.json", "--fail-on", "wall_s.change > 5%"]) == 0
    assert main(["compare", "base.json", "noisy.json", "--fail-on", "wall_s.measured > 5%"]) == 1
    assert "wall_s.measured is 10" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "0 sides are given, and 2 are wanted"),
        (["base.json"], "1 side is given, and 2 are wanted"),
        (["base.json", "head.json", "x"], "3 sides are given"),
        (["base.json", "--base", "a", "--head", "b"], "unexpected argument 'base.json'"),
        (["none.json", "head.json"], "cannot read none.json"),
        (["none-*.json", "head.json"], "no file is like none-*.json"),
        (["empty", "head.json"], "empty has no .iob or .json files"),
        (["base.json", "head.json", "--fail-on", "wall.change > 1"], "cannot read the check"),
        (["base.json", "head.json", "--report", "html"], "no report format is called 'html'"),
        (["base.json", "head.json", "--report", "json:base.json"], "base.json would be written over"),
    ],
)
def test_what_cannot_be_compared_is_told(folder, capsys, words, told):
    """As usage errors that name what is wrong."""
    Path("empty").mkdir()
    assert main(["compare", *words]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "bad.json is empty"),
        (b"[]", "bad.json holds no JSON object"),
        (b"{", "bad.json is no JSON"),
        (b"\xff\xfe{}", "bad.json is no JSON: it is not UTF-8"),
        (b"[" * 100_000, "bad.json is no JSON"),
        (b'{"wall_s": NaN}', "bad.json is no JSON: NaN is no number"),
        (b'{"wall_s": ' + b"9" * 5000 + b"}", "bad.json is no JSON"),
        (b'{"schema": "iobound.scan/1"}', "bad.json is no report of a run but iobound.scan/1"),
        (b'{"schema": {"a": 1}}', "bad.json is no report of a run but of no schema"),
        (b'{"schema": "iobound.report/1"}', "bad.json is no iobound.report/1: the document has no iobound"),
    ],
)
def test_reports_that_are_none_are_refused(folder, capsys, content, told):
    """By name, on one line, with the next step."""
    Path("bad.json").write_bytes(content)
    assert main(["compare", "base.json", "bad.json"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"iobound: {told}") and "hint: " in said


def test_a_side_has_a_bounded_number_of_runs(folder, monkeypatch):
    """Which are counted before any is read."""
    monkeypatch.setattr(comparing, "MOST_RUNS", 2)
    with pytest.raises(UsageError, match="head has 3 runs"):
        comparing.files_of("head", ["after"])


def test_reports_go_to_files(folder, capsys):
    """Several at once."""
    words = ["--report", "markdown:out.md", "--report", "json:out.json"]
    assert main(["compare", "base.json", "head.json", *words]) == 0
    assert capsys.readouterr().out == ""
    assert Path("out.md").read_text().startswith("<!-- iobound:compare -->\n")
    assert json.loads(Path("out.json").read_text())["regressions"] == 6
