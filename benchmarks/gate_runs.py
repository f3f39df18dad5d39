"""Runs of unchanged and of changed programs, kept in a folder: what `gates.py` judges gates by.

A round runs every program in every variant once, in an order of its own, so that a drift of the machine hits all alike;
in every other round a second load runs beside them. What was measured stays: a round goes on where it was left.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

PROGRAMS = Path(__file__).with_name("gate_programs")
ROUNDS = 40
PATIENCE_S = 120.0
KEPT = ("PATH", "HOME", "LANG", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")

BASELINE, UNCHANGED = "baseline", "unchanged"
WAITING, QUERY, SERIAL = "waiting", "query", "serial"


class Planted(NamedTuple):
    """A change of a program: a piece of its source, which is there once, and what stands there after the change."""

    old: str
    new: str


CHANGES: Mapping[str, Mapping[str, Planted]] = {
    "orders": {
        WAITING: Planted("DELAY_MS = 20\n", "DELAY_MS = 24\n"),
        QUERY: Planted(
            '    rows += query(f"stock-{number}")\n',
            '    rows += query(f"stock-{number}")\n    query(f"history-{number}")\n',
        ),
    },
    "pages": {
        WAITING: Planted("DELAY_MS = 60\n", "DELAY_MS = 72\n"),
        QUERY: Planted(
            "    count_words([row",
            '    await query(f"history-{number}")\n    count_words([row',
        ),
        SERIAL: Planted(
            "    answers = await asyncio.gather(*(query(part) for part in parts))\n",
            "    answers = []\n    for part in parts:\n        answers.append(await query(part))\n",
        ),
    },
}
"""The changes that are planted, by program and kind."""


class Run(NamedTuple):
    """One run that was, or is to be, made."""

    program: str
    variant: str
    number: int

    @property
    def loaded(self) -> bool:
        """Whether a second load ran beside it."""
        return self.number % 2 == 1

    def file(self, folder: Path, suffix: str = "json") -> Path:
        """Where its report lies, or its recording."""
        return folder / f"{self.program}.{self.variant}.{self.number:02}.{suffix}"

    def report(self, folder: Path) -> dict[str, Any]:
        """What `--report json` said of it."""
        read: dict[str, Any] = json.loads(self.file(folder).read_text(encoding="utf-8"))
        return read


def source_of(program: str, variant: str) -> str:
    """The source of a program with a change planted, or as it is.

    Example:
        >>> source_of("orders", BASELINE) == source_of("orders", UNCHANGED)
        True
        >>> "DELAY_MS = 24" in source_of("orders", WAITING)
        True
    """
    source = (PROGRAMS / f"{program}.py").read_text(encoding="utf-8")
    if variant in (BASELINE, UNCHANGED):
        return source
    change = CHANGES[program][variant]
    if source.count(change.old) != 1:
        raise SystemExit(f"{program}.py has {change.old!r} {source.count(change.old)} times, not once")
    return source.replace(change.old, change.new)


def variants_of(program: str) -> tuple[str, ...]:
    """What each round runs of a program."""
    return BASELINE, UNCHANGED, *CHANGES[program]


def round_of(number: int) -> list[Run]:
    """The runs of a round, in its own order, which is the same each time."""
    runs = [Run(program, variant, number) for program in CHANGES for variant in variants_of(program)]
    random.Random(number).shuffle(runs)
    return runs


def measure(folder: Path, rounds: int = ROUNDS, *, at_most_s: float | None = None) -> bool:
    """Make the runs that are not in the folder yet.

    Args:
        folder: Keeps for each run its report and its recording.
        rounds: How many of each.
        at_most_s: Stop before the first run after that many seconds; None for never.

    Returns:
        Whether all are there now.
    """
    began = time.monotonic()
    missing = [run for number in range(rounds) for run in round_of(number) if not run.file(folder).exists()]
    if not missing:
        return True
    (folder / "work").mkdir(parents=True, exist_ok=True)
    with _backend(folder) as port:
        for run in missing:
            if at_most_s is not None and time.monotonic() - began > at_most_s:
                return False
            with _loads() if run.loaded else contextlib.nullcontext():
                _make(run, folder, port)
            print(f"\r{run.program} {run.variant} {run.number}        ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return True


def _make(run: Run, folder: Path, port: int) -> None:
    """Run a program in the same place as all of its variants, as a checkout in CI is."""
    work = folder / "work"
    (work / f"{run.program}.py").write_text(source_of(run.program, run.variant), encoding="utf-8")
    recording, report = run.file(folder, "iob"), work / "report.json"
    command = [sys.executable, "-m", "iobound", "run", "--save", str(recording), "--report", f"json:{report}"]
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    done = subprocess.run(
        [*command, f"{run.program}.py"],
        cwd=work,
        env={**environment, "BACKEND_PORT": str(port)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    if done.returncode:
        raise SystemExit(f"{run.program} ({run.variant}) ended with {done.returncode}:\n{done.stderr[-2000:]}")
    report.replace(run.file(folder))


@contextlib.contextmanager
def _backend(folder: Path) -> Iterator[int]:
    """The server that the programs ask, on the port that it had before, so that waits go by the same name."""
    kept = folder / "port"
    port = kept.read_text(encoding="ascii") if kept.exists() else "0"
    with _until_done("_backend.py", port, says=True) as said:
        if not said:
            raise SystemExit(f"port {port}, which earlier runs had, is taken: go on later, or begin another folder")
        kept.write_text(said, encoding="ascii")
        yield int(said)


@contextlib.contextmanager
def _loads() -> Iterator[None]:
    """A load for each CPU."""
    with contextlib.ExitStack() as stack:
        for seed in range(os.cpu_count() or 1):
            stack.enter_context(_until_done("_load.py", str(seed)))
        yield


@contextlib.contextmanager
def _until_done(name: str, argument: str, *, says: bool = False) -> Iterator[str]:
    """A process that ends when its standard input does; gives its first line where it says one."""
    command = [sys.executable, str(PROGRAMS / name), argument]
    errors = subprocess.DEVNULL if says else None
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield process.stdout.readline().strip() if says else ""
        finally:
            process.stdin.close()
