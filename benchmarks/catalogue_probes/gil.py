"""The GIL probe: what a thread that only wants to run can do while another is in a call.

A ticker thread reads the clock as fast as it can. Where the call holds the GIL, the ticker stands still: a gap. The
kernel says in `schedstat` how long the ticker was ready but had no CPU; that is not the GIL's doing and is taken off.
"""

import os
import statistics
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat, starmap
from typing import Any, Self

SWITCH_S = 0.0005
GAP_NS = 2_000_000
ENOUGH_NS = 12_000_000
AT_MOST_NS = 400_000_000
CROWDED = 0.3


@dataclass(frozen=True)
class Look:
    """One call, or a row of calls, under the probe.

    Attributes:
        held: Share of its time in which the ticker stood still for more than 2 ms and did not wait for a CPU.
        free: CPU time of the ticker ÷ the time in which it could have had a CPU.
        queued: Share of the time in which the ticker waited for a CPU.
        call_s: Length of one call in seconds, with the ticker beside it.
    """

    held: float
    free: float
    queued: float
    call_s: float

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
        """
        if said is None or said == self.verdict:
            return "confirmed"
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
            if now - last > GAP_NS:
                gaps.append((last, now))
            last = now

    def _schedule(self) -> tuple[int, int]:
        ran, queued, _ = os.pread(self._file, 100, 0).split()
        return int(ran), int(queued)

    def look(self, call: Callable[..., object], arguments: tuple[Any, ...], times: int) -> tuple[Look, int]:
        """Make a row of calls, and say how long the row was in nanoseconds."""
        row = starmap(call, repeat(arguments, times))
        ran, queued = self._schedule()
        begin = time.perf_counter_ns()
        deque(row, maxlen=0)  # in C: nothing but the call itself lets go of the GIL
        end = time.perf_counter_ns()
        time.sleep(0)
        ran, queued = (after - before for after, before in zip(self._schedule(), (ran, queued), strict=True))
        wall = max(end - begin, 1)
        still = sum(
            min(stop, end) - max(start, begin) for start, stop in list(self._gaps) if start < end and stop > begin
        )
        could = max(wall - queued, 1)
        held = min(max(still - queued, 0) / could, 1.0)
        return Look(held, min(ran / could, 1.0), min(queued / wall, 1.0), wall / times / 1e9), wall


def look_at(call: Callable[..., object], arguments: tuple[Any, ...], looks: int = 3) -> Look | None:
    """The median look at a call among those where the CPU was not crowded; None when it always was."""
    with Ticker() as ticker:
        times, (look, wall) = 1, ticker.look(call, arguments, 1)
        while wall < ENOUGH_NS and times < 4_000_000:
            times *= 2 if wall > ENOUGH_NS // 8 else 6
            look, wall = ticker.look(call, arguments, times)
        seen = [look]
        for _ in range(3 * looks):
            good = [each for each in seen if each.queued < CROWDED]
            if len(good) >= looks or (wall > AT_MOST_NS and good):
                break
            look, wall = ticker.look(call, arguments, times)
            seen.append(look)
    good = sorted((each for each in seen if each.queued < CROWDED), key=lambda each: each.queued)[:looks]
    if not good:
        return None
    names = ("held", "free", "queued", "call_s")
    return Look(*(statistics.median(getattr(each, name) for each in good) for name in names))
