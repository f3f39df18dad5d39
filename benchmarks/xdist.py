"""What the pytest plugin predicts of pytest-xdist, beside what pytest-xdist does.

Each suite is run once with `--iobound`, then by turns without pytest-xdist and with -n 2, 4 and 8; the median of the
whole command's wall time counts.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import suites

WORKERS = (2, 4, 8)
NEAR = 1.15
"""Times that the advised way may take of what the best one does."""
PLUGINS = ("no:cacheprovider", "no:asyncio", "no:hypothesispytest", "no:cov")


@dataclass(frozen=True)
class Row:
    """One suite run with one number of workers."""

    suite: str
    workers: int
    predicted: float
    low: float
    high: float
    measured: float

    @property
    def covers(self) -> bool:
        """Whether the measured speed-up lies in the predicted interval."""
        return self.low <= self.measured <= self.high


@dataclass(frozen=True)
class Result:
    """One suite: seconds by workers, the advised number, and how far it is from the best."""

    suite: str
    seconds: dict[int, float]
    advised: int
    gap: float
    rows: list[Row]


def command(*extra: str) -> list[str]:
    """A run of the suite in the current directory."""
    plugins = [word for plugin in PLUGINS for word in ("-p", plugin)]
    return [sys.executable, "-m", "pytest", "-q", *plugins, *extra]


def seconds_of(folder: Path, *extra: str) -> float:
    """Wall time of one run."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody runs tests like that
    began = time.perf_counter()
    done = subprocess.run(command(*extra), cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    took = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{folder.name} {' '.join(extra)} ended with {done.returncode}:\n{done.stdout[-2000:]}")
    return took


def measure(name: str, runs: int, plain: Sequence[str]) -> Result:
    """Observe a suite once, then run it in every way by turns."""
    with tempfile.TemporaryDirectory(prefix="suite-") as place:
        folder = Path(place) / name
        suites.write(name, folder)
        seconds_of(folder, *plain)  # compiles what there is to compile
        report = Path(place) / "report.json"
        seconds_of(folder, *plain, "--iobound-report", f"json:{report}")
        told = json.loads(report.read_text(encoding="utf-8"))["xdist_advice"]
        times: dict[int, list[float]] = {workers: [] for workers in (0, *WORKERS)}
        for _ in range(runs):
            for workers, taken in times.items():
                taken.append(seconds_of(folder, *(["-n", str(workers)] if workers else plain)))
    seconds = {workers: statistics.median(taken) for workers, taken in times.items()}
    rows = []
    for each in told["predictions"]:
        if each["workers"] in WORKERS:
            guess, measured = each["speed_up"], seconds[0] / seconds[each["workers"]]
            rows.append(Row(name, each["workers"], guess["estimate"], guess["low"], guess["high"], measured))
    advised = told["workers"]
    if advised not in seconds:
        advised = min(seconds, key=lambda workers: abs(workers - advised))
    return Result(name, seconds, told["workers"], seconds[advised] / min(seconds.values()), rows)


def show(result: Result) -> None:
    """One suite as lines of the table."""
    advice = f"-n {result.advised}" if result.advised else "leave it"
    far = "" if result.gap <= NEAR else "  FAR"
    print(f"{result.suite:13} {result.seconds[0]:6.2f} s  advice {advice:8}  {result.gap:5.2f} of the best{far}")
    for row in result.rows:
        verdict = "" if row.covers else "  outside"
        print(
            f"  -n {row.workers}  predicted {row.predicted:5.2f} ({row.low:.2f}..{row.high:.2f})"
            f"  measured {row.measured:5.2f}{verdict}",
            flush=True,
        )


def main() -> int:
    """Measure all or some suites; 1 when fewer than 85 % of the intervals cover or an advice is far from the best."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "suites", nargs="*", choices=[*suites.SUITES, []], metavar="SUITE", help="all, if none is named"
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = []
    for name in options.suites or suites.SUITES:
        results.append(measure(name, options.runs, ("-p", "no:xdist")))
        show(results[-1])
    rows = [row for result in results for row in result.rows]
    covered = sum(row.covers for row in rows)
    near = sum(result.gap <= NEAR for result in results)
    errors = sorted(abs(row.predicted / row.measured - 1) for row in rows)
    print(f"\n{covered} of {len(rows)} intervals cover; the median error is {statistics.median(errors):.0%}")
    print(f"the advised number is within {NEAR - 1:.0%} of the best in {near} of {len(results)} suites")
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=2), encoding="utf-8")
    return 0 if covered >= 0.85 * len(rows) and near == len(results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
