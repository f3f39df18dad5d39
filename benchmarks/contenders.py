"""The profilers that overhead is compared with: how each is started, and how to get them."""

import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Contender:
    """A way to run a script.

    Attributes:
        package: What pip installs; None when there is nothing to install.
        probe: Arguments, after the environment's `bin`, of a command that succeeds where the contender works.
        command: From the environment's `bin`, an output file and the script with its arguments to a command line.
    """

    name: str
    package: str | None
    probe: tuple[str, ...]
    command: Callable[[Path, Path, list[str]], list[str]]

    def why_not(self, bin_folder: Path) -> str | None:
        """Why it cannot be used from this environment; None when it can."""
        program = bin_folder / self.probe[0]
        if not program.exists():
            return "not installed"
        done = subprocess.run([program, *self.probe[1:]], capture_output=True, text=True, timeout=60, check=False)
        return None if done.returncode == 0 else _last_line(done.stderr or done.stdout) or f"exit {done.returncode}"


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def _module(name: str, *arguments: str) -> Callable[[Path, Path, list[str]], list[str]]:
    """`python -m name ARGUMENTS… script`, with `OUT` in the arguments standing for the output file."""

    def command(bin_folder: Path, out: Path, script: list[str]) -> list[str]:
        filled = [str(out) if argument == "OUT" else argument for argument in arguments]
        return [str(bin_folder / "python"), "-m", name, *filled, *script]

    return command


def _plain(bin_folder: Path, _: Path, script: list[str]) -> list[str]:
    return [str(bin_folder / "python"), *script]


def _py_spy(bin_folder: Path, out: Path, script: list[str]) -> list[str]:
    record = [str(bin_folder / "py-spy"), "record", "--format", "raw", "--output", str(out), "--"]
    return [*record, str(bin_folder / "python"), *script]


def _austin(bin_folder: Path, out: Path, script: list[str]) -> list[str]:
    return [str(bin_folder / "austin"), "-o", str(out), str(bin_folder / "python"), *script]


def _scalene(bin_folder: Path, out: Path, script: list[str]) -> list[str]:
    arguments = ["---", *script[1:]] if script[1:] else []
    run = [str(bin_folder / "python"), "-m", "scalene", "run", "--cpu-only", "--outfile", str(out)]
    return [*run, script[0], *arguments]


def _imports(module: str) -> tuple[str, ...]:
    return ("python", "-c", f"import {module}")


PLAIN = Contender("python", None, ("python", "--version"), _plain)
IOBOUND = Contender("iobound", None, ("python", "-m", "iobound", "--version"), _module("iobound", "run"))
OTHERS = (
    Contender("pyinstrument", "pyinstrument", _imports("pyinstrument"), _module("pyinstrument", "-o", "OUT")),
    Contender("py-spy", "py-spy", ("py-spy", "--version"), _py_spy),
    Contender("austin", "austin-dist", ("austin", "--version"), _austin),
    Contender("scalene", "scalene", _imports("scalene"), _scalene),
    Contender("yappi", "yappi", _imports("yappi"), _module("yappi", "-o", "OUT")),
    Contender("cProfile", None, _imports("cProfile"), _module("cProfile", "-o", "OUT")),
)
CONTENDERS = {contender.name: contender for contender in (IOBOUND, *OTHERS)}


def install(folder: Path) -> None:
    """Make an environment with this project and every contender that installs; the others are named and left out."""
    venv.create(folder, with_pip=True, clear=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, str(PROJECT)], check=True)
    for contender in OTHERS:
        if contender.package and subprocess.run([*pip, contender.package], check=False).returncode:
            print(f"{contender.name} does not install here", file=sys.stderr)
