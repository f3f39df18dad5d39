"""Open a file that somebody else named, and nothing else: no pipe to wait at, no device to disturb."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# A FIFO that takes a file's place in between must be refused, not waited for. The names are missing on Windows.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))


class NotRegular(OSError):
    """What is there is no regular file."""


def open_regular(path: Path | str) -> int:
    """Descriptor of a regular file, to read it.

    Raises:
        NotRegular: It is something else.
        IsADirectoryError: It is a directory.
        OSError: It cannot be opened.
        ValueError: The path has a character that no path can have.
    """
    _require_regular(os.stat(path).st_mode)  # opening alone does something to some devices
    descriptor = os.open(path, _FLAGS)
    try:
        _require_regular(os.fstat(descriptor).st_mode)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _require_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError("a directory")
    if not stat.S_ISREG(mode):
        raise NotRegular("not a regular file")
