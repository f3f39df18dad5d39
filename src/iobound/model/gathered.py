"""What there is to scan: the files that were found, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

NOTEBOOK_SUFFIX = ".ipynb"


class SourceFile(NamedTuple):
    """One file to scan.

    Attributes:
        name: As findings name it: below the path that was asked for, with `/`. Bytes that are not UTF-8 are lone
            surrogates in it, as `os.fsdecode` makes them.
        path: To open it by; None for standard input.
        size: In bytes, when it was found; 0 for standard input.
        modified_ns: When it was last written, in nanoseconds since 1970; 0 for standard input.
    """

    name: str
    path: str | None
    size: int = 0
    modified_ns: int = 0

    @property
    def is_notebook(self) -> bool:
        """Whether its name is that of a Jupyter notebook."""
        return self.name.endswith(NOTEBOOK_SUFFIX)


class Unread(NamedTuple):
    """A file or directory that could not be read, and why, in a few words."""

    name: str
    reason: str


class Gathered(NamedTuple):
    """What paths stand for.

    Attributes:
        files: Each once; those of one path by name, paths in the order in which they were given.
        left_out: Reason, such as `test files`, and how many files were left out for it. What a pattern excludes
            is not counted.
        unread: What could not be looked into.
    """

    files: tuple[SourceFile, ...]
    left_out: Mapping[str, int] = {}
    unread: tuple[Unread, ...] = ()


class LineRange(NamedTuple):
    """Lines from the first to the last, both included, counted from 1."""

    first: int
    last: int
