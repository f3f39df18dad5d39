"""What has ended and is not reaped yet is no longer there: it waits for nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from iobound.verbs.observe.collector import Collector
from iobound.verbs.observe.sources import linux_proc
from iobound.verbs.observe.watched import WatchedProcess


def watched(pid):
    collector = Collector()
    notes = collector.start_process(pid, os.getpid(), "", time.monotonic_ns())
    birth = linux_proc.birth_of(pid)
    return WatchedProcess(linux_proc.ProcessFiles(pid), birth, collector, notes, is_main=False), collector


def test_a_process_that_nobody_has_reaped_yet_is_over(start, wait_for):
    process = start("print('ready', flush=True); input()")
    seen, _ = watched(process.pid)
    seen.list_threads(time.monotonic_ns())
    assert seen.look(time.monotonic_ns(), search=False)[1]
    process.stdin.write(b"\n")
    process.stdin.flush()
    wait_for(lambda: linux_proc.birth_of(process.pid) is None)  # a zombie
    for _ in range(3):
        moved, alive = seen.look(time.monotonic_ns(), search=True)
    assert (moved, alive) == ([], False)
    (thread,) = seen.notes.threads
    assert thread.over
    assert thread.end_ns <= time.monotonic_ns()
    seen.end(time.monotonic_ns())


LEADER_ENDS = """
import ctypes, threading, time
def work():
    while True: time.sleep(0.005)
threading.Thread(target=work).start()
print("ready", flush=True)
input()
ctypes.CDLL(None).syscall(60 if __import__("platform").machine() == "x86_64" else 93, 0)
"""


def test_a_process_whose_first_thread_has_ended_goes_on(start, wait_for):
    """It is a zombie to `ps`, and its other threads run; the first thread is noted once."""
    process = start(LEADER_ENDS)
    seen, _ = watched(process.pid)
    seen.list_threads(time.monotonic_ns())
    process.stdin.write(b"\n")
    process.stdin.flush()
    wait_for(lambda: linux_proc.birth_of(process.pid) is None)
    for _ in range(20):
        alive = seen.look(time.monotonic_ns(), search=True)[1]
        time.sleep(0.01)
    assert alive
    assert [thread.over for thread in seen.notes.threads].count(True) == 1
    assert len(seen.notes.threads) == 2
    seen.end(time.monotonic_ns())


def test_a_thread_that_ends_while_it_is_met_leaves_no_descriptor(fake_process, monkeypatch):
    class Vanishing:
        native_id = 5
        closed = 0

        def counters(self):
            raise ProcessLookupError

        def close(self):
            Vanishing.closed += 1

    collector = Collector()
    notes = collector.start_process(fake_process.pid, 1, "", 0)
    seen = WatchedProcess(fake_process, linux_proc.Birth(1, 1, 17), collector, notes, is_main=False)
    monkeypatch.setattr(fake_process, "thread", lambda native_id, *, keep_open: Vanishing())
    seen.list_threads(1)
    assert Vanishing.closed == 1
    assert not seen.threads


def test_an_unreaped_child_does_not_colour_the_run():
    """`Popen` without `wait` is common; the zombie counted as a wait for the disk."""
    text = "import subprocess\np = subprocess.Popen(['sleep', '1.5'])\nsubprocess.run(['sleep', '5'])"
    command = [sys.executable, "-m", "iobound", "run", "--report", "json", "-c", text]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    report = json.loads(done.stderr)
    assert report["states"]["wait_disk"] < 0.2
    assert report["verdict"]["dominant"] != "wait_disk"
    lives = sorted(process["lifetime_s"] for process in report["processes"][1:])
    assert lives[0] < 0.7 * lives[1]  # where the machine is busy, looks may be a second apart
