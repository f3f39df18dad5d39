"""What the command line and pyproject.toml may say, and what is told when they say something else."""

from __future__ import annotations

import os

import pytest

from iobound.cli import options, report, run
from iobound.errors import UsageError
from iobound.pipeline.wishes import wishes


def parser_of_run():
    """The parser of `iobound run`."""
    return run._parser()


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Write a pyproject.toml into the working directory."""
    monkeypatch.chdir(tmp_path)

    def write(text):
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")

    return write


def test_options_of_the_project_become_words_of_a_command_line(project):
    """Lists repeat an option, true sets a flag, false does not."""
    project('[tool.iobound]\nmax_overhead = 0.02\nworkers = [2, 4]\nportable = true\ntree = false\nreport = "json"\n')
    words = options.from_project(parser_of_run(), [])
    assert words == ["--max-overhead=0.02", "--workers=2", "--workers=4", "--portable", "--report=json"]


def test_the_command_line_replaces_what_the_project_says(project):
    """Also where an option may be given several times."""
    project('[tool.iobound]\nreport = ["json:out.json"]\nrate = 20\nworkers = 3\n')
    words = options.from_project(parser_of_run(), ["--report", "text", "--workers=8"])
    assert words == ["--rate=20"]


def test_an_option_of_another_command_is_no_mistake(project):
    """`iobound report` takes what it knows and leaves the rest to `run`."""
    project("[tool.iobound]\nmax-overhead = 0.02\nwidth = 70\n")
    parser = options.Parser(prog="iobound report")
    options.add_report_options(parser)
    assert options.from_project(parser, []) == ["--width=70"]


WRONG = {
    "no such option": ("[tool.iobound]\nspeed = 1\n", "speed"),
    "out of range": ("[tool.iobound]\nrate = 0\n", "'0'"),
    "not a number": ('[tool.iobound]\nrate = "often"\n', "often"),
    "a list for one value": ("[tool.iobound]\nrate = [1, 2]\n", "rate"),
    "true for a value": ("[tool.iobound]\nrate = true\n", "rate"),
    "a text for a flag": ('[tool.iobound]\nportable = "yes"\n', "portable"),
    "a date": ("[tool.iobound]\ntimeout = 1979-05-27\n", "timeout"),
    "a table in a list": ("[tool.iobound]\ncheck = [{a = 1}]\n", "check"),
    "help": ("[tool.iobound]\nhelp = true\n", "help"),
    "a table of a command": ("[tool.iobound.run]\nrate = 5\n", "run"),
    "no table": ("[tool]\niobound = 5\n", "tool.iobound"),
    "not TOML": ("[tool.iobound\n", "line 1"),
}


@pytest.mark.parametrize(("text", "named"), WRONG.values(), ids=WRONG)
def test_a_mistake_in_the_project_names_the_file_and_the_key(project, text, named):
    """Or the reader would look for it on the command line."""
    project(text)
    with pytest.raises(UsageError) as told:
        options.from_project(parser_of_run(), [])
    assert "pyproject.toml" in told.value.message
    assert named in told.value.message
    assert told.value.hint


@pytest.mark.parametrize("text", ["", 'tool = "iobound"\n', "[tool.other]\nname = 'iobound'\n"])
def test_a_project_that_says_nothing_of_us_sets_nothing(project, text):
    """Even where it mentions us elsewhere."""
    project(text)
    assert options.from_project(parser_of_run(), []) == []


def test_an_unknown_option_is_named_alone_with_what_is_like_it():
    """What follows it is no mistake."""
    with pytest.raises(UsageError) as told:
        parser_of_run().parse_args(["--reprot", "text"])
    assert told.value.message == "no option is called --reprot"
    assert "--report" in told.value.hint


TREES = {
    "script": (["--tree", "script.py"], ["--tree"], ["script.py"]),
    "a state": (["--tree", "wait_sleep", "script.py"], ["--tree", "wait_sleep"], ["script.py"]),
    "several states": (["--tree", "idle,unknown", "x.py"], ["--tree", "idle,unknown"], ["x.py"]),
    "a misspelled state": (["--tree", "wait_slep", "x.py"], ["--tree", "wait_slep"], ["x.py"]),
    "an option": (["--tree", "--rate", "5", "x.py"], ["--tree", "--rate", "5"], ["x.py"]),
    "a module": (["--tree", "-m", "this"], ["--tree"], ["-m", "this"]),
    "a path": (["--tree", "bin/tool"], ["--tree"], ["bin/tool"]),
    "the end": (["--tree"], ["--tree"], []),
}


@pytest.mark.parametrize(("arguments", "ours", "target"), TREES.values(), ids=TREES)
def test_what_follows_the_tree_is_a_state_or_the_target(arguments, ours, target):
    """A word that can be no file is a state, if only a misspelled one."""
    assert run.split(arguments) == (ours, target)


def test_a_script_without_a_suffix_may_follow_the_tree(tmp_path, monkeypatch):
    """Because it is there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tool").touch()
    assert run.split(["--tree", "tool", "idle"]) == (["--tree"], ["tool", "idle"])


def test_the_file_of_a_report_may_follow_the_tree():
    """`iobound report --tree run.iob` is what one types."""
    assert report._with_the_tree_apart(["--tree", "run.iob"]) == ["--tree=all", "run.iob"]
    assert report._with_the_tree_apart(["--tree", "idle", "run.iob"]) == ["--tree", "idle", "run.iob"]
    assert report._with_the_tree_apart(["run.iob", "--tree"]) == ["run.iob", "--tree=all"]


def test_a_report_to_a_dash_is_refused():
    """It would be a file of that name, which nobody means."""
    with pytest.raises(UsageError) as told:
        wishes(["json:-"])
    assert "standard error" in told.value.hint


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "1e3", "1000001", "many", ""])
def test_a_whole_number_has_bounds(text):
    """More workers than that would only take time."""
    with pytest.raises(options.argparse.ArgumentTypeError):
        options.positive_int(text)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe in the file system")
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_a_project_that_is_no_file_is_not_read(tmp_path, monkeypatch, make):
    """A pipe would be waited at for ever, and a device has no end."""
    make(tmp_path / "pyproject.toml")
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    assert options.project_table()[0] != str(tmp_path / "pyproject.toml")


def test_a_project_of_endless_size_is_not_read(tmp_path, monkeypatch):
    """It is a mistake, and told as one."""
    monkeypatch.chdir(tmp_path)
    with open("pyproject.toml", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(UsageError, match="larger than 10 MB"):
        options.project_table()


def test_a_report_without_format_and_file_is_told_to_have_both():
    with pytest.raises(UsageError) as caught:
        wishes([":"])
    assert caught.value.hint == "write --report FORMAT:FILE"
