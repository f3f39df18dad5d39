"""Stretches of the run that differ: imports, tear-down, and whatever the program does by turns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log

from iobound.model.breakdown import Phase
from iobound.model.recording import NO_STACK
from iobound.model.state import State, shares_of
from iobound.model.timeline import Instant
from iobound.verbs.attribute.frames import IMPORTING, Frame, StackTable

_MOST_BINS = 200
_LEAST_BIN_NS = 20_000_000
_LEAST_BINS = 5
"""No phase is shorter than this many bins."""
_LEAST_STEP = 0.06
"""Square of the least distance between neighbouring phases: a share of about 0.17 moved from one state to another."""
_PENALTY = 4.0
"""Noise variances per logarithm of bins that a cut must save: more than luck would."""
_LEAST_EDGE_SHARE = 0.01
_OTHERWISE = 3
"""Imports end where what follows is other things for a third as long."""

_TEAR_DOWN: frozenset[Frame] = frozenset(
    {
        ("threading.py", "_shutdown"),
        ("concurrent/futures/thread.py", "_python_exit"),
        ("concurrent/futures/process.py", "_python_exit"),
        ("multiprocessing/util.py", "_exit_function"),
    }
)

Bin = dict[State, float]
"""Shares of one bin."""


def phases(whole: Sequence[Instant], start: int, end: int, table: StackTable) -> tuple[Phase, ...]:
    """Cut the run into phases, in order; times are relative to its start."""
    if end <= start:
        return ()
    least = int((end - start) * _LEAST_EDGE_SHARE)
    begun = start + _leading(whole, IMPORTING, table, least)
    over = end - _leading(list(reversed(whole)), _TEAR_DOWN, table, least)
    over = max(begun, over)
    bins, edges = _binned(whole, begun, over)
    cuts = [begun, *(edges[cut] for cut in sorted(_segment(bins, 0, len(bins), _noise(bins)))), over]
    parts = [(start, begun, "imports"), *((a, b, "") for a, b in pairwise(cuts))]
    return tuple(_phase(whole, a, b, start, name) for a, b, name in [*parts, (over, end, "tear-down")] if b > a)


def _phase(whole: Sequence[Instant], begin: int, end: int, start: int, name: str) -> Phase:
    budget: dict[State, int] = {}
    for instant in whole:
        overlap = min(instant.end_ns, end) - max(instant.start_ns, begin)
        if overlap > 0:
            budget[instant.state] = budget.get(instant.state, 0) + overlap
    return Phase(begin - start, end - start, shares_of(budget), name)


def _leading(whole: Iterable[Instant], signs: frozenset[Frame], table: StackTable, least: int) -> int:
    """How long the first stretch is that mostly shows the signs, or no stack; 0 when that is not worth a phase."""
    shows: dict[int, bool] = {}
    length = score = best = best_length = 0
    seen = False
    for instant in whole:
        stack = instant.stack
        if stack not in shows:
            shows[stack] = any(table.frames[place] in signs for place in table.inward_out(stack))
        seen = seen or shows[stack]
        inside = shows[stack] or stack == NO_STACK
        length += instant.duration_ns
        score += instant.duration_ns if inside else -_OTHERWISE * instant.duration_ns
        if inside and score > best:
            best, best_length = score, length
    return best_length if seen and best_length >= least else 0


def _binned(whole: Sequence[Instant], begin: int, end: int) -> tuple[list[Bin], list[int]]:
    count = max(1, min(_MOST_BINS, (end - begin) // _LEAST_BIN_NS))
    edges = [begin + (end - begin) * number // count for number in range(count + 1)]
    bins: list[Bin] = [{} for _ in range(count)]
    number = 0
    for instant in whole:
        at, until = max(instant.start_ns, begin), min(instant.end_ns, end)
        while at < until:
            while edges[number + 1] <= at:
                number += 1
            upto = min(until, edges[number + 1])
            share = (upto - at) / (edges[number + 1] - edges[number])
            bins[number][instant.state] = bins[number].get(instant.state, 0.0) + share
            at = upto
    return bins, edges


def _distance(a: Bin, b: Bin) -> float:
    return sum((a.get(state, 0.0) - b.get(state, 0.0)) ** 2 for state in {*a, *b})


def _noise(bins: list[Bin]) -> float:
    """Variance of a bin about its neighbourhood."""
    if len(bins) < 2:
        return 0.0
    return sum(_distance(a, b) for a, b in pairwise(bins)) / (2 * (len(bins) - 1))


def _segment(bins: list[Bin], first: int, last: int, noise: float) -> list[int]:
    """Binary segmentation: cut where both halves differ most, and again in each half, as long as it pays.

    **Source**: Scott and Knott, 1974; the penalty is of the kind of Schwarz's criterion.
    """
    if last - first < 2 * _LEAST_BINS:
        return []
    total = _sum(bins[first:last])
    left: Bin = {}
    best, best_gain, best_step = first, 0.0, 0.0
    for cut in range(first + 1, last):
        for state, share in bins[cut - 1].items():
            left[state] = left.get(state, 0.0) + share
        before, after = cut - first, last - cut
        if min(before, after) < _LEAST_BINS:
            continue
        step = sum(
            (left.get(state, 0.0) / before - (share - left.get(state, 0.0)) / after) ** 2
            for state, share in total.items()
        )
        gain = step * before * after / (before + after)
        if gain > best_gain:
            best, best_gain, best_step = cut, gain, step
    if best_step < _LEAST_STEP or best_gain < _PENALTY * noise * log(max(2, len(bins))):
        return []
    return [*_segment(bins, first, best, noise), best, *_segment(bins, best, last, noise)]


def _sum(bins: list[Bin]) -> Bin:
    total: Bin = {}
    for shares in bins:
        for state, share in shares.items():
            total[state] = total.get(state, 0.0) + share
    return total
