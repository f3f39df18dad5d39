"""What commands do by themselves in a CI system: the log, annotations, the summary of the step."""

from __future__ import annotations

import json
import re

import pytest

WAITS = "import time\n\n\ndef fetch(n):\n    time.sleep(0.08)\n\n\nfor item in range(10):\n    fetch(item)\n"
SLEEPS = "import time\n\n\nasync def poll():\n    time.sleep(1)\n"
SYSTEMS = [
    {"GITHUB_ACTIONS": "true"},
    {"GITLAB_CI": "true"},
    {"TF_BUILD": "True"},
    {"JENKINS_URL": "https://ci.example/", "BUILD_NUMBER": "1"},
    {"BUILDKITE": "true"},
    {"CIRCLECI": "true"},
    {"CI": "true"},
]


def lines_of(output):
    """Lines that people read, without workflow commands."""
    return [line for line in output.decode().splitlines() if not line.startswith("::")]


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: next(iter(system)))
def test_a_run_is_told_as_a_log_in_every_ci_system(runner, system):
    """The verdict comes first, and nothing is longer than two lines and thirty."""
    ran = runner.iobound("run", runner.script(WAITS), env=runner.environment(**system))
    lines = lines_of(ran.stderr)
    assert re.match(r"verdict: [a-z]+ - ", lines[0]) and lines[1].startswith("advice: ")
    assert any(re.match(r"wait: target\.py:5: wait_sleep ", line) for line in lines)
    assert len(lines) <= 32
    assert ran.stdout == b""


def test_elsewhere_the_text_is_the_default_and_the_log_a_format(runner):
    """Both forms can be had everywhere."""
    script = runner.script(WAITS)
    plain = runner.iobound("run", "--report", "log", "--report", "text:long.txt", script)
    assert plain.stderr.startswith(b"verdict: ") and b"\nwait: " in plain.stderr
    assert "What it waited for" in (runner.work / "long.txt").read_text()
    in_ci = runner.iobound(
        "run", "--report", "text", "--report", "log:short.log", script, env=runner.environment(CI="1")
    )
    assert b"What it waited for" in in_ci.stderr
    assert (runner.work / "short.log").read_text().startswith("verdict: ")


def github(runner, **extra):
    """The environment of a step, and the page of its summary."""
    page = runner.folder / "page.md"
    page.touch()
    there = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(page), "GITHUB_WORKSPACE": str(runner.work)}
    return runner.environment(**there, **extra), page


def test_a_run_gets_annotations_behind_its_report_and_a_summary(runner):
    """On standard error, for standard output is the target's; named from the checkout."""
    environment, page = github(runner)
    (runner.work / "sub").mkdir()
    script = runner.script(WAITS, "sub/target.py")
    ran = runner.iobound("run", "--save", "run.iob", script, env=environment, cwd=runner.work / "sub")
    lines = ran.stderr.decode().splitlines()
    commands = [line for line in lines if line.startswith("::")]
    assert commands and lines[-len(commands) :] == commands
    assert all(re.match(r"::(notice|warning|error) ", line) for line in commands)
    assert any("file=sub/target.py,line=9," in line for line in commands)
    assert ran.stdout == b""
    assert page.read_text().startswith("\n### iobound run\n")
    again = runner.iobound("report", "run.iob", env=environment, cwd=runner.work / "sub")
    assert [line for line in again.stdout.decode().splitlines() if line.startswith("::")] == commands
    assert page.read_text().count("### iobound run") == 2


MANY = "async def poll():\n    import time\n" + "    time.sleep(1)\n" * 70


def more(ran):
    """The annotation that says how many more there are."""
    (line,) = [line for line in ran.stdout.decode().splitlines() if line.startswith("::notice title=iobound::")]
    return line.rpartition("::")[2]


@pytest.mark.parametrize("options", [("--report", "github"), (), ("--report", "text", "--report", "github:a.txt")])
def test_annotations_point_at_a_summary_that_is_there(runner, options):
    """Whether they were asked for or come by themselves; what the summary has no room for is somewhere, too."""
    environment, page = github(runner)
    ran = runner.iobound("scan", "--no-cache", *options, runner.script(MANY, "many.py"), env=environment)
    assert more(ran) == ("62 more findings: the worst 50 are in the summary of this step, `--report json:FILE` has all")
    assert page.read_text().count("`IOB101`") == 50
    assert "20 more findings not shown: these are the worst 50; `--report json:FILE` has all." in page.read_text()
    few = runner.iobound("scan", "--no-cache", *options, runner.script(MANY[:300], "few.py"), env=environment)
    assert re.fullmatch(r"[1-9] more findings? in the summary of this step", more(few))


@pytest.mark.parametrize("options", [("--report", "github"), ()])
@pytest.mark.parametrize("there", ["no page", "a link", "not wanted"])
def test_annotations_point_at_no_summary_that_is_not_there(runner, options, there):
    """There is no page, nothing could be added to it, or nobody wants it."""
    environment, page = github(runner)
    if there == "no page":
        del environment["GITHUB_STEP_SUMMARY"]
    elif there == "a link":
        page.unlink()
        page.symlink_to(runner.folder / "elsewhere")
    else:
        options = ("--no-ci", "--report", "github")
    ran = runner.iobound("scan", "--no-cache", *options, runner.script(MANY, "many.py"), env=environment)
    assert more(ran) == "62 more findings: `--report json:FILE` has all"
    assert (b"note: nothing was added to the summary of the step: " in ran.stderr) == (there == "a link")
    assert not page.exists() or page.read_text() == ""


@pytest.mark.parametrize("options", [("--no-ci",), ("--report", "json")])
def test_who_wants_neither_gets_neither(runner, options):
    """By an option, or because nobody reads what is written."""
    environment, page = github(runner)
    ran = runner.iobound("run", *options, runner.script(WAITS), env=environment)
    assert b"\n::" not in ran.stderr and not ran.stderr.startswith(b"::")
    assert page.read_text() == ""


def test_the_target_cannot_turn_our_summary_elsewhere(runner):
    """It may have put a link in place of the page; the run's exit code is its own all the same."""
    environment, page = github(runner)
    precious = runner.folder / "precious"
    precious.write_text("mine")
    script = f"import os, time\ntime.sleep(0.3)\nos.remove({str(page)!r})\nos.symlink({str(precious)!r}, {str(page)!r})"
    ran = runner.iobound("run", runner.script(script), env=environment)
    assert ran.exit_code == 0
    assert precious.read_text() == "mine"
    assert b"\nnote: nothing was added to the summary of the step: " in ran.stderr


def test_names_of_the_target_make_no_commands(runner):
    """A file that is called like one."""
    environment, page = github(runner)
    script = runner.script(WAITS, "::error::a%0A::set-output name=b::<b>@ann.py")
    ran = runner.iobound("run", script, env=environment)
    for line in ran.stderr.decode().splitlines():
        assert not line.startswith(("::error::a", "::set-output"))
    outside_of_code = re.sub(r"`[^`\n]*`|<code>.*?</code>", "", page.read_text())
    assert "<b>" not in outside_of_code and "@ann" not in outside_of_code


def test_a_scan_in_a_checkout_names_files_from_there(runner):
    """Whatever .git there may be nearer by."""
    environment, _ = github(runner)
    (runner.work / "lib/.git").mkdir(parents=True)
    runner.script(SLEEPS, "lib/poll.py")
    ran = runner.iobound("scan", "poll.py", "--no-cache", env=environment, cwd=runner.work / "lib")
    assert b"::warning file=lib/poll.py,line=5" in ran.stdout
    assert lines_of(ran.stdout)[2].startswith("finding: poll.py:5:5: IOB101 ")
    other = runner.iobound("scan", "poll.py", "--no-cache", "--report", "gitlab", cwd=runner.work / "lib")
    assert json.loads(other.stdout)[0]["location"]["path"] == "poll.py"


def test_env_says_where_it_is_and_what_is_read_there(runner):
    """With the options to write."""
    environment, _ = github(runner)
    said = runner.iobound("env", env=environment).stdout.decode()
    assert "GitHub Actions (GITHUB_ACTIONS=true)" in said and str(runner.work) in said
    assert "--report sarif:" in said
    assert "no variable of a CI system is set" in runner.iobound("env").stdout.decode()
