"""How far the time budget of `iobound run` is from the truth, on programs that know their own.

    python benchmarks/accuracy.py [--programs DIR] [--iobound CMD] [--runs N] [--tolerance SHARE] [--json FILE] [NAME…]

The error of a run is the largest absolute difference of any state's share, in the whole run and in each thread that the
truth names. Exit 1 when the median error of a program is over its limit, or a verdict is not one that it allows.
"""

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Outcome:
    """One run: its error, the state where that is, and the verdict."""

    error: float
    state: str
    bound: str
    allowed: bool
    limit: float


@dataclass(frozen=True)
class Row:
    """All runs of one program."""

    program: str
    error: float
    limit: float
    worst: str
    errors: tuple[float, ...]
    verdicts: tuple[str, ...]
    good: bool


def difference(truth: Mapping[str, float], seen: Mapping[str, float], loose: Iterable[str] = ()) -> tuple[float, str]:
    """Largest difference of a share, and the state; the states in `loose` are judged by their sum.

    Example:
        >>> difference({"idle": 0.5, "unknown": 0.5}, {"idle": 0.75, "unknown": 0.25})
        (0.25, 'unknown')
        >>> difference({"idle": 0.5, "unknown": 0.5}, {"idle": 0.75, "unknown": 0.25}, loose=["idle", "unknown"])
        (0.0, 'idle+unknown')
    """
    together = sorted(loose)
    off = {state: abs(truth.get(state, 0.0) - seen.get(state, 0.0)) for state in {*truth, *seen} - set(together)}
    if together:
        sums = [sum(shares.get(state, 0.0) for state in together) for shares in (truth, seen)]
        off["+".join(together)] = abs(sums[0] - sums[1])
    return max((distance, state) for state, distance in off.items())


def judge(truth: Mapping[str, Any], report: Mapping[str, Any], tolerance: float) -> Outcome:
    """Lay a report over the truth of its run."""
    scope = truth.get("scope")
    seen = _thread(report, scope) if scope else report["states"]
    compared = [difference(truth["states"], seen, truth.get("loose", ()))]
    compared += [difference(states, _thread(report, name)) for name, states in truth.get("threads", {}).items()]
    error, state = max(compared)
    if abs(sum(seen.values()) - 1) > 1e-6:
        error, state = 1.0, "the sum"
    bound = report["verdict"]["bound"]
    return Outcome(error, state, bound, bound in truth["bound"], truth.get("tolerance", tolerance))


def _thread(report: Mapping[str, Any], name: str) -> Mapping[str, float]:
    """Shares of the first thread of that name; one that was not seen is all `missing`."""
    threads = (thread for process in report["processes"] for thread in process["threads"])
    found = next((thread for thread in threads if thread["name"] == name), {"states": {"missing": 1.0}})
    states: Mapping[str, float] = found["states"]
    return states


def run_once(iobound: list[str], program: Path, tolerance: float) -> Outcome:
    """Run a program under iobound and judge what it reports."""
    with tempfile.TemporaryDirectory() as folder:
        report, truth = Path(folder, "report.json"), Path(folder, "truth.json")
        done = subprocess.run(
            [*iobound, "run", "--report", f"json:{report}", str(program)],
            env={**os.environ, "TRUTH_OUT": str(truth), "TRUTH_DIR": folder},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=300,
            check=False,
        )
        if not (report.exists() and truth.exists()):
            raise SystemExit(f"{program.name}: no report or no truth, exit {done.returncode}\n{done.stderr[-2000:]}")
        documents = [json.loads(path.read_text(encoding="utf-8")) for path in (truth, report)]
    return judge(documents[0], documents[1], tolerance)


def measure(iobound: list[str], program: Path, runs: int, tolerance: float) -> Row:
    """Run a program several times; its error is the median."""
    outcomes = [run_once(iobound, program, tolerance) for _ in range(runs)]
    error, limit = statistics.median(outcome.error for outcome in outcomes), outcomes[0].limit
    return Row(
        program=program.stem,
        error=error,
        limit=limit,
        worst=max(outcomes, key=lambda outcome: outcome.error).state,
        errors=tuple(outcome.error for outcome in outcomes),
        verdicts=tuple(outcome.bound for outcome in outcomes),
        good=error <= limit and all(outcome.allowed for outcome in outcomes),
    )


def line_of(row: Row) -> str:
    """A row of the table."""
    verdicts, mark = "/".join(sorted(set(row.verdicts))), "ok" if row.good else "FALLS SHORT"
    return f"{row.program:18} {row.error:6.3f} {row.limit:6.2f}  {row.worst:22} {verdicts:16} {mark}"


def chosen_programs(folder: Path, names: list[str]) -> list[Path]:
    """Programs of a folder by name, all without names; those with a leading underscore are their library."""
    programs = {path.stem: path for path in sorted(folder.glob("*.py")) if not path.name.startswith("_")}
    if unknown := set(names) - set(programs):
        raise SystemExit(f"no such program: {', '.join(sorted(unknown))}; there are {', '.join(programs)}")
    return [path for name, path in programs.items() if not names or name in names]


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=Path, default=HERE / "truth")
    parser.add_argument("--iobound", default=f"{shlex.quote(sys.executable)} -m iobound", help="command to measure")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tolerance", type=float, default=0.05, help="limit where a program names none")
    parser.add_argument("--json", type=Path, help="write the table here, too")
    parser.add_argument("names", nargs="*", metavar="NAME")
    return parser.parse_args()


def main() -> int:
    """Measure, print, and say whether all is well."""
    options = parse_options()
    rows = []
    print(f"{'program':18} {'error':>6} {'limit':>6}  {'worst in':22} verdict")
    for program in chosen_programs(options.programs, options.names):
        rows.append(measure(shlex.split(options.iobound), program, options.runs, options.tolerance))
        print(line_of(rows[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    good = sum(row.good for row in rows)
    print(f"{good} of {len(rows)} programs within their limits")
    return int(good < len(rows))


if __name__ == "__main__":
    sys.exit(main())
