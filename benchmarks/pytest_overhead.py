"""What `--iobound` costs a test suite: pairs of runs with and without, which take turns at going first.

Three times are told apart: from the start of pytest to the end of its last test, which is what observing costs; from
there to the exit, which is what the summary costs; and the whole command with the plugin installed and not asked for,
beside one in which it is blocked.
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
from pathlib import Path

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


def median_difference(one: Sequence[float], other: Sequence[float]) -> float:
    """Of pairs."""
    return statistics.median(b - a for a, b in zip(one, other, strict=True))


def measure(name: str, runs: int) -> dict[str, float | str]:
    """One case: seconds of the plain suite, and what is added to them."""
    files, extra = CASES[name]
    with tempfile.TemporaryDirectory(prefix="suite-") as place:
        folder = Path(place)
        suites.write_files(files, folder)
        (folder / "conftest.py").write_text(_TELL, encoding="utf-8")
        times_of(folder, *extra, "--iobound")  # compiles what there is to compile
        plain, observed = pairs(folder, runs, extra, (*extra, "--iobound"))
        blocked, installed = pairs(folder, runs, ("-p", "no:iobound", *extra), extra)
    return {
        "case": name,
        "plain_s": statistics.median(one for one, _ in plain),
        "observing_s": median_difference([one for one, _ in plain], [one for one, _ in observed]),
        "summary_s": median_difference([end for _, end in plain], [end for _, end in observed]),
        "installed_s": median_difference([sum(each) for each in blocked], [sum(each) for each in installed]),
    }


def main() -> int:
    """Measure all or some cases; 1 when observing costs more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], metavar="CASE", help="all, if none is named")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows, kept = [], True
    print(f"{'suite':16} {'plain':>8} {'observing':>10} {'allowed':>9} {'summary':>9} {'installed':>10}")
    for name in options.cases or CASES:
        row = measure(name, options.runs)
        rows.append(row)
        allowed = MOST_SHARE * float(row["plain_s"]) + MOST_S
        good = float(row["observing_s"]) <= allowed
        kept = kept and good
        costs = [1e3 * each for each in (float(row["observing_s"]), allowed, float(row["summary_s"]))]
        told = " ".join(f"{cost:6.0f} ms" for cost in costs)
        installed = f"{1e3 * float(row['installed_s']):7.1f} ms"
        print(f"{name:16} {row['plain_s']:6.2f} s  {told} {installed}{'' if good else '  MORE'}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2), encoding="utf-8")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
