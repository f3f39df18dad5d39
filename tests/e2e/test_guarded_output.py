"""`--guard-output`: what the target writes is no workflow command, and our own lines are."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import pytest

IN_GITHUB = {"GITHUB_ACTIONS": "true", "CI": "true"}
STOP = re.compile(rb"^::stop-commands::([0-9a-f]{32})$", re.MULTILINE)
ORDERS = """
import sys, time
print("::set-output name=a::b", flush=True)
sys.stderr.write("::error::forged\\nunfinished")
sys.stderr.flush()
time.sleep(0.2)
"""


def guarded(runner, script, *options, env=IN_GITHUB, **how):
    """Run a script under `--guard-output` with both streams in one pipe, as the runner's shell may have them."""
    command = [
        sys.executable,
        "-m",
        "iobound",
        "run",
        *runner.options,
        "--guard-output",
        *options,
        runner.script(script),
    ]
    how = {"cwd": runner.work, "env": runner.environment(**env), "stdin": subprocess.DEVNULL, "timeout": 60} | how
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **how)


def obeyed(output):
    """What the runner takes for commands: lines that begin with `::`, none between a stop and its own token."""
    found, token = [], None
    for line in output.decode().splitlines():
        line = line.lstrip()
        if token is not None:
            token = None if line.startswith(f"::{token}::") else token
        elif line.startswith("::stop-commands::"):
            token = line.removeprefix("::stop-commands::")
        elif line.startswith("::"):
            found.append(line)
    assert token is None, "commands are still stopped at the end"
    return found


def test_commands_of_the_target_are_between_the_stop_and_its_token(runner):
    """Also those that begin behind a line that was left unfinished; what it wrote is there as it was."""
    ran = guarded(runner, ORDERS)
    (token,) = STOP.findall(ran.stdout)
    before, _, rest = ran.stdout.partition(b"::stop-commands::" + token + b"\n")
    its_own, _, ours = rest.partition(b"\n::" + token + b"::\n")
    assert its_own == b"::set-output name=a::b\n::error::forged\nunfinished"
    assert before == b"\n" and ours.startswith(b"verdict:")
    assert not [command for command in obeyed(ran.stdout) if "forged" in command or "set-output" in command]


def test_every_run_has_a_token_of_its_own(runner):
    """Who read one in a log knows nothing of the next."""
    tokens = {STOP.findall(guarded(runner, "pass").stdout)[0] for _ in range(2)}
    assert len(tokens) == 2


@pytest.mark.parametrize("env", [{}, {"CI": "true", "GITLAB_CI": "true"}, {"GITHUB_ACTIONS": "false"}])
def test_elsewhere_it_does_and_says_nothing(runner, env):
    """There is nothing to guard against."""
    ran = guarded(runner, ORDERS, env=env)
    assert b"stop-commands" not in ran.stdout and b"guard" not in ran.stdout
    assert ran.stdout.startswith(b"::set-output")


def test_standard_output_is_the_targets_byte_for_byte(runner):
    """Ours is on standard error, whatever standard output is."""
    script = runner.script("import sys; sys.stdout.buffer.write(bytes(range(256)) * 300)")
    ran = runner.iobound("run", "--guard-output", script, env=runner.environment(**IN_GITHUB))
    assert ran.stdout == bytes(range(256)) * 300
    assert STOP.search(ran.stderr)
    obeyed(ran.stderr)


SPY = """
import os, re, subprocess, sys, time
me = os.getpid()
seen = [open("/proc/self/cmdline", "rb").read(), open("/proc/self/environ", "rb").read()]
parent = os.getppid()
seen += [open(f"/proc/{parent}/cmdline", "rb").read(), open(f"/proc/{parent}/environ", "rb").read()]
for descriptor in os.listdir("/proc/self/fd"):
    try:
        file = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_NONBLOCK)
        seen.append(os.read(file, 1 << 20))
    except OSError:
        pass
for name in os.listdir(os.environ.get("TMPDIR", "/tmp")):
    seen.append(name.encode())
with open("seen", "wb") as file:
    file.write(b"\\n".join(seen))
"""


def test_the_target_cannot_see_the_token(runner):
    """Neither in command lines nor in environments, nor by reading the pipe that it writes to."""
    ran = guarded(runner, SPY)
    (token,) = STOP.findall(ran.stdout)
    seen = (runner.work / "seen").read_bytes()
    assert b"iobound" in seen and token not in seen


@pytest.mark.parametrize(
    ("script", "options", "code"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", (), 137),
        ("import os; print('::error::x', flush=True); os._exit(3)", (), 3),
        ("import time; print('::error::x', flush=True); time.sleep(60)", ("--timeout", "0.5"), 143),
        ("raise SystemExit('::error::x')", (), 1),
    ],
)
def test_commands_are_read_again_however_the_target_ends(runner, script, options, code):
    """Killed, timed out, or gone without a word."""
    ran = guarded(runner, script, *options)
    assert ran.returncode == code
    assert not [command for command in obeyed(ran.stdout) if command == "::error::x"]


def test_commands_are_read_again_after_ctrl_c(runner):
    """The target gets it, and we go on to the end."""
    script = runner.script("print('::error::x', flush=True)\nimport time\ntime.sleep(60)")
    command = [sys.executable, "-m", "iobound", "run", "--guard-output", script]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=runner.work, env=runner.environment(**IN_GITHUB)
    )
    assert process.stdout is not None
    said = b""
    while b"::error::x" not in said:
        said += os.read(process.stdout.fileno(), 65536)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "::error::x" not in obeyed(said + rest)


def test_commands_are_read_again_when_all_reports_go_to_files(runner):
    """What comes after us in the same step may give orders again."""
    ran = guarded(runner, ORDERS, "--report", "json:out.json")
    obeyed(ran.stdout)
    assert ran.stdout.rstrip().endswith(b"::")


def test_what_cannot_be_started_leaves_nothing_stopped(runner):
    """Mistakes are found before anything is stopped."""
    ran = runner.iobound("run", "--guard-output", "missing.py", env=runner.environment(**IN_GITHUB))
    assert ran.exit_code == 2
    assert b"stop-commands" not in ran.stderr
