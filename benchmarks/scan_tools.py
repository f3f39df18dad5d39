"""How each scanner is started on files, and how many lines it is given so that a run ends within a minute or so."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

SCAN = ("-m", "iobound", "scan", "--tests", "--exit-zero")
"""Test files are Python like any other, and the other tools read them too."""


def scan(python: Path, paths: Sequence[Path], *more: str) -> list[str]:
    """The command line of our own scanner."""
    return [str(python), *SCAN, *more, *map(str, paths)]


@dataclass(frozen=True)
class Tool:
    """Another scanner.

    Attributes:
        package: What pip installs.
        lines: Size of the part of the corpus that it is measured on; None for all of it.
        command: From the environment's `bin` and files to a command line.
        good: Exit codes of a run that went well, with findings or without.
    """

    name: str
    package: str
    lines: int | None
    command: Callable[[Path, Sequence[str]], list[str]]
    good: tuple[int, ...] = (0, 1)

    def version(self, bin_folder: Path) -> str | None:
        """Of its package in the environment; None when it is not installed."""
        code = f"from importlib.metadata import version; print(version({self.package!r}))"
        done = subprocess.run([bin_folder / "python", "-c", code], capture_output=True, text=True, check=False)
        return done.stdout.strip() or None


def _ruff(bin_folder: Path, files: Sequence[str]) -> list[str]:
    rules = ["--isolated", "--no-cache", "--preview", "--select", "ASYNC", "--no-respect-gitignore", "--quiet"]
    return [str(bin_folder / "ruff"), "check", *rules, *files]


def _flake8_async(bin_folder: Path, files: Sequence[str]) -> list[str]:
    return [str(bin_folder / "flake8-async"), "--asyncio", *files]


def _bandit(bin_folder: Path, files: Sequence[str]) -> list[str]:
    return [str(bin_folder / "bandit"), "--quiet", *files]


def _pyflakes(bin_folder: Path, files: Sequence[str]) -> list[str]:
    return [str(bin_folder / "pyflakes"), *files]


OTHERS = (
    Tool("ruff ASYNC", "ruff", None, _ruff),
    Tool("pyflakes", "pyflakes", 500_000, _pyflakes),
    Tool("bandit", "bandit", 150_000, _bandit),
    Tool("flake8-async", "flake8-async", 15_000, _flake8_async),
)
