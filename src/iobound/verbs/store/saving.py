"""Write a recording whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from iobound.errors import UsageError
from iobound.model.recording import Recording
from iobound.verbs.store.batches import batches
from iobound.verbs.store.layout import MAGIC, packed
from iobound.verbs.store.limits import Tally, TooMuch
from iobound.verbs.store.parts import Part, as_content
from iobound.verbs.store.replacing import replacing
from iobound.verbs.store.whole import closing_of, increment_of, opening_of

_PERMISSIONS = 0o666  # less the umask, as for any new file of the user


def save(recording: Recording, path: Path | str) -> None:
    """Write a recording to a file that the user named; what stood there is replaced only when all is written.

    Raises:
        UsageError: If the path is a symbolic link, a directory or a device, if the file cannot be written, or if
            the recording holds more than a file may (`iobound.verbs.store.limits`).
    """
    target = Path(path)
    _require_replaceable(target)
    try:
        with replacing(target, _PERMISSIONS) as file:
            file.write(MAGIC)
            for block in _blocks(recording):
                file.write(block)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            f"cannot save the recording as {target}: {reason}", hint="name a file in a directory that can be written to"
        ) from error
    except TooMuch as error:
        raise UsageError(
            f"cannot save the recording as {target}: it holds {error}", hint="record a shorter run"
        ) from error


def write_whole(text: str, path: Path | str) -> None:
    """Write a report to a file that the user named, whole or not at all; `save` tells what is refused.

    Raises:
        UsageError: As for `save`.
    """
    target = Path(path)
    _require_replaceable(target)
    try:
        with replacing(target, _PERMISSIONS) as file:
            file.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise _unwritable(target, error) from error


def require_writable(path: Path | str) -> None:
    """Find out before a long run whether its result could be written.

    Raises:
        UsageError: As for `save`.
    """
    if os.fspath(path).endswith("/"):  # which `Path` leaves out
        raise UsageError(f"{path} names a directory", hint="name a file in it, such as run.iob")
    target = Path(path)
    _require_replaceable(target)
    if not target.parent.is_dir():
        raise UsageError(f"there is no directory {target.parent}", hint="make it first")
    try:
        os.stat(target)  # says whether the name is too long; that there is no such file is well
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        raise _unwritable(target, error) from error
    try:
        with replacing(
            target, _PERMISSIONS, keep=False
        ):  # permissions alone do not tell: /proc, quotas, read-only disks
            pass
    except OSError as error:
        raise _unwritable(target, error) from error


def _unwritable(target: Path, error: OSError | ValueError) -> UsageError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return UsageError(f"cannot write {target}: {reason}", hint="name a file in a directory that can be written to")


def _blocks(recording: Recording) -> Iterator[bytes]:
    tally = Tally()
    parts: list[Part] = [opening_of(recording), *batches(increment_of(recording)), closing_of(recording)]
    for part in parts:
        block, text_bytes = packed(*as_content(part))
        tally.add_part(part)
        tally.add_text(text_bytes)
        yield block


def _require_replaceable(path: Path) -> None:
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        return  # nothing there, or nothing that can be seen: creating the file will tell
    if stat.S_ISLNK(mode):
        raise UsageError(f"{path} is a symbolic link", hint="name the file that it points to")
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a directory", hint="name a file in it, such as run.iob")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is not a regular file", hint="name a new file, such as run.iob")


def rewrite(content: bytes, path: Path | str) -> None:
    """Give a file of the user's new content, whole or not at all; its permissions stay.

    Raises:
        UsageError: As for `save`.
    """
    target = Path(path)
    _require_replaceable(target)
    try:
        with replacing(target, stat.S_IMODE(target.stat().st_mode)) as file:
            file.write(content)
    except OSError as error:
        raise _unwritable(target, error) from error
