"""The folder of a cache: made private, labelled as a cache, and never reached through a symbolic link."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from iobound.verbs.store.replacing import NEW_FILE_FLAGS

_LABELS = {
    # Backup programs know this first line: https://bford.info/cachedir/
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# Made by iobound; it may be removed at any time.\n",
    ".gitignore": "*\n",
}
_BESIDE = ("", "-journal")  # SQLite's own names for what belongs to a file
_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700


class Unusable(Exception):
    """What stands there is not ours, or others can replace it."""


def prepared(folder: str, name: str) -> str:
    """Path of a file in a cache folder; both are made, empty, when they are missing.

    A folder that held other things before gets no labels: they would hide those from backups and from Git.

    Raises:
        Unusable: The folder or the file is a link, something else than its name says, or under the control of others.
        OSError: They cannot be made.
        ValueError: The path has a character that no path can have.
    """
    folder = str(Path(folder))  # with a slash at the end, a link would not be seen as one
    with suppress(FileExistsError):
        os.makedirs(folder, _PRIVATE_FOLDER)
    _require_own(os.lstat(folder), stat.S_ISDIR)
    _label(folder, name)
    path = os.path.join(folder, name)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | NEW_FILE_FLAGS, _PRIVATE_FILE))
    for ending in _BESIDE:
        with suppress(FileNotFoundError):
            _require_own(os.lstat(path + ending), stat.S_ISREG)
    return path


def discard(path: str) -> None:
    """Remove a file of the cache and put an empty one in its place.

    Raises:
        OSError: It cannot be done.
        Unusable: As for `prepared`.
    """
    for ending in _BESIDE:
        with suppress(FileNotFoundError):
            os.unlink(path + ending)
    prepared(*os.path.split(path))


def _label(folder: str, name: str) -> None:
    ours = {*_LABELS, *(name + ending for ending in _BESIDE)}
    found = set(os.listdir(folder))
    if found <= ours:
        for label in _LABELS.keys() - found:
            with suppress(OSError):  # another scan has just made it, or nothing can be written here
                _write_new(os.path.join(folder, label), _LABELS[label])


def _write_new(path: str, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | NEW_FILE_FLAGS, _PRIVATE_FILE), "w", encoding="ascii") as file:
        file.write(text)


def _require_own(found: os.stat_result, is_kind: Callable[[int], bool]) -> None:
    if not is_kind(found.st_mode):
        raise Unusable("a link, or not what its name says")
    if hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & stat.S_IWOTH):
        raise Unusable("others can replace it")
