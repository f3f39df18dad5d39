"""How fast `iobound scan` is: lines in a CPU second, and the ratio to `ast.parse` of the same files in the same run.

    python benchmarks/scan.py [--install] [--folder DIR] [--packages NAME…] [--runs N] [--no-others] [--json FILE]

CPU time is that of whole commands with their children, from the start of the interpreter to the last line written;
that of `ast.parse` is parsing alone. All take turns in each run, and the figures are medians of the runs. Exit 1 when
iobound misses one of its targets. The ratio of wall times wants a quiet machine.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from costs import Cost, Failed, cost_of, peak_of_tree
from runs import Spread
from scan_corpus import HERE, Source, install, part, sources
from scan_tools import OTHERS, Tool, scan

COLD, TWO, ALL, FILLED, WARM, CHANGED = "cold", "cold, two", "cold, all CPUs", "cold, cached", "warm", "one changed"
TARGETS = {COLD: 0.65, WARM: 40.0}
"""Least ratio to `ast.parse`."""

TWO_TARGET = 1.7
"""Least ratio of the wall time of one process to that of two."""

MEMORY_TARGET = 300.0
"""Most MB of resident memory for each million lines."""

QUIET = 0.15
"""CPUs that other programs may keep busy in a run whose wall time counts."""


@dataclass(frozen=True)
class Corpus:
    """What is scanned: the folders as they are named to the scanner, and the files in them."""

    roots: tuple[Path, ...]
    files: list[Source]

    @property
    def lines(self) -> int:
        """Of all files."""
        return sum(file.lines for file in self.files)


@dataclass(frozen=True)
class Row:
    """One way of scanning.

    Attributes:
        lines: How many it was given.
        costs: One for each run.
        units: CPU seconds of `ast.parse` for the same files, in the same runs.
    """

    name: str
    lines: int
    costs: list[Cost]
    units: list[float]

    @property
    def cpu_s(self) -> float:
        """Median CPU time."""
        return Spread.of([cost.cpu_s for cost in self.costs]).median

    @property
    def wall_s(self) -> float:
        """Median wall time."""
        return Spread.of([cost.wall_s for cost in self.costs]).median

    @property
    def ratio(self) -> Spread:
        """Time of `ast.parse` over its own: above 1 it is faster than parsing."""
        return Spread.of([unit / cost.cpu_s for unit, cost in zip(self.units, self.costs, strict=True)])

    @property
    def peak_mb(self) -> float:
        """Largest resident memory of one of its processes in any run, in 10^6 bytes."""
        return max(cost.peak_bytes for cost in self.costs) / 1e6


class Bench:
    """Runs commands on a corpus by turns."""

    def __init__(self, python: Path, corpus: Corpus, folder: Path) -> None:
        self.python, self.corpus, self._folder = python, corpus, folder
        self._cache = folder / "cache"
        self._number = 0

    def unit_s(self, files: Sequence[Source]) -> float:
        """CPU seconds of `ast.parse`."""
        names = self._folder / "files.txt"
        names.write_text("".join(f"{file.path}\n" for file in files), encoding="utf-8")
        told = json.loads(cost_of([str(self.python), str(HERE / "scan_reference.py"), str(names)]).output)
        return told["parse_s"]

    def scan(self, *more: str) -> Cost:
        """Scan once."""
        return cost_of(scan(self.python, self.corpus.roots, *more))

    def filled(self) -> Cost:
        """Scan into a new cache, which the runs of `warm` and `changed` after it use."""
        self._number += 1
        self._cache = self._folder / f"cache-{self._number}"
        return self.scan("--jobs", "1", *self._cached())

    def warm(self) -> Cost:
        """Scan again when nothing has changed."""
        return self.scan(*self._cached())

    def changed(self) -> Cost:
        """Scan again when the middle file has one comment more; it is as it was afterwards."""
        path = self.corpus.files[len(self.corpus.files) // 2].path
        content, times = path.read_bytes(), path.stat()
        try:
            path.write_bytes(content + f"\n# run {self._number}\n".encode())
            return self.scan(*self._cached())
        finally:
            path.write_bytes(content)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    def told(self, *more: str) -> tuple[dict, int]:
        """The JSON report of a scan, and the peak memory of all its processes together."""
        report = self._folder / "report.json"
        peak = peak_of_tree(scan(self.python, self.corpus.roots, *more, "--report", f"json:{report}"))
        return json.loads(report.read_bytes()), peak

    def told_warm(self) -> dict:
        """The JSON report that comes out of the cache."""
        return self.told(*self._cached())[0]

    def _cached(self) -> tuple[str, str]:
        return ("--cache-dir", str(self._cache))


def ways(bench: Bench, cpus: int) -> dict[str, Callable[[], Cost]]:
    """Each way of scanning, in the order in which they take turns."""
    found: dict[str, Callable[[], Cost]] = {COLD: lambda: bench.scan("--no-cache", "--jobs", "1")}
    if cpus > 1:
        found[TWO] = lambda: bench.scan("--no-cache", "--jobs", "2")
    if cpus > 2:
        found[ALL] = lambda: bench.scan("--no-cache", "--jobs", str(cpus))
    return {**found, FILLED: bench.filled, WARM: bench.warm, CHANGED: bench.changed}


def measure(bench: Bench, runs: int, cpus: int) -> dict[str, Row]:
    """All ways of our own scanner, with `ast.parse` before them in each run."""
    lines = bench.corpus.lines
    rows = {name: Row(name, lines, [], []) for name in ways(bench, cpus)}
    for _ in range(runs):
        unit = bench.unit_s(bench.corpus.files)
        for name, way in ways(bench, cpus).items():
            rows[name].costs.append(way())
            rows[name].units.append(unit)
    return rows


def compare(bench: Bench, tool: Tool, bin_folder: Path, runs: int) -> Row:
    """Another scanner on its part of the corpus, by turns with `ast.parse`."""
    files = part(bench.corpus.files, tool.lines) if tool.lines else bench.corpus.files
    row = Row(tool.name, sum(file.lines for file in files), [], [])
    command = tool.command(bin_folder, [str(file.path) for file in files])
    for _ in range(runs):
        row.units.append(bench.unit_s(files))
        row.costs.append(cost_of(command, good=tool.good))
    return row


def side_by_side(one: Row, two: Row) -> tuple[float, bool]:
    """Wall time of one process over that of two, and whether the machine was quiet.

    Runs in which others took a CPU are left out while there is one without.
    """
    pairs = list(zip(one.costs, two.costs, strict=True))
    quiet = [pair for pair in pairs if max(cost.others for cost in pair) <= QUIET]
    return Spread.of([a.wall_s / b.wall_s for a, b in quiet or pairs]).median, bool(quiet)


@dataclass(frozen=True)
class Verdict:
    """A target and what was reached."""

    name: str
    value: float
    target: float
    most: bool = False
    note: str = ""

    @property
    def good(self) -> bool:
        """Whether it is reached."""
        return self.value <= self.target if self.most else self.value >= self.target


def verdicts(rows: dict[str, Row], peaks: dict[str, int]) -> Iterator[Verdict]:
    """Each target of the project."""
    for name, target in TARGETS.items():
        yield Verdict(f"{name}, ratio to ast.parse", rows[name].ratio.median, target)
    if TWO in rows:
        value, quiet = side_by_side(rows[COLD], rows[TWO])
        yield Verdict("one process to two, wall time", value, TWO_TARGET, note="" if quiet else "others were busy")
    for name, peak in peaks.items():
        yield Verdict(f"MB for a million lines, {name}", peak / rows[COLD].lines, MEMORY_TARGET, most=True)


HEAD = (
    f"{'':16} {'lines':>9} {'CPU s':>8} {'wall s':>8} {'lines / CPU s':>14}   {'ratio to ast.parse':24} {'peak MB':>7}"
)


def line_of(row: Row) -> str:
    """A line of the table."""
    ratio = f"{row.ratio.median:8.3f} ({row.ratio.low:.3f}–{row.ratio.high:.3f})"
    speed = f"{row.lines / row.cpu_s:14,.0f}"
    return f"{row.name:16} {row.lines:9} {row.cpu_s:8.2f} {row.wall_s:8.2f} {speed}   {ratio:24} {row.peak_mb:7.0f}"


def parse_line(rows: dict[str, Row]) -> str:
    """The line of the reference."""
    row = rows[COLD]
    unit = Spread.of(row.units).median
    return f"{'ast.parse':16} {row.lines:9} {unit:8.2f} {'':8} {row.lines / unit:14,.0f}   {1:8.3f}"


def agreement(bench: Bench, cpus: int) -> tuple[dict[str, int], list[str]]:
    """Peak memory by number of processes, and what is wrong with the results.

    A scanner that reads less is not faster, and a cache that answers otherwise is of no use.
    """
    alone, peak = bench.told("--no-cache", "--jobs", "1")
    peaks, wrong = {"one process": peak}, []
    if cpus > 1:
        together, peaks[f"{cpus} processes"] = bench.told("--no-cache", "--jobs", str(cpus))
        if together["findings"] != alone["findings"]:
            wrong.append(f"{cpus} processes find other things than one")
    if bench.told_warm()["findings"] != alone["findings"]:
        wrong.append("out of the cache come other findings")
    if alone["lines"] < 0.99 * bench.corpus.lines:
        wrong.append(f"only {alone['lines']} of {bench.corpus.lines} lines were read")
    return peaks, wrong


def print_others(bench: Bench, bin_folder: Path, runs: int) -> list[Row]:
    """Measure and print the other tools; one that is not there or fails is named."""
    rows = []
    for tool in OTHERS:
        version = tool.version(bin_folder)
        if version is None:
            print(f"{tool.name:16} is left out: not installed", flush=True)
            continue
        try:
            rows.append(compare(bench, tool, bin_folder, runs))
        except Failed as error:
            print(f"{tool.name:16} failed: {error}", flush=True)
            continue
        print(f"{line_of(rows[-1])}   {version}", flush=True)
    return rows


def print_verdicts(found: Sequence[Verdict], wrong: Sequence[str]) -> bool:
    """Print what was promised and kept; whether all of it was."""
    print()
    for verdict in found:
        mark = "ok" if verdict.good else "MISSED"
        least = "most" if verdict.most else "least"
        print(
            f"{verdict.name:44} {verdict.value:8.2f}  (at {least} {verdict.target:g})  {mark}  {verdict.note}".rstrip()
        )
    for sentence in wrong:
        print(f"WRONG: {sentence}")
    return not wrong and all(verdict.good for verdict in found)


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="get the corpus, iobound and the other tools first")
    parser.add_argument("--folder", type=Path, default=HERE / ".venv-scan", help="where the corpus and they lie")
    parser.add_argument("--packages", nargs="*", metavar="NAME", help="scan these of the corpus only")
    parser.add_argument("--runs", type=int, default=5, help="turns of all; the medians count")
    parser.add_argument("--no-others", dest="others", action="store_false", help="iobound only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there, too")
    return parser.parse_args()


def corpus_of(options: argparse.Namespace) -> Corpus:
    """The files that the command line asks for."""
    tree = options.folder.resolve() / "tree"
    roots = tuple(tree / name for name in options.packages) if options.packages else (tree,)
    missing = [root.name for root in roots if not root.is_dir()]
    if missing:
        sys.exit(f"not there: {', '.join(missing)}; `--install` gets the corpus into {options.folder}")
    return Corpus(roots, sources(roots))


def main() -> int:
    """Measure, print, and say whether the targets are reached."""
    options = parse_options()
    if options.install:
        install(options.folder.resolve(), [tool.package for tool in OTHERS])
    corpus = corpus_of(options)
    own = options.folder.resolve() / "environment" / "bin"
    bin_folder = own if own.is_dir() else Path(sys.executable).parent
    cpus = len(os.sched_getaffinity(0))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # our own modules have their bytecode, as any that are installed
    print(f"{len(corpus.files)} files, {corpus.lines} lines, Python {sys.version.split()[0]}, {cpus} CPUs\n\n{HEAD}")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(bin_folder / "python", corpus, Path(folder))
        try:
            rows = measure(bench, options.runs, cpus)
            peaks, wrong = agreement(bench, cpus)
        except Failed as error:
            sys.exit(f"the scan failed: {error}")
        print("\n".join([parse_line(rows), *map(line_of, rows.values())]), flush=True)
        others = print_others(bench, bin_folder, options.runs) if options.others else []
    found = list(verdicts(rows, peaks))
    good = print_verdicts(found, wrong)
    if options.json:
        options.json.write_text(json.dumps(document(corpus, [*rows.values(), *others], found, wrong), indent=1))
    return int(not good)


def document(corpus: Corpus, rows: Sequence[Row], found: Sequence[Verdict], wrong: Sequence[str]) -> dict[str, object]:
    """The numbers as JSON has them."""
    return {
        "python": sys.version,
        "files": len(corpus.files),
        "lines": corpus.lines,
        "rows": [
            {
                "name": row.name,
                "lines": row.lines,
                "parse_s": row.units,
                "runs": [{**asdict(cost), "output": None} for cost in row.costs],
                "ratio": asdict(row.ratio),
            }
            for row in rows
        ],
        "targets": [{**asdict(verdict), "good": verdict.good} for verdict in found],
        "wrong": list(wrong),
    }


if __name__ == "__main__":
    sys.exit(main())
