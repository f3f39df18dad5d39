"""Functions of the system as they were when this file was loaded: some programs put others in their place later."""

from __future__ import annotations

import os
import select
import time

try:
    import posix as system  # the very functions in C, whatever `os` has by now
except ImportError:  # where no observer can be started anyway
    system = os  # type: ignore[misc]


class Untouched:
    """A class keeps them, for libraries that stop the clock replace what stands in modules."""

    close = staticmethod(system.close)
    fstat = staticmethod(system.fstat)
    getpid = staticmethod(system.getpid)
    kill = staticmethod(system.kill)
    listdir = staticmethod(system.listdir)
    mkdir = staticmethod(system.mkdir)
    open = staticmethod(system.open)
    read = staticmethod(system.read)
    rmdir = staticmethod(system.rmdir)
    unlink = staticmethod(system.unlink)
    urandom = staticmethod(system.urandom)
    write = staticmethod(system.write)
    monotonic = staticmethod(time.monotonic)
    monotonic_ns = staticmethod(time.monotonic_ns)
    process_time_ns = staticmethod(time.process_time_ns)
    thread_time_ns = staticmethod(getattr(time, "thread_time_ns", lambda: 0))
    time_s = staticmethod(time.time)
    poll = staticmethod(getattr(select, "poll", None) or (lambda: None))
    mkfifo = staticmethod(getattr(system, "mkfifo", None) or (lambda *_: None))
    waitpid = staticmethod(system.waitpid)


_PIECE = 1 << 16


def content_of(path: str, most_bytes: int) -> bytes:
    """The content of a file, up to so many bytes; OSError where it cannot be read."""
    descriptor = Untouched.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    try:
        pieces = []
        while most_bytes > 0:
            piece = Untouched.read(descriptor, min(_PIECE, most_bytes))
            if not piece:
                break
            pieces.append(piece)
            most_bytes -= len(piece)
        return b"".join(pieces)
    finally:
        Untouched.close(descriptor)
