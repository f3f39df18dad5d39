"""What iobound leaves in and beside the target: import time, memory, recording size, the supervisor's CPU time."""

import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from contenders import IOBOUND, PLAIN
from runs import RunFailed, run, script_of

TEN_MINUTES_S = 600.0


@dataclass(frozen=True)
class Figure:
    """One number with its limit, both in `unit`."""

    name: str
    value: float
    limit: float
    unit: str

    @property
    def good(self) -> bool:
        """Whether the limit is kept."""
        return self.value <= self.limit


def import_time(bin_folder: Path, count: int) -> Figure:
    """Wall time of what is loaded into the target before its first line, by the interpreter's own import clock.

    An agent comes in through a `sitecustomize`; where stacks are read from outside there is none, and this is 0.
    """
    imports = [_sitecustomize_us(bin_folder) for _ in range(count)]
    return Figure("import in the target", statistics.median(imports) / 1000, 15, "ms")


def _sitecustomize_us(bin_folder: Path) -> float:
    with tempfile.TemporaryDirectory() as folder:
        command = IOBOUND.command(bin_folder, Path(folder, "profile"), script_of("empty"))
        environment = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
        )
    lines = (line.split("|") for line in done.stderr.splitlines() if line.startswith("import time:"))
    times = [float(columns[1]) for columns in lines if columns[-1].strip() == "sitecustomize"]
    return times[-1] if times else 0.0


def start_cpu(bin_folder: Path, count: int) -> Figure:
    """CPU time that the target uses before its first line, more than without us: import and start of the agent."""
    script = script_of("start_up")
    more = [
        run(IOBOUND, bin_folder, script).cpu_before_s - run(PLAIN, bin_folder, script).cpu_before_s
        for _ in range(count)
    ]
    return Figure("CPU before the first line", statistics.median(more) * 1000, 15, "ms more")


def memory(bin_folder: Path, workload: str, count: int) -> Figure:
    """Peak resident memory of the target itself, more than without us."""
    script = script_of(workload)
    more = []
    for _ in range(count):
        seen, plain = (run(one, bin_folder, script).peak_rss_bytes for one in (IOBOUND, PLAIN))
        if seen is None or plain is None:
            raise RunFailed("resident memory cannot be read here")
        more.append(seen - plain)
    return Figure(f"memory in {workload}", statistics.median(more) / 2**20, 15, "MiB more")


def recording_growth(bin_folder: Path, short_s: float = 6, long_s: float = 18) -> Figure:
    """Size of the recording of ten minutes of short changing episodes, from what two lengths of run take."""
    sizes = [_recording_bytes(bin_folder, seconds) for seconds in (short_s, long_s)]
    per_second = (sizes[1] - sizes[0]) / (long_s - short_s)
    whole = sizes[1] + per_second * (TEN_MINUTES_S - long_s)
    return Figure("recording of ten minutes", whole / 2**20, 5, "MiB")


def _recording_bytes(bin_folder: Path, seconds: float) -> int:
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder, "run.iob")
        command = [str(bin_folder / "python"), "-m", "iobound", "run", "--save", str(recording)]
        subprocess.run(
            [*command, *script_of("mixed_load", str(seconds))],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
        return recording.stat().st_size


def supervisor_share(bin_folder: Path, threads: int = 500, limit: float = 0.01) -> Figure:
    """CPU share of the supervising process while the target has many threads, read from outside.

    Counted from the third to the tenth second of the run: start and report are fixed costs, measured elsewhere.
    """
    command = IOBOUND.command(bin_folder, Path(os.devnull), script_of("waiting_threads", str(threads), "150"))
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        time.sleep(3)
        start, before = time.perf_counter(), _cpu_s(process.pid)
        time.sleep(7)
        share = (_cpu_s(process.pid) - before) / (time.perf_counter() - start)
    return Figure(f"supervisor with {threads} threads", share * 100, limit * 100, "% of a CPU")


def _cpu_s(pid: int) -> float:
    """CPU seconds of all threads of a process; `schedstat` counts nanoseconds where `stat` counts ticks."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9
