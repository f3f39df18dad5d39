"""What observing a block from within costs the program: before it, while it runs, after it.

    python benchmarks/within.py [--runs 15] [--seconds 2] [--json FILE]

Each run is a program of its own that reads its own clocks: wall time for `begin` and `end`, CPU time of its process and
of its thread for what happens while it is observed. Work that is observed stands between the same work that is not, in
one program, so that a drift of the machine hits both. An agent, which there is only where nothing can be seen from
outside, has no limits: it works inside the program.

Limits: 150 ms until a block begins, 20 ms until it has ended, 30 ms to load; while it is observed 1 ms of the program's
own CPU time a second more than unobserved, and a ratio of 1.03 for work that computes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

LOADING = """
import time
began = time.perf_counter()
import iobound
iobound.observe
print((time.perf_counter() - began) * 1000)
"""

BLOCKS = """
import iobound, time
begin, end = [], []
for _ in range(3):
    observation = iobound.observe(portable=PORTABLE)
    began = time.perf_counter()
    observation.begin()
    begun = time.perf_counter()
    time.sleep(0.1)
    ending = time.perf_counter()
    observation.end()
    begin.append(begun - began)
    end.append(time.perf_counter() - ending)
print(sorted(begin)[1] * 1000, sorted(end)[1] * 1000)
"""

ASLEEP = """
import iobound, time
def used(seconds):
    before = time.process_time()
    for _ in range(20):
        time.sleep(seconds / 20)
    return time.process_time() - before
plain = used(SECONDS)
observation = iobound.observe(portable=PORTABLE)
observation.begin()
seen = used(SECONDS)
observation.end()
print((seen - plain) / SECONDS * 1000)
"""

AT_WORK = """
import iobound, time
def work(rounds=20000):
    began = time.thread_time()
    for _ in range(rounds):
        sum(range(100)); str(_).split("5"); {_: [_]}
    return time.thread_time() - began
rounds = int(20000 * SECONDS / 8 / max(1e-6, work()))
times = [work(rounds)]
for _ in range(6):
    observation = iobound.observe(portable=PORTABLE)
    observation.begin()
    times.append(work(rounds))
    observation.end()
    times.append(work(rounds))
seen = range(1, len(times), 2)
ratios = sorted(2 * times[at] / (times[at - 1] + times[at + 1]) for at in seen)
print((ratios[2] + ratios[3]) / 2)
"""


class Figure(NamedTuple):
    """One row of the table."""

    name: str
    unit: str
    limit: float | None
    values: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def is_kept(self) -> bool:
        return self.limit is None or self.median <= self.limit

    def row(self) -> str:
        low, _, high = statistics.quantiles(self.values, n=4) if len(self.values) > 1 else self.values * 3
        limit = "" if self.limit is None else f"{self.limit:g}{'' if self.is_kept else '  TOO MUCH'}"
        return f"{self.name:<44} {self.median:>8.3f}  {low:>8.3f}..{high:<8.3f} {self.unit:<10} {limit}"


def told(text: str, *, portable: bool = False, seconds: float = 2.0) -> list[float]:
    """Numbers that a program prints."""
    code = text.replace("PORTABLE", str(portable)).replace("SECONDS", str(seconds))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def measured(runs: int, seconds: float) -> list[Figure]:
    """All rows."""
    figures = [Figure("import iobound; iobound.observe", "ms", 30, [told(LOADING)[0] for _ in range(runs)])]
    for portable in (False, True):
        way = "with an agent" if portable else "from outside"
        blocks = [told(BLOCKS, portable=portable) for _ in range(runs)]
        figures += [
            Figure(f"begin, {way}", "ms", None if portable else 150, [begin for begin, _ in blocks]),
            Figure(f"end, {way}", "ms", None if portable else 20, [end for _, end in blocks]),
        ]
        asleep = [told(ASLEEP, portable=portable, seconds=seconds)[0] for _ in range(runs)]
        figures.append(Figure(f"own CPU time while asleep, {way}", "ms/s more", None if portable else 1, asleep))
        work = [told(AT_WORK, portable=portable, seconds=seconds)[0] for _ in range(runs)]
        figures.append(Figure(f"CPU time of work that computes, {way}", "ratio", None if portable else 1.03, work))
    return figures


def main() -> int:
    """Measure, print a table, and say whether the limits are kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each run of work (default %(default)s)")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    figures = measured(given.runs, given.seconds)
    machine = f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} CPUs"
    print(f"{machine}, {given.runs} runs\n{'':<44} {'median':>8}  {'quartiles':^18} {'':<10} limit")
    for figure in figures:
        print(figure.row())
    if given.json:
        rows = [{**figure._asdict(), "median": figure.median, "kept": figure.is_kept} for figure in figures]
        given.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n", encoding="utf-8")
    return 0 if all(figure.is_kept for figure in figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
