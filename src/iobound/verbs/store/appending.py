"""Append to a file of somebody else's."""

from __future__ import annotations

import os
import stat

from iobound.errors import UsageError
from iobound.verbs.store.replacing import SAFE_FLAGS

_FLAGS = os.O_WRONLY | os.O_APPEND | SAFE_FLAGS | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC"))


def append(text: str, path: str, *, most_bytes: int) -> None:
    """Append text as UTF-8 to a regular file that is there, in one piece or not at all.

    Args:
        text: What no UTF-8 can hold is written as an escape.
        path: Never through a symbolic link: what runs in between may have put one there.
        most_bytes: How large the file may become.

    Raises:
        UsageError: There is no such file, it is no regular file, it would become too large, or it cannot be written.
    """
    content = text.encode("utf-8", "backslashreplace")
    try:
        descriptor = os.open(path, _FLAGS)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise UsageError(f"{path} is no regular file", hint="name a file")
            if found.st_size + len(content) > most_bytes:
                raise UsageError(f"{path} would have more than {most_bytes:,} bytes", hint="write less to it")
            if os.write(descriptor, content) < len(content):  # one call: several processes may append at once
                raise UsageError(f"{path} has room for a part only", hint="make room on its disk")
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(f"cannot append to {path}: {reason}", hint="check the path") from error
