"""Stacks and loops as the agent sees them."""

from __future__ import annotations

import gc
import sys
import threading
from types import FrameType

import pytest


def begun(iterator, items):
    """An iterator of which so many items have been taken, as a `for` loop in its body has."""
    for _ in range(items):
        next(iterator)
    return iterator


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: begun(iter([1, 2, 3, 4]), 3), (3, 1, 4)),
        (lambda: begun(iter((1, 2, 3)), 1), (1, 2, 3)),
        (lambda: begun(iter(range(10)), 4), (-1, 6, -1)),
        (lambda: begun(iter(range(1 << 65, (1 << 65) + 10)), 4), (-1, 6, -1)),
        (lambda: begun(iter({1: 2, 3: 4, 5: 6}), 1), (-1, 2, -1)),
        (lambda: begun(iter({1: 2, 3: 4, 5: 6}.values()), 1), (-1, 2, -1)),
        (lambda: begun(iter({1: 2, 3: 4, 5: 6}.items()), 2), (-1, 1, -1)),
        (lambda: begun(iter({1, 2, 3}), 1), (-1, 2, -1)),
        (lambda: begun(iter("abcd"), 1), (-1, 3, -1)),
        (lambda: begun(iter("äöü€"), 1), (-1, 3, -1)),
        (lambda: begun(iter(b"abcd"), 3), (-1, 1, -1)),
        (lambda: begun(reversed([1, 2, 3]), 1), (-1, 2, -1)),
        (lambda: begun(enumerate([1, 2, 3, 4]), 3), (3, 1, 4)),
        (lambda: begun(enumerate(range(9)), 3), (-1, 6, -1)),
        (lambda: begun(zip([1, 2, 3], "abc", strict=True), 2), (2, 1, 3)),
        (lambda: begun(zip("abc", [1, 2, 3], strict=False), 2), (-1, 1, -1)),
        (lambda: begun(enumerate(zip([1, 2, 3], [4, 5, 6], strict=True)), 2), (2, 1, 3)),
        (lambda: begun(map(str, [1, 2, 3]), 2), (2, 1, 3)),
        (lambda: begun(filter(None, [1, 2, 3]), 2), (2, 1, 3)),
        (lambda: begun(iter([1, 2]), 2), (2, 0, 2)),
        (lambda: enumerate(number for number in range(3)), None),
        (lambda: map(str, open("/dev/null")), None),  # noqa: SIM115  # closed at once, with the iterator
        (lambda: iter(lambda: 1, 2), None),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_progress_of_iterators(stacks, make, expected):
    iterator = make()
    before = expected and expected[1]
    assert stacks._progress(iterator) == expected
    if before:
        next(iterator)
        assert stacks._progress(iterator)[1] == before - 1, "looking must not consume"


def test_progress_of_an_iterator_over_something_that_changed(stacks):
    table = {1: 2, 3: 4}
    iterator = iter(table)
    next(iterator)
    table[5] = 6
    assert stacks._progress(iterator) in (None, (-1, 0, -1))
    items = [1, 2, 3]
    iterator = begun(iter(items), 3)
    items.clear()
    assert stacks._progress(iterator) is not None


class Stopped:
    """A function that runs in another thread and stands still at a point, so that its frame can be looked at."""

    def __init__(self, function):
        self.at, self.on = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=function, args=(self._pause,))

    def _pause(self):
        self.at.set()
        self.on.wait(20)

    def __enter__(self) -> FrameType:
        self.thread.start()
        assert self.at.wait(20)
        return sys._current_frames()[self.thread.ident]

    def __exit__(self, *_):
        self.on.set()
        self.thread.join()


def lines_of(tables, letter):
    return [line.rstrip("\n").split("\t") for line in tables.lines if line.startswith(letter)]


def two_loops(pause):
    for outer in range(5):
        for inner in ["a", "b", "c", "d"]:
            if outer == 2 and inner == "c":
                pause()
                return


@pytest.mark.xfail(reason="from 3.11 on, gc.get_referents does not show what a running frame has on its stack")
def test_nested_loops_are_reported_outermost_first(stacks):
    tables = stacks.Tables()
    with Stopped(two_loops) as frame:
        tables.stack_of(frame, 77, 1000)
    loops = [list(map(int, line[1:])) for line in lines_of(tables, "I")]
    stack_numbers = {loop[1] for loop in loops}
    assert [loop[2] for loop in loops] == [0, 1]  # depth
    assert len({loop[3] for loop in loops}) == 2  # each a loop of its own
    assert loops[1][4:6] == [3, 4]  # the third of four
    assert len(stack_numbers) == 1
    assert {loop[0] for loop in loops} == {77}
    assert {loop[6] for loop in loops} == {1000}


def test_stacks_are_numbered_once_and_outermost_first(stacks):
    tables = stacks.Tables()
    with Stopped(two_loops) as frame:
        first = tables.stack_of(frame, 1, 0)
        written = len(tables.lines)
        assert tables.stack_of(frame, 1, 0) == first
        assert len(tables.lines) == written
        functions = []
        codes = {line[1]: line for line in lines_of(tables, "C")}
        places = {line[1]: line for line in lines_of(tables, "P")}
        nodes = {line[1]: line for line in lines_of(tables, "S")}
        at = str(first)
        while at != "0":
            functions.append(codes[places[nodes[at][3]][2]][3])
            at = nodes[at][2]
    assert functions[-1].endswith("_bootstrap")
    assert "two_loops" in functions
    assert functions.index("two_loops") < functions.index("Thread.run")


def test_a_place_is_the_call_expression_to_the_column(stacks):
    tables = stacks.Tables()
    with Stopped(two_loops) as frame:
        tables.stack_of(frame, 1, 0)
    code = next(line[1] for line in lines_of(tables, "C") if line[3] == "two_loops")
    (place,) = (line for line in lines_of(tables, "P") if line[2] == code)
    first = two_loops.__code__.co_firstlineno
    line, column, end_line, end_column = map(int, place[3:7])
    assert (line - first, end_line - first) == (4, 4)
    assert end_column - column == len("pause()")


def test_deep_recursion_is_cut_at_the_outer_end(stacks):
    def deep(pause, depth=300):
        return pause() if depth == 0 else deep(pause, depth - 1)

    tables = stacks.Tables()
    with Stopped(deep) as frame:
        tables.stack_of(frame, 1, 0)
    assert len(lines_of(tables, "S")) == stacks.MAX_DEPTH


def test_after_a_loss_everything_is_defined_anew_under_new_numbers(stacks):
    tables = stacks.Tables()
    with Stopped(two_loops) as frame:
        first = tables.stack_of(frame, 1, 0)
        tables.clear()
        again = tables.stack_of(frame, 1, 0)
    assert tables.lines[0] == "R\n"
    assert again > first
    assert lines_of(tables, "C") and lines_of(tables, "P")
    assert int(lines_of(tables, "S")[-1][1]) == again


def test_a_name_that_threading_does_not_know_yet_is_asked_for_again(stacks):
    tables = stacks.Tables()
    tables.name(12345)
    assert tables.lines == [] and tables.names == {}
    tables.name(threading.get_ident())
    assert lines_of(tables, "N") == [
        ["N", str(threading.get_ident()), str(threading.get_native_id()), threading.current_thread().name]
    ]


def test_one_loop_keeps_its_number_and_the_next_gets_another(stacks):
    tables = stacks.Tables()
    assert tables._loop(1, (-1, 10, -1)) == (1, 0, -1)
    assert tables._loop(1, (-1, 7, -1)) == (1, 3, -1)
    assert tables._loop(1, (-1, 9, -1))[0] == 2  # more left than before: another iterator at the same address
    assert tables._loop(2, (3, 5, 8)) == (3, 3, 8)
    assert tables._loop(2, (4, 4, 8)) == (3, 4, 8)
    assert tables._loop(2, (5, 6, 11)) == (3, 5, 11)  # the list has grown while it was iterated


def test_loops_of_libraries_are_not_looked_at(stacks):
    assert stacks._may_have_loops("/home/ann/crawl.py")
    assert not stacks._may_have_loops(threading.__file__)
    assert not stacks._may_have_loops("<frozen importlib._bootstrap>")
    assert not stacks._may_have_loops("/x/lib/python3.12/site-packages/requests/api.py")


def test_no_frame_is_kept_alive(stacks):
    """Objects of the target must die when they would have died without us."""

    class Big:
        pass

    def holds(pause):
        big = Big()
        pause()
        return big

    tables = stacks.Tables()
    with Stopped(holds) as frame:
        tables.stack_of(frame, 1, 1000)
        del frame
    gc.collect()
    assert not [thing for thing in gc.get_objects() if type(thing) is Big]
