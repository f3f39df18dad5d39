"""Run a target twice, by plain `python` and by `iobound run`, in equal surroundings."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PATIENCE_S = 60
TARGETS = Path(__file__).with_name("targets")
KEPT = ("PATH", "HOME", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Ran:
    """How a program ended and what it wrote; `exit_code` as a shell says it: 128+N for a signal N."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    report: dict[str, Any] | None = None


def as_shell(returncode: int) -> int:
    """Exit code as a shell says it."""
    return returncode if returncode >= 0 else 128 - returncode


class Runner:
    """Runs targets in a scrubbed environment, in a folder of their own each time.

    Args:
        folder: Private to the test.
        options: Of `iobound run`, always.

    Attributes:
        work: Working directory of the targets.
        temporary: `TMPDIR` of the targets; its name is short, for sockets have to fit into 108 bytes with it.
        pids: Of the commands that were run.
    """

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        self.folder = folder
        self.options = options
        self.work = folder / "work"
        self.temporary = short_folder()
        self.work.mkdir()
        self.pids: list[int] = []
        self.report_file = folder / "report.json"

    @property
    def is_portable(self) -> bool:
        """Whether the target has an agent inside, which adds a thread of the operating system to it."""
        return "--portable" in self.options

    def environment(self, **extra: str) -> dict[str, str]:
        """Environment that both runs get; `PYTHONPATH` of the extras goes in front of the one that finds iobound."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        if "PYTHONPATH" in extra:
            extra["PYTHONPATH"] = os.pathsep.join(filter(None, (extra["PYTHONPATH"], kept.get("PYTHONPATH"))))
        return {**kept, "LANG": "C.UTF-8", "TMPDIR": str(self.temporary), "PYTHONHASHSEED": "0", **extra}

    def script(self, text: str | bytes, name: str | bytes = "target.py") -> str:
        """Write a target into the working directory; its path."""
        path = os.path.join(os.fsencode(self.work), os.fsencode(name))
        Path(os.fsdecode(path)).write_bytes(text if isinstance(text, bytes) else text.encode())
        return os.fsdecode(path)

    def plain_command(self, target: Sequence[str], python: Sequence[str] = ()) -> list[str]:
        """The target by `python`."""
        return [sys.executable, *python, *target]

    def observed_command(
        self, target: Sequence[str], python: Sequence[str] = (), options: Sequence[str] = ()
    ) -> list[str]:
        """The target by `iobound run`, its report in `report_file` so that standard error is the target's alone."""
        report = ("--report", f"json:{self.report_file}")
        return [sys.executable, *python, "-m", "iobound", "run", *self.options, *options, *report, *target]

    def run(self, command: Sequence[str], **how: Any) -> Ran:
        """Run any command to its end."""
        how.setdefault("cwd", self.work)
        how.setdefault("env", self.environment())
        if "input" not in how:
            how.setdefault("stdin", subprocess.DEVNULL)
        if "stdout" not in how:
            how["stdout"] = subprocess.PIPE
        given = how.pop("input", None)
        if given is not None:
            how["stdin"] = subprocess.PIPE
        with subprocess.Popen(command, stderr=subprocess.PIPE, **how) as process:
            self.pids.append(process.pid)
            try:
                output, errors = process.communicate(given, timeout=PATIENCE_S)
            except BaseException:
                process.kill()
                raise
        return Ran(as_shell(process.returncode), output or b"", errors)

    def iobound(self, *arguments: str, **how: Any) -> Ran:
        """Run a command of iobound as it is, without a report file."""
        return self.run([sys.executable, "-m", "iobound", *arguments], **how)

    def plain(self, *target: str, python: Sequence[str] = (), **how: Any) -> Ran:
        """Run a target by `python`."""
        return self.run(self.plain_command(target, python), **how)

    def observed(self, *target: str, python: Sequence[str] = (), options: Sequence[str] = (), **how: Any) -> Ran:
        """Run a target by `iobound run` and read the report."""
        ran = self.run(self.observed_command(target, python, options), **how)
        return Ran(ran.exit_code, ran.stdout, ran.stderr, self.read_report())

    def both(self, *target: str, options: Sequence[str] = (), **how: Any) -> tuple[Ran, Ran]:
        """Run a target by `python` and by `iobound run` at once: it must not leave files in the other's way."""
        with ThreadPoolExecutor(1) as pool:
            plain = pool.submit(self.plain, *target, **how)
            observed = self.observed(*target, options=options, **how)
            return plain.result(), observed

    def close(self) -> None:
        """Remove what lies outside of the test's own folder."""
        shutil.rmtree(self.temporary, ignore_errors=True)

    def read_report(self) -> dict[str, Any] | None:
        """The report of the last observed run, None where there is none."""
        if not self.report_file.exists():
            return None
        report: dict[str, Any] = json.loads(self.report_file.read_text(encoding="utf-8"))
        self.report_file.unlink()
        return report

    def same(self, *target: str, **how: Any) -> Ran:
        """Run both at once, assert that nobody can tell them apart from outside, and that there is a report."""
        plain, observed = self.both(*target, **how)
        assert without_addresses(observed.stderr) == without_addresses(plain.stderr)
        assert without_addresses(observed.stdout) == without_addresses(plain.stdout)
        assert observed.exit_code == plain.exit_code
        assert observed.report is not None, "no report was made"
        require_report(observed.report, plain.exit_code)
        return observed


def short_folder() -> Path:
    """A new folder whose path is as short as it can be."""
    return Path(tempfile.mkdtemp(prefix="t", dir="/tmp"))


def without_addresses(output: bytes) -> str:
    """Output without what differs from one run of a program to the next."""
    return re.sub(r"0x[0-9a-f]{8,}", "0x…", output.decode(errors="backslashreplace"))


def require_report(report: dict[str, Any], exit_code: int) -> None:
    """Assert what every report must say."""
    assert report["schema"] == "iobound.report/1"
    assert abs(sum(report["states"].values()) - 1) < 1e-6
    if exit_code <= 128 or exit_code - 128 not in signal.valid_signals():
        assert report["exit_code"] == exit_code
    else:
        assert report["signal"] == exit_code - 128, signal.Signals(exit_code - 128).name


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a module that says so from outside and once more with an agent inside."""
    if getattr(metafunc.module, "IN_BOTH_WAYS", False):
        for name in {"runner", "shared_runner"}.intersection(metafunc.fixturenames):
            scope = "module" if name == "shared_runner" else "function"
            ways = [(), ("--portable",)]
            metafunc.parametrize(name, ways, ids=["outside", "portable"], indirect=True, scope=scope)


@pytest.fixture
def runner(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Runner]:
    """A runner with folders of its own."""
    made = Runner(tmp_path, getattr(request, "param", ()))
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared_runner(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Runner]:
    """One runner for all tests of a module, for runs that many tests look at."""
    made = Runner(tmp_path_factory.mktemp("shared"), getattr(request, "param", ()))
    yield made
    made.close()


@pytest.fixture(scope="session")
def targets() -> Path:
    """Folder of the programs that the tests run."""
    return TARGETS


@pytest.fixture(scope="session")
def was_disturbed():
    """Whether a run of little certainty is one: others had the CPU of the program, or of who looks at it.

    On a quiet machine a seventh of the looks that are due cannot be taken, and next to no time is a wait for a CPU.
    Where a look is dear, as at event loops and at many threads, looks are some 0.2 s apart on a quiet machine, too;
    such a run may be left open by few of them.
    """

    def was(report):
        missed = report["overhead"]["missed"] > report["overhead"]["samples"] / 3
        starved = report["states"]["wait_cpu"] > 1 / 4
        dear = report["overhead"]["period_s"] > 0.1
        return (missed or starved or dear) and report["verdict"]["bound"] in ("starved", "inconclusive")

    return was
