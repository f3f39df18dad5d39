"""What every source of the GIL's holder does: the interpreter's memory, and the fake that other tests use."""

from __future__ import annotations

import os
import sys
import time

import pytest

from iobound.verbs.observe.sources.gil_memory import GIL_BYTES, GilReader, find_gil

SLEEPS = "import time\nprint('ready', flush=True)\ntime.sleep(60)"
COMPUTES = "print('ready', flush=True)\nwhile True: pass"


@pytest.fixture(params=["memory", "fake"])
def holding(request, start, wait_for, fake_gil):
    """A function that makes a GIL that is held or free, and says who could have it."""
    opened = []

    def made(held: bool):
        if request.param == "fake":
            fake_gil.held_by = 500 if held else 0
            return fake_gil, 500
        if not getattr(sys, "_is_gil_enabled", lambda: True)():
            pytest.skip("this interpreter runs without a GIL")
        pid = start(COMPUTES if held else SLEEPS).pid
        memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
        opened.append(memory)
        found = wait_for(lambda: find_gil(pid, memory, frozenset({pid})))
        time.sleep(0.1)
        return GilReader(memory, found), pid

    yield made
    for memory in opened:
        os.close(memory)


def test_a_sleeping_program_leaves_it_free(holding):
    gil, _ = holding(False)
    assert gil.holder() == 0


def test_a_computing_program_holds_it(holding):
    gil, thread = holding(True)
    looks = [gil.holder() for _ in range(50)]
    assert looks.count(thread) > 45
    gil.forget_threads()
    assert {gil.holder() for _ in range(20)} <= {0, thread}


def test_its_futexes_lie_within_it(holding):
    gil, _ = holding(False)
    assert gil.is_in_gil(gil.location.address)
    assert gil.is_in_gil(gil.location.address + GIL_BYTES - 1)
    assert not gil.is_in_gil(gil.location.address - 1)
    assert not gil.is_in_gil(gil.location.address + GIL_BYTES)
