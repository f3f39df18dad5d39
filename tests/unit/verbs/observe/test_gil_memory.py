"""Who holds the GIL, read from real processes of every interpreter that is installed."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager

import pytest

from iobound.model.recording import Kind
from iobound.verbs.observe.sources import linux_proc
from iobound.verbs.observe.sources.channels import ChannelReader
from iobound.verbs.observe.sources.gil_memory import GIL_BYTES, GilLocation, GilReader, find_gil, find_known

READY = "print('ready', flush=True)\n"
PYTHON = READY + "while True: pass"
NATIVE = "import hashlib; block = bytes(1 << 22)\n" + READY + "while True: hashlib.sha256(block).digest()"
SLEEP = READY + "import time\ntime.sleep(60)"
QUEUE = "import _thread\ndef burn():\n    while True: pass\n_thread.start_new_thread(burn, ())\n" + READY + "burn()"
OFF = "the GIL of a free-threaded build is off: there is nothing to find"


@contextmanager
def memory_of(pid):
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        yield memory
    finally:
        os.close(memory)


def located(pid, memory, wait_for) -> GilLocation:
    return wait_for(lambda: find_gil(pid, memory, frozenset(linux_proc.threads_of(pid))), f"the GIL of {pid}")


def has_no_gil(python) -> bool:
    code = "import sys; sys.exit(getattr(sys, '_is_gil_enabled', lambda: True)())"
    return subprocess.run([python, "-I", "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("program", "low", "high"),
    [(PYTHON, 0.95, 1.0), (NATIVE, 0.0, 0.5), (SLEEP, 0.0, 0.05)],
    ids=["python", "native", "sleep"],
)
def test_the_share_of_looks_that_find_it_held(start, wait_for, interpreter, program, low, high):
    if has_no_gil(interpreter):
        pytest.skip(OFF)
    pid = start(program, python=interpreter).pid
    with memory_of(pid) as memory:
        reader = GilReader(memory, located(pid, memory, wait_for))
        time.sleep(0.05)
        holders = []
        for _ in range(60):
            holders.append(reader.holder())
            time.sleep(0.002)
    assert set(holders) <= {0, pid}
    assert low <= holders.count(pid) / len(holders) <= high


def test_of_two_threads_one_has_it_and_the_other_waits_for_it(start, wait_for, interpreter):
    if has_no_gil(interpreter):
        pytest.skip(OFF)
    pid = start(QUEUE, python=interpreter).pid
    with memory_of(pid) as memory:
        reader = GilReader(memory, located(pid, memory, wait_for))
        channels = ChannelReader(pid, memory, reader.is_in_gil, is_main=True)
        threads = wait_for(lambda: len(linux_proc.threads_of(pid)) == 2 and linux_proc.threads_of(pid))
        files = [linux_proc.ThreadFiles(pid, thread, keep_open=True) for thread in threads]
        holders, waiting = set(), 0
        for _ in range(60):
            holders.add(reader.holder())
            lines = [one.syscall() for one in files]
            waiting += any(channels.read(one).kind is Kind.GIL for one in lines if not one.startswith(b"running"))
            time.sleep(0.003)
        for one in files:
            one.close()
    assert set(threads) <= holders <= {0, *threads}
    assert waiting > 10  # it wakes up every 5 ms to ask for it, and queues for a CPU where others are busy


def test_another_process_of_the_same_interpreter_has_it_at_the_same_place(start, wait_for, interpreter):
    if has_no_gil(interpreter):
        pytest.skip(OFF)
    first, second = (start(SLEEP, python=interpreter).pid for _ in range(2))
    with memory_of(first) as memory:
        known = located(first, memory, wait_for)
    with memory_of(second) as memory:
        found = find_known(second, memory, frozenset({second}), known)
        assert found == located(second, memory, wait_for)
        assert GilReader(memory, found).is_in_gil(found.address + GIL_BYTES - 1)
        assert not GilReader(memory, found).is_in_gil(found.address - 1)


def test_another_switch_interval_is_found_only_when_it_is_known(start, wait_for):
    text = "import sys; sys.setswitchinterval(0.123)\n" + SLEEP
    pid = start(text).pid
    with memory_of(pid) as memory:
        if has_no_gil(os.readlink(f"/proc/{pid}/exe")):
            pytest.skip(OFF)
        assert find_gil(pid, memory, frozenset({pid})) is None
        found = find_gil(pid, memory, frozenset({pid}), frozenset({5000, 123_000}))
        assert found is not None
        assert GilReader(memory, found).holder() == 0


def test_a_program_that_is_not_python_has_none():
    with subprocess.Popen(["sleep", "30"]) as process:
        time.sleep(0.05)
        with memory_of(process.pid) as memory:
            assert find_gil(process.pid, memory, frozenset({process.pid})) is None
        process.kill()


def test_without_memory_nothing_is_found_and_nothing_raised():
    assert find_gil(1 << 23, -1, frozenset({1})) is None
    assert find_known(1 << 23, -1, frozenset({1}), GilLocation(4096, 8, "/bin/x", 0)) is None
    assert GilReader(-1, GilLocation(4096, 8, "/bin/x", 0)).holder() is None


def test_a_process_that_has_ended_cannot_be_asked_any_more(start, wait_for):
    process = start(SLEEP)
    with memory_of(process.pid) as memory:
        reader = GilReader(memory, located(process.pid, memory, wait_for))
        assert reader.holder() == 0
        process.kill()
        process.wait()
        assert reader.holder() is None


def test_memory_that_became_something_else_is_not_believed(tmp_path):
    """After `exec` the old address may hold anything."""
    for content in (b"\xff" * 64, (5000).to_bytes(8, "little") + b"\xff" * 56, bytes(16) + b"\1" + bytes(47)):
        path = tmp_path / "memory"
        path.write_bytes(content)
        memory = os.open(path, os.O_RDONLY)
        assert GilReader(memory, GilLocation(0, 8, "", 0)).holder() is None
        os.close(memory)
