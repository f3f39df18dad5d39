"""Calls that are under way at once, against a model that looks at every pair of them."""

from __future__ import annotations

from itertools import count
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from iobound.decorator.call_log import CallLog

Call = tuple[int, int, int, int, int]
"""Begin, end, CPU time, caller, thread: as wrappers keep them."""


@st.composite
def histories(draw: st.DrawFn, threads: int = 4) -> list[Call]:
    """What several threads called, nested on each of them, no two events at the same time; in order of ends."""
    clock = count(draw(st.integers(1, 10)) * 1_000_000_000, 2)
    open_calls: dict[int, list[tuple[int, int]]] = {}
    ended: list[Call] = []
    for thread, opens, pause in draw(
        st.lists(st.tuples(st.integers(1, threads), st.booleans(), st.integers(0, 40)), min_size=1, max_size=200)
    ):
        for _ in range(pause):
            next(clock)
        stack = open_calls.setdefault(thread, [])
        if opens or not stack:
            stack.append((next(clock), draw(st.integers(0, 3))))
        else:
            _end(ended, stack, thread, next(clock))
    for thread, stack in open_calls.items():
        while stack:
            _end(ended, stack, thread, next(clock))
    return ended


def _end(ended: list[Call], stack: list[tuple[int, int]], thread: int, now: int) -> None:
    start, cpu = stack.pop()
    ended.append((start, now, cpu, 0, thread))


def in_batches(calls: list[Call], sizes: list[int]) -> list[list[Call]]:
    """Divide calls into batches of these sizes, which repeat."""
    batches, at = [], 0
    for number in count():
        if at >= len(calls):
            return batches
        size = sizes[number % len(sizes)]
        batches.append(calls[at : at + size])
        at += size
    raise AssertionError


def logged(batches: list[list[Call]], kind: str = "function") -> CallLog:
    """A log that was given these batches one after another."""
    log = CallLog("m:f", None, kind, lambda log, now: None)
    give(log, batches)
    return log


def give(log: CallLog, batches: list[list[Call]]) -> None:
    """As wrappers do: threads are left out where calls have not overlapped so far, but for the last of a batch."""
    for batch in batches:
        for start, end, cpu, site, thread in batch[:-1]:
            log.pending.extend((start, end, cpu, site, thread if log.several else 0))
        log.pending.extend(batch[-1])
        log.drain(batch[-1][1])
    assert not log.problem


def nested_in(calls: list[Call]) -> list[Call]:
    """Calls inside another one of the same thread."""
    return [
        inner
        for inner in calls
        if any(outer[4] == inner[4] and outer[0] < inner[0] and inner[1] < outer[1] for outer in calls)
    ]


def busy(calls: list[Call]) -> int:
    """Time with at least one call under way."""
    total = reached = 0
    for start, end, *_ in sorted(calls):
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total


def most_at_once(calls: list[Call]) -> int:
    """Largest number of outermost calls under way at one time."""
    return max(sum(other[0] <= call[0] < other[1] for other in calls) for call in calls)


KINDS = st.sampled_from(["function", "coroutine"])
SIZES = st.lists(st.integers(1, 150), min_size=1, max_size=5)


@given(histories(), SIZES)
@settings(max_examples=300)
def test_what_is_summed_is_exact(calls: list[Call], sizes: list[int]) -> None:
    """Whatever order calls end in and however they are put into batches."""
    log = logged(in_batches(calls, sizes))
    assert log.calls == len(calls)
    assert log.wall_ns == sum(end - start for start, end, *_ in calls)
    assert log.cpu_ns == sum(cpu for _, _, cpu, *_ in calls)
    assert log.longest_ns == max(end - start for start, end, *_ in calls)
    assert (log.first_ns, log.last_ns) == (min(c[0] for c in calls), max(c[1] for c in calls))
    assert log.overlaps.threads == {call[4] for call in calls}


@given(histories(), SIZES)
@settings(max_examples=300)
def test_calls_inside_others_are_known(calls: list[Call], sizes: list[int]) -> None:
    """Each counts once, however deep, and its time too."""
    log = logged(in_batches(calls, sizes))
    nested = nested_in(calls)
    assert log.overlaps.nested == len(nested)
    outermost = [call for call in calls if call not in nested]
    assert log.wall_ns - log.overlaps.nested_wall_ns == sum(end - start for start, end, *_ in outermost)
    assert log.cpu_ns - log.overlaps.nested_cpu_ns == sum(cpu for _, _, cpu, *_ in outermost)


@given(histories(), SIZES)
@settings(max_examples=300)
def test_the_largest_number_at_once_is_exact(calls: list[Call], sizes: list[int]) -> None:
    """On different threads; while there are so few calls and batches that all are looked at."""
    nested = nested_in(calls)
    truth = most_at_once([call for call in calls if call not in nested])
    batches = in_batches(calls, sizes)
    found = logged(batches).overlaps.most
    assert 1 <= found <= truth
    if len(batches) <= 64 and max(sizes) <= 64:
        assert found == truth


@given(histories(), SIZES, KINDS)
@settings(max_examples=500)
def test_busy_time_is_exact(calls: list[Call], sizes: list[int], kind: str) -> None:
    """For calls that are not longer than sixteen batches; for others, within what the batches hold."""
    batches = in_batches(calls, sizes)
    log = logged(batches, kind)
    if len(batches) <= 16:
        assert log.overlaps.busy_ns == busy(calls)
    assert log.longest_ns <= log.overlaps.busy_ns <= log.last_ns - log.first_ns


@given(histories(), SIZES, KINDS, st.randoms(use_true_random=False))
def test_busy_time_bears_calls_that_come_late(calls: list[Call], sizes: list[int], kind: str, chance: Random) -> None:
    """A thread may be stopped between the end of a call and telling it."""
    order = {id(call): number + chance.randrange(6) for number, call in enumerate(calls)}
    order = {
        id(call): max(order[id(other)] for other in calls[: at + 1] if other[4] == call[4])
        for at, call in enumerate(calls)
    }
    late = sorted(calls, key=lambda call: order[id(call)])
    log = logged(in_batches(late, sizes), kind)
    assert log.longest_ns <= log.overlaps.busy_ns <= log.last_ns - log.first_ns
    if kind == "function":
        assert log.overlaps.nested == len(nested_in(calls))


@given(histories(threads=6), SIZES)
def test_tasks_beside_one_another_are_not_nested(calls: list[Call], sizes: list[int]) -> None:
    """Calls of coroutines on one thread may be inside one another by the clock, and are not."""
    assert logged(in_batches(calls, sizes), "coroutine").overlaps.nested == 0


def in_turn(count: int) -> list[Call]:
    """Short calls of one thread, one after another, long ago."""
    return [(1_000 + 20 * number, 1_010 + 20 * number, 3, 0, 1) for number in range(count)]


@given(histories(), SIZES)
def test_threads_that_begin_late_are_told_apart(calls: list[Call], sizes: list[int]) -> None:
    """After thousands of calls in turn nobody is asked for its thread, until calls overlap."""
    calls = [call for call in calls if call not in nested_in(calls)]
    log = logged(in_batches(in_turn(6000), [100]))
    assert not log.several
    give(log, in_batches(calls, sizes))
    assert log.calls == 6000 + len(calls)
    assert log.overlaps.nested == 0
    assert log.overlaps.most <= most_at_once(calls)
    longest = max((batch[-1][1] - min(call[0] for call in batch) for batch in in_batches(calls, sizes)), default=0)
    if len(in_batches(calls, sizes)) <= 16:  # a batch in turn is kept without its calls
        assert abs(log.overlaps.busy_ns - 60_000 - busy(calls)) <= longest


def test_recursion_that_begins_late_is_known() -> None:
    """Where one of the calls was seen to come from the function itself."""
    code = nested_in.__code__
    log = CallLog("m:f", code, "function", lambda log, now: None)
    give(log, in_batches(in_turn(6000), [100]))
    log.sites[7] = code, 0
    give(log, [[(2 * 10**9 - depth, 2 * 10**9 + depth, 1, 7, 1) for depth in range(1, 51)]])
    assert log.overlaps.nested == 49
    assert log.wall_ns - log.overlaps.nested_wall_ns == 60_000 + 100
