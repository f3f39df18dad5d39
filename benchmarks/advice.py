"""Does the advice name the truly fastest way to run a program?

Observes each program of `advice_programs/` once, as a user would, then runs it in every way that it offers and
compares.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE / "advice_programs"
FOLDER = HERE / ".venv-advice"
NEAR = 1.15
"""A way that takes at most this times as long as the best one is as good."""

SLOWER = 1.1
"""A way is slower than leaving the program alone from here: less is noise of two commands on one machine."""

DISTURBED, ATTEMPTS = 0.15, 4
"""CPUs that others kept busy, on average, from which a run is tried again, and how often at most."""

MOST_WORKERS = 32
SAME = {"native_threads": "threads", "more_workers": "now", "fewer_workers": "now"}
"""Advice that another way of running stands for; `now` is the way in which the program runs anyway."""

NOW = {"threads", "processes", "asyncio"}
PLAIN = "plain"


class Failed(Exception):
    """A program or the observer did not end well."""


@dataclass(frozen=True)
class Row:
    """One program: what was advised, and how long each way took."""

    program: str
    bound: str
    advised: str
    workers: int | None
    low: float
    estimate: float
    high: float
    way: str  # what was measured for the advice; `plain` where it says to leave the program alone
    seconds: dict[str, float]

    @property
    def best(self) -> str:
        """The fastest way."""
        return min(self.seconds, key=lambda way: self.seconds[way])

    @property
    def followable(self) -> bool:
        """Whether the program has a way that the advice describes."""
        return self.way in self.seconds

    @property
    def gap(self) -> float:
        """Time of the advised way over that of the best; infinite where there is no such way."""
        return self.seconds[self.way] / self.seconds[self.best] if self.followable else float("inf")

    @property
    def gained(self) -> float:
        """Measured speed-up of the advised way."""
        return self.seconds[PLAIN] / self.seconds[self.way] if self.followable else float("nan")

    @property
    def right(self) -> bool:
        """Whether the advised way is the best one, or near to it."""
        return self.gap <= NEAR

    @property
    def slower(self) -> bool:
        """Whether following the advice is worse than leaving the program alone."""
        return self.followable and self.seconds[self.way] > SLOWER * self.seconds[PLAIN]

    @property
    def covered(self) -> bool:
        """Whether the measured speed-up lies in the predicted interval."""
        return self.low <= self.gained <= self.high


def install() -> Path:
    """Make an environment with this checkout and what the programs need; gives its interpreter."""
    venv.create(FOLDER, with_pip=True)
    python = FOLDER / "bin" / "python"
    wanted = ["-e", str(HERE.parent), "-r", str(PROGRAMS / "requirements.txt")]
    subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)
    return python


def in_folder(command: list[str]) -> float:
    """Run a command in an empty folder; gives its seconds, start and end of the interpreter included."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=300,
            check=False,
        )
        took = time.perf_counter() - began
    if done.returncode:
        raise Failed(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    return took


def quietly(command: list[str]) -> float:
    """Seconds of a command while nobody else used the CPUs; of several attempts the least disturbed one."""
    attempts: list[tuple[float, float]] = []
    while len(attempts) < ATTEMPTS:
        busy, own = busy_s(), own_s()
        took = in_folder(command)
        attempts.append((max(0.0, busy_s() - busy - (own_s() - own)) / took, took))
        if attempts[-1][0] <= DISTURBED:
            break
    return min(attempts)[1]


def busy_s() -> float:
    """CPU seconds that all programs of the machine have used."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)


def own_s() -> float:
    """CPU seconds of the commands that were run."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def observed(python: str, program: Path) -> dict:
    """The report of one observed run."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "report.json")
        in_folder([python, "-m", "iobound", "run", "--report", f"json:{told}", str(program)])
        if not told.exists():
            raise Failed("no report")
        return json.loads(told.read_text(encoding="utf-8"))


def ways_of(python: str, program: Path) -> list[str]:
    """Other ways that a program offers, as `strategy:workers`."""
    listed = subprocess.run([python, str(program), "--ways"], capture_output=True, text=True, timeout=60, check=True)
    return listed.stdout.split()


def advised_way(advice: dict, site: dict | None, offered: list[str]) -> str:
    """The way of running that an advice describes.

    More or fewer workers mean the way in which the site runs today. What no way of running stands for, such as a higher
    CPU limit, leaves the program alone.
    """
    strategy = SAME.get(advice["strategy"], advice["strategy"])
    kinds = {way.partition(":")[0] for way in offered}
    if strategy == "now":
        strategy = next((kind for kind in ("threads", "processes", "asyncio") if kind in kinds), PLAIN)
        callee = (site or {}).get("strategy_now")
        strategy = callee if callee in kinds else strategy
    if strategy in ("sequential", "raise_cpu_limit", "distribute", "free_threading", "limit_native_threads"):
        return PLAIN
    numbers = [int(way.partition(":")[2]) for way in offered if way.startswith(f"{strategy}:")]
    asked = min(advice["workers"] or 0, MOST_WORKERS)
    return f"{strategy}:{asked or max(numbers, default=2)}"


def measure(python: str, program: Path, ways: list[str], runs: int) -> dict[str, float]:
    """Median seconds of each way; the ways take turns, so that a drift of the machine hits all."""
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(runs):
        for way in ways:
            strategy, _, workers = way.partition(":")
            options = [] if way == PLAIN else ["--strategy", strategy, "--workers", workers]
            seconds[way].append(quietly([python, str(program), *options]))
    return {way: statistics.median_low(taken) for way, taken in seconds.items()}


def examine(python: str, program: Path, runs: int) -> Row:
    """Observe a program, then measure it."""
    report = observed(python, program)
    first = report["advice"][0]
    offered = ways_of(python, program)
    site = None if first["site"] is None else report["sites"][first["site"]]
    way = advised_way(first, site, offered)
    kinds = {each.partition(":")[0] for each in offered}
    ways = [PLAIN, *offered]
    if way not in ways and way.partition(":")[0] in kinds:
        ways.append(way)
    gain = first["speed_up"]
    return Row(
        program=program.stem,
        bound=report["verdict"]["bound"],
        advised=first["strategy"],
        workers=first["workers"],
        low=gain["low"],
        estimate=gain["estimate"],
        high=gain["high"],
        way=way,
        seconds=measure(python, program, ways, runs),
    )


def line_of(row: Row) -> str:
    """One line of the table."""
    advised = f"{row.advised}{'' if row.workers is None else f' {row.workers}'}"
    marks = [] if row.right else ["WRONG"]
    marks += ["SLOWER"] if row.slower else []
    marks += [] if row.covered else ["outside"]
    gained = f"{row.gained:5.2f}" if row.followable else "    –"
    gap = f"{row.gap:5.2f}" if row.followable else "    –"
    return (
        f"{row.program:24} {row.bound:12} {advised:22} "
        f"{row.estimate:5.2f} ({row.low:5.2f} to {row.high:5.2f})  {gained}  "
        f"{row.best:14} {row.seconds[PLAIN] / row.seconds[row.best]:5.2f}  {gap}  {' '.join(marks)}"
    )


HEAD = (
    f"{'program':24} {'verdict':12} {'advised':22} {'predicted speed-up':22} {'meas.':>6}  "
    f"{'best way':14} {'meas.':>5}  {'gap':>5}"
)


def summary(rows: list[Row]) -> str:
    """How often the advice was right, harmful, and honest about its gain."""
    count, followed = len(rows), [row for row in rows if row.followable]
    return (
        f"within {NEAR - 1:.0%} of the best way: {sum(row.right for row in rows)} of {count}; "
        f"slower than leaving it alone: {sum(row.slower for row in rows)}; "
        f"measured speed-up inside the predicted interval: {sum(row.covered for row in followed)} of {len(followed)}"
    )


def programs(names: list[str]) -> list[Path]:
    """The programs of these names, or all."""
    found = {path.stem: path for path in sorted(PROGRAMS.glob("[a-z]*.py"))}
    unknown = [name for name in names if name not in found]
    if unknown:
        sys.exit(f"no such program: {', '.join(unknown)}; there are {', '.join(found)}")
    return [found[name] for name in names] if names else list(found.values())


def main() -> int:
    """Print the table; 1 when some advice is slower than leaving the program alone or fewer than 90 % are right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="programs to try; all by default")
    parser.add_argument("--runs", type=int, default=3, help="runs of each way; the median counts")
    parser.add_argument("--install", action="store_true", help="make an environment with all that the programs need")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there, too")
    options = parser.parse_args()
    python = str(install()) if options.install else sys.executable
    print(HEAD)
    rows = []
    failed = 0
    for program in programs(options.names):
        try:
            rows.append(examine(python, program, options.runs))
        except (Failed, subprocess.SubprocessError) as error:
            failed += 1
            print(f"{program.stem:24} failed: {error}", flush=True)
            continue
        print(line_of(rows[-1]), flush=True)
    print(summary(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    return int(failed > 0 or any(row.slower for row in rows) or sum(row.right for row in rows) < 0.9 * len(rows))


if __name__ == "__main__":
    sys.exit(main())
