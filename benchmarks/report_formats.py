"""What a report costs in each format: rendering alone, loading and diagnosing before it, and the whole command.

The recording is of ten minutes and 50 threads, with as many looks as a recording keeps (`long_recording.py`), or the
one that is given.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from costs import cost_of
from long_recording import Size, long_recording

MOST_S = 1.0
MOST_MIB = 200.0
"""Of CPU time and of memory: wall time is told beside, and on a machine that others use is theirs as well."""

MIB = 2**20


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What it gives, with wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def peak_mib(work: Callable[[], Any]) -> float:
    """Memory that it holds at its peak, beside what was there before."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1] / MIB
    tracemalloc.stop()
    return peak


def inside(path: Path) -> dict[str, Any]:
    """Each step in this process. The first time of a format includes loading it, the second does not."""
    from iobound import pipeline

    recording, load_wall, load_cpu = timed(lambda: pipeline.load(str(path)))
    diagnosis, wall, cpu = timed(lambda: pipeline.diagnose(recording))
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    steps = [
        {"step": "load", "wall_s": load_wall, "cpu_s": load_cpu},
        {"step": "diagnose", "wall_s": wall, "cpu_s": cpu, "peak_mib": resident},
    ]
    style = pipeline.style(width=100, unicode=True)
    rows = []
    for format in pipeline.formats():

        def work(format: str = format) -> str:
            return pipeline.render(diagnosis, format, style)

        text, first_s, first_cpu_s = timed(work)
        _, wall, cpu = timed(work)
        rows.append(
            {
                "format": format, "first_s": first_s, "first_cpu_s": first_cpu_s, "wall_s": wall,
                "cpu_s": cpu, "peak_mib": peak_mib(work), "kib": len(text.encode()) / 1024,
            }
        )  # fmt: skip
    marks = sum(len(thread.marks) for process in recording.processes for thread in process.threads)
    stacks = sum(len(thread.stacks) for process in recording.processes for thread in process.threads)
    size = {"marks": marks, "stacks": stacks, "threads": sum(len(each.threads) for each in recording.processes)}
    return {"recording": {**size, "wall_s": recording.wall_ns / 1e9}, "steps": steps, "formats": rows}


def commands(path: Path, formats: list[str], folder: str) -> list[dict[str, Any]]:
    """The whole command, start of the interpreter included."""
    rows = []
    for format in formats:
        words = [sys.executable, "-m", "iobound", "report", str(path), "--report", f"{format}:{folder}/report.{format}"]
        cost = cost_of(words)
        rows.append({"format": format, "wall_s": cost.wall_s, "cpu_s": cost.cpu_s, "peak_mib": cost.peak_bytes / MIB})
    return rows


def show(found: dict[str, Any]) -> bool:
    """Print the tables; whether every format kept to its limits."""
    recording = found["recording"]
    print(
        f"{recording['wall_s']:.0f} s, {recording['threads']} threads, {recording['marks']:,} looks, "
        f"{recording['stacks']:,} stacks"
    )
    for step in found["steps"]:
        print(f"{step['step']:12} {step['wall_s']:7.2f} s  {step['cpu_s']:6.2f} s of CPU")
    print(f"{'':12} {'resident':>9} {found['steps'][-1]['peak_mib']:.0f} MiB after both")
    kept = True
    print(f"\n{'format':12} {'first':>8} {'of CPU':>8} {'again':>8} {'memory':>9} {'size':>10}")
    for row in found["formats"]:
        good = row["first_cpu_s"] <= MOST_S and row["peak_mib"] <= MOST_MIB
        kept = kept and good
        print(
            f"{row['format']:12} {1e3 * row['first_s']:5.0f} ms {1e3 * row['first_cpu_s']:5.0f} ms "
            f"{1e3 * row['wall_s']:5.0f} ms {row['peak_mib']:5.1f} MiB "
            f"{row['kib']:6.0f} KiB{'' if good else '  MORE'}"
        )
    if found.get("commands"):
        print(f"\n{'command':12} {'wall':>8} {'CPU':>8} {'resident':>10}")
    for row in found.get("commands", ()):
        good = row["cpu_s"] <= MOST_S and row["peak_mib"] <= MOST_MIB
        told = f"{row['format']:12} {row['wall_s']:6.2f} s {row['cpu_s']:6.2f} s {row['peak_mib']:6.0f} MiB"
        print(f"{told}{'' if good else '  MORE'}")
    return kept


def main() -> int:
    """Measure; 1 when rendering a format takes more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording", nargs="?", type=Path, help="a recording, in place of the one that is made")
    parser.add_argument("--looks", type=int, default=Size().looks, help="of the recording that is made")
    parser.add_argument("--commands", nargs="*", default=["text", "github"], help="formats to run the command for")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(inside(options.recording)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = options.recording or Path(folder, "long.iob")
        if options.recording is None:
            from iobound.verbs import store

            store.save(long_recording(Size(looks=options.looks)), str(path))
        print(f"{path.name}: {path.stat().st_size / MIB:.1f} MiB")
        words = [sys.executable, __file__, str(path), "--inside"]
        found = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
        found["commands"] = commands(path, options.commands, folder)
    kept = show(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2), encoding="utf-8")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
