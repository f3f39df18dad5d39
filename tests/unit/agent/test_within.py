"""An agent that a program starts in itself, and ends again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TEXT = """
import os, sys, threading, time
from iobound.verbs.observe.inside import Inside
folder = sys.argv[1]
def state():
    for _ in range(200):
        if len(os.listdir("/proc/self/task")) == 1:
            break
        time.sleep(0.005)
    return len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd")), threading.active_count()
def memory():
    with open("/proc/self/maps") as file:
        return sum(".ring" in line for line in file)
import ctypes, fcntl
before = state()
for _ in range(5):
    assert Inside.start(f"2;1000000;{folder}")
    assert len(os.listdir("/proc/self/task")) == 2
    time.sleep(0.02)
    Inside.end()
    assert state() == before, (state(), before)
    assert memory() == 0
Inside.end()
assert not [name for name in sys.modules if name.startswith("_iobound")]
child = os.fork()
if not child:
    os._exit(len(os.listdir("/proc/self/task")) - 1)
assert os.waitpid(child, 0)[1] == 0
assert not Inside.start("2;1000000;/none")
assert not Inside.start("nonsense")
assert sys.getswitchinterval() == 0.005
print("fine")
"""


@pytest.mark.parametrize("options", [[], ["-X", "dev", "-W", "error"]])
def test_it_leaves_nothing_when_it_ends(tmp_path, interpreter, options):
    source = str(Path(__file__).parents[3] / "src")
    command = [interpreter, *options, "-c", TEXT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONPATH": source})
    assert (done.returncode, done.stdout, done.stderr) == (0, "fine\n", "")


CLOSED = """
import os, sys
from iobound.verbs.observe.inside import Inside
assert Inside.start(f"2;1000000;{sys.argv[1]}")
os.closerange(3, 64)
files = [os.open("/dev/null", os.O_RDONLY) for _ in range(20)]
Inside.end()
for file in files:
    os.fstat(file)
print("fine")
"""


def test_files_of_the_program_on_the_number_of_the_mapping_are_left_alone(tmp_path):
    source = str(Path(__file__).parents[3] / "src")
    command = [sys.executable, "-c", CLOSED, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONPATH": source})
    assert (done.returncode, done.stdout, done.stderr) == (0, "fine\n", "")
