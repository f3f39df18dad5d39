"""Gates, time-outs and recordings that are kept."""

import json
import os
import stat

import pytest

SLEEPS = "import sys, time\ntime.sleep(1.2)\nsys.exit(int(sys.argv[1]))\n"

HOLD = ["bound=sleep", "bound!=cpu", "unknown<0.3", "wait_sleep>=0.5", "loop_blocked==0"]
FAIL = ["bound=cpu", "wait_sleep<0.05", "cpu_python>0.9"]


def test_checks_that_hold_change_nothing(runner):
    options = [part for check in HOLD for part in ("--check", check)]
    ran = runner.iobound("run", *options, runner.script(SLEEPS), "0")
    assert ran.exit_code == 0, ran.stderr.decode()


@pytest.mark.parametrize("check", FAIL)
def test_a_check_that_fails_makes_the_exit_code_one(runner, check):
    ran = runner.iobound("run", "--check", check, runner.script(SLEEPS), "0")
    assert ran.exit_code == 1, ran.stderr.decode()
    assert check.encode() in ran.stderr


def test_one_failed_check_of_many_is_enough(runner):
    script = runner.script(SLEEPS)
    ran = runner.iobound("run", "--check", "bound=sleep", "--check", "bound=io", "--check", "unknown<0.5", script, "0")
    assert ran.exit_code == 1


def test_the_exit_code_of_a_target_that_failed_is_kept(runner):
    ran = runner.iobound("run", "--check", "bound=cpu", runner.script(SLEEPS), "3")
    assert ran.exit_code == 3


def test_a_time_out_ends_the_target_and_reports(runner):
    observed = runner.observed(
        runner.script("import time\nprint('begun', flush=True)\ntime.sleep(50)\n"), options=("--timeout", "1")
    )
    assert observed.exit_code in (124, 143)
    assert observed.stdout == b"begun\n"
    assert observed.report["states"]["wait_sleep"] > 0.3


def test_a_time_out_ends_a_target_that_will_not(runner):
    script = runner.script("import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(50)\n")
    observed = runner.observed(script, options=("--timeout", "1"))
    assert observed.exit_code in (124, 137)
    assert observed.report is not None


def test_a_time_out_that_is_not_reached_changes_nothing(runner):
    observed = runner.same(runner.script(SLEEPS), "7", options=("--timeout", "40"))
    assert observed.exit_code == 7


def test_a_recording_gives_the_same_report_elsewhere_without_the_source(runner):
    saved = runner.folder / "run.iob"
    script = runner.script("import time\ndef rest():\n    time.sleep(0.7)\nrest()\nsum(range(5_000_000))\n")
    first = runner.observed(script, options=("--save", str(saved))).report
    os.unlink(script)
    ran = runner.iobound("report", "--report", "json", str(saved), cwd="/")
    assert ran.exit_code == 0, ran.stderr.decode()
    again = json.loads(ran.stdout)
    for part in (
        "schema",
        "states",
        "verdict",
        "advice",
        "sites",
        "hotspots",
        "waits",
        "processes",
        "command",
        "exit_code",
    ):
        assert again[part] == first[part], part
    text = runner.iobound("report", str(saved), cwd="/")
    assert b"sleep" in text.stdout
    assert text.stderr == b""


def test_several_reports_of_one_run(runner):
    script = runner.script("import time\ntime.sleep(0.3)\n")
    one, two = runner.folder / "one.json", runner.folder / "two.txt"
    ran = runner.iobound("run", "--report", f"json:{one}", "--report", f"text:{two}", "--report", "json", script)
    assert ran.stdout == b""
    states = json.loads(one.read_text())["states"]
    assert json.loads(ran.stderr)["states"] == states
    assert "sleep" in two.read_text()


def test_a_report_is_written_for_the_user_alone_or_by_the_mask_but_never_through_a_link(runner):
    precious = runner.folder / "precious"
    precious.write_text("mine")
    for option, name in (("--save", "{}"), ("--report", "json:{}")):
        link = runner.work / "link"
        link.symlink_to(precious)
        ran = runner.iobound("run", option, name.format(link), runner.script("import time; time.sleep(0.2)\n"))
        assert precious.read_text() == "mine"
        assert ran.exit_code in (0, 2)
        link.unlink()


def test_no_half_written_file_is_left(runner):
    runner.observed(runner.script("import time; time.sleep(0.2)\n"), options=("--save", str(runner.work / "run.iob")))
    assert sorted(os.listdir(runner.work)) == ["run.iob", "target.py"]
    assert stat.S_ISREG((runner.work / "run.iob").stat().st_mode)


def test_options_of_the_target_are_not_ours(runner):
    script = runner.script("import sys; print(sys.argv[1:])")
    arguments = ["--timeout", "0", "--check", "bound=cpu", "--help", "--version", "-h", "--", "-c", "x"]
    observed = runner.same(script, *arguments)
    assert observed.stdout.decode() == f"{arguments}\n"


def test_the_command_in_the_report_is_the_target(runner):
    script = runner.script("pass")
    assert runner.observed(script, "a b").report["command"] == [script, "a b"]
    assert runner.observed("-m", "this").report["command"] == ["-m", "this"]


def test_the_first_screen_is_plain_in_a_pipe_and_in_a_log(runner):
    script = runner.script("import time\ntime.sleep(0.3)\n")
    for extra in ({}, {"CI": "true"}, {"NO_COLOR": "1"}, {"TERM": "dumb"}):
        ran = runner.iobound("run", script, env=runner.environment(**extra))
        assert b"\x1b" not in ran.stderr
        assert b"\r" not in ran.stderr
        assert b"sleep" in ran.stderr


def test_colour_can_be_forced(runner):
    script = runner.script("import time\ntime.sleep(0.3)\n")
    ran = runner.iobound("run", script, env=runner.environment(FORCE_COLOR="1"))
    assert b"\x1b[" in ran.stderr
