"""What cannot be done is said in a line, with a hint, and exit code 2."""

import pytest

WRONG = {
    "no target": (["run"], "run"),
    "missing script": (["run", "no_such_script.py"], "no_such_script.py"),
    "missing script in a missing folder": (["run", "no/such/script.py"], "no/such/script.py"),
    "directory": (["run", "a_folder"], "a_folder"),
    "-m without a name": (["run", "-m"], "-m"),
    "-c without code": (["run", "-c"], "-c"),
    "unknown option": (["run", "--no-such-option", "script.py"], "--no-such-option"),
    "report over the script": (["run", "--report", "json:./script.py", "script.py"], "script.py"),
    "recording over the script": (["run", "--save", "script.py", "script.py"], "script.py"),
    "report over the recording": (["run", "--save", "x.iob", "--report", "json:x.iob", "script.py"], "x.iob"),
    "two reports in one file": (["run", "--report", "json:x", "--report", "text:x", "script.py"], "x would be"),
    "report over what it is made of": (["report", "--report", "text:empty.iob", "empty.iob"], "written over"),
    "unknown state": (["run", "--tree", "wait_slep", "script.py"], "wait_slep"),
    "unknown state of a recording": (["report", "--tree=wait_slep", "empty.iob"], "wait_slep"),
    "recording where none can be made": (["run", "--save", "/proc/x.iob", "script.py"], "/proc/x.iob"),
    "report to a name that is too long": (["run", "--report", f"json:{'x' * 300}", "script.py"], "too long"),
    "more workers than there can be": (["run", "--workers", "9" * 30, "script.py"], "9" * 30),
    "unknown format": (["run", "--report", "paper", "script.py"], "paper"),
    "unknown format with a path": (["run", "--report", "paper:x.txt", "script.py"], "paper"),
    "report into a missing folder": (["run", "--report", "json:no/such/folder/x.json", "script.py"], "no/such/folder"),
    "recording into a missing folder": (["run", "--save", "no/such/folder/x.iob", "script.py"], "no/such/folder"),
    "rate that is no number": (["run", "--rate", "often", "script.py"], "often"),
    "rate of zero": (["run", "--rate", "0", "script.py"], "0"),
    "rate of more than there can be": (["run", "--rate", "999999999", "script.py"], "999999999"),
    "rate just above the highest": (["run", "--rate", "1000.5", "script.py"], "from 0.01 to 1000"),
    "rate of hardly ever": (["run", "--rate", "1e-300", "script.py"], "1e-300"),
    "rate that is not a number": (["run", "--rate", "nan", "script.py"], "nan"),
    "endless rate": (["run", "--rate", "inf", "script.py"], "inf"),
    "rate below zero": (["run", "--rate=-5", "script.py"], "-5"),
    "overhead over one": (["run", "--max-overhead", "1.5", "script.py"], "1.5"),
    "overhead that is no number": (["run", "--max-overhead", "nan", "script.py"], "nan"),
    "workers that are no number": (["run", "--workers", "many", "script.py"], "many"),
    "no workers": (["run", "--workers", "0", "script.py"], "0"),
    "time-out below zero": (["run", "--timeout=-1", "script.py"], "-1"),
    "check of nothing known": (["run", "--check", "speed>3", "script.py"], "speed"),
    "check without a comparison": (["run", "--check", "bound", "script.py"], "bound"),
    "check with a bound that does not exist": (["run", "--check", "bound=fast", "script.py"], "fast"),
    "check with code": (["run", "--check", "__import__('os').system('touch ran')", "script.py"], "__import__"),
    "unknown command": (["walk"], "walk"),
    "report of nothing": (["report"], "FILE"),
    "missing recording": (["report", "no_such_recording.iob"], "no_such_recording.iob"),
    "directory for a recording": (["report", "a_folder"], "a_folder"),
    "empty recording": (["report", "empty.iob"], "empty.iob"),
    "text for a recording": (["report", "script.py"], "script.py"),
    "noise for a recording": (["report", "noise.iob"], "noise.iob"),
    "unknown format of a recording": (["report", "--report", "paper", "empty.iob"], "paper"),
}


@pytest.fixture
def strange_files(runner):
    runner.script("open('ran', 'w').close()\n", "script.py")
    runner.script(b"", "empty.iob")
    runner.script(bytes(range(256)) * 40, "noise.iob")
    (runner.work / "a_folder").mkdir()
    return runner


@pytest.mark.parametrize(("arguments", "named"), WRONG.values(), ids=WRONG)
def test_bad_input_is_a_clear_error_with_a_hint(strange_files, arguments, named):
    ran = strange_files.iobound(*arguments)
    message = ran.stderr.decode()
    assert ran.exit_code == 2, message
    assert named in message
    assert "hint" in message.lower() or "usage" in message.lower()
    assert "Traceback" not in message
    assert ran.stdout == b""
    assert not (strange_files.work / "ran").exists(), "the target ran though the command was wrong"


def test_no_arguments_show_what_there_is(runner):
    ran = runner.iobound()
    text = (ran.stdout + ran.stderr).decode()
    assert ran.exit_code == 2
    for command in ("run", "report", "env"):
        assert command in text


def test_help_is_no_error(runner):
    for arguments in (["--help"], ["run", "--help"], ["report", "--help"]):
        ran = runner.iobound(*arguments)
        assert (ran.exit_code, ran.stderr) == (0, b"")
        assert b"--" in ran.stdout


def test_the_version_is_that_of_the_package(runner):
    ran = runner.iobound("--version")
    expected = runner.plain("-c", "import iobound; print(iobound.__version__)").stdout.decode().strip()
    assert ran.exit_code == 0
    assert expected in ran.stdout.decode()


def test_a_message_shows_no_control_characters(runner):
    ran = runner.iobound("run", "no\x1b[31m\nsuch.py")
    assert ran.exit_code == 2
    assert b"\x1b" not in ran.stderr


@pytest.fixture(scope="module")
def recording(shared_runner):
    saved = shared_runner.folder / "good.iob"
    script = shared_runner.script("import time\nfor _ in range(30):\n    time.sleep(0.05)\n")
    ran = shared_runner.iobound("run", "--save", str(saved), script)
    assert ran.exit_code == 0, ran.stderr.decode()
    return saved.read_bytes()


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_what_is_whole_of_a_cut_recording_is_shown(runner, recording, share):
    cut = runner.work / "cut.iob"
    cut.write_bytes(recording[: int(len(recording) * share)])
    ran = runner.iobound("report", str(cut))
    if ran.exit_code == 2:  # so little is left that there is nothing to show
        assert share < 0.6
        assert b"cut.iob" in ran.stderr
    else:
        assert ran.exit_code == 0, ran.stderr.decode()
        assert b"ends early" in ran.stdout


@pytest.mark.parametrize("offset", [0.02, 0.3, 0.6, 0.9])
def test_a_damaged_recording_is_no_crash(runner, recording, offset):
    damaged = bytearray(recording)
    for at in range(int(len(damaged) * offset), min(len(damaged), int(len(damaged) * offset) + 8)):
        damaged[at] ^= 0xFF
    path = runner.work / "damaged.iob"
    path.write_bytes(damaged)
    ran = runner.iobound("report", str(path))
    assert ran.exit_code in (0, 2)
    assert b"Traceback" not in ran.stderr


def test_a_place_that_goes_away_during_the_run_loses_only_what_was_to_be_there(runner):
    (runner.work / "gone").mkdir()
    script = runner.script("import shutil, sys, time\ntime.sleep(0.3)\nshutil.rmtree('gone')\nsys.exit(3)\n")
    options = ("--save", "gone/run.iob", "--report", "json:gone/run.json", "--report", "text")
    ran = runner.iobound("run", *options, script)
    told = ran.stderr.decode()
    assert ran.exit_code == 3, "a fault of ours must not change the target's exit code"
    assert told.startswith("verdict:")
    assert "cannot save the recording as gone/run.iob" in told
    assert "cannot write gone/run.json" in told


def test_what_is_left_of_a_killed_run_is_told_as_such(runner):
    (runner.work / "run.iob.part").touch()
    ran = runner.iobound("run", "--save", "run.iob", runner.script("pass"))
    assert ran.exit_code == 2
    assert b"run.iob.part" in ran.stderr and b"killed" in ran.stderr


def test_a_recording_that_cannot_be_put_in_its_place_stays_where_it_was_made(runner):
    script = runner.script("import os, time\ntime.sleep(1)\nos.mkdir('run.iob')\n")
    ran = runner.iobound("run", "--save", "run.iob", script)
    assert ran.exit_code == 0
    assert ran.stderr.startswith(b"verdict:")
    assert b"run.iob.part" in ran.stderr
    again = runner.iobound("report", "run.iob.part")
    assert again.exit_code == 0, again.stderr.decode()
    assert again.stdout.startswith(b"verdict:")
