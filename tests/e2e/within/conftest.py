"""Programs that have themselves observed, each under a time limit, and what they leave behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PATIENCE_S = 60
KEPT = ("PATH", "HOME", "LD_LIBRARY_PATH")
SOURCE = Path(__file__).parents[3] / "src"

PREAMBLE = """
import json, os, sys, threading, time
import iobound

select_nothing = time.sleep

def spin(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        sum(range(1000))

def say(**facts):
    os.write(1, (json.dumps(facts) + "\\n").encode())

def busy(report):
    '''Whether it computed for most of the time, or wanted to: others may have the CPUs.'''
    wanted = ("cpu_python", "cpu_native", "wait_cpu", "wait_gil")
    return sum(report.shares[state] for state in wanted) > 0.5

def found(report):
    whole = report.as_dict()
    return {
        "bound": report.bound, "busy": busy(report), "shares": report.shares,
        "wall_s": whole["wall_s"], "cpu_s": whole["cpu_s"],
        "notes": list(report.diagnosis.recording.notes), "source": report.diagnosis.recording.source,
        "processes": [(each["command"], [one["name"] for one in each["threads"]]) for each in whole["processes"]],
        "pids": [each["pid"] for each in whole["processes"]],
    }

def others():
    '''What of ours is in this process: threads, children, descriptors.'''
    for _ in range(200):  # a thread that was joined is known to the system for a moment more
        if len(os.listdir("/proc/self/task")) == threading.active_count():
            break
        os.sched_yield(), select_nothing(0.005)
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        children = file.read().split()
    return {"threads": len(os.listdir("/proc/self/task")), "children": len(children),
            "descriptors": len(os.listdir("/proc/self/fd"))}
"""


class Said(NamedTuple):
    """How a program ended, and the facts that it said, each line a dictionary."""

    exit_code: int
    facts: list[dict[str, Any]]
    errors: str
    pid: int

    @property
    def last(self) -> dict[str, Any]:
        """What it said last."""
        return self.facts[-1]


class Programs:
    """Runs programs in a folder of their own."""

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder
        self.python = python
        self.temporary = Path(tempfile.mkdtemp(prefix="t", dir="/tmp"))  # sockets have to fit into 108 bytes with it
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, text: str, *options: str, by: Sequence[str] = (), **how: Any) -> subprocess.Popen[bytes]:
        """Start a program, by the interpreter or another command; what it may use is in `PREAMBLE`."""
        path = self.folder / f"program{len(self._running)}.py"
        path.write_text(PREAMBLE + text)
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        how.setdefault("env", {**kept, "LANG": "C.UTF-8", "TMPDIR": str(self.temporary), "PYTHONPATH": str(SOURCE)})
        how.setdefault("stdin", subprocess.DEVNULL)
        how.setdefault("stdout", subprocess.PIPE)
        how.setdefault("stderr", subprocess.PIPE)
        how.setdefault("cwd", self.folder)
        process = subprocess.Popen([*(by or [self.python]), *options, str(path)], **how)
        self._running.append(process)
        return process

    def run(self, text: str, *options: str, **how: Any) -> Said:
        """Run a program to its end, and see that nothing is left of it."""
        return self.ended(self.start(text, *options, **how))

    def ended(self, process: subprocess.Popen[bytes]) -> Said:
        """Wait for the end of a program, and see that nothing is left of it."""
        output, errors = process.communicate(timeout=PATIENCE_S)
        facts = [json.loads(line) for line in output.splitlines() if line.startswith(b"{")]
        assert self.left(process.pid) == [], errors.decode()
        return Said(process.returncode, facts, errors.decode(), process.pid)

    def left(self, pid: int) -> list[str]:
        """What is left of ours a moment after a program has ended: folders and processes."""
        end = time.monotonic() + PATIENCE_S / 4
        while True:
            found = [str(path) for path in Path("/dev/shm").glob(f"iobound-{pid}-*")]
            found += [str(path) for path in self.temporary.glob("iobound-*")]
            found += [f"process {each}" for each in observers_of(pid)]
            if not found or time.monotonic() > end:
                return found
            time.sleep(0.02)

    def close(self) -> None:
        """End everything."""
        for process in self._running:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream:
                    stream.close()
        shutil.rmtree(self.temporary, ignore_errors=True)


def observers_of(pid: int) -> list[int]:
    """Processes that were started to observe a program."""
    wanted = f"iobound-{pid}-".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (path / "cmdline").read_bytes():
                found.append(int(path.name))
        except OSError:
            continue
    return found


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    """Runs programs that have themselves observed."""
    made = Programs(tmp_path, sys.executable)
    yield made
    made.close()


@pytest.fixture
def until() -> Callable[..., Any]:
    """Waits for something to become true and returns it; fails after a while."""

    def waited(question: Callable[[], Any]) -> Any:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            answer = question()
            if answer:
                return answer
            time.sleep(0.01)
        raise AssertionError("waited in vain")

    return waited


def is_running(pid: int) -> bool:
    """Whether a process is there and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """Press Ctrl-C, as far as one process sees it."""
    process.send_signal(signal.SIGINT)
