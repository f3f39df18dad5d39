"""What is read of processes when there are few descriptors, or when nobody may look into them."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time

import pytest

from iobound.verbs.observe.sources.linux_proc import (
    ProcessCounters,
    ThreadFiles,
    kept_open,
    process_counters,
    runnable_now,
)

OWN = os.getpid()


@pytest.fixture
def few_descriptors():
    """A limit that leaves room for a few descriptors more than there are."""
    next_one = max(map(int, os.listdir("/proc/self/fd")))  # other tests may have left gaps
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (2 * (next_one + 4), hard))
    yield next_one + 4
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_half_of_the_descriptors_are_left_for_what_is_read_at_once(few_descriptors):
    kept = []
    while (descriptor := kept_open("/proc/self/stat")) >= 0:
        kept.append(descriptor)
    assert 0 < len(kept) <= few_descriptors
    assert max(kept) < few_descriptors
    for descriptor in kept:
        os.close(descriptor)


def test_what_is_not_there_is_not_kept_open():
    with pytest.raises(FileNotFoundError):
        kept_open("/proc/self/no such file")


def test_a_thread_is_seen_without_a_descriptor_of_its_own(few_descriptors):
    kept = [ThreadFiles(OWN, OWN, keep_open=True) for _ in range(2 * few_descriptors)]
    assert all(int(files.counters().split()[0]) > 0 for files in kept)
    assert all(files.syscall().split() for files in kept)
    for files in kept:
        files.close()


def test_a_thread_that_has_ended_is_gone_whether_its_files_are_open_or_not(few_descriptors):
    started, done = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: (started.set(), done.wait()))
    thread.start()
    started.wait()
    all_files = [ThreadFiles(OWN, thread.native_id, keep_open=keep) for keep in (True, False)]
    done.set()
    thread.join()
    while os.path.exists(f"/proc/self/task/{thread.native_id}"):
        time.sleep(0.001)
    for files in all_files:
        assert files.syscall() == b""
        with pytest.raises((FileNotFoundError, ProcessLookupError)):
            files.counters()
        files.close()


@pytest.mark.parametrize(("code", "said"), [("while True: pass", b"running"), ("import time\ntime.sleep(60)", b"")])
def test_whether_a_thread_runs_is_told_without_the_right_to_see_its_system_call(start, wait_for, code, said):
    """As of a process that has given up being dumped, when the observer is not root."""
    process = start(f"print('ready', flush=True)\n{code}")
    files = ThreadFiles(process.pid, process.pid, keep_open=False)
    wait_for(lambda: files._by_state() == said, f"a thread that is {said!r}")
    if said:
        assert files.syscall().strip() == b"running"


PARENT = """
import os, sys, time
if not os.fork():
    while time.process_time() < 0.3:
        pass
    os._exit(0)
os.wait()
"""


def test_the_time_of_children_is_that_of_those_that_have_ended_also_when_the_parent_has():
    with subprocess.Popen([sys.executable, "-c", PARENT]) as parent:
        os.waitid(os.P_PID, parent.pid, os.WEXITED | os.WNOWAIT)
        ended = process_counters(parent.pid, ProcessCounters())
    assert 250_000_000 <= ended.children_cpu_ns <= 600_000_000
    assert process_counters(parent.pid, ended).children_cpu_ns == ended.children_cpu_ns
    assert process_counters(parent.pid, ProcessCounters()).children_cpu_ns is None


def test_threads_that_want_a_cpu_are_counted():
    """This one runs, and so does a process that computes."""
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True)\nwhile True: pass"], stdout=subprocess.PIPE
    ) as busy:
        busy.stdout.readline()
        assert max(runnable_now() for _ in range(1000)) >= 2
        busy.kill()
