"""What every source of facts about a process and its threads does: /proc, and the fake that other tests use."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from iobound.verbs.observe.sources.linux_proc import ProcessFiles

# Does as it is told, a line at a time: computes, sleeps, starts and ends a thread.
PROGRAM = """
import sys, threading, time
print("ready", flush=True)
stop = threading.Event()
for line in sys.stdin:
    if line == "compute\\n":
        end = time.thread_time() + 0.05
        while time.thread_time() < end: pass
    elif line == "start\\n":
        other = threading.Thread(target=stop.wait); other.start()
    elif line == "end\\n":
        stop.set(); other.join()
    print("done", flush=True)
"""


class Real:
    """A real program."""

    def __init__(self, process):
        self.process = process
        self.source = ProcessFiles(process.pid)

    def _tell(self, word):
        self.process.stdin.write(f"{word}\n".encode())
        self.process.stdin.flush()
        assert self.process.stdout.readline() == b"done\n"

    def compute(self):
        self._tell("compute")

    def start_thread(self):
        before = set(self.source.threads())
        self._tell("start")
        (new,) = set(self.source.threads()) - before
        return new

    def end_thread(self, native_id):
        self._tell("end")

    def block(self):
        pass  # it waits for its next line already

    def end(self):
        self.process.kill()
        self.process.wait()


class Fake:
    """The fake, told the same."""

    def __init__(self, source):
        self.source = source
        self.block()

    def compute(self):
        self.source.main.compute(50_000_000)
        self.source.main.slices += 1
        self.block()

    def start_thread(self):
        self.source.start_thread(self.source.pid + 1).sleep()
        return self.source.pid + 1

    def end_thread(self, native_id):
        self.source.end_thread(native_id)

    def block(self):
        self.source.main.sleep()

    def end(self):
        self.source.end()


@pytest.fixture(params=["proc", "fake"])
def program(request, start, fake_process):
    return Real(start(PROGRAM)) if request.param == "proc" else Fake(fake_process)


@pytest.fixture(params=[True, False], ids=["open", "closed"])
def keep_open(request):
    return request.param


def numbers(thread):
    return [int(field) for field in thread.counters().split()]


def test_the_main_thread_has_the_number_of_the_process(program, keep_open):
    assert program.source.threads() == [program.source.pid]
    assert program.source.thread(program.source.pid, keep_open=keep_open).native_id == program.source.pid


def test_a_thread_that_waits_does_not_move(program, keep_open, wait_for):
    thread = program.source.thread(program.source.pid, keep_open=keep_open)
    program.block()
    wait_for(lambda: not thread.syscall().startswith(b"running"))
    time.sleep(0.05)
    before = (thread.counters(), thread.syscall(), program.source.cpu_ns())
    time.sleep(0.05)
    assert (thread.counters(), thread.syscall(), program.source.cpu_ns()) == before
    fields = thread.syscall().split()
    assert fields[0].isdigit() and len(fields) >= 7
    assert all(field.startswith(b"0x") for field in fields[1:])
    thread.close()


def test_computing_moves_its_counters_and_those_of_the_process(program, keep_open):
    thread = program.source.thread(program.source.pid, keep_open=keep_open)
    before, whole = numbers(thread), program.source.cpu_ns()
    assert len(before) == 3
    program.compute()
    after = numbers(thread)
    assert after[0] - before[0] >= 49_000_000
    assert program.source.cpu_ns() - whole >= 49_000_000
    assert after[1] >= before[1]
    assert after[2] > before[2]
    thread.close()


def test_threads_come_and_go(program, keep_open, wait_for):
    native_id = program.start_thread()
    assert set(program.source.threads()) == {program.source.pid, native_id}
    thread = program.source.thread(native_id, keep_open=keep_open)
    assert numbers(thread)
    program.end_thread(native_id)
    wait_for(lambda: native_id not in program.source.threads())
    with suppress(OSError):
        assert thread.counters() == b""
    assert thread.syscall() == b""
    with pytest.raises(OSError, match=r".*"):
        program.source.thread(native_id, keep_open=True)
    thread.close()
    thread.close()


def test_what_has_ended_says_so_and_raises_nothing_else(program):
    assert program.source.image()
    program.end()
    assert program.source.cpu_ns() is None
    assert program.source.threads() == []
    assert program.source.image() == ""
    program.source.counters()


def test_counters_of_the_whole_process(program):
    counters = program.source.counters()
    assert counters.voluntary + counters.involuntary >= 1
    assert counters.minor_faults > 0
    assert counters.peak_rss_bytes > 0
    assert counters.system_ns >= 0
    assert counters.children_cpu_ns == 0
