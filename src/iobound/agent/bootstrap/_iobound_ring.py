"""The channel between an agent and the supervisor: a ring of text lines in shared memory.

Lines (fields separated by tabs, names as escaped ASCII):

    H version pid agent-thread main-ident main-thread switch-interval-us implementation python-version gil
        free-threaded
    A agent-thread                                   the agent goes on in another thread, after a fork
    N ident thread name                              native id and name of a thread
    C code file qualified-name first-line            a code object
    P place code line column end-line end-column     a call expression in it, -1 for what is not known
    S stack caller place                             a stack: one frame more than its caller
    L wanted taken ident:stack:cpu-ns …              a look; CPU times below -1 are of the whole process, negated
    R                                                tables start anew
    E message                                        the agent stopped itself
"""

from __future__ import annotations

import _codecs  # built in and loaded always, where str.encode imports a module for an encoding used for the first time
import mmap
import os
import sys

RING_OFFSET = 4096  # the first page: header
RING_BYTES = 256 * 1024
HEAD, TAIL, DROPPED, QUIT = range(8, 40, 8)  # 64-bit words in the header
EAGER_SWITCH_S = 0.0002  # an agent waits this long for the GIL of a single thread before asking for it


class Ring:
    """Single writer, single reader; what does not fit is dropped and counted, never waited for."""

    def __init__(self, path: str) -> None:
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(path, flags, 0o600)
        try:
            size = RING_OFFSET + RING_BYTES
            if hasattr(os, "posix_fallocate"):
                # A hole in a file on a full disk would be a SIGBUS for the target: take the space now or not at all.
                os.posix_fallocate(descriptor, 0, size)
            else:
                os.write(descriptor, bytes(size))
            self.map, self._number = _mapped(descriptor, size)
        except BaseException:
            os.unlink(path)
            raise
        finally:
            os.close(descriptor)
        self.words = memoryview(self.map).cast("Q")
        self.map[0:8] = b"IOBRING1"

    def write(self, text: str) -> bool:
        """Write whole lines; False when they do not fit."""
        data = text.encode("ascii")
        head, size = self.words[HEAD >> 3], len(data)
        if size > RING_BYTES - (head - self.words[TAIL >> 3]):
            self.words[DROPPED >> 3] += 1
            return False
        at = head % RING_BYTES
        first = min(size, RING_BYTES - at)
        self.map[RING_OFFSET + at : RING_OFFSET + at + first] = data[:first]
        if first < size:
            self.map[RING_OFFSET : RING_OFFSET + size - first] = data[first:]
        self.words[HEAD >> 3] = head + size
        return True

    def close(self) -> None:
        """Unmap it; nothing may be written any more. Where another file has its number by now, it stays mapped."""
        self.words.release()
        if self._number < 0 or _takes(self._number):
            KEPT[:] = [kept for kept in KEPT if kept is not self.map]
            self.map.close()


def _takes(number: int) -> bool:
    """Put something of ours where a mapping thinks that its descriptor is; False where something else is there."""
    import fcntl

    nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    if nothing == number:
        return True
    lowest = fcntl.fcntl(nothing, fcntl.F_DUPFD_CLOEXEC, number)
    os.close(nothing)
    if lowest != number:
        os.close(lowest)
    return lowest == number


def _mapped(descriptor: int, size: int) -> tuple[mmap.mmap, int]:
    """A mapping that keeps no descriptor: the target would see it, and might close it and have its number again.

    Before 3.13 a mapping always keeps a duplicate, which is the lowest free number at that moment: that is closed here,
    and told. Such a mapping must not be closed nor freed, for it would close whatever has its number by then. See
    `KEPT`.
    """
    if sys.version_info >= (3, 13):
        return mmap.mmap(descriptor, size, trackfd=False), -1
    free = os.dup(descriptor)
    os.close(free)
    mapping = mmap.mmap(descriptor, size)
    KEPT.append(mapping)
    for number in (free, *range(_FIRST, free + _NEAR)):  # other threads may have opened or closed something meanwhile
        if number != descriptor and _is_same(descriptor, number):
            os.close(number)
            return mapping, number
    return mapping, -1


def _is_same(descriptor: int, number: int) -> bool:
    try:
        return os.path.sameopenfile(descriptor, number)
    except OSError:
        return False


_FIRST = 3  # a duplicate is never one of the three standard ones
_NEAR = 256
KEPT: list[mmap.mmap] = []
"""Mappings that live as long as the process. The agent's thread, which never ends, has them in its frame."""


def escaped(text: str) -> str:
    """ASCII without tabs and newlines, for any string; of one beyond 1000 characters the first 999 and an ellipsis."""
    if len(text) > 1000:
        text = text[:999] + "\u2026"
    return _codecs.unicode_escape_encode(text, "surrogatepass")[0].decode("ascii") or "?"
