"""`iobound scan` as people type it: files, exit codes, settings, formats, caches."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

SLEEPS = "import time\n\n\nasync def poll():\n    time.sleep(1)\n"
CLEAN = "def double(x):\n    return 2 * x\n"


@pytest.fixture
def tree(tmp_path):
    """A package in which a coroutine waits through two modules."""
    files = {
        "app/__init__.py": "from .net import load\n",
        "app/net.py": "import requests\n\n\ndef load(url):\n    return requests.get(url)\n",
        "app/main.py": "from app import load\n\n\nasync def serve(url):\n    return load(url)\n",
        "tests/test_app.py": SLEEPS,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def scan(*words, cwd, stdin=None, **surroundings):
    environment = {key: value for key, value in os.environ.items() if key not in ("CI", "GITHUB_ACTIONS")}
    return subprocess.run(
        [sys.executable, "-m", "iobound", "scan", *words],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env={**environment, **surroundings},
    )


def found(run):
    return [(each["rule"], each["file"], each["line"]) for each in json.loads(run.stdout)["findings"]]


def test_a_chain_through_modules_is_found_and_told(tree):
    run = scan(".", "--concise", cwd=tree)
    assert run.returncode == 1
    assert "app/main.py:5:12: IOB110" in run.stdout
    assert "requests.get" in run.stdout
    assert run.stderr == ""


def test_tests_are_left_out_unless_asked_for(tree):
    assert "1 test file" in scan(".", cwd=tree).stdout
    assert ("IOB101", "tests/test_app.py", 5) in found(scan(".", "--tests", "--report", "json", cwd=tree))
    assert ("IOB101", "tests/test_app.py", 5) in found(scan("tests/test_app.py", "--report", "json", cwd=tree))


@pytest.mark.parametrize(
    ("words", "source", "code"),
    [
        ((), CLEAN, 0),
        ((), SLEEPS, 1),
        (("--exit-zero",), SLEEPS, 0),
        (("--fail-on", "error"), SLEEPS, 0),
        (("--fail-on", "never"), SLEEPS, 0),
        (("--select", "IOB2"), SLEEPS, 0),
        (("--ignore", "IOB101"), SLEEPS, 0),
        (("--select", "IOB999"), CLEAN, 2),
        (("--no-such-option",), CLEAN, 2),
        (("--report", "nonsense"), CLEAN, 2),
        (("--diff", "main"), CLEAN, 2),
    ],
)
def test_exit_codes(tmp_path, words, source, code):
    (tmp_path / "one.py").write_text(source)
    run = scan("one.py", *words, cwd=tmp_path)
    assert run.returncode == code, run.stderr
    assert ("hint:" in run.stderr) is (code == 2)


def test_a_path_that_is_not_there_is_a_mistake(tmp_path):
    run = scan("nothing.py", cwd=tmp_path)
    assert run.returncode == 2
    assert "nothing.py" in run.stderr


def test_standard_input_is_scanned_under_the_name_that_is_given(tmp_path):
    run = scan("-", "--stdin-filename", "app.py", "--report", "json", cwd=tmp_path, stdin=SLEEPS)
    assert found(run) == [("IOB101", "app.py", 5)]


def test_settings_of_the_project_count_and_the_command_line_wins(tree):
    (tree / "pyproject.toml").write_text('[tool.iobound.scan]\nselect = ["IOB101"]\ntests = true\n')
    assert {rule for rule, _, _ in found(scan(".", "--report", "json", cwd=tree))} == {"IOB101"}
    assert {rule for rule, _, _ in found(scan(".", "--select", "IOB110", "--report", "json", cwd=tree))} == {"IOB110"}


def test_calls_that_only_the_project_knows_are_known(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[tool.iobound.catalogue]\n"myco.db.query" = { category = "database", gil = "releases" }\n'
    )
    (tmp_path / "one.py").write_text("import myco.db\n\n\nasync def ask():\n    return myco.db.query('x')\n")
    assert found(scan("one.py", "--report", "json", cwd=tmp_path)) == [("IOB106", "one.py", 5)]


def test_comments_silence_and_are_told_when_they_silence_nothing(tmp_path):
    text = SLEEPS.replace("sleep(1)", "sleep(1)  # iobound: ignore[IOB101]") + "\n\nx = 1  # iobound: ignore[IOB102]\n"
    (tmp_path / "one.py").write_text(text)
    run = scan("one.py", "--report", "json", cwd=tmp_path)
    assert found(run) == [("IOB906", "one.py", 8)]
    assert run.returncode == 0


def test_only_changed_lines_are_told(tmp_path):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    (tmp_path / "one.py").write_text(SLEEPS)
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True, timeout=60)
    (tmp_path / "one.py").write_text(SLEEPS + "\n\nasync def again():\n    time.sleep(2)\n")
    assert [line for _, _, line in found(scan(".", "--report", "json", cwd=tmp_path))] == [5, 9]
    assert [line for _, _, line in found(scan(".", "--diff", "HEAD", "--report", "json", cwd=tmp_path))] == [9]


def test_the_second_scan_says_the_same_with_what_the_first_one_kept(tree):
    first = scan(".", "--tests", cwd=tree)
    assert list((tree / ".iobound_cache").glob("*.sqlite3"))
    assert scan(".", "--tests", cwd=tree).stdout == first.stdout
    (tree / "app" / "net.py").write_text("def load(url):\n    return url\n")
    assert "IOB110" not in scan(".", "--tests", cwd=tree).stdout
    assert "IOB101" in scan(".", "--tests", cwd=tree).stdout


def test_a_damaged_cache_is_made_anew(tree):
    first = scan(".", cwd=tree)
    for file in (tree / ".iobound_cache").glob("*.sqlite3*"):
        file.write_bytes(b"nonsense" * 999)
    assert scan(".", cwd=tree).stdout == first.stdout


def test_no_cache_leaves_nothing_behind(tree):
    scan(".", "--no-cache", cwd=tree)
    assert not (tree / ".iobound_cache").exists()


def test_several_processes_find_what_one_finds(tmp_path):
    """With sources large enough that more than one process is started."""
    padding = "".join(f"def f{n}(a):\n    return a.b{n}({n}) + [{n}]\n" for n in range(9000))
    for number in range(8):
        (tmp_path / f"m{number}.py").write_text(SLEEPS + padding)
    one = scan(".", "--no-cache", "--jobs", "1", "--report", "json", cwd=tmp_path)
    two = scan(".", "--no-cache", "--jobs", "2", "--report", "json", cwd=tmp_path)
    assert found(one) == found(two)
    assert len(found(one)) == 8


def test_safe_fixes_are_applied_and_nothing_else_changes(tmp_path):
    path = tmp_path / "one.py"
    path.write_bytes(b"x = 1  # iobound: ignore[IOB101]\r\n# caf\xc3\xa9\r\ny = 2  # iobound: ignore[IOB102] kept\r\n")
    path.chmod(0o640)
    run = scan("one.py", "--fix", cwd=tmp_path)
    assert path.read_bytes().startswith(b"x = 1\r\n# caf\xc3\xa9\r\ny = 2")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert "fixed" in run.stdout


def test_notebooks_are_told_by_cell(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["# title"]},
        {"cell_type": "code", "source": ["%pip install x\n", "import time\n"]},
        {"cell_type": "code", "source": ["async def poll():\n", "    time.sleep(1)\n"]},
    ]
    (tmp_path / "book.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}))
    run = scan("book.ipynb", "--concise", cwd=tmp_path)
    assert "book.ipynb:cell 3:2:5: IOB101" in run.stdout


HOSTILE = {
    "python2.py": b'print "x"\n',
    "nul.py": b"x = 1\0\n",
    "cookie.py": b"# -*- coding: nonsense -*-\n",
    "latin.py": b"x = '\xe9'\n",
    "deep.py": b"(" * 10_000 + b")" * 10_000,
    "minus.py": b"x = " + b"-" * 10_000 + b"1\n",
    "broken.ipynb": b"{",
}


def test_what_cannot_be_read_is_a_finding_for_each_file(tmp_path):
    for name, data in HOSTILE.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "good.py").write_text("\ufeff" + SLEEPS, encoding="utf-8")
    (tmp_path / "huge.py").write_bytes(b"x = 1\n" * 9_000_000)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "up").symlink_to("..")
    os.mkfifo(tmp_path / "pipe.py")
    run = scan(".", "huge.py", "--report", "json", cwd=tmp_path)
    assert run.returncode == 1, run.stderr
    told = found(run)
    assert {file for rule, file, _ in told if rule == "IOB904"} == {*HOSTILE, "huge.py"}
    assert ("IOB101", "good.py", 5) in told
    assert run.stderr == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_a_finding(tmp_path):
    (tmp_path / "secret.py").write_text(SLEEPS)
    (tmp_path / "secret.py").chmod(0)
    assert found(scan(".", "--report", "json", cwd=tmp_path)) == [("IOB904", "secret.py", 1)]


@pytest.mark.parametrize("format_", ["text", "json", "github", "gitlab", "sarif", "junit", "markdown"])
def test_every_format_is_written_to_its_file(tree, format_):
    run = scan(".", "--report", f"{format_}:out.txt", "--report", "text", cwd=tree)
    assert "IOB110" in (tree / "out.txt").read_text(encoding="utf-8")
    assert "IOB110" in run.stdout


def test_github_actions_get_annotations_and_a_summary_unless_unwanted(tree):
    page = tree / "page.md"
    page.write_text("before\n")
    there = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(page)}
    assert "::warning file=app/main.py,line=5" in scan(".", "--no-cache", cwd=tree, **there).stdout
    assert page.read_text().startswith("before\n") and "IOB110" in page.read_text()
    once = page.read_text()
    assert "::warning" not in scan(".", "--no-cache", "--no-ci", cwd=tree, **there).stdout
    assert "::warning" not in scan(".", "--no-cache", "--report", "json", cwd=tree, **there).stdout
    assert page.read_text() == once


def test_sources_are_never_run_nor_imported(tmp_path):
    marker = tmp_path / "ran"
    (tmp_path / "one.py").write_text(f"open({str(marker)!r}, 'w')\n")
    (tmp_path / "requests.py").write_text(f"open({str(marker)!r}, 'w')\n")
    (tmp_path / "json.py").write_text(f"open({str(marker)!r}, 'w')\n")
    run = subprocess.run(
        [sys.executable, "-P", "-m", "iobound", "scan", "."], cwd=tmp_path, capture_output=True, timeout=60, check=False
    )
    assert run.returncode in (0, 1)
    assert not marker.exists()


def test_a_rule_is_explained(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "iobound", "explain", "iob201"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0
    assert "IOB201" in run.stdout and "ThreadPoolExecutor" in run.stdout


def test_own_sources_have_no_errors():
    """What iobound tells others holds for itself."""
    source = Path(__file__).parents[2] / "src"
    run = scan(str(source), "--no-cache", "--fail-on", "error", cwd=source)
    assert run.returncode == 0, run.stdout


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_a_report_to_a_file_needs_no_standard_output(tmp_path):
    """As the hint says to those who have closed it."""
    (tmp_path / "a.py").write_text(SLEEPS)
    words = f"{sys.executable} -m iobound scan a.py --no-cache --report json:out.json <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", words], cwd=tmp_path, timeout=60, check=False).returncode == 1
    assert json.loads((tmp_path / "out.json").read_text())["findings"]


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on processes' memory")
def test_a_limit_on_memory_does_not_end_a_scan_of_small_files(tmp_path):
    """Which takes some 60 MB, most of it the interpreter."""
    for number in range(40):
        (tmp_path / f"m{number}.py").write_text(SLEEPS)
    words = f"ulimit -v 150000; {sys.executable} -m iobound scan . --no-cache --report json"
    run = subprocess.run(["sh", "-c", words], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, len(found(run)), run.stderr) == (1, 40, "")


def test_facts_that_other_rules_made_are_not_believed(tree, monkeypatch):
    """A checkout changes its rules without another version."""
    from iobound.pipeline import scanned

    before = scanned._code_state()
    assert before == scanned._code_state() > 0
    other = tree / "scan"
    (other / "rules").mkdir(parents=True)
    (other / "__init__.py").write_text("")
    (other / "rules" / "one.py").write_text("x = 1\n")
    monkeypatch.setattr(scanned.scan, "__file__", str(other / "__init__.py"))
    one = scanned._code_state()
    (other / "rules" / "one.py").write_text("x = 12\n")
    assert len({before, one, scanned._code_state()}) == 3
