"""What a whole command costs: CPU time of itself and its children, wall time, memory."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

LOOK_S = 0.02


class Failed(Exception):
    """A command did not end well; the message is the last two lines that it said."""


@dataclass(frozen=True)
class Cost:
    """What one run took, start of the interpreter and output included.

    Attributes:
        cpu_s: User and system time of the command and of all descendants that were waited for.
        peak_bytes: Largest resident memory of any one of them.
        others: CPUs that other programs of the machine kept busy meanwhile, on average.
        output: What it wrote to standard output.
    """

    cpu_s: float
    wall_s: float
    peak_bytes: int
    others: float
    output: bytes


def cost_of(command: Sequence[str], *, good: Sequence[int] = (0,), timeout_s: float = 3600) -> Cost:
    """Run a command once, with its output in files so that no reader is waited for.

    Raises:
        Failed: It exits with a status that is not `good`, or takes too long.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        busy, began = busy_s(), time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        limit = threading.Timer(timeout_s, process.kill)
        limit.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        finally:
            limit.cancel()
        wall_s = time.perf_counter() - began
        cpu_s = used.ru_utime + used.ru_stime
        others = max(0.0, busy_s() - busy - cpu_s) / wall_s
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if process.returncode not in good:
            errors.seek(0)
            raise Failed(_end_of(errors.read() or output.read()) or f"exit {process.returncode}")
        return Cost(cpu_s, wall_s, used.ru_maxrss * 1024, others, output.read())


def peak_of_tree(command: Sequence[str]) -> int:
    """Largest sum of the resident memory of a command and its descendants, in bytes, by looks at every 20 ms.

    Pages that processes share count once for each of them.

    Raises:
        Failed: It does not exit with 0.
    """
    with tempfile.TemporaryFile() as errors:
        process = psutil.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _resident(process))
            time.sleep(LOOK_S)
        if process.returncode:
            errors.seek(0)
            raise Failed(_end_of(errors.read()) or f"exit {process.returncode}")
    return peak


def busy_s() -> float:
    """CPU seconds that all programs of the machine have used."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)


def _resident(process: psutil.Process) -> int:
    total = 0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    for one in family:
        try:
            total += one.memory_info().rss
        except psutil.Error:  # it has just ended
            continue
    return total


def _end_of(text: bytes) -> str:
    return "; ".join(text.decode(errors="replace").strip().splitlines()[-2:])
