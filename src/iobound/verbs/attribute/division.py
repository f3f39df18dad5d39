"""Exact time by counters, divided by looks: the episodes of one thread.

Between two marks the counters say exactly how long the thread was on a CPU, in the run queue and blocked; what it was
doing then is known only from the marks. Every mark stands for an equal share of the time of its kind around it, which
is unbiased: a wait longer than the sampling period counts with its exact length between looks and about one period at
its ends, a shorter one is seen with a probability in proportion to its length. To keep this both exact and in place,
the pieces of time of a window are laid end to end, the marks of the same window likewise and stretched to the same
length, and each piece takes the label of the mark beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain, pairwise, repeat
from operator import sub
from typing import NamedTuple

from iobound.model.recording import NO_STACK, RUNNING
from iobound.model.state import State
from iobound.model.timeline import Episode, Episodes
from iobound.verbs.attribute.laying import NOBODY, Gaps, Widths, laid
from iobound.verbs.attribute.looks import ThreadLooks

WINDOW_MARKS = 30
"""Marks of one kind that share their time: enough that their division is not a matter of luck."""

_LOOK_NS = 200_000
"""How long a look may take. Shorter waits are seen too rarely: while the observer has the CPU, they end."""

_UNSEEN_WAIT_LOOKS = 4
"""Blocked looks that must be missing before time off the CPU is held to be the machine's doing."""


class Division(NamedTuple):
    """What became of one thread's life.

    Attributes:
        episodes: Tile the life of the thread.
        on_cpu: By mark: which part of the time that it stands for was on a CPU and not in the run queue; 1 for marks
            of a blocked thread.
    """

    episodes: Episodes
    on_cpu: list[float]


def divide(looks: ThreadLooks) -> Division:
    """Divide a thread's life among the states and stacks that its marks saw."""
    record, marks = looks.record, looks.marks
    if not len(marks):
        return _divide_unseen(looks)
    times = _clamped(marks.time, record.start_ns, record.end_ns)
    # A wait that is said to last into what was seen next ends there: nothing between two marks is shorter than nothing.
    holds = list(map(min, _clamped(marks.still, record.start_ns, record.end_ns), [*times[1:], record.end_ns]))
    running = [channel == RUNNING for channel in marks.channel]
    for row, is_running in enumerate(running):
        if is_running:  # its counters may only be stale: the time is divided, not taken for certain
            holds[row] = times[row]
    gaps = _gaps(looks, times, holds)
    surplus = _surplus_looks(gaps, looks, running)
    stolen = _move_stolen(gaps, looks, running)
    on_cpu = _share_on_cpu(gaps, looks, running, surplus)
    rows = [row for row, is_running in enumerate(running) if is_running]
    queueing = [row for row in rows if on_cpu[row] < 1.0] or rows
    widths = Widths(
        cpu=_spread(gaps.cpu, rows, on_cpu),
        queued=_spread(gaps.queued, queueing, [1.0 - share for share in on_cpu]),
        blocked=_spread(gaps.blocked, [row for row, on in enumerate(running) if not on], on_cpu),
    )
    lengths = [hold - time for hold, time in zip(holds, times, strict=True)]
    return Division(laid(looks, running, gaps, widths, stolen, lengths), on_cpu)


def _divide_unseen(looks: ThreadLooks) -> Division:
    """A thread that ended before it was looked at: its counters still say how long it computed."""
    record = looks.record
    life = record.end_ns - record.start_ns
    cpu = min(record.cpu_ns, life)
    queued = min(record.queued_ns, life - cpu)
    computing = State.CPU_PYTHON if looks.python else State.CPU_NATIVE
    parts = ((computing, cpu), (State.WAIT_CPU, queued), (State.UNKNOWN, life - cpu - queued))
    episodes, start = [], record.start_ns
    for state, duration in parts:
        if duration:
            episodes.append(Episode(start, duration, state, NO_STACK, RUNNING, 0))
            start += duration
    return Division(Episodes.of(episodes), [])


def _clamped(times: Sequence[int], start: int, end: int) -> list[int]:
    """Times inside the thread's life and in order, whatever the clock readings say."""
    return list(accumulate(chain((start,), map(min, times, repeat(end))), max))[1:]


def _gaps(looks: ThreadLooks, times: list[int], holds: list[int]) -> Gaps:
    record, marks = looks.record, looks.marks
    begins = [record.start_ns, *holds]
    lengths = [end - begin for begin, end in zip(begins, [*times, record.end_ns], strict=True)]
    cpu = _steps(marks.cpu, record.cpu_ns)
    queued = _steps(marks.queued, record.queued_ns)
    cpu, queued = _fitted(cpu, queued, lengths)
    blocked = [length - on - off for length, on, off in zip(lengths, cpu, queued, strict=True)]
    return Gaps(cpu, queued, blocked)


def _steps(counter: Sequence[int], last: int) -> list[int]:
    """Growth of a counter from gap to gap; a reading that goes back counts as no growth."""
    reached = list(accumulate(chain((0,), counter, (last,)), max))
    return list(map(sub, reached[1:], reached))


def _fitted(cpu: list[int], queued: list[int], lengths: list[int]) -> tuple[list[int], list[int]]:
    """Move what does not fit into a gap to its neighbours: first back, for counters of a running thread lag behind."""
    rows = range(len(lengths))
    over_cpu = over_queued = 0
    for order in (reversed(rows), rows):
        for row in order:
            want_cpu, want_queued, length = cpu[row] + over_cpu, queued[row] + over_queued, lengths[row]
            if want_cpu + want_queued <= length:
                cpu[row], queued[row] = want_cpu, want_queued
                over_cpu = over_queued = 0
                continue
            cpu[row] = min(want_cpu, length)
            queued[row] = min(want_queued, length - cpu[row])
            over_cpu, over_queued = want_cpu - cpu[row], want_queued - queued[row]
        if not over_cpu and not over_queued:
            break
    return cpu, queued


def _move_stolen(gaps: Gaps, looks: ThreadLooks, running: list[bool]) -> list[int]:
    """Take time off the CPU out of `blocked` that no blocked look accounts for.

    A hypervisor that takes the CPU away, or an interrupt, leaves a thread neither on a CPU nor queued nor blocked. If
    it had been blocked, looks would have found it so; only a lack of looks beyond chance counts.
    """
    marks = looks.marks
    stolen = [0] * len(gaps.blocked)
    period = (marks.still[-1] - marks.time[0]) / max(1, sum(marks.looks) - 1)
    seen = running.count(False)
    missing = sum(gaps.blocked) - seen * period
    if missing < _LOOK_NS * looks.voluntary:
        return stolen  # waits that are over before a look has come to reading the thread
    if missing <= _UNSEEN_WAIT_LOOKS * (1 + seen**0.5) * period or not any(running):
        return stolen
    between = [row for row in range(1, len(running)) if running[row - 1] and running[row]]
    room = sum(gaps.blocked[row] for row in between)
    share = min(1.0, missing / room) if room else 0.0
    for row in between:
        stolen[row] = int(gaps.blocked[row] * share)
        gaps.blocked[row] -= stolen[row]
    return stolen


def _share_on_cpu(gaps: Gaps, looks: ThreadLooks, running: list[bool], surplus: float) -> list[float]:
    """By mark: the part of its time that was on a CPU.

    Looks cannot tell a thread on a CPU from one in the run queue, but counters say how many looks must have found it
    queued. Those are taken first to be the ones that show a thread just woken; what is left is spread evenly.
    """
    on_cpu = [1.0] * len(running)
    rows = [row for row, is_running in enumerate(running) if is_running]
    free = [row for row in rows if not looks.barred[row]]
    waking = sum(looks.waking[row] for row in free)
    # Over the whole life: in a single window there are too few to tell luck from what is left over.
    expected = max(0.0, _queued_looks(len(rows), gaps, 0, len(gaps.cpu)) - (len(rows) - len(free)))
    of_waking = min(1.0, max(expected, surplus - (len(rows) - len(free)), 0.0) / waking) if waking else 0.0
    windows = _windows(rows, len(gaps.cpu))
    left = [
        max(0.0, _queued_looks(len(window), gaps, *span) - sum(_off_cpu(looks, row, of_waking) for row in window))
        for window, span in windows
    ]
    # Windows that have too much by luck must not add up where others have too little.
    part = max(0.0, expected - waking * of_waking) / (sum(left) or 1.0)
    for (window, _), over in zip(windows, left, strict=True):
        others = [row for row in window if not looks.waking[row]]
        of_others = min(1.0, part * over / len(others)) if others else 0.0
        for row in window:
            on_cpu[row] = 1.0 - (_off_cpu(looks, row, of_waking) if looks.waking[row] else of_others)
    return on_cpu


def _off_cpu(looks: ThreadLooks, row: int, of_waking: float) -> float:
    """How much of a look at a thread that may have been woken found it without a CPU, or with no use for one."""
    return 1.0 if looks.barred[row] else of_waking if looks.waking[row] else 0.0


def _surplus_looks(gaps: Gaps, looks: ThreadLooks, running: list[bool]) -> float:
    """How many more looks found the thread running, or ready to, than it can have been on a CPU.

    A look itself has a CPU. Whoever is woken meanwhile stays ready until it is over, and is seen so too often.
    """
    marks = looks.marks
    surplus, first = 0.0, 0
    rows = [row for row, is_running in enumerate(running) if is_running]
    for window, (begin, end) in _windows(rows, len(gaps.cpu)):
        last = window[-1] + 1 if window else first
        seen = sum(marks.looks[row] for row in range(first, last))
        span = sum(gaps.cpu[begin:end]) + sum(gaps.queued[begin:end]) + sum(gaps.blocked[begin:end])
        span += sum(marks.still[row] - marks.time[row] for row in range(first, last) if not running[row])
        surplus += sum(marks.looks[row] for row in window) - (seen * sum(gaps.cpu[begin:end]) / span if span else 0.0)
        first = last
    return surplus


def _queued_looks(looks: int, gaps: Gaps, begin: int, end: int) -> float:
    """How many of the looks at a thread that was not blocked must have found it in the run queue."""
    cpu, queued = sum(gaps.cpu[begin:end]), sum(gaps.queued[begin:end])
    return looks * queued / (cpu + queued) if queued else 0.0


def _windows(rows: list[int], gaps: int) -> list[tuple[list[int], tuple[int, int]]]:
    """Cut marks into windows of at least `WINDOW_MARKS`, each with the range of gaps that belongs to it."""
    cuts = [*range(0, max(1, len(rows) - WINDOW_MARKS + 1), WINDOW_MARKS), len(rows)]
    # A window ends with the gap before its last mark; the first begins and the last ends with the thread.
    edges = [0, *(rows[cut - 1] + 1 for cut in cuts[1:-1]), gaps]
    return [(rows[a:b], span) for (a, b), span in zip(pairwise(cuts), pairwise(edges), strict=True)]


def _spread(gaps: list[int], rows: list[int], weights: list[float]) -> list[tuple[int, int]]:
    """Stretch the marks of each window to the length of its gaps: pairs of mark and width, in order.

    Args:
        gaps: Time of one kind in each gap, in nanoseconds.
        rows: Marks of that kind.
        weights: By mark, how much of the time it stands for; where all are 0 they count alike.
    """
    widths: list[tuple[int, int]] = []
    for window, (begin, end) in _windows(rows, len(gaps)):
        total = sum(gaps[begin:end])
        weight = sum(weights[row] for row in window)
        if not window:
            widths.append((NOBODY, total))
            continue
        so_far, edge = 0.0, 0
        for row in window:
            so_far += weights[row] / weight if weight else 1 / len(window)
            edge, before = min(total, round(total * so_far)), edge
            widths.append((row, edge - before))
        widths.append((window[-1], total - edge))
    return widths
