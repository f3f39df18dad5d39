"""What a workload tells about itself: to $BENCH_OUT as JSON, or to standard output.

`cpu_before_s` is the CPU time that the process used before the first line of the workload: interpreter, `site`, and
whatever an observer put in front of it. `work_s` is wall time of the work alone, without start-up and tear-down.
"""

import time

CPU_BEFORE = time.process_time()

import contextlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402


@contextlib.contextmanager
def measured_work() -> Iterator[None]:
    """Time the block and report it at its end."""
    start = time.perf_counter()
    yield
    _tell({"work_s": time.perf_counter() - start, "cpu_before_s": CPU_BEFORE, "peak_rss_bytes": _peak_rss()})


def _peak_rss() -> int | None:
    """Largest resident memory of this process since exec; `ru_maxrss` would include the parent's before it."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), None)
    return int(line.split()[1]) * 1024 if line else None


def _tell(facts: dict[str, float | int | None]) -> None:
    if path := os.environ.get("BENCH_OUT"):
        Path(path).write_text(json.dumps(facts), encoding="ascii")
    else:
        print(json.dumps(facts))
