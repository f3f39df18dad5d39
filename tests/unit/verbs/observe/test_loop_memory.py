"""How far loops have come, read from the memory of real programs of every interpreter that is installed."""

from __future__ import annotations

import os
import subprocess

import pytest

from iobound.verbs.observe.collector import Collector
from iobound.verbs.observe.loop_watch import LoopWatch
from iobound.verbs.observe.sources.loop_memory import LoopFrame, LoopMemory, Progress

# Waits at one place after the other in its loops.
PROGRAM = """
import sys
print("ready", flush=True)
def stop():
    print("stopped", flush=True)
    sys.stdin.readline()
def walk():
{body}
walk()
print("over", flush=True)
sys.stdin.readline()
"""

LOOPS = {
    "list": ("for x in [1, 2, 3, 4]:\n if x == 3: stop()", [(3, 1, 4)]),
    "tuple": ("for x in (1, 2, 3, 4):\n if x == 3: stop()", [(3, 1, 4)]),
    "range": ("for x in range(10):\n if x == 6: stop()", [("range", 7, 3)]),
    "range from elsewhere": ("for x in range(5, 50, 5):\n if x == 20: stop()", [("range", 4, 5)]),
    "set": ("for n, x in zip(range(3), {7, 8, 9}):\n if n == 1: stop()", [("range", 2, 1)]),
    "str": ("for x in 'abcd':\n if x == 'c': stop()", [("indexed", 3, 4)]),
    "bytes": ("for x in b'abcd':\n if x == 98: stop()", [("indexed", 2, 4)]),
    "after another": ("for x in [1, 2]:\n for y in (3, 4): pass\n if x == 2: stop()", [(2, 0, 2)]),
    "bare set": ("s = {7}\nfor x in s:\n stop()", [(None, 0, None)]),
    "keys": ("for x in {1: 2, 3: 4, 5: 6}:\n if x == 3: stop()", [(None, 1, None)]),
    "values": ("for x in {1: 2, 3: 4, 5: 6}.values():\n if x == 4: stop()", [(None, 1, None)]),
    "items": ("for k, v in {1: 2, 3: 4, 5: 6}.items():\n if k == 1: stop()", [(None, 2, None)]),
    "enumerate": ("for n, x in enumerate([5, 6, 7, 8]):\n if n == 1: stop()", [(2, 2, 4)]),
    "zip": ("for n, x in zip([1, 2, 3], 'abc'):\n if n == 2: stop()", [(2, 1, 3)]),
    "map": ("for x in map(str, [1, 2, 3]):\n if x == '2': stop()", [(2, 1, 3)]),
    "filter": ("for x in filter(None, [1, 2, 3]):\n if x == 2: stop()", [(2, 1, 3)]),
    "nested": (
        "for x in [1, 2, 3]:\n for y in range(5):\n  for z in (8, 9):\n   if (x, y, z) == (2, 1, 9): stop()",
        [(2, 1, 3), ("range", 2, 3), (2, 0, 2)],
    ),
    "generator": ("for x in (n for n in [1, 2]):\n if x == 1: stop()", []),
    "no loop": ("stop()", []),
    "while": ("n = 0\nwhile n < 1:\n n += 1\n stop()", []),
}


class Program:
    """A program that stands still in its loops."""

    def __init__(self, process: subprocess.Popen[bytes], look_into) -> None:
        self.process = process
        self.looked = look_into(process.pid)
        self.version = self.looked.layout.version
        self.memory = LoopMemory(self.looked.memory, self.looked.stacks.types, self.looked.layout)

    def line(self) -> str:
        return self.process.stdout.readline().decode().rstrip("\n")

    def frame(self) -> LoopFrame:
        assert self.line() == "stopped"
        frames = self.looked.frames_of(self.process.pid)
        (found,) = (frame for frame in frames if frame.code.function == "walk")
        return LoopFrame(found.address, found.code_address, found.code.variables, found.code.slots)

    def go_on(self) -> None:
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()


@pytest.fixture
def walking(start, look_into):
    """Starts a program with this in its function."""
    begun = []

    def walk(body: str, **how) -> Program:
        indented = "\n".join("    " + line for line in body.split("\n"))
        begun.append(Program(start(PROGRAM.replace("{body}", indented), stdin=subprocess.PIPE, **how), look_into))
        return begun[-1]

    yield walk
    for program in begun:
        program.process.stdin.close()


def expected(progress, version):
    """From 3.12 on an iterator over a range knows only what is left; from 3.15 on strings are indexed."""
    position, left, length = progress
    if position == "indexed":
        return (left, length - left, length) if version >= (3, 15) else None
    if position == "range":
        return (left, length, left + length) if version < (3, 12) else (None, length, None)
    return progress


@pytest.mark.parametrize("name", LOOPS)
def test_progress_of_a_loop(walking, interpreter, name):
    body, loops = LOOPS[name]
    program = walking(body, python=interpreter)
    seen = program.memory.progress(program.frame())
    known = filter(None, (expected(one, program.version) for one in loops))
    assert [(one.position, one.left, one.length) for one in seen] == list(known)
    assert len({one.identity for one in seen}) == len(seen)


def test_a_watched_loop_is_followed_and_forgotten_when_its_frame_is_gone(walking, interpreter):
    program = walking("for x in range(4):\n for y in ['a', 'b']:\n  stop()", python=interpreter)
    collector = Collector()
    thread = collector.start_thread(collector.start_process(1, 0, "", 0), 1, "t", 0)
    watch = LoopWatch()
    for now in range(8):
        watch.look(thread, [(5, program.frame())], program.memory, now)
        program.go_on()
    assert program.line() == "over"
    watch.look(thread, [], program.memory, 9)
    assert len(thread.loops) == 16
    assert list(thread.loops.depth) == [0, 1] * 8
    outer, inner = [list(thread.loops.position)[at::2] for at in (0, 1)]
    assert [position - outer[0] for position in outer] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert inner == [1, 2] * 4
    assert set(thread.loops.stack) == {5}
    assert len(set(list(thread.loops.loop)[::2])) == 1  # one run of the outer loop
    assert len(set(list(thread.loops.loop)[1::2])) == 4  # four of the inner one


def test_memory_that_cannot_be_read_or_holds_something_else_is_no_loop(tmp_path, layouts):
    types = {"list": 4096}
    frame = LoopFrame(0, 70_000, 0, 10)
    assert LoopMemory(-1, types, layouts.own).progress(frame) is None
    for content in (b"", b"\xff" * 4096, bytes(4096), (8192).to_bytes(8, "little") * 512):
        path = tmp_path / "memory"
        path.write_bytes(content)
        memory = os.open(path, os.O_RDONLY)
        assert LoopMemory(memory, types, layouts.own).progress(frame) is None
        os.close(memory)


class Told:
    """A memory that says what it is told to say of every frame."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def progress(self, frame):
        return self.answers.pop(0)


@pytest.fixture
def thread():
    collector = Collector()
    return collector.start_thread(collector.start_process(1, 0, "", 0), 1, "t", 0)


def looked(thread, *answers):
    watch = LoopWatch()
    memory = Told(*([answer] for answer in answers))
    for now in range(len(answers)):
        watch.look(thread, [(1, LoopFrame(4096, 8192, 0, 5))], memory, now)
    return list(zip(thread.loops.loop, thread.loops.position, thread.loops.length, strict=True))


def test_the_position_is_counted_from_the_first_look_where_only_the_rest_is_known(thread):
    rests = [Progress(7, None, left, None) for left in (10, 9, 4)]
    assert looked(thread, *rests) == [(1, 0, -1), (1, 1, -1), (1, 6, -1)]


def test_another_iterator_at_the_old_address_is_another_run(thread):
    rests = [Progress(7, None, 10, None), Progress(7, None, 2, None), Progress(7, None, 9, None)]
    assert [number for number, _, _ in looked(thread, *rests)] == [1, 1, 2]


def test_a_list_that_starts_over_is_another_run(thread):
    runs = [Progress(7, 3, 1, 4), Progress(7, 4, 0, 4), Progress(7, 1, 3, 4)]
    assert looked(thread, *runs) == [(1, 3, 4), (1, 4, 4), (2, 1, 4)]


def test_so_many_frames_are_watched_and_no_more(thread):
    """The innermost ones."""
    frames = [(stack, LoopFrame(stack, 0, 0, 0)) for stack in range(200)]
    LoopWatch().look(thread, frames, Told(*[[Progress(1, 1, 1, 2)]] * 200), 1)
    assert 0 < len(thread.loops) < 100
    assert max(thread.loops.stack) == 199
    assert len(set(thread.loops.stack)) == len(thread.loops)


def test_a_frame_without_a_loop_rests_for_some_looks(thread):
    """Finding none means that every slot was tried; a frame at the same place may be another, with a loop."""
    watch, memory = LoopWatch(), Told([], *[[Progress(1, 1, 1, 2)]] * 10)
    for now in range(10):
        watch.look(thread, [(1, LoopFrame(4096, 8192, 0, 5))], memory, now)
    assert 0 < len(thread.loops) < 9
    assert 0 not in thread.loops.time


def test_a_frame_that_is_gone_is_passed_over(thread):
    memory = Told(None, [Progress(1, 1, 1, 2)])
    LoopWatch().look(thread, [(1, LoopFrame(4096, 8192, 0, 5)), (2, LoopFrame(8192, 8192, 0, 5))], memory, 1)
    assert list(thread.loops.stack) == [2]


def test_it_remembers_a_bounded_number_of_frames_and_runs(thread):
    watch = LoopWatch()
    for address in range(20_000):
        watch.look(thread, [(1, LoopFrame(address, 1, 0, 1))], Told([Progress(address, 1, 1, 2)]), address)
    assert len(watch._frames) <= 2000
    assert len(watch._runs) <= 2000
