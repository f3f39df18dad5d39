"""Frames of other threads: what is read of them, and that nothing of them is held."""

from __future__ import annotations

import gc
import sys
import threading
import weakref

import pytest


class Frame:
    """Looks as a frame does, and notes whether garbage might be collected while somebody steps outside."""

    def __init__(self, depth, seen):
        self.f_code, self.f_lasti = f"code {depth}", depth
        self.depth, self.seen = depth, seen

    @property
    def f_back(self):
        self.seen.append(gc.isenabled())
        return Frame(self.depth - 1, self.seen) if self.depth else None


def stack_to(depth):
    return [(f"code {at}", at) for at in range(depth, -1, -1)]


@pytest.fixture
def pretend(frames, monkeypatch):
    """Has the interpreter give these frames, and returns whether garbage might be collected at each step."""

    def pretending(depths):
        seen = []

        def current_frames():
            seen.append(gc.isenabled())
            return {ident: Frame(depth, seen) for ident, depth in depths.items()}

        monkeypatch.setattr(frames.sys, "_current_frames", current_frames)
        return seen

    return pretending


def test_threads_are_all_that_have_frames(frames):
    assert sorted(frames.threads()) == sorted(sys._current_frames())


def test_a_stack_goes_outwards_from_where_its_thread_is(frames, pretend):
    pretend({5: 0, 7: 3, 9: 1})
    assert list(frames.stacks_of([7, 5])) == [(7, stack_to(3)), (5, stack_to(0))]


def test_it_says_where_a_real_thread_is(stopped):
    def outer(pause):
        inner(pause)

    def inner(pause):
        pause()

    with stopped(outer) as places:
        codes = [code for code, _ in places]
        at = codes.index(inner.__code__)
        assert codes[at + 1] is outer.__code__
        lasti = dict(places)[inner.__code__]
        position = list(inner.__code__.co_positions())[lasti // 2]
    assert position[0] == inner.__code__.co_firstlineno + 1


def test_who_has_ended_has_no_stack(frames, pretend):
    pretend({5: 2})
    assert dict(frames.stacks_of([4, 5, 6])) == {5: stack_to(2)}


def test_nobody_is_asked_for_where_there_is_no_thread(frames, pretend):
    seen = pretend({})
    assert list(frames.stacks_of([])) == []
    assert seen == []


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_deep_stack_is_cut_at_its_outer_end(frames, pretend, more):
    depth = frames.MAX_DEPTH - 1 + more
    pretend({5: depth})
    assert dict(frames.stacks_of([5]))[5] == stack_to(depth)[: frames.MAX_DEPTH]


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_many_threads_are_read_by_parts(frames, pretend, more):
    """Others may run between two parts."""
    depths = {ident: ident % 3 for ident in range(frames.AT_ONCE + more)}
    seen = pretend(depths)
    assert dict(frames.stacks_of(list(depths))) == {ident: stack_to(depth) for ident, depth in depths.items()}
    parts = 2 if more > 0 else 1
    assert len(seen) == parts + sum(depth + 1 for depth in depths.values())


def test_no_frame_is_held_when_it_has_been_read(frames, stopped):
    """Neither while the next ones are awaited: its thread runs on then."""

    def stands(pause):
        pause()

    with stopped(stands):
        stacks = frames.stacks_of(frames.threads())
        (ident,) = [ident for ident, places in stacks if stands.__code__ in dict(places)]
        frame = sys._current_frames()[ident]
        before = sys.getrefcount(frame)
        reading = frames.stacks_of([ident] * (frames.AT_ONCE + 1))
        _, places = next(reading)
        assert places[0][0] is frame.f_code
        assert sys.getrefcount(frame) == before
        assert len(list(reading)) == frames.AT_ONCE
        assert sys.getrefcount(frame) == before


def test_what_a_function_holds_ends_with_it(stopped):
    """Although its stack has been read."""

    class Big:
        pass

    ended = []

    def holds(pause):
        big = Big()
        weakref.finalize(big, lambda: ended.append(threading.get_ident()))
        pause()

    def runs(pause):
        holds(pause)
        assert ended == [threading.get_ident()]

    with stopped(runs) as places:
        assert holds.__code__ in dict(places)
    assert len(ended) == 1


@pytest.mark.parametrize("is_on", [True, False])
def test_nothing_is_collected_meanwhile(frames, pretend, is_on):
    """And whether the program collects is as before."""
    if not frames._COLLECTS_MEANWHILE:
        pytest.skip("this interpreter collects garbage between instructions alone")
    seen = pretend({5: 10, 6: 3})
    try:
        gc.enable() if is_on else gc.disable()
        for _ in frames.stacks_of(frames.threads()):
            assert gc.isenabled() is is_on
        assert gc.isenabled() is is_on
    finally:
        gc.enable()
    assert seen == [False] * (2 + 11 + 4)


@pytest.mark.parametrize("is_on", [True, False])
def test_a_refusal_leaves_the_collector_as_it_was(frames, monkeypatch, is_on):
    """A program may forbid it by an audit hook."""

    def refuse():
        raise PermissionError("no frames here")

    monkeypatch.setattr(frames.sys, "_current_frames", refuse)
    try:
        gc.enable() if is_on else gc.disable()
        for read in (frames.threads, lambda: list(frames.stacks_of([1]))):
            with pytest.raises(PermissionError):
                read()
            assert gc.isenabled() is is_on
    finally:
        gc.enable()
