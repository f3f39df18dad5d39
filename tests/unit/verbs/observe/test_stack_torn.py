"""Stacks of threads that go on while they are read, of what has ended, and of memory full of nonsense."""

from __future__ import annotations

import os
import random
import struct
import subprocess
import time
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iobound.verbs.observe.line_table import position
from iobound.verbs.observe.sources import linux_proc
from iobound.verbs.observe.sources.gil_memory import GilLocation
from iobound.verbs.observe.sources.stack_frames import TornStack
from iobound.verbs.observe.sources.stack_memory import MAX_DEPTH, StackMemory

HOT = """
import threading, _thread
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
def leaf(i): return i * 2
def numbers(n):
    for i in range(n): yield leaf(i)
def raises(n):
    if n == 0: raise ValueError(n)
    raises(n - 1)
def catches():
    try: raises(5)
    except ValueError: leaf(1)
def calls():
    fib(8); sum(numbers(20)); catches(); sorted(range(10), key=leaf)
def work():
    while True: calls()
threading.Thread(target=work, daemon=True).start()
print("ready", flush=True)
work()
"""
CALLS = {
    ("<module>", "work"), ("Thread._bootstrap", "Thread._bootstrap_inner"), ("Thread._bootstrap_inner", "Thread.run"),
    ("Thread.run", "work"), ("work", "calls"), ("calls", "fib"), ("fib", "fib"), ("calls", "numbers"),
    ("numbers", "leaf"), ("calls", "catches"), ("catches", "raises"), ("raises", "raises"), ("catches", "leaf"),
    ("calls", "leaf"),
}  # fmt: skip


def test_threads_that_run_hot_are_read_with_few_torn_and_only_true_calls(start, look_into, wait_for, interpreter):
    process = start(HOT, python=interpreter)
    looked = look_into(process.pid)
    native_ids = sorted(linux_proc.threads_of(process.pid), key=process.pid.__ne__)
    wait_for(lambda: looked.stacks.find_threads() or all(map(looked.stacks.knows, native_ids)))
    torn = looks = 0
    false, seen = [], set()
    for now in range(1000):
        time.sleep(0.001)  # else a thread that has lost its CPU would be looked at again and again at one point
        for native_id, begin in zip(native_ids, ("<module>", "Thread._bootstrap"), strict=True):
            looks += 1
            try:
                frames = looked.frames_of(native_id, now * 1_000_000)
            except TornStack:
                torn += 1
                continue
            functions = [frame.code.function for frame in reversed(frames)]
            calls = set(pairwise(functions))
            seen |= calls
            if calls - CALLS or functions[:1] != [begin]:
                false.append(functions)
    assert torn < 0.05 * looks
    assert len(false) < 0.01 * looks, false[:3]
    assert {("fib", "fib"), ("calls", "numbers"), ("work", "calls"), ("raises", "raises")} <= seen


EXECS = """
import sys, time
source = "def inner_{n}(): go({n})\\ninner_{n}()"
def go(n):
    print(n, flush=True)
    sys.stdin.readline()
print("ready", flush=True)
n = 0
while True:
    exec(compile(source.replace("{n}", str(n)), "file " + str(n) * 5, "exec"), {"go": go})
    n += 1
"""


def test_code_that_takes_the_place_of_other_code_is_not_taken_for_it(start, look_into, interpreter):
    """At the same address and, in one second, without a pause."""
    process = start(EXECS, python=interpreter, stdin=subprocess.PIPE)
    looked = look_into(process.pid)
    addresses = []
    for n in range(60):
        assert int(process.stdout.readline()) == n
        time.sleep(0.003)
        frames = looked.frames_of(process.pid, 5_000_000_000 + n)
        named = [frame.code for frame in frames if frame.code.file.startswith("file ")]
        assert [(code.file, code.function) for code in named] == [
            ("file " + str(n) * 5, f"inner_{n}"),
            ("file " + str(n) * 5, "<module>"),
        ]
        addresses += [frame.code_address for frame in frames if frame.code.file.startswith("file ")]
        process.stdin.write(b"\n")
        process.stdin.flush()
    process.stdin.close()
    assert len(set(addresses)) < len(addresses)  # else the test would show nothing


def test_a_process_that_has_ended_cannot_be_read(start, look_into, interpreter):
    process = start("print('ready', flush=True); import time; time.sleep(60)", python=interpreter)
    looked = look_into(process.pid)
    assert looked.frames_of(process.pid)
    process.kill()
    process.wait()
    with pytest.raises(TornStack):
        looked.frames_of(process.pid)
    looked.stacks.find_threads()
    assert not looked.stacks.knows(process.pid)


def test_memory_that_cannot_be_read_has_no_stacks(layouts):
    stacks = StackMemory(-1, layouts.own.gil, layouts.own)
    stacks.find_threads()
    assert not stacks.knows(1)
    with pytest.raises(TornStack):
        stacks.stack_of(1, 0)
    with pytest.raises(TornStack):
        stacks.text(1 << 20)


WORDS = 1 << 13


@pytest.fixture(scope="module")
def paper():
    """A file that stands for memory; an address is an offset in it."""
    memory = os.memfd_create("memory")
    yield memory
    os.close(memory)


def scribbled(chance, stacks, layout):
    """Memory full of pointers to itself, with something here and there that looks like what is looked for."""
    size = 8 * WORDS
    words = [chance.choice((0, chance.getrandbits(64), 8 * chance.randrange(WORDS))) for _ in range(WORDS)]
    codes = [8 * chance.randrange(512, WORDS - 64) for _ in range(20)]
    for at in codes:
        words[at // 8 + 1] = stacks.types["code"]
        words[at // 8 + 2] = chance.choice((1, 100, chance.getrandbits(63)))
        for field in (layout.code_file, layout.code_name, layout.code_table):
            words[(at + field) // 8] = text = 8 * chance.randrange(512, WORDS - 64)
            words[text // 8 + 1] = stacks.types["text"]
            words[text // 8 + 2] = chance.choice((0, 5, chance.getrandbits(63)))
            words[text // 8 + 4] = chance.choice((0b01100, 0b01010, 0b11001)) << layout.text_kind
    for at in range(512, WORDS - 64, 3):
        if chance.random() < 0.5:
            code = chance.choice(codes)
            words[at + layout.frame_code // 8] = code | chance.choice((0, 1))
            words[at + layout.frame_instruction // 8] = code + layout.code_size + chance.choice((0, 2, 2000))
            words[at + layout.frame_caller // 8] = 8 * (at + chance.choice((-3, 3, 6, 0)))
    return struct.pack(f"<{WORDS}Q", *(word & (1 << 64) - 1 for word in words))[:size]


@settings(max_examples=150)
@given(seed=st.integers(0, 1 << 32))
def test_memory_full_of_nonsense_is_torn_and_nothing_worse(paper, layouts, seed):
    chance = random.Random(seed)
    layout = layouts.own
    gil = GilLocation(4096 + 8 * chance.randrange(64), layout.gil.native_id_offset, "/usr/bin/python3", 0)
    layout = layout._replace(types={name: 100_000 + 8 * number for number, name in enumerate(layout.types)})
    stacks = StackMemory(paper, gil, layout)
    begun = time.monotonic()
    for now in range(3):
        os.pwrite(paper, scribbled(chance, stacks, layout), 0)
        stacks.find_threads()
        for native_id in [*list(stacks._states)[:20], 5]:
            try:
                frames = stacks.stack_of(native_id, now * 2_000_000_000)
                assert len(frames) <= MAX_DEPTH
                for frame in frames:
                    position(frame.code.table, frame.code.first_line, frame.instruction)
                    stacks.names_of(frame)
            except TornStack:
                continue
    assert time.monotonic() - begun < 10


@given(st.binary(max_size=400), st.sampled_from([1, 2, 4]), st.integers(0, 1 << 63), st.booleans())
def test_a_string_of_nonsense_is_torn_or_a_string(paper, layouts, content, kind, length, is_ascii):
    layout = layouts.own
    stacks = StackMemory(paper, layout.gil, layout)
    state = (kind | 1 << 3 | is_ascii << 4) << layout.text_kind
    head = struct.pack("<5Q", 1, stacks.types["text"], length, 0, state)
    os.ftruncate(paper, 0)
    os.pwrite(paper, head + content, 8192)
    with suppress(TornStack):
        assert len(stacks.text(8192)) <= 1000
