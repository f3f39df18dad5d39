"""Starting a target as its shell would have, and passing on what is meant for it."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time

import pytest

from iobound.verbs.observe import launch

# Runs a command through `launch` in a process of its own, for signals and masks are a matter of whole processes.
DRIVER = """
import json, os, signal, sys, threading, time
from iobound.verbs.observe import launch
before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
child = launch.start(sys.argv[2:], os.environ)
print("child", child.pid, flush=True)
kind = getattr(launch, sys.argv[1])
assert isinstance(child, kind), child
begun = time.monotonic()
while not child.wait(5):
    if time.monotonic() - begun > 30: child.send(signal.SIGKILL)
alive_as_zombie = os.path.exists(f"/proc/{child.pid}")
ending = child.reap()
same_mask = signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
print(json.dumps([ending.exit_code, ending.signal, alive_as_zombie, same_mask]), flush=True)
"""
MASK = (
    "import signal, sys; print('mask', sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])), flush=True);"
    "print('pipe', signal.getsignal(signal.SIGPIPE).name)"
)


def drive(*command: str, kind: str = "Child", **how) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", DRIVER, kind, *command], stdout=subprocess.PIPE, text=True, **how)


def outcome(process) -> list:
    """What the driver says at its end: exit code, signal, whether there was a zombie, whether the mask is restored."""
    output, _ = process.communicate(timeout=60)
    lines = [json.loads(line) if line.startswith("[") else line for line in output.splitlines()]
    return sorted(lines, key=lambda line: not str(line).startswith("child "))  # which the target may be before


SWITCHES = """
import json, os, sys
from iobound.verbs.observe import launch
child = launch.start(sys.argv[1:], os.environ)
while not child.wait(5): pass
print(json.dumps(child.reap().voluntary))
"""
NAPS = "import time\nfor _ in range(50): time.sleep(0.001)\n"
THREADS = (
    f"import threading\ncode = {NAPS!r}\n"
    "naps = [threading.Thread(target=exec, args=(code, {})) for _ in range(3)]\n"
    "[nap.start() for nap in naps]\n[nap.join() for nap in naps]\n"
)
CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {THREADS!r}])\n"


@pytest.mark.parametrize(("code", "naps"), [(NAPS, 50), (THREADS, 150), (CHILD, 150), ("", 0)])
def test_context_switches_are_those_of_all_threads_and_children(code, naps):
    """Of those that have ended as well: only the kernel knows of them then."""
    done = subprocess.run([sys.executable, "-c", SWITCHES, sys.executable, "-c", code], capture_output=True, check=True)
    assert naps <= json.loads(done.stdout) < naps + 150  # start-up may wait for a disk


@pytest.mark.parametrize(
    ("code", "exit_code", "number"),
    [
        ("", 0, None),
        ("raise SystemExit(3)", 3, None),
        ("import os; os._exit(255)", 255, None),
        ("raise SystemExit(130)", 130, None),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", None, 9),
        ("import os; os.abort()", None, 6),
        ("import os, signal; signal.signal(15, signal.SIG_DFL); os.kill(os.getpid(), 15)", None, 15),
    ],
)
def test_how_it_ended(code, exit_code, number):
    assert outcome(drive(sys.executable, "-c", code))[-1] == [exit_code, number, True, True]


def test_the_target_starts_with_the_mask_that_we_had():
    plain = subprocess.run([sys.executable, "-c", MASK], capture_output=True, text=True, check=True).stdout
    assert outcome(drive(sys.executable, "-c", MASK))[1:3] == plain.splitlines()

    def block():
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})

    lines = outcome(drive(sys.executable, "-c", MASK, preexec_fn=block))
    assert f"{int(signal.SIGUSR1)}" in lines[1]
    assert lines[-1][3]


def test_a_program_that_is_not_python_dies_of_a_broken_pipe():
    """Python ignores SIGPIPE for itself; what it starts must not inherit that."""
    lines = outcome(drive("/bin/sh", "-c", "yes | head -1; kill -PIPE $$"))
    assert lines[1:] == ["y", [None, int(signal.SIGPIPE), True, True]]


@pytest.mark.parametrize("code", ["import time; time.sleep(0.3); raise SystemExit(3)", "raise SystemExit(3)"])
def test_a_parent_that_ignores_the_end_of_its_children(code):
    """The target inherits that; we learn how it ended nevertheless."""
    code = "import signal; print(signal.getsignal(signal.SIGCHLD).name, flush=True);" + code

    def ignore():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    assert outcome(drive(sys.executable, "-c", code, preexec_fn=ignore))[1:] == ["SIG_IGN", [3, None, True, True]]


def test_a_child_that_somebody_else_has_reaped_has_ended():
    code = (
        "import os, sys\n"
        "from iobound.verbs.observe import launch\n"
        "child = launch.Child([sys.executable, '-c', 'pass'], os.environ)\n"
        "os.waitpid(child.pid, 0)\n"
        "assert child.wait(5) and child.wait(0)\n"
        "assert child.reap() == launch.Ending(None, None)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


HANDLES = """
import signal, sys, time
seen = []
for number in (1, 2, 3, 10, 12, 15):
    signal.signal(number, lambda number, frame: seen.append(number))
print("ready", flush=True)
end = time.monotonic() + 20
while not seen and time.monotonic() < end: time.sleep(0.02)
time.sleep(0.2)
print("seen", seen, flush=True)
sys.exit(4)
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"])
def test_a_signal_that_is_sent_to_us_goes_to_the_target(name):
    number = getattr(signal, name)
    process = drive(sys.executable, "-c", HANDLES)
    assert "ready\n" in [process.stdout.readline(), process.stdout.readline()]  # the other one is the driver's
    process.send_signal(number)
    lines = outcome(process)
    assert lines == [f"seen [{int(number)}]", [4, None, True, True]]
    assert process.returncode == 0  # and we live on


def test_control_c_on_a_terminal_is_not_doubled():
    """The terminal sends it to every process in the foreground: the target has had it already."""
    keyboard, screen = pty.openpty()
    owner = (
        "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    command = [sys.executable, "-c", owner, sys.executable, "-c", DRIVER, "Child", sys.executable, "-c", HANDLES]
    process = subprocess.Popen(command, stdin=screen, stdout=screen, stderr=screen)
    os.close(screen)
    text = b""
    pressed = False
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if not select.select([keyboard], [], [], 1)[0]:
            continue
        try:
            chunk = os.read(keyboard, 4096)
        except OSError:  # the other side is closed
            break
        text += chunk
        if b"ready" in text and not pressed:
            pressed = True
            os.write(keyboard, b"\x03")
    assert process.wait(30) == 0, text
    os.close(keyboard)
    assert b"seen [2]" in text
    assert b"[4, null, true, true]" in text


def test_signals_that_come_too_late_are_gone():
    """What was meant for the target does not kill us after its end."""
    code = "import os, signal, time\nfor _ in range(3): os.kill(os.getppid(), signal.SIGTERM)\nos._exit(9)"
    process = drive(sys.executable, "-c", "import signal; signal.signal(15, signal.SIG_IGN)\n" + code)
    assert outcome(process)[-1] == [9, None, True, True]
    assert process.returncode == 0


def test_waiting_takes_as_long_as_it_is_asked_to():
    code = (
        "import os, sys, time\n"
        "from iobound.verbs.observe import launch\n"
        "child = launch.Child([sys.executable, '-c', 'import time; time.sleep(1)'], os.environ)\n"
        "begun = time.monotonic(); assert not child.wait(0.1); took = time.monotonic() - begun\n"
        "assert 0.09 < took < 0.8, took\n"
        "assert not child.wait(-1)\n"
        "begun = time.monotonic(); assert child.wait(20); took = time.monotonic() - begun\n"
        "assert took < 10, took\n"
        "child.send(15)\n"
        "assert child.reap().exit_code == 0\n"
        "child.send(15)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_program_that_is_not_there_leaves_everything_as_it_was():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with pytest.raises(OSError, match="No such file"):
        launch.Child(["/no/such/python"], {})
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


@pytest.mark.parametrize(("code", "ending"), [("exit(3)", (3, None)), ("import os; os.abort()", (None, 6))])
def test_the_plain_child_says_the_same(code, ending):
    child = launch.PlainChild([sys.executable, "-c", "import time; time.sleep(0.2); " + code], os.environ)
    assert not child.wait(0.01)
    while not child.wait(5):
        pass
    found = child.reap()
    assert (found.exit_code, found.signal) == ending == (child.ending.exit_code, child.ending.signal)


PLAIN = """
import os, signal, sys, time
from iobound.verbs.observe import launch
before = [signal.getsignal(number) for number in (2, 15)]
child = launch.PlainChild(sys.argv[1:], os.environ)
end = time.monotonic() + 20
while not child.wait(0.05) and time.monotonic() < end:
    for _ in range(1000): pass  # signals come at any time, not only while we wait
assert child.reap().exit_code == 4
assert before == [signal.getsignal(number) for number in (2, 15)]
"""


@pytest.mark.parametrize(
    ("number", "seen"), [(signal.SIGTERM, "[15]"), (signal.SIGUSR1, "[10]"), (signal.SIGINT, "[2]")]
)
def test_the_plain_child_gets_what_is_sent_to_us(number, seen):
    """Ctrl-C comes to the whole group."""
    command = [sys.executable, "-c", PLAIN, sys.executable, "-c", HANDLES]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout.readline() == "ready\n"
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    output, _ = process.communicate(timeout=30)
    assert (process.returncode, output) == (0, f"seen {seen}\n")


def test_the_plain_child_can_be_sent_a_signal():
    child = launch.PlainChild([sys.executable, "-c", "import time; time.sleep(30)"], os.environ)
    child.send(signal.SIGKILL)
    assert child.wait(20)
    assert child.reap().signal == 9
