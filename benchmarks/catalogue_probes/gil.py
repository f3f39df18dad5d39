"""The GIL probe: what a thread that only wants to run can do while another is in a call.

A ticker thread reads the clock as fast as it can. Where the call holds the GIL, the ticker stands still: a gap. The
kernel says in `schedstat` how long the ticker was ready but had no CPU; that is not the GIL's doing and is taken off.
"""

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import repeat, starmap
from typing import Any, Self

SWITCH_S = 0.0005
GAP_NS = 2_000_000
STILL_NS = 100_000
ENOUGH_NS = 12_000_000
AT_MOST_NS = 400_000_000
CROWDED = 0.3


@dataclass(frozen=True)
class Look:
    """One call, or a row of calls, under the probe.

    Attributes:
        held: Share of its time in which the ticker stood still for more than 2 ms and did not wait for a CPU.
        free: Share of the time in which it could have had a CPU that the ticker did not stand still for even 0.1 ms.
        queued: Share of the time in which the ticker waited for a CPU.
        call_s: Length of one call in seconds, with the ticker beside it.
        slower: How many times as long as without the ticker. A call that lets go of the GIL for microseconds again and
            again waits for it as often: then the ticker is free, but how much of the call needs the GIL is not seen.
    """

    held: float
    free: float
    queued: float
    call_s: float
    slower: float = 1.0

    @property
    def verdict(self) -> str:
        """What the call does with the GIL.

        Example:
            >>> Look(held=0.0, free=0.99, queued=0.0, call_s=0.01).verdict, Look(0.9, 0.05, 0.0, 0.01).verdict
            ('releases', 'holds')
            >>> Look(held=0.0, free=0.5, queued=0.0, call_s=0.01).verdict, Look(0.4, 0.5, 0.0, 0.01).verdict
            ('python', 'mixed')
        """
        if self.held > 0.7:
            return "holds"
        if self.free > 0.8:
            return "releases"
        if self.held < 0.2 and 0.3 < self.free < 0.75:
            return "python"
        return "mixed"

    def against(self, said: str | None) -> str:
        """`confirmed`, `unclear` or `contradicted`: how this fits to what the catalogue says.

        Shares have no sharp edges: only what is far from the word contradicts it.

        Example:
            >>> Look(held=0.0, free=0.99, queued=0.0, call_s=0.01).against("holds")
            'contradicted'
            >>> Look(held=0.5, free=0.45, queued=0.0, call_s=0.01).against("holds")
            'unclear'
            >>> Look(held=0.0, free=0.97, queued=0.0, call_s=0.01, slower=6.0).against("python")
            'unclear'
        """
        if said is None or said == self.verdict:
            return "confirmed"
        lets_go_often = self.free > 0.8 and self.slower > 2
        if lets_go_often and said in ("python", "mixed"):
            return "unclear"
        far = {
            "releases": self.held > 0.4 or self.free < 0.6,
            "holds": self.held < 0.4,
            "python": self.held > 0.5 or self.free > 0.85,
            "mixed": self.held > 0.85 or (self.free > 0.93 and self.held < 0.05),
        }
        return "contradicted" if far[said] else "unclear"


class Ticker:
    """A thread that only reads the clock, and notes where it could not."""

    def __init__(self) -> None:
        self._stopped = False
        self._ready = threading.Event()
        self._gaps: list[tuple[int, int]] = []
        self._last = 0
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        self._before = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_S)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        self._thread.join()
        sys.setswitchinterval(self._before)
        os.close(self._file)

    def _tick(self) -> None:
        clock, gaps = time.perf_counter_ns, self._gaps
        self._file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        self._ready.set()
        last = clock()
        while not self._stopped:
            now = clock()
            if now - last > STILL_NS:
                gaps.append((last, now))
            last = self._last = now

    def _queued(self) -> int:
        return int(os.pread(self._file, 100, 0).split()[1])

    def look(self, call: Callable[..., object], arguments: tuple[Any, ...], times: int) -> tuple[Look, int]:
        """Make a row of calls, and say how long the row was in nanoseconds."""
        row = starmap(call, repeat(arguments, times))
        queued = self._queued()
        begin = time.perf_counter_ns()
        deque(row, maxlen=0)  # in C: nothing but the call itself lets go of the GIL
        end = time.perf_counter_ns()
        while self._last < end:  # a gap is known, and its time in the queue counted, when it is over
            time.sleep(0.0005)
        queued = self._queued() - queued
        wall = max(end - begin, 1)
        gaps = [min(stop, end) - max(start, begin) for start, stop in list(self._gaps) if start < end and stop > begin]
        could = max(wall - queued, 1)
        held = max(sum(gap for gap in gaps if gap > GAP_NS) - queued, 0) / could
        free = 1 - max(sum(gaps) - queued, 0) / could
        return Look(min(held, 1.0), max(free, 0.0), min(queued / wall, 1.0), wall / times / 1e9), wall


def look_at(call: Callable[..., object], arguments: tuple[Any, ...], looks: int = 3) -> Look | None:
    """The least disturbed look at a call; None when other programs always took the CPUs.

    Whatever disturbs a look makes the ticker stand still, never run: a call that holds the GIL is seen to do so every
    time, one that does not in the best look.
    """
    alone = _alone(call, arguments)
    with Ticker() as ticker:
        times, (look, wall) = 1, ticker.look(call, arguments, 1)
        while wall < ENOUGH_NS and times < 4_000_000:
            times *= 2 if wall > ENOUGH_NS // 8 else 6
            look, wall = ticker.look(call, arguments, times)
        seen = [look]
        for _ in range(6 * looks):
            if sum(each.queued < CROWDED for each in seen) >= (looks if wall < AT_MOST_NS else 1):
                break
            look, wall = ticker.look(call, arguments, times)
            seen.append(look)
    best = min((each for each in seen if each.queued < CROWDED), key=lambda each: (each.held, -each.free), default=None)
    return None if best is None else replace(best, slower=best.call_s / alone)


def _alone(call: Callable[..., object], arguments: tuple[Any, ...]) -> float:
    """Seconds of a call with nobody beside it: the shortest of a few."""
    begin, took = time.perf_counter(), []
    while len(took) < 2 or (len(took) < 50 and time.perf_counter() - begin < 0.03):
        before = time.perf_counter()
        call(*arguments)
        took.append(time.perf_counter() - before)
    return max(min(took), 1e-7)
