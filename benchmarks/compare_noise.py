"""How much runs of unchanged programs differ, and how often `iobound compare` tells a change of them.

    python benchmarks/compare_noise.py [--runs 8] [--load] [--json FILE] [SCRIPT …]

Runs each script so many times, with a process that computes beside it where asked, prints the standard deviation of
each kind of quantity, which the noise floors of `iobound compare` stand for, and compares all pairs of runs. The floor
of context switches depends on how many there are, and stands beside what was measured.
"""

import argparse
import itertools
import json
import math
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from iobound.verbs.compare import compare, noise

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
SCRIPTS = ("sequential_downloads", "mostly_sleeps", "blocking_crawler", "pure_python_list")

Document = dict[str, Any]

QUANTITIES: dict[str, Callable[[Document], float | None]] = {
    "wall": lambda document: document["wall_s"],
    "cpu": lambda document: document["cpu_s"],
    "longest wait": lambda document: max((wait["thread_s"] for wait in document["waits"]), default=None),
    "its count": lambda document: max(document["waits"], key=lambda wait: wait["thread_s"], default={}).get("count"),
    "switches": lambda document: document["totals"]["context_switches"]["voluntary"],
    "memory": lambda document: document["totals"]["peak_rss_bytes"],
}


def documents(script: Path, runs: int) -> list[Document]:
    """Reports of so many runs."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "report.json")
        command = [sys.executable, "-m", "iobound", "run", "--report", f"json:{file}", str(script)]
        for _ in range(runs):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
            found.append(json.loads(file.read_text()))
    return found


def deviations(found: list[Document]) -> dict[str, float | None]:
    """Of the logarithm of each quantity, and of the share of the largest state; what switches are judged by."""
    spread: dict[str, float | None] = {}
    for name, of in QUANTITIES.items():
        values = [of(document) for document in found]
        known = [math.log(value) for value in values if value]
        spread[name] = statistics.stdev(known) if len(known) == len(values) else None
    switches = [document["totals"]["context_switches"]["voluntary"] for document in found]
    if None not in switches:
        spread["their number"] = statistics.mean(switches)
        spread["their floor"] = noise.switches(round(statistics.mean(switches)), looped=bool(found[0]["event_loops"]))
    state = max(found[0]["states"], key=lambda name: found[0]["states"][name])
    spread["largest share"] = statistics.stdev(document["states"][state] for document in found)
    return spread


def alarms(found: list[Document]) -> tuple[int, int, int]:
    """Of all pairs of runs: how many, in how many anything changed, and how many have a regression."""
    pairs = list(itertools.combinations(enumerate(found), 2))
    results = [compare([(str(a), one)], [(str(b), other)]) for (a, one), (b, other) in pairs]
    for path, count in Counter(path for result in results for path in result.worse).most_common(3):
        print(f"  worse in {count}: {path}")
    return len(pairs), sum(result.changed for result in results), sum(bool(result.worse) for result in results)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scripts", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--load", action="store_true", help="a process that computes beside each run")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    load = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if given.load else None
    rows = []
    try:
        for script in given.scripts or [SAMPLES / f"{name}.py" for name in SCRIPTS]:
            found = documents(script, given.runs)
            pairs, changed, worse = alarms(found)
            spread = deviations(found)
            row = {
                "script": script.name,
                "runs": given.runs,
                **spread,
                "pairs": pairs,
                "changed": changed,
                "worse": worse,
            }
            rows.append(row)
            shown = ", ".join(f"{name} {'-' if value is None else f'{value:.3f}'}" for name, value in spread.items())
            print(f"{script.name}: {shown}; of {pairs} pairs {changed} changed, {worse} worse", flush=True)
    finally:
        if load is not None:
            load.kill()
            load.wait()
    if given.json:
        given.json.write_text(json.dumps({"loaded": given.load, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
