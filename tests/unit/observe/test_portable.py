"""The observer for machines that show nothing from outside, on programs of one kind each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import types

import pytest

from iobound.agent.bootstrap._iobound_ring import Ring
from iobound.model.recording import RUNNING
from iobound.observe.channel_folder import ChannelFolder
from iobound.observe.collector import Collector
from iobound.observe.launch import Ending
from iobound.observe.portable import PortableSupervisor, _Process

SLEEPS = "import time\ndef work():\n    time.sleep(1.0)\nwork()"
COMPUTES = (
    "import time\ndef work():\n    end = time.process_time() + 0.8\n    while time.process_time() < end:\n"
    "        sum(n * n for n in range(20000))\nwork()"
)
RECEIVES = """
import socket, threading, time
listener = socket.create_server(("127.0.0.1", 0))
def serve():
    connection, _ = listener.accept()
    for _ in range(5):
        time.sleep(0.2)
        connection.sendall(b"x")
threading.Thread(target=serve, daemon=True).start()
client = socket.create_connection(listener.getsockname())
def work():
    for _ in range(5):
        client.recv(1)
work()
"""


@pytest.mark.parametrize(
    ("text", "dominant"),
    [(SLEEPS, "wait_sleep"), (COMPUTES, "cpu_python"), (RECEIVES, "wait_network")],
    ids=["sleeps", "computes", "receives"],
)
def test_the_dominant_state_from_inside_alone(tmp_path, text, dominant):
    script, report = tmp_path / "target.py", tmp_path / "report.json"
    script.write_text(text)
    command = [sys.executable, "-m", "iobound", "run", "--portable", "--report", f"json:{report}", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    found = json.loads(report.read_text())
    assert sum(found["states"].values()) == pytest.approx(1, abs=1e-6)
    known = {state: share for state, share in found["states"].items() if state != "unknown"}  # a busy machine's part
    assert max(known, key=known.get) == dominant, found["states"]
    assert known[dominant] > 0.3
    for process in found["processes"]:
        for thread in process["threads"]:
            assert sum(thread["states"].values()) == pytest.approx(1, abs=1e-6)


class Agent:
    """An agent that knows its main thread."""

    class Greeting:
        main_thread = 10

    def __init__(self):
        self.greeting, self.known, self.cpu_of = self.Greeting(), {}, None

    def know(self, ident, native_id):
        self.known[ident] = native_id


@pytest.fixture
def process():
    collector = Collector()
    return _Process(collector.start_process(10, 1, "", 0), Agent(), collector)


MS = 1_000_000


def test_a_clock_that_moved_is_computing_and_one_that_stood_still_is_blocked(process):
    for now, clock in ((10, 9), (20, 18), (30, 18), (40, 19), (50, 28)):
        process.take_clock(7, 10, now * MS, clock * MS)
    (thread,) = process.notes.threads
    running = [channel == RUNNING for channel in thread.marks.channel]
    assert running == [True, True, False, False, True]
    assert list(thread.marks.cpu) == [clock * MS for clock in (9, 18, 18, 19, 28)]
    assert thread.cpu_ns == 28 * MS


def test_a_clock_never_goes_backwards(process):
    process.take_clock(7, 10, 10 * MS, 5 * MS)
    process.take_clock(7, 10, 20 * MS, -1)  # the thread's clock could not be read
    (thread,) = process.notes.threads
    assert list(thread.marks.cpu) == [5 * MS, 5 * MS]


def test_the_clock_of_a_whole_process_is_put_down_to_its_main_thread(process):
    process.take_clock(7, 10, 10 * MS, -1 - 8 * MS)
    process.take_clock(8, 11, 10 * MS, -1 - 8 * MS)
    main, other = process.notes.threads
    assert (main.name, main.cpu_ns) == ("MainThread", 8 * MS)
    assert (other.name, other.cpu_ns) == ("Thread-11", 0)


def test_a_thread_without_a_native_id_is_told_by_its_ident(process):
    process.take_clock((1 << 33) + 77, 0, 10 * MS, 0)
    (thread,) = process.notes.threads
    assert thread.native_id == 77
    assert process.find(77) is thread
    assert process.agent.known == {(1 << 33) + 77: 77}


def test_processes_that_have_ended_leave_no_descriptor_and_no_memory(tmp_path, monkeypatch):
    """A pool that replaces its workers for hours: each had a channel of its own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = ChannelFolder()
    kept = []
    journal = types.SimpleNamespace(add=kept.append)
    supervisor = PortableSupervisor(os.getpid(), time.monotonic_ns(), folder, 5 * MS, journal, "it")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        child = subprocess.Popen([sys.executable, "-S", "-c", "pass"])
        path = f"{folder.path}/{child.pid}-1-0"
        ring = Ring(path + ".new")
        ring.write("H\t2\t1\t1\t7\t10\t5000\tcpython\t3.11.7\t1\t0\nL\t1\t1\t7:0:5\n")
        del ring
        os.rename(path + ".new", path + ".ring")
        supervisor.look()
        child.wait()
    assert len(os.listdir("/proc/self/fd")) == before + 5
    supervisor._flush_ns = 0
    supervisor.look()
    assert len(os.listdir("/proc/self/fd")) == before
    assert supervisor.effort().taken == 5
    assert len(supervisor.agents) == 5
    supervisor.finish(Ending(0, None), time.monotonic_ns())
    folder.remove()
    records = {index: record for part in kept for index, record in part.processes}
    assert len(records) == 6
    assert sum(len(part.threads) for part in kept) == 5
