"""What `--iobound` costs a test suite: pairs of runs with and without, which take turns at going first.

Three times are told apart: from the start of pytest to the end of its last test, which is what observing costs; from
there to the exit, which is what the summary costs; and the whole command with the plugin installed and not asked for,
beside one in which it is blocked. Each is the median of the differences of pairs; its interval, of at least
90 %, is that of the median by order statistics, which assumes nothing of how the differences are spread.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import suites

MOST_SHARE, MOST_S = 0.02, 0.030
"""What observing may cost: a share of the suite's time and a constant."""

_TELL = """
import os, time, pytest

@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        with open(os.environ["TOLD"], "w") as file:
            file.write(str(time.monotonic()))
"""

_MODERATE = """
import pytest, time
from work import compute

@pytest.mark.parametrize("i", range(150))
def test_it(i, tmp_path):
    compute(0.008)
    time.sleep(0.008)
"""

CASES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "moderate": ({"test_moderate.py": _MODERATE}, ()),
    "tiny": (suites.SUITES["tiny"], ()),
    "computing": (suites.SUITES["computing"], ()),
    "sleepers": (suites.SUITES["sleepers"], ()),
    "tiny, -n 2": (suites.SUITES["tiny"], ("-n", "2")),
    "computing, -n 2": (suites.SUITES["computing"], ("-n", "2")),
}


def times_of(folder: Path, *extra: str) -> tuple[float, float]:
    """Seconds until the last test has ended, and from there to the exit."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["TOLD"] = str(folder / "told")
    plugins = ("no:cacheprovider", "no:asyncio", "no:hypothesispytest", "no:cov")
    command = [sys.executable, "-m", "pytest", "-q", *(word for name in plugins for word in ("-p", name)), *extra]
    began = time.monotonic()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    ended = time.monotonic()
    if done.returncode:
        raise SystemExit(f"{' '.join(extra)} ended with {done.returncode}:\n{done.stdout[-2000:]}")
    told = float((folder / "told").read_text())
    return told - began, ended - told


def pairs(folder: Path, runs: int, one: Sequence[str], other: Sequence[str]) -> list[list[tuple[float, float]]]:
    """Runs of two ways, by turns."""
    taken: list[list[tuple[float, float]]] = [[], []]
    for turn in range(runs):
        for which in (0, 1) if turn % 2 else (1, 0):
            taken[which].append(times_of(folder, *((one, other)[which])))
    return taken


class Median(NamedTuple):
    """Of the differences of pairs, with its interval of at least 90 %; of fewer than five pairs, all that was seen."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{1e3 * self.value:5.0f} ({1e3 * self.low:4.0f}..{1e3 * self.high:4.0f}) ms"


def median_difference(one: Sequence[float], other: Sequence[float]) -> Median:
    """How much more the others are."""
    found = sorted(b - a for a, b in zip(one, other, strict=True))
    count = len(found)
    below, chance = 0, 1 / 2**count  # that at most so many of them are below the median of all there could be
    while 2 * (chance + math.comb(count, below + 1) / 2**count) <= 0.1:
        below += 1
        chance += math.comb(count, below) / 2**count
    return Median(statistics.median(found), found[below], found[-1 - below])


def measure(name: str, runs: int) -> tuple[float, dict[str, Median]]:
    """One case: seconds of the plain suite until its last test has ended, and what is added to them."""
    files, extra = CASES[name]
    with tempfile.TemporaryDirectory(prefix="suite-") as place:
        folder = Path(place)
        suites.write_files(files, folder)
        (folder / "conftest.py").write_text(_TELL, encoding="utf-8")
        times_of(folder, *extra, "--iobound")  # compiles what there is to compile
        plain, observed = pairs(folder, runs, extra, (*extra, "--iobound"))
        blocked, installed = pairs(folder, runs, ("-p", "no:iobound", *extra), extra)
    return statistics.median(one for one, _ in plain), {
        "observing_s": median_difference([one for one, _ in plain], [one for one, _ in observed]),
        "summary_s": median_difference([end for _, end in plain], [end for _, end in observed]),
        "installed_s": median_difference([sum(each) for each in blocked], [sum(each) for each in installed]),
    }


def main() -> int:
    """Measure all or some cases; 1 when observing costs more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], metavar="CASE", help="all, if none is named")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows, kept = [], True
    print(f"{'suite':16} {'plain':>8} {'allowed':>9} {'observing':>21} {'summary':>21} {'installed':>21}")
    for name in options.cases or CASES:
        plain_s, added = measure(name, options.runs)
        rows.append({"case": name, "plain_s": plain_s} | {what: median._asdict() for what, median in added.items()})
        allowed = MOST_SHARE * plain_s + MOST_S
        good = added["observing_s"].value <= allowed
        kept = kept and good
        more = "" if good else "  MORE" if added["observing_s"].low > allowed else "  more, or noise"
        told = " ".join(f"{median!s:>21}" for median in added.values())
        print(f"{name:16} {plain_s:6.2f} s {1e3 * allowed:6.0f} ms {told}{more}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2), encoding="utf-8")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
