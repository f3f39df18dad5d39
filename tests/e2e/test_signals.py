"""Signals that are sent to iobound are the target's, and terminals work as they do without us."""

import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

import pytest

IN_BOTH_WAYS = True

HANDLES = """
import os, signal, sys, time
def handle(number, frame):
    print("got", signal.Signals(number).name, flush=True)
    sys.exit(5)
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGCONT}:
    if number < 32: signal.signal(number, handle)
print("ready", flush=True)
time.sleep(50)
"""
IGNORES = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, lambda *_: None)
print("ready", flush=True)
for _ in range(20):
    time.sleep(0.05)
print("lived on")
sys.exit(6)
"""
DEFAULT = "import time\nprint('ready', flush=True)\ndef wait():\n    time.sleep(50)\nwait()\n"
COMPUTES = "print('ready', flush=True)\ndef work():\n    while True:\n        sum(range(1000))\nwork()\n"
TWICE = """
import signal, sys, time
count = 0
def handle(number, frame):
    global count
    count += 1
signal.signal(signal.SIGINT, handle)
print("ready", flush=True)
while not count:
    time.sleep(0.05)
time.sleep(0.5)
print("interrupts:", count)
"""


def send(runner, command, number, pause=0.4, *, group=False):
    """Start, wait for "ready" and a moment more, send to the process that was started, and see how it ends."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=runner.work,
        env=runner.environment(),
        start_new_session=True,  # so that nothing goes on when it has not ended in time
    )
    try:
        assert process.stdout.readline() == b"ready\n", process.stderr.read().decode()
        time.sleep(pause)
        if group:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        output, errors = process.communicate(timeout=30)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    code = process.returncode
    return (code if code >= 0 else 128 - code), output, errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("text", [HANDLES, IGNORES, DEFAULT], ids=["handled", "ignored", "default"])
def test_interrupt_and_terminate_go_to_the_target(runner, text, number):
    target = [runner.script(text)]
    plain = send(runner, runner.plain_command(target), number)
    observed = send(runner, runner.observed_command(target), number)
    assert observed[1:] == plain[1:]
    assert observed[0] == plain[0]
    assert runner.read_report()["wall_s"] > 0.3


OTHERS = "HUP USR1 USR2 QUIT ALRM VTALRM PROF IO PWR STKFLT WINCH URG TSTP".split()


@pytest.mark.parametrize("number", [signal.Signals[f"SIG{name}"] for name in OTHERS], ids=lambda number: number.name)
def test_other_signals_go_to_the_target_too(runner, number):
    observed = send(runner, runner.observed_command([runner.script(HANDLES)]), number)
    assert observed[:2] == (5, f"got {number.name}\n".encode())
    assert runner.read_report() is not None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_computing_target_is_interrupted(runner, number):
    target = [runner.script(COMPUTES)]
    observed = send(runner, runner.observed_command(target), number)
    assert observed[0] == 128 + number
    states = runner.read_report()["states"]
    assert states["cpu_python"] > 0.05
    # Others may have the CPU, which an agent inside cannot tell from waiting for something that nobody knows.
    assert states["cpu_python"] + states["wait_cpu"] + (states["unknown"] if runner.is_portable else 0) > 0.2


def test_a_parent_that_ignores_the_end_of_its_children(runner):
    """What it starts inherits that; `trap '' CHLD` does the same in some shells."""
    text = "import signal, time; time.sleep(0.3); print(signal.getsignal(signal.SIGCHLD).name); raise SystemExit(7)"
    ignoring = "import os, signal, sys; signal.signal(17, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    target = [runner.script(text)]
    for command in (runner.plain_command(target), runner.observed_command(target)):
        ran = runner.run([sys.executable, "-c", ignoring, *command])
        assert (ran.exit_code, ran.stdout, ran.stderr) == (7, b"SIG_IGN\n", b"")
    assert runner.read_report()["wall_s"] > 0.25


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_to_the_whole_group_ends_a_target_that_does_not_handle_it_as_without_us(runner, number):
    """It comes to the target twice, from its sender and from us: see "What is done to the target" in observing.md."""
    target = [runner.script(DEFAULT)]
    ran = [
        send(runner, command, number, group=True)
        for command in (runner.plain_command(target), runner.observed_command(target))
    ]
    assert ran[1][:2] == ran[0][:2]
    assert runner.read_report()["wall_s"] > 0.3


class Terminal:
    """A terminal of its own for one program, with somebody who types."""

    def __init__(self, runner, command):
        keyboard, screen = pty.openpty()
        owner = (
            "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
            "os.execv(sys.argv[1], sys.argv[1:])"
        )
        self.keyboard = keyboard
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-c", owner, *command],
            stdin=screen,
            stdout=screen,
            stderr=screen,
            cwd=runner.work,
            env=runner.environment(TERM="xterm"),
        )
        os.close(screen)
        self.text = b""

    def read_until(self, wanted):
        """Read the screen until it shows some text, or until the program has ended when that is None."""
        end = time.monotonic() + 30
        while wanted is None or wanted not in self.text:
            ready, _, _ = select.select([self.keyboard], [], [], max(0, end - time.monotonic()))
            assert ready, f"waited for {wanted!r}, the screen shows {self.text!r}"
            try:
                chunk = os.read(self.keyboard, 65536)
            except OSError:  # the other side is closed
                chunk = b""
            if not chunk:
                assert wanted is None, f"ended before {wanted!r}: {self.text!r}"
                return
            self.text += chunk

    def type(self, keys):
        os.write(self.keyboard, keys)

    def echoes(self):
        return bool(termios.tcgetattr(self.keyboard)[3] & termios.ECHO)

    def close(self):
        """Wait for the end; exit code as a shell says it, and the screen."""
        try:
            self.read_until(None)
            code = self.process.wait(30)
        finally:
            self.process.kill()
            self.process.wait()
            os.close(self.keyboard)
        return (code if code >= 0 else 128 - code), self.text


@pytest.fixture
def terminal(runner):
    return lambda command: Terminal(runner, command)


def test_control_c_on_a_terminal_reaches_the_target_once(runner, terminal):
    """The terminal sends it to every process in the foreground; we must not send it a second time."""
    for command in (runner.plain_command, runner.observed_command):
        screen = terminal(command([runner.script(TWICE)]))
        screen.read_until(b"ready")
        time.sleep(0.3)
        screen.type(b"\x03")
        code, text = screen.close()
        assert b"interrupts: 1" in text
        assert code == 0
    assert runner.read_report() is not None


def test_the_traceback_of_control_c_is_the_same(runner, terminal):
    screens = []
    for command in (runner.plain_command, runner.observed_command):
        screen = terminal(command([runner.script(DEFAULT)]))
        screen.read_until(b"ready")
        time.sleep(0.3)
        screen.type(b"\x03")
        screens.append(screen.close())
    assert screens[1] == screens[0]
    assert screens[0][0] == 130
    assert runner.read_report()["states"]["wait_sleep"] > 0.2


ASKS = """
import getpass, os, sys
name = input("name: ")
password = getpass.getpass("password: ")
print([stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)], os.ttyname(0) == os.ttyname(1))
print("hello", name, len(password), os.get_terminal_size() == os.get_terminal_size(2))
"""


def test_a_password_can_be_typed_at_the_terminal(runner, terminal):
    screens = []
    for command in (runner.plain_command, runner.observed_command):
        screen = terminal(command([runner.script(ASKS)]))
        screen.read_until(b"name: ")
        screen.type(b"ann\n")
        screen.read_until(b"password: ")
        assert not screen.echoes()
        screen.type(b"secret\n")
        screens.append(screen.close())
    assert screens[1] == screens[0]
    assert b"hello ann 6 True" in screens[0][1]
    assert b"[True, True, True] True" in screens[0][1]
    assert b"secret" not in screens[1][1]
    assert runner.read_report() is not None


AGENTS_MARKS = ("tasks", "modules", "switch_interval", "environment", "first_environment")


def test_the_terminal_is_seen_as_by_python(runner, terminal, targets):
    apart = ("process_group", "open_files")  # each terminal has a session of its own; tested with other surroundings
    if runner.is_portable:
        apart += AGENTS_MARKS
    seen = []
    for command in (runner.plain_command, runner.observed_command):
        code, text = terminal(command([str(targets / "probe.py")])).close()
        assert code == 0, text
        seen.append({fact: value for fact, value in json.loads(text).items() if fact not in apart})
    assert seen[1] == seen[0]
    assert seen[0]["terminal"][1] is True, "the target must be in the foreground to be allowed to read"


SHELL = """
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
pid = os.fork()
if not pid:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
_, status = os.waitpid(pid, os.WUNTRACED)
while os.WIFSTOPPED(status):
    os.tcsetpgrp(0, os.getpgrp())
    print("back in the shell", flush=True)
    os.tcsetpgrp(0, pid)
    os.killpg(pid, signal.SIGCONT)
    _, status = os.waitpid(pid, os.WUNTRACED)
print("ended with", os.waitstatus_to_exitcode(status), flush=True)
"""
CONTROL_Z = {
    "stops": "signal.SIG_DFL",
    "ignores it": "signal.SIG_IGN",
    "handles it": "lambda *_: print('handled', flush=True)",
    "tidies up first": "lambda *_: (print('tidied', flush=True), os.kill(os.getpid(), signal.SIGSTOP))",
}


@pytest.mark.parametrize("action", CONTROL_Z.values(), ids=CONTROL_Z)
def test_control_z_gives_the_terminal_to_the_shell_when_the_target_stops_and_only_then(runner, terminal, action):
    script = runner.script(
        "import os, signal, time\n"
        f"signal.signal(signal.SIGTSTP, {action})\n"
        "signal.signal(signal.SIGCONT, lambda *_: print('continued', flush=True))\n"
        "print('ready', flush=True)\n"
        "end = time.monotonic() + 1\n"
        "while time.monotonic() < end: time.sleep(0.01)\n"
        "print('read', input(), flush=True)\n"
    )
    seen = []
    for command in (runner.plain_command, runner.observed_command):
        screen = terminal([sys.executable, "-c", SHELL, *command([script])])
        screen.read_until(b"ready")
        time.sleep(0.2)
        screen.type(b"\x1a")
        time.sleep(0.2)
        screen.type(b"line\n")
        seen.append(screen.close())
    assert seen[1] == seen[0]
    assert b"read line" in seen[0][1] and b"ended with 0" in seen[0][1]


def test_a_stopped_target_goes_on(runner):
    """SIGTSTP and SIGCONT to the target alone, as a debugger or a batch system does."""
    script = runner.script(
        "import os, subprocess, sys\n"
        "me = os.getpid()\n"
        "subprocess.Popen(['/bin/sh', '-c', f'sleep 0.3; kill -STOP {me}; sleep 0.3; kill -CONT {me}'])\n"
        "import time\n"
        "end = time.monotonic() + 1.2\n"
        "while time.monotonic() < end:\n"
        "    time.sleep(0.05)\n"
        "print('done')\n"
    )
    runner.same(script)


ALARMS = """
import signal, time
count = 0
def alarm(number, frame):
    global count
    count += 1
signal.signal(signal.SIGALRM, alarm)
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
while count < 40:
    time.sleep(0.015)
signal.setitimer(signal.ITIMER_REAL, 0)
signal.signal(signal.SIGALRM, signal.SIG_DFL)
assert signal.sigtimedwait([signal.SIGUSR1], 0) is None
print("alarms came")
"""
PROFILE_ALARMS = """
import signal
frames = set()
signal.signal(signal.SIGPROF, lambda number, frame: frames.add(frame.f_code.co_name))
signal.setitimer(signal.ITIMER_PROF, 0.005, 0.005)
def work():
    while len(frames) < 1:
        sum(range(1000))
work()
signal.setitimer(signal.ITIMER_PROF, 0)
print(frames)
"""
WAITS = """
import signal, threading
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGTERM])
threading.Timer(0.4, lambda: __import__("os").kill(__import__("os").getpid(), signal.SIGUSR1)).start()
print(signal.sigwait([signal.SIGUSR1]).name)
"""
ASYNCIO = """
import asyncio, os, signal
async def main():
    loop, got = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, got.set)
    loop.call_later(0.3, os.kill, os.getpid(), signal.SIGUSR1)
    await got.wait()
    print("event set")
asyncio.run(main())
"""


@pytest.mark.parametrize(
    "text", [ALARMS, PROFILE_ALARMS, WAITS, ASYNCIO], ids=["alarm", "profile timer", "sigwait", "asyncio"]
)
def test_signals_that_a_target_makes_for_itself_arrive(runner, text):
    runner.same(runner.script(text))
