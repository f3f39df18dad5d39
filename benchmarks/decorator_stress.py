"""Decorated functions under what programs do to them: each program again and again, each under a time limit.

Prints for each how often it hung, counted wrongly, ended otherwise than it should, or left something behind. A program
says on its standard output what is expected, as one line: `expect {"calls": {…}}`.

    python benchmarks/decorator_stress.py --times 200
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

PROGRAMS = Path(__file__).with_name("decorator_programs")
PATIENCE_S = 120.0
PLACES = (Path("/dev/shm"), Path("/tmp"))
FAULTS = ("hung", "wrong count", "wrong end", "wrong output", "left behind")


class Fault(NamedTuple):
    """One of `FAULTS`, and what exactly."""

    kind: str
    text: str


def tried(program: Path, *, patience_s: float = PATIENCE_S, python: str = sys.executable) -> list[Fault]:
    """Run a program once; what was wrong."""
    with tempfile.TemporaryDirectory(prefix="stress-") as folder:
        report = Path(folder, "report.json")
        environment = {**os.environ, "IOBOUND_REPORT": f"json:{report}", "TMPDIR": folder, "STRESS_MARK": folder}
        environment.pop("IOBOUND_FAMILY", None)
        process = subprocess.Popen(
            [python, str(program)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=folder,
            start_new_session=True,
            text=True,
            errors="backslashreplace",
        )
        try:
            output, errors = process.communicate(timeout=patience_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return [Fault("hung", f"after {patience_s:g} s")]
        return [*judged(output, errors, process.returncode, report), *left(process.pid, folder)]


def judged(output: str, errors: str, ended: int, report: Path) -> Iterator[Fault]:
    """What is not as the program says that it should be."""
    lines = [line for line in output.splitlines() if line.startswith("expect ")]
    if len(lines) != 1:
        yield Fault("wrong output", f"{output!r} {errors!r}")
        return
    expected = json.loads(lines[0].removeprefix("expect "))
    if ended != expected.get("exit", 0):
        yield Fault("wrong end", f"{ended}: {errors}")
    if errors:
        yield Fault("wrong output", errors)
    if report.exists() != expected.get("report", True):
        yield Fault("wrong output", "a report" if report.exists() else "no report")
        return
    if report.exists():
        yield from miscounted(json.loads(report.read_text(encoding="utf-8")), expected)


def miscounted(document: dict[str, Any], expected: dict[str, Any]) -> Iterator[Fault]:
    """Numbers of calls that are not as expected."""
    functions = document["functions"]
    if len(functions) != expected.get("rows", len(functions)):
        yield Fault("wrong count", f"{len(functions)} functions")
    for key in ("calls", "failed"):
        seen = {each["function"]: each[key] for each in functions}
        for name, count in expected.get(key, {}).items():
            found = seen.get(name, 0)
            if found < count or (found > count and name not in expected.get("at_least", ())):
                yield Fault("wrong count", f"{found} {key} of {name}, not {count}")


def left(pid: int, folder: str, patience_s: float = 15.0) -> Iterator[Fault]:
    """Folders and processes of a program that has ended; an observer may need a moment to see that it has."""
    import time

    deadline = time.monotonic() + patience_s
    while found := [*_folders(pid), *_processes(folder)]:
        if time.monotonic() > deadline:
            yield Fault("left behind", ", ".join(found))
            return
        time.sleep(0.02)


def _folders(pid: int) -> list[str]:
    return [str(path) for place in PLACES for path in place.glob(f"iobound-{pid}-*")]


def _processes(mark: str) -> list[str]:
    """Processes with the folder of this run in their environment or command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if os.fsencode(mark) in text:
                found.append(f"process {entry.name}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Try every program, print a table and write the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200, help="how often each program is tried")
    parser.add_argument("--at-once", type=int, default=2, help="how many run at the same time (default: %(default)s)")
    parser.add_argument("--json", help="write the numbers to this file")
    parser.add_argument("programs", nargs="*", help="names of programs; all if none is given")
    options = parser.parse_args(arguments)
    pool = ThreadPoolExecutor(options.at_once)
    names = options.programs or sorted(path.stem for path in PROGRAMS.glob("*.py"))
    print(f"{'program':34} tried  " + "  ".join(f"{fault:>12}" for fault in FAULTS), flush=True)
    rows: dict[str, dict[str, int]] = {}
    for name in names:
        counts: Counter[str] = Counter()
        first: dict[str, str] = {}
        for faults in pool.map(tried, [PROGRAMS / f"{name}.py"] * options.times):
            counts.update({fault.kind for fault in faults})
            for fault in faults:
                first.setdefault(fault.kind, fault.text)
        rows[name] = {"tried": options.times, **{kind: counts[kind] for kind in FAULTS}}
        print(f"{name:34} {options.times:5}  " + "  ".join(f"{counts[kind]:12}" for kind in FAULTS), flush=True)
        for kind, text in first.items():
            print(f"  {kind}: {text[-1500:]}", flush=True)
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return int(any(row[kind] for row in rows.values() for kind in FAULTS))


if __name__ == "__main__":
    sys.exit(main())
