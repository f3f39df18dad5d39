"""The private directory of a program that has itself observed: the observer's recording, and two named pipes."""

from __future__ import annotations

import os
from contextlib import suppress

from iobound.verbs.observe.untouched import Untouched

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from collections.abc import Iterable

SAY, ANSWER, RECORDING = "say", "answer", "observed.iob"
"""What is in the folder: named pipes from the program and to it, and what was seen."""

_PROBE = "probe"
_PLACES = ("/dev/shm", "/tmp")
_LEAST_BYTES = 1 << 16
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


class NoObserver(Exception):
    """No process can be started that would look at this one; the text says why."""


def private_folder() -> str:
    """A new directory that nobody else can read, in memory where there is such a place with room in it.

    Raises:
        NoObserver: There is no place for it.
    """
    problem = "none of the usual places exists"
    for place in filter(None, (_PLACES[0], os.environ.get("TMPDIR", ""), _PLACES[1])):
        path = os.path.join(os.path.abspath(place), f"iobound-{Untouched.getpid()}-{Untouched.urandom(6).hex()}")
        try:
            Untouched.mkdir(path, 0o700)
        except OSError as error:
            problem = f"{place}: {error.strerror}"
            continue
        try:
            _require_room(path)
        except OSError as error:
            problem = f"{place}: {error.strerror}"
            remove_folder(path)
            continue
        except BaseException:
            remove_folder(path)
            raise
        return path
    raise NoObserver(f"there is no directory for temporary files that can be written ({problem})")


def _require_room(path: str) -> None:
    probe = os.path.join(path, _PROBE)
    descriptor = Untouched.open(probe, _NEW, 0o600)
    try:
        if Untouched.write(descriptor, bytes(_LEAST_BYTES)) != _LEAST_BYTES:
            raise OSError(0, "no room")
    finally:
        Untouched.close(descriptor)
        Untouched.unlink(probe)


def remove_folder(path: str) -> None:
    """Remove it with the files in it, also where there is no descriptor to be had; what cannot be removed stays."""
    _unlink(path, (SAY, ANSWER, RECORDING, _PROBE))
    try:
        Untouched.rmdir(path)
    except FileNotFoundError:
        return
    except OSError:
        with suppress(OSError):
            _unlink(path, Untouched.listdir(path))
            Untouched.rmdir(path)


def _unlink(path: str, names: Iterable[str]) -> None:
    for name in names:
        with suppress(OSError):
            Untouched.unlink(os.path.join(path, name))
