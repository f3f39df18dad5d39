"""Output that cannot be written is told in a line, never by a traceback."""

import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def recording(shared_runner):
    saved = shared_runner.folder / "output.iob"
    ran = shared_runner.iobound("run", "--save", str(saved), shared_runner.script("import time; time.sleep(0.3)\n"))
    assert ran.exit_code == 0, ran.stderr.decode()
    return saved


def shell(command, *arguments):
    """Run iobound by a shell line in which `"$@"` stands for the words after it."""
    words = ["sh", "-c", command, "sh", sys.executable, "-m", "iobound", *arguments]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def test_a_full_standard_output_is_told(recording):
    for arguments in (("report", str(recording)), ("env",), ("--help",)):
        ran = shell('"$@" >/dev/full', *arguments)
        assert ran.returncode == 1
        assert ran.stderr == "iobound: cannot write the output: No space left on device\n"


def test_a_closed_standard_output_is_told(recording):
    ran = shell('"$@" >&-', "report", str(recording))
    assert ran.returncode == 2
    assert "standard output is closed" in ran.stderr and "Traceback" not in ran.stderr


def test_a_reader_that_has_gone_is_no_fault(recording):
    ran = shell('{ "$@"; echo $? >&2; } | true', "report", "--report", "json", "--report", "text", str(recording))
    assert ran.stderr in ("141\n", "0\n")  # all may have fitted into the pipe


@pytest.mark.parametrize("stream", ["2>&-", "2>/dev/full"])
def test_without_a_standard_error_the_exit_code_tells(stream):
    ran = shell(f'"$@" {stream}', "report", "no_such_recording.iob")
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", "")
