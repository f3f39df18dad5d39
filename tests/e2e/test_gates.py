"""Gates from the command line: what passes, what fails, what is not measurable, and what cannot be read."""

import json
import re
import subprocess
import sys

import pytest

SLEEPS = "import time\n\n\ndef nap():\n    for _ in range(6):\n        time.sleep(0.2)\n\n\nnap()\n"
SCANNED = "import time\n\n\nasync def nap():\n    time.sleep(1)\n"


@pytest.fixture(scope="module")
def kept(shared_runner):
    """A recording of a program that sleeps, and the report of that run with its checks."""
    saved, report = shared_runner.folder / "gates.iob", shared_runner.folder / "gates.json"
    script = shared_runner.script(SLEEPS, "naps.py")
    checks = ("bound=sleep", "wait_sleep<5%", "waits[nobody].count<1", "sum(waits[nobody].count)<1")
    options = [word for check in checks for word in ("--check", check)]
    ran = shared_runner.iobound("run", "--save", str(saved), "--report", f"json:{report}", *options, script)
    assert ran.exit_code == 1
    return saved, json.loads(report.read_text(encoding="utf-8")), ran.stderr.decode()


def test_a_failure_says_what_was_asked_what_was_seen_and_where(kept):
    """On one line that begins alike every time."""
    failed = [line for line in kept[2].splitlines() if line.startswith("iobound: check failed: ")]
    assert len(failed) == 2
    assert re.match(r"iobound: check failed: wait_sleep<5%: wait_sleep is [5-9]\d[. ]", failed[0])
    assert " %, 90 % interval " in failed[0]
    assert "naps.py:6 (time.sleep)" in failed[0]
    assert "waits[nobody].count is not measurable here" in failed[1]


def test_the_report_has_the_same_in_fields(kept):
    """Also of those that passed."""
    passed = {check["expression"]: check["passed"] for check in kept[1]["checks"]}
    assert passed == {
        "bound=sleep": True,
        "wait_sleep<5%": False,
        "waits[nobody].count<1": False,
        "sum(waits[nobody].count)<1": True,
    }
    broken = kept[1]["checks"][1]
    assert broken["low"] <= float(broken["seen"]) <= broken["high"]
    assert broken["places"][0]["file"].endswith("naps.py")
    assert broken["places"][0]["line"] == 6
    assert kept[1]["checks"][2]["seen"] is None


THREADS = """import threading, time

def nap():
    for _ in range(60):
        time.sleep(0.002)

naps = [threading.Thread(target=nap) for _ in range(3)]
for each in naps: each.start()
for each in naps: each.join()
"""


def test_waits_of_all_threads_are_counted(shared_runner):
    """Also of those that have ended long before the program has."""
    script = shared_runner.script(THREADS, "three.py")
    counted = "totals.context_switches.voluntary"
    ran = shared_runner.iobound("run", "--check", f"{counted} >= 180", "--check", f"{counted} < 400", script)
    assert ran.exit_code == 0, ran.stderr.decode()


@pytest.mark.parametrize(
    ("check", "code"),
    [("bound=sleep", 0), ("wait_sleep.low>50%", 0), ("count(waits[state=wait_sleep])>=1", 0), ("bound=io", 1),
     ("cpu_s>1000", 1), ("processes[7].pid>0", 1), ("wait_slep<1", 2), ("wait_sleep", 2)],
)  # fmt: skip
def test_a_recording_is_held_against_gates_too(shared_runner, kept, check, code):
    """Elsewhere, later, with other gates."""
    ran = shared_runner.iobound("report", "--report", "json", "--check", check, str(kept[0]))
    message = ran.stderr.decode()
    assert ran.exit_code == code, message
    assert ("check failed" in message) is (code == 1)
    if code != 2:
        (told,) = json.loads(ran.stdout)["checks"]
        assert told["passed"] is (code == 0)


def test_what_cannot_be_read_is_pointed_at(runner):
    """Before the target runs; the caret stands below the character that is wrong."""
    script = runner.script("open('ran', 'w').close()\n")
    ran = runner.iobound("run", "--check", "wait_slep << 0.1", script)
    assert ran.exit_code == 2
    first, shown, pointed, hint = ran.stderr.decode().splitlines()
    assert first == "iobound: cannot read the check"
    assert shown == "  wait_slep << 0.1"
    assert pointed == "             ^ expected a number"
    assert hint.startswith("hint: ")
    assert not (runner.work / "ran").exists()


def test_a_name_that_there_is_not_is_told_with_those_that_are_like_it(runner):
    ran = runner.iobound("run", "--check", "wait_slep<0.1", runner.script(""))
    assert ran.exit_code == 2
    assert "did you mean wait_sleep" in ran.stderr.decode()


def test_a_hostile_check_is_shown_harmlessly(runner):
    ran = runner.iobound("run", "--check", "wall_s<\x1b]52;c;AAAA\x07##vso[task.complete]", runner.script(""))
    assert ran.exit_code == 2
    assert b"\x1b" not in ran.stderr
    assert b"##vso" not in ran.stderr


def test_what_the_machine_does_not_show_fails(runner):
    """From inside only nobody sees who waits for the GIL: a share of 0 says nothing."""
    ran = runner.iobound(
        "run", "--portable", "--check", "gil_wait<99%", runner.script("import time\ntime.sleep(0.5)\n")
    )
    assert ran.exit_code == 1
    assert "gil_wait is not measurable here" in ran.stderr.decode()


def test_gates_of_the_project_count_for_run_and_report(runner, kept):
    """As all options in pyproject.toml do."""
    (runner.work / "pyproject.toml").write_text('[tool.iobound]\ncheck = ["bound=cpu"]\n', encoding="utf-8")
    assert runner.iobound("report", str(kept[0])).exit_code == 1
    assert runner.iobound("report", "--check", "bound=sleep", str(kept[0])).exit_code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--check", "count(findings[IOB101])==1", "--fail-on", "never"), 0),
        (("--check", "count(findings[IOB101])==0", "--fail-on", "never"), 1),
        (("--check", "counts.error=0", "--exit-zero"), 0),
        (("--check", "left_out.x=0", "--fail-on", "never"), 0),
        (("--check", "count(findngs)=0"), 2),
    ],
)
def test_a_scan_has_gates_too(tmp_path, words, code):
    """Over its own JSON."""
    (tmp_path / "one.py").write_text(SCANNED, encoding="utf-8")
    command = [sys.executable, "-m", "iobound", "scan", "one.py", *words]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == code, ran.stderr
    if words[1] == "count(findings[IOB101])==0":
        assert ran.stderr.startswith("iobound: check failed: count(findings[IOB101])==0: ")
        assert "one.py:5 (IOB101)" in ran.stderr


@pytest.mark.parametrize("stream", ["2>&-", "2>/dev/full"])
@pytest.mark.parametrize(("check", "code"), [("bound=cpu", 1), ("bound=sleep", 0)])
def test_without_a_standard_error_the_exit_code_tells(runner, stream, check, code):
    """A gate that failed must not pass because nobody can be told."""
    script = runner.script("import time\ntime.sleep(0.8)\n")
    words = [sys.executable, "-m", "iobound", "run", "--check", check, script]
    ran = subprocess.run(["sh", "-c", f'"$@" {stream}', "sh", *words], cwd=runner.work, timeout=60, check=False)
    assert ran.returncode == code
