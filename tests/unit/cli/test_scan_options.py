"""What a scan may be asked for, and what is told when it is something else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from iobound.cli import options, run, scan_options
from iobound.errors import UsageError
from iobound.model.finding import Confidence, Severity
from iobound.model.scan_options import EXCLUDED, ScanOptions

RULES = ("IOB101", "IOB201", "IOB202")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Write a pyproject.toml into the directory above the working directory."""
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")

    def write(text: str) -> None:
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")

    return write


def asked(*arguments: str) -> ScanOptions:
    parser = options.Parser(prog="iobound scan", allow_abbrev=False)
    scan_options.add_scan_options(parser)
    return scan_options.scan_options(parser.parse_args(arguments), RULES)


Project = Callable[[str], None]


def test_nothing_said_is_what_is_usual(project: Project) -> None:
    """Here, with the default rules."""
    project("")
    assert asked() == ScanOptions(root=str(Path.cwd().parent))


def test_everything_can_be_said_on_the_command_line(project: Project) -> None:
    """Lists with commas or again; flags both ways."""
    project("")
    found = asked(
        *("a.py", "-", "--select", "IOB1,IOB201", "--select=ALL", "--extend-select", "IOB202", "--ignore=IOB2"),
        *("--per-file-ignores", "C:/tests/**:IOB1, IOB2", "--exclude", "build,dist", "--extend-exclude", "/gen/"),
        *("--tests", "--no-respect-gitignore", "--force-exclude", "--fix", "--show-fixes", "--no-cache"),
        *("--min-confidence", "high", "--fail-on", "never", "--diff", "main...", "--stdin-filename", "x.py"),
        *("--cache-dir", "c", "--jobs", "3"),
    )
    assert found == ScanOptions(
        paths=("a.py", "-"),
        root=str(Path.cwd().parent),
        select=("IOB1", "IOB201", "ALL"),
        extend_select=("IOB202",),
        ignore=("IOB2",),
        per_file_ignores=(("C:/tests/**", ("IOB1", "IOB2")),),
        exclude=("build", "dist"),
        extend_exclude=("/gen/",),
        respect_gitignore=False,
        force_exclude=True,
        tests=True,
        stdin_filename="x.py",
        diff="main...",
        min_confidence=Confidence.HIGH,
        fail_on=None,
        fix=True,
        show_fixes=True,
        cache=False,
        cache_dir="c",
        jobs=3,
    )


WHOLE = """
[tool.iobound]
rate = 20
[tool.iobound.scan]
select = ["IOB2"]
extend-select = ["IOB101"]
ignore = []
per-file-ignores = { "tests/**" = ["ALL"], "!src/" = ["IOB201"] }
exclude = ["x"]
extend-exclude = ["y/"]
respect-gitignore = false
force_exclude = true
tests = true
min-confidence = "medium"
fail-on = "error"
fix = true
show-fixes = true
cache = false
cache-dir = ".c"
jobs = 2
[tool.iobound.catalogue.calls]
"app.fetch" = "network"
"""


def test_the_project_can_say_it_too(project: Project) -> None:
    """With hyphens; paths belong to its directory."""
    project(WHOLE)
    root = str(Path.cwd().parent)
    assert asked() == ScanOptions(
        root=root,
        select=("IOB2",),
        extend_select=("IOB101",),
        per_file_ignores=(("tests/**", ("ALL",)), ("!src/", ("IOB201",))),
        exclude=("x",),
        extend_exclude=("y/",),
        respect_gitignore=False,
        force_exclude=True,
        tests=True,
        min_confidence=Confidence.MEDIUM,
        fail_on=Severity.ERROR,
        fix=True,
        show_fixes=True,
        cache=False,
        cache_dir=os.path.join(root, ".c"),
        jobs=2,
        catalogue={"calls": {"app.fetch": "network"}},
    )


def test_the_command_line_replaces_what_the_project_says(project: Project) -> None:
    """Option by option, lists as a whole."""
    project(WHOLE)
    found = asked("--select", "IOB1", "--no-tests", "--cache", "--fail-on=info", "--cache-dir=here")
    assert (found.select, found.tests, found.cache, found.fail_on) == (("IOB1",), False, True, Severity.INFO)
    assert (found.cache_dir, found.extend_exclude) == ("here", ("y/",))


def test_a_name_for_standard_input_means_it(project: Project) -> None:
    """Without any path."""
    project("")
    assert asked("--stdin-filename", "x.py").paths == ("-",)
    assert asked("--stdin-filename", "x.py", "a.py").paths == ("a.py",)


def test_without_a_project_the_root_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is missing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(scan_options, "project_table", lambda: ("", {}))
    assert asked().root == "."
    assert asked().exclude == EXCLUDED


def test_tables_of_the_scan_are_no_mistake_of_run(project: Project) -> None:
    """`iobound run` leaves them alone."""
    project(WHOLE)
    assert options.from_project(run._parser(), []) == ["--rate=20"]


MISTAKES = {
    "an unknown option": ('selct = ["IOB1"]', "selct", "did you mean select?"),
    "an option of run": ("rate = 5", "rate", "options: "),
    "an unknown rule": ('select = ["IOB203"]', "'IOB203'", "did you mean IOB20"),
    "a rule in small letters": ('ignore = ["iob101"]', "'iob101'", "did you mean IOB101?"),
    "another tool's rule": ('extend-select = ["E501"]', "'E501'", "rules: IOB101"),
    "no rule": ('select = [""]', "''", "rules: "),
    "an unknown rule by file": ('per-file-ignores = { "a" = ["IOB9"] }', "'IOB9'", ""),
    "a text for a list": ('select = "IOB1"', "list", ""),
    "a number in a list": ("exclude = [1]", "list", ""),
    "a list for a table": ("per-file-ignores = []", "table", ""),
    "a text by file": ('per-file-ignores = { "a" = "IOB1" }', "list", ""),
    "a number for a flag": ("tests = 1", "true or false", ""),
    "a text for a number": ('jobs = "2"', "whole number", ""),
    "a flag for a number": ("jobs = true", "whole number", ""),
    "no processes": ("jobs = 0", "whole number", ""),
    "an unknown severity": ('fail-on = "fatal"', "'fatal'", ""),
    "a list for a severity": ("fail-on = []", "none of", ""),
    "an unknown confidence": ('min-confidence = "sure"', "'sure'", ""),
    "a flag for a path": ("cache-dir = false", "text", ""),
    "what stands on the command line only": ('diff = "main"', "diff", ""),
}


@pytest.mark.parametrize(("line", "said", "hint"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_in_the_project_are_told(project: Project, line: str, said: str, hint: str) -> None:
    """With the file, the key, and what was meant."""
    project(f"[tool.iobound.scan]\n{line}\n")
    with pytest.raises(UsageError) as caught:
        asked()
    assert "pyproject.toml" in caught.value.message
    assert "[tool.iobound.scan]" in caught.value.message
    assert said in caught.value.message
    assert caught.value.hint
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", ["[tool.iobound]\nscan = 5\n", "[tool.iobound]\ncatalogue = []\n"])
def test_what_should_be_a_table(project: Project, text: str) -> None:
    """Is told to be one."""
    project(text)
    with pytest.raises(UsageError, match="it is a table"):
        asked()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--select", "IOB999"),
        ("--ignore=E1",),
        ("--per-file-ignores", "tests"),
        ("--per-file-ignores", "tests:"),
        ("--per-file-ignores", "tests:IOB9"),
        ("--fail-on", "fatal"),
        ("--min-confidence", "sure"),
        ("--jobs", "0"),
        ("--jobs", "many"),
        ("--selct", "IOB1"),
    ],
)
def test_mistakes_on_the_command_line_are_told(project: Project, arguments: tuple[str, ...]) -> None:
    """With a hint."""
    project("")
    with pytest.raises(UsageError) as caught:
        asked(*arguments)
    assert caught.value.hint
