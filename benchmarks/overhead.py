"""What observing costs: paired runs against plain `python`, other profilers beside it.

    python benchmarks/overhead.py [--install] [--venv DIR] [--runs N] [--workloads NAME…] [--contenders NAME…]
                                  [--no-footprint] [--json FILE]

For each workload: the median (and quartiles) of the paired ratios of the work alone (slow-down) and of the whole
command (slow-down and fixed cost). Exit 1 when iobound is over one of its limits. Wants a quiet machine.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import footprint
from contenders import CONTENDERS, IOBOUND, Contender, install
from runs import Pairs, RunFailed, in_pairs, script_of

HERE = Path(__file__).resolve().parent
WORKLOADS = (
    "calls",
    "strings",
    "tight_loop",
    "busy_threads",
    "waiting_threads",
    "echo_load",
    "process_pool",
    "empty",
)
SLOW_DOWN_LIMIT = 1.03
FIXED_COST_LIMIT_S = 0.15


def usable(names: list[str], bin_folder: Path) -> Iterator[Contender]:
    """Contenders that work here; the others are named with the reason."""
    for name in names:
        contender = CONTENDERS[name]
        why = contender.why_not(bin_folder)
        if why and contender is IOBOUND:
            raise SystemExit(f"iobound does not run in this environment: {why}")
        if why:
            print(f"{name} is left out: {why}", flush=True)
        else:
            yield contender


def keeps_limits(workload: str, pairs: Pairs) -> bool:
    """Whether iobound is as cheap as it promises to be."""
    if workload == "empty":
        return pairs.more_s.median <= FIXED_COST_LIMIT_S
    return pairs.work.median <= SLOW_DOWN_LIMIT


def line_of(workload: str, contender: Contender, pairs: Pairs) -> str:
    """A row of the table; the work of an empty script is nothing to compare."""
    work = "" if workload == "empty" else f"{pairs.work.median:6.3f} ({pairs.work.low:.3f}–{pairs.work.high:.3f})"
    mark = "" if contender is not IOBOUND else "ok" if keeps_limits(workload, pairs) else "OVER ITS LIMIT"
    whole = f"{pairs.command.median:7.3f}  {pairs.more_s.median:+8.3f} s"
    return f"{workload:16} {contender.name:13} {work:22} {whole}  {mark}"


def compare(options: argparse.Namespace, bin_folder: Path) -> tuple[list[dict[str, object]], bool]:
    """Measure every contender on every workload; the rows and whether iobound keeps its limits."""
    contenders, rows, good = list(usable(options.contenders, bin_folder)), [], True
    print(f"\n{'workload':16} {'':13} {'work, ratio':22} {'command':>7}  {'more':>8}")
    for workload in options.workloads:
        for contender in contenders:
            row: dict[str, object] = {"workload": workload, "contender": contender.name}
            try:
                pairs = in_pairs(contender, bin_folder, script_of(workload), options.runs)
            except RunFailed as error:
                print(f"{workload:16} {contender.name:13} failed: {error}", flush=True)
                rows.append({**row, "failed": str(error)})
                good = good and contender is not IOBOUND
                continue
            print(line_of(workload, contender, pairs), flush=True)
            rows.append({**row, **asdict(pairs)})
            good = good and (contender is not IOBOUND or keeps_limits(workload, pairs))
    return rows, good


def figures(bin_folder: Path, runs: int) -> Iterator[footprint.Figure]:
    """What iobound leaves in and beside the target."""
    yield footprint.import_time(bin_folder, runs)
    yield footprint.start_cpu(bin_folder, runs)
    yield footprint.memory(bin_folder, "calls", runs)
    yield footprint.memory(bin_folder, "waiting_threads", runs)
    yield footprint.recording_growth(bin_folder)
    yield footprint.supervisor_share(bin_folder)


def print_footprint(bin_folder: Path, runs: int) -> list[footprint.Figure]:
    """Measure and print the footprint."""
    print()
    measured = []
    for figure in figures(bin_folder, runs):
        mark = "ok" if figure.good else "OVER ITS LIMIT"
        print(f"{figure.name:32} {figure.value:8.2f} {figure.unit} (limit {figure.limit:g})  {mark}", flush=True)
        measured.append(figure)
    return measured


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="make the environment first, with the other profilers")
    parser.add_argument("--venv", type=Path, help="environment to measure in (default: the running one)")
    parser.add_argument("--runs", type=int, default=7, help="pairs for each row")
    parser.add_argument("--workloads", nargs="*", choices=WORKLOADS, default=WORKLOADS)
    parser.add_argument("--contenders", nargs="*", choices=list(CONTENDERS), default=list(CONTENDERS))
    parser.add_argument("--no-footprint", dest="footprint", action="store_false", help="compare only")
    parser.add_argument("--json", type=Path, help="write the numbers here, too")
    options = parser.parse_args()
    if options.install and options.venv is None:
        options.venv = HERE / ".venv"
    return options


def main() -> int:
    """Measure, print, and say whether the limits are kept."""
    options = parse_options()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode; so must all that are compared
    if options.install:
        install(options.venv)
    bin_folder = options.venv.resolve() / "bin" if options.venv else Path(sys.executable).parent
    rows, good = compare(options, bin_folder)
    footprints = print_footprint(bin_folder, options.runs) if options.footprint else []
    if options.json:
        document = {"python": sys.version, "rows": rows, "footprint": [asdict(figure) for figure in footprints]}
        options.json.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return int(not (good and all(figure.good for figure in footprints)))


if __name__ == "__main__":
    sys.exit(main())
