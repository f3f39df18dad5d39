"""Runs of workloads, alone and in pairs."""

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contenders import PLAIN, Contender

WORKLOADS = Path(__file__).resolve().parent / "workloads"


SILENT = WORKLOADS / "empty.py"
"""A script that is empty cannot tell its times: its work is the whole command."""


class RunFailed(Exception):
    """A command did not end well, or its workload did not tell its times."""


@dataclass(frozen=True)
class Run:
    """One run of a workload, in seconds and bytes; `cpu_before_s` is CPU time of the target before its first line."""

    command_s: float
    work_s: float
    cpu_before_s: float
    peak_rss_bytes: int | None


@dataclass(frozen=True)
class Spread:
    """Median and quartiles of a few numbers."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, numbers: Sequence[float]) -> "Spread":
        """Summarise; one number is its own quartiles."""
        if len(numbers) == 1:
            return cls(numbers[0], numbers[0], numbers[0])
        low, median, high = statistics.quantiles(numbers, n=4, method="inclusive")
        return cls(median, low, high)


def script_of(workload: str, *arguments: str) -> list[str]:
    """Command-line words that run a workload."""
    return [str(WORKLOADS / f"{workload}.py"), *arguments]


def run(contender: Contender, bin_folder: Path, script: list[str], timeout_s: float = 600) -> Run:
    """Run a script once.

    Raises:
        RunFailed: It exits non-zero, takes too long, or does not report.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "told.json")
        command = contender.command(bin_folder, Path(folder, "profile"), script)
        start = time.perf_counter()
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env={**os.environ, "BENCH_OUT": str(told)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise RunFailed(f"took longer than {timeout_s:g} s") from error
        command_s = time.perf_counter() - start
        if script == [str(SILENT)] and done.returncode == 0:
            return Run(command_s, work_s=command_s, cpu_before_s=0.0, peak_rss_bytes=None)
        if done.returncode or not told.exists():
            raise RunFailed((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1])
        return Run(command_s=command_s, **json.loads(told.read_text(encoding="ascii")))


@dataclass(frozen=True)
class Pairs:
    """What a contender costs on one workload: ratios to the plain run beside it, and seconds more for the command."""

    work: Spread
    command: Spread
    more_s: Spread


def in_pairs(contender: Contender, bin_folder: Path, script: list[str], count: int) -> Pairs:
    """Run plain and observed side by side, by turns which goes first, so that a drift of the machine cancels."""
    pairs = []
    for number in range(count):
        order = (PLAIN, contender) if number % 2 == 0 else (contender, PLAIN)
        runs = {one.name: run(one, bin_folder, script) for one in order}
        pairs.append((runs[PLAIN.name], runs[contender.name]))
    return Pairs(
        work=Spread.of([seen.work_s / plain.work_s for plain, seen in pairs]),
        command=Spread.of([seen.command_s / plain.command_s for plain, seen in pairs]),
        more_s=Spread.of([seen.command_s - plain.command_s for plain, seen in pairs]),
    )
