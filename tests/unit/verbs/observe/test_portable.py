"""The observer for machines that show nothing from outside, on programs of one kind each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from iobound.model.recording import RUNNING
from iobound.verbs.observe import collector, portable
from iobound.verbs.observe.collector import Collector
from iobound.verbs.observe.portable import PortableSupervisor, _Process

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
    assert known[dominant] > 0.5 * sum(known.values()), found["states"]
    for process in found["processes"]:
        for thread in process["threads"]:
            assert sum(thread["states"].values()) == pytest.approx(1, abs=1e-6)


class Channel:
    """A channel whose agent has written these lines."""

    def __init__(self, text):
        self.waiting = text.splitlines()
        self.open = True
        self.dismissed = False

    def lines(self):
        while self.waiting:
            yield self.waiting.pop(0).split("\t")

    def dropped(self):
        return 3

    def dismiss(self):
        self.dismissed = True

    def close(self):
        self.open = False


def said(pid, looks):
    """What an agent of 3.12 says: a greeting, one stack, and looks of these threads at 10, 20, … ms."""
    text = f"H\t2\t{pid}\t9\t700\t{pid}\t5000\tcpython\t3.12.1\t1\t0\nC\t1\tf\tg\t1\nP\t1\t1\t2\t0\t2\t1\nS\t1\t0\t1\n"
    text += "".join(f"N\t{700 + n}\t{pid + n}\tThread {n}\n" for n in range(1, 9))
    for number, threads in enumerate(looks, 1):
        entries = "\t".join(f"{700 + n}:1:{number * 1000}" for n in threads)
        text += f"L\t{number * 10 * MS}\t{number * 10 * MS}\t{entries}\n"
    return text


class Folder:
    """Where agents come, one after the other."""

    def __init__(self):
        self.come = []

    def new_channels(self):
        while self.come:
            yield self.come.pop(0)


@pytest.fixture
def listening(monkeypatch):
    """A supervisor that looks for the dead each time, and hands on what it has heard at the first."""
    monkeypatch.setattr(portable, "_ALIVE_PERIOD_NS", 0)
    kept = []
    kept_journal = SimpleNamespace(add=kept.append)
    folder = Folder()
    supervisor = PortableSupervisor(os.getpid(), 0, folder, 0, kept_journal, "main")
    return SimpleNamespace(supervisor=supervisor, folder=folder, kept=kept)


def ended_process():
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_of_a_process_that_is_gone_only_counters_stay(listening):
    """Its ring is let go of, and no later increment speaks of it."""
    channels = [Channel(said(pid, [[0, 1]] * 4)) for pid in (ended_process(), os.getppid())]
    listening.folder.come = [(ended_process(), channels[0]), (os.getppid(), channels[1])]
    supervisor = listening.supervisor
    for _ in range(3):
        supervisor.look()
    assert [channel.open for channel in channels] == [False, True]
    first = supervisor.collector.increment(1, supervisor.effort())
    second = supervisor.collector.increment(2, supervisor.effort())
    assert [index for index, _ in first.processes] == [0, 1, 2]
    assert [index for index, _ in second.processes] == [0, 2]
    assert len([part for part in first.threads if part.process == 1]) == 2
    assert (second.effort.inside_looks, second.effort.inside_missed) == (8, 6)


def test_who_goes_on_speaking_is_not_gone(listening):
    """In a namespace of its own its number is not ours."""
    channel = Channel(said(ended_process(), [[0]]))
    listening.folder.come = [(ended_process(), channel)]
    for number in range(2, 7):
        listening.supervisor.look()
        channel.waiting.append(f"L\t{number * 10 * MS}\t{number * 10 * MS}\t700:1:5")
    assert channel.open


def test_a_thread_that_a_look_does_not_find_is_over(listening):
    """And another one with its number is another."""
    listening.folder.come = [(os.getpid(), Channel(said(os.getpid(), [[0, 1, 2], [0, 2], [0, 1, 2]])))]
    listening.supervisor.look()
    (increment,) = listening.kept
    names = [part.record.native_id - os.getpid() for part in increment.threads]
    assert sorted(names) == [0, 1, 1, 2]
    alive = listening.supervisor.collector.processes[0].threads
    assert sorted(thread.native_id - os.getpid() for thread in alive) == [0, 1, 2]


def test_a_thread_has_the_name_that_came_before_it(listening):
    listening.folder.come = [(os.getpid(), Channel(said(os.getpid(), [[0, 1, 2]])))]
    listening.supervisor.look()
    (main,) = listening.supervisor.collector.processes
    assert sorted(thread.name for thread in main.threads) == ["MainThread", "Thread 1", "Thread 2"]


def test_a_look_without_frames_ends_no_thread(listening):
    text = said(os.getpid(), [[0, 1]]) + f"L\t{20 * MS}\t{20 * MS}\t700:0:-9000\n"
    listening.folder.come = [(os.getpid(), Channel(text))]
    listening.supervisor.look()
    assert not any(thread.over for thread in listening.supervisor.collector.processes[0].threads)


def test_another_program_in_the_same_process_ends_the_threads_of_the_first(listening):
    channels = [Channel(said(os.getpid(), [[0, 1]] * 2)), Channel(said(os.getpid(), [[0]] * 2))]
    listening.folder.come = [(os.getpid(), channels[0])]
    listening.supervisor.look()
    listening.folder.come = [(os.getpid(), channels[1])]
    listening.supervisor.look()
    assert [channel.open for channel in channels] == [False, True]
    (main,) = listening.supervisor.collector.processes
    assert [thread.over for thread in main.threads] == [True, True, False]
    assert main.threads[2].start_ns == main.threads[0].end_ns


def test_there_is_a_limit_to_processes_and_threads(listening, monkeypatch):
    monkeypatch.setattr(collector, "_MAX_PROCESSES", 2)
    monkeypatch.setattr(collector, "_MAX_THREADS", 3)
    channels = [Channel(said(pid, [[0, 1, 2, 3]])) for pid in (os.getpid(), os.getppid(), 1)]
    listening.folder.come = list(zip((os.getpid(), os.getppid(), 1), channels, strict=True))
    listening.supervisor.look()
    assert [(channel.open, channel.dismissed) for channel in channels] == [(True, False), (True, False), (False, True)]
    found = listening.supervisor.collector
    assert [len(process.threads) for process in found.processes] == [3, 0]
    assert found.left_out


class Agent:
    """An agent that knows its main thread."""

    class Greeting:
        main_thread = 10

    def __init__(self):
        self.greeting, self.known, self.cpu_of = self.Greeting(), {}, None
        self.names = {}

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
