"""CPU clocks of threads, which are asked for by what the kernel calls a thread: its memory may be gone."""

from __future__ import annotations

import sys
import threading
import time

import pytest

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads have no such clocks")


@linux
def test_the_clock_of_a_thread_is_that_of_the_c_library(looking, stacks):
    """Of one that computes, of one that waits, and of the main thread."""
    done = threading.Event()

    def compute():
        while not done.is_set():
            sum(range(1000))

    threads = [threading.Thread(target=compute), threading.Thread(target=done.wait)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    try:
        for thread in (*threads, threading.main_thread()):
            clock = time.pthread_getcpuclockid(thread.ident)
            before = time.clock_gettime_ns(clock)
            seen = looking._cpu_time_of(stacks.Tables().native_id(thread.ident))
            assert before <= seen <= time.clock_gettime_ns(clock)
            assert seen > 0
    finally:
        done.set()
        for thread in threads:
            thread.join()


@linux
def test_a_thread_that_has_ended_has_no_clock(looking):
    """The kernel says so; nothing of the thread is looked into."""
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    end = time.monotonic() + 10
    while looking._cpu_time_of(thread.native_id) != -1 and time.monotonic() < end:
        time.sleep(0.001)  # it has let go of us a moment before it is gone
    assert looking._cpu_time_of(thread.native_id) == -1


@linux
@pytest.mark.parametrize("native_id", [None, 0, -1, 1, 1 << 22, 1 << 80, 3.5, "7", True, object()])
def test_what_is_no_thread_of_ours_has_no_clock(looking, native_id):
    """A program may put anything there; 1 is a thread, but another process's."""
    assert looking._cpu_time_of(native_id) == -1


def test_where_threads_have_no_clocks_the_process_has_one(looking, monkeypatch):
    monkeypatch.setattr(looking, "_HAS_CLOCKS", False)
    before = time.process_time_ns()
    assert before <= -1 - looking._cpu_time_of(threading.get_native_id()) <= time.process_time_ns()


def test_a_thread_that_threading_does_not_know_has_no_number(stacks):
    assert stacks.Tables().native_id(-5) is None
