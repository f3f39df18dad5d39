"""Replace a file whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path

SAFE_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
"""Never through a symbolic link, where the system can refuse that; no translation of line ends on Windows."""

NEW_FILE_FLAGS = os.O_CREAT | os.O_EXCL | SAFE_FLAGS


@contextmanager
def replacing(path: Path, permissions: int, *, keep: bool = True) -> Iterator[BinaryIO]:
    """A new file beside `path` that takes its place when the block ends, and vanishes when it fails.

    With `keep` false it always vanishes: that is how to find out whether such a file can be made.
    """
    temporary = path.with_name(f".iobound-{os.urandom(8).hex()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | NEW_FILE_FLAGS, permissions)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        if keep:
            os.replace(temporary, path)
        else:
            os.unlink(temporary)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
