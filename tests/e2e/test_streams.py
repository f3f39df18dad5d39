"""Standard input, output and error are the target's, byte by byte."""

import hashlib
import os
import subprocess

import pytest

IN_BOTH_WAYS = True

ECHO = "import shutil, sys\nshutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)\n"


def test_a_megabyte_of_bytes_goes_through_standard_input(runner):
    noise = hashlib.shake_256(b"iobound").digest(1_000_000)
    observed = runner.same(runner.script(ECHO), input=noise)
    assert observed.stdout == noise


def test_a_slow_writer_on_standard_input_is_waited_for(runner):
    command = runner.observed_command(
        [runner.script("import sys\nfor line in sys.stdin:\n    print(line.upper(), end='')\n")]
    )
    shell = "for n in 1 2 3; do sleep 0.4; echo line $n; done"
    with subprocess.Popen(["/bin/sh", "-c", shell], stdout=subprocess.PIPE) as writer:
        ran = runner.run(command, stdin=writer.stdout)
    assert ran.stdout == b"LINE 1\nLINE 2\nLINE 3\n"
    states = runner.read_report()["states"]
    if not runner.is_portable:  # from inside nobody can tell what a read waits for
        assert states["wait_input"] + states["wait_ipc"] > 0.5


def test_an_input_that_ends_at_once_ends_at_once(runner):
    runner.same(runner.script("print(input())\n"), input=b"")


def test_what_the_target_does_not_read_is_left_to_the_next_program(runner):
    """A shell reads the rest: we may not read ahead."""
    target = ["-c", "import os; print(os.read(0, 6))"]
    for command in (runner.plain_command(target), runner.observed_command(target)):
        ran = runner.run(["/bin/sh", "-c", '"$@"; cat', "sh", *command], input=b"first\nsecond\n")
        assert ran.stdout == b"b'first\\n'\nsecond\n"


def test_a_hundred_megabytes_of_output_arrive_unchanged(runner):
    script = runner.script(
        "import sys\n"
        "line = bytes(range(32, 127)) * 11 + b'\\n'\n"
        "for number in range(1000):\n"
        "    sys.stdout.buffer.write(line * 100)\n"
        "    print(number)\n"
    )
    digest, size = hashlib.sha256(), 0
    command = runner.observed_command([script])
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=runner.environment(), cwd=runner.work) as process:
        while chunk := process.stdout.read(1 << 20):
            digest.update(chunk)
            size += len(chunk)
    line = bytes(range(32, 127)) * 11 + b"\n"
    # Binary writes go past the text layer's buffer, so the numbers come when that is full: ask plain Python.
    with subprocess.Popen(runner.plain_command([script]), stdout=subprocess.PIPE, env=runner.environment()) as process:
        expected = hashlib.file_digest(process.stdout, "sha256")
    assert size > 1000 * 100 * len(line) > 100_000_000
    assert digest.hexdigest() == expected.hexdigest()
    assert process.returncode == 0
    assert runner.read_report() is not None


def test_ten_megabytes_of_standard_error_arrive_unchanged(runner):
    observed = runner.same(
        runner.script("import sys\nfor n in range(200_000):\n    print(f'{n:50}', file=sys.stderr)\n")
    )
    assert len(observed.stderr) == 200_000 * 51


def test_output_to_a_file_is_the_same(runner):
    contents = []
    for run in (runner.plain, runner.observed):
        path = runner.folder / "output"
        with path.open("wb") as file:
            run(
                runner.script("import sys, os\nprint('text')\nprint(os.fstat(1).st_size, sys.stdout.isatty())\n"),
                stdout=file,
            )
        contents.append(path.read_bytes())
    assert contents[1] == contents[0]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_stay_closed(runner, closed):
    """Nothing that we open may end up as the target's standard input or output."""
    script = runner.script(
        "import json, os, sys, time\n"
        "time.sleep(0.2)\n"
        "streams = [stream if stream is None else stream.fileno() for stream in (sys.stdin, sys.stdout, sys.stderr)]\n"
        "with open('found', 'w') as file:\n"
        "    os.dup2(file.fileno(), 50)\n"
        "    json.dump(streams, file)\n"
        "try:\n"
        "    print('written')\n"
        "except OSError as error:\n"
        "    os.write(50, repr(error).encode())\n"
    )
    found = []
    for command in (runner.plain_command([script]), runner.observed_command([script])):
        ran = runner.run(["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *command])
        found.append((ran.exit_code, ran.stdout, (runner.work / "found").read_bytes()))
        (runner.work / "found").unlink()
    assert found[1] == found[0]
    assert runner.read_report() is not None


def test_a_reader_that_goes_away_is_noticed_as_by_python(runner):
    script = runner.script("import time\nprint('line', flush=True)\ntime.sleep(0.5)\nprint('more', flush=True)\n")
    ends = []
    for command in (runner.plain_command([script]), runner.observed_command([script])):
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=runner.environment(), cwd=runner.work
        ) as process:
            process.stdout.readline()
            process.stdout.close()
            ends.append((process.stderr.read(), process.wait(30)))
    assert ends[1] == ends[0]
    assert runner.read_report() is not None


def test_a_reader_of_the_report_that_goes_away_changes_no_exit_code(runner):
    command = [os.fspath(part) for part in runner.observed_command([runner.script("import sys; sys.exit(4)")])]
    command[command.index("--report") + 1] = "text"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=runner.environment()) as process:
        process.stderr.close()
        assert process.stdout.read() == b""
        assert process.wait(30) == 4


def test_a_full_output_device_is_noticed_as_by_python(runner):
    with open("/dev/full", "wb") as full:
        runner.same(runner.script("print('text')"), stdout=full)
