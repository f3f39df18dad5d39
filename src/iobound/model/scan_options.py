"""What a scan was asked for, from the command line and `[tool.iobound.scan]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from iobound.errors import LawBroken
from iobound.model.finding import Confidence, Severity
from iobound.model.lawful import lawful

STANDARD_INPUT = "-"
"""The path that stands for standard input, and the name of what is read there unless another is given."""

EXCLUDED = (
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".git-rewrite",
    ".hg",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pants.d",
    ".pyenv",
    ".pytest_cache",
    ".pytype",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    ".vscode",
    "__pypackages__",
    "_build",
    "buck-out",
    "build",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
)
"""What nobody wrote by hand; the same as ruff leaves out."""


@lawful
class ScanOptions(NamedTuple):
    """What to look at, for what, and what to make of it.

    Attributes:
        paths: Files and directories as given; `-` is standard input.
        root: Directory that patterns with a `/` belong to: that of the pyproject.toml, else the working directory.
        select: Rules to look for, by id or prefix, or `ALL`; None for those that are on by default.
        extend_select: Rules to look for beside those.
        ignore: Rules to leave out; the more specific of `select` and `ignore` decides.
        per_file_ignores: Pattern of files, and the rules to leave out there; `!` before it: everywhere else.
        exclude: Patterns of paths that are not looked at below the given directories.
        extend_exclude: Patterns beside those.
        respect_gitignore: Whether what git ignores is not looked at either.
        force_exclude: Whether files that are named on the command line are excluded, too, as pre-commit needs it.
        tests: Whether tests below a given directory are looked at.
        stdin_filename: What standard input is called in findings; empty for `-`.
        diff: Git revision, to tell only what stands on lines that changed since; None for all lines.
        min_confidence: Findings that are less sure are not told; None for medium, or what is usual for their rule.
        fail_on: From which severity on a finding fails the command; None for never.
        fix: Whether safe fixes are applied.
        show_fixes: Whether the fixes that there are, or that were applied, are shown.
        cache: Whether summaries of files are kept from one scan to the next.
        cache_dir: Where they are kept; empty for the usual place.
        jobs: Processes that read files; 0 for as many as there are CPUs.
        catalogue: `[tool.iobound.catalogue]` as it stands there: calls that only this project knows.
    """

    paths: tuple[str, ...] = (".",)
    root: str = "."
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = EXCLUDED
    extend_exclude: tuple[str, ...] = ()
    respect_gitignore: bool = True
    force_exclude: bool = False
    tests: bool = False
    stdin_filename: str = ""
    diff: str | None = None
    min_confidence: Confidence | None = None
    fail_on: Severity | None = Severity.WARNING
    fix: bool = False
    show_fixes: bool = False
    cache: bool = True
    cache_dir: str = ""
    jobs: int = 0
    catalogue: Mapping[str, object] = {}

    def _check(self) -> None:
        if self.jobs < 0:
            raise LawBroken(f"{self.jobs} processes cannot read files")
