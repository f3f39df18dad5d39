"""One watched thread: its files, and what the last look found; and what can be seen of a process from outside."""

from __future__ import annotations

from typing import Protocol

from iobound.verbs.observe.collector import ThreadNotes
from iobound.verbs.observe.sources.linux_proc import ProcessCounters

_FORGOTTEN = -1
_TRIES_AS_NEW = 3


class ThreadSource(Protocol):
    """Port: what can be seen of one thread from outside."""

    native_id: int

    def counters(self) -> bytes:
        """Nanoseconds on a CPU, nanoseconds queued for one, and how often; OSError or empty when it is gone."""

    def syscall(self) -> bytes:
        """`running`, or number and arguments of the call that it is blocked in; empty when it cannot be read."""

    def close(self) -> None:
        """Let go of it; may be called twice."""


class ProcessSource(Protocol):
    """Port: what can be seen of one process from outside."""

    pid: int

    def cpu_ns(self) -> int | None:
        """CPU time of all its threads, those that have ended too; None when it is gone."""

    def threads(self) -> list[int]:
        """Native ids of its threads; empty when it is gone."""

    def thread(self, native_id: int, *, keep_open: bool) -> ThreadSource:
        """One thread of it; OSError when that is gone."""

    def image(self) -> str:
        """The file that it executes; empty when it cannot be read."""

    def counters(self) -> ProcessCounters:
        """Counters of the whole process; what cannot be read any more keeps the value that is known."""


class WatchedThread:
    """One thread: its files, and what the last look found."""

    __slots__ = (
        "calm",
        "channel",
        "cpu_before_ns",
        "files",
        "named",
        "notes",
        "passed_over",
        "queued",
        "queued_before_ns",
        "raw",
        "stackless",
        "tries_as_new",
    )

    def __init__(self, files: ThreadSource, notes: ThreadNotes) -> None:
        self.files = files
        self.notes = notes
        self.cpu_before_ns = self.queued_before_ns = 0  # what the counters said when observing began
        self.raw = b""
        self.channel = _FORGOTTEN
        self.queued = False  # woken, but not on a CPU since
        self.stackless = True  # no look at its stack since it got where it is
        self.named = False
        self.tries_as_new = _TRIES_AS_NEW
        self.calm = 0  # looks in a row that found it unmoved
        self.passed_over = False  # the last look at its process left it out

    def begin(self, now: int) -> bool:
        """Leave out everything so far; False where it has ended."""
        try:
            self.cpu_before_ns, self.queued_before_ns = (int(field) for field in self.files.counters().split()[:2])
        except (OSError, ValueError):
            return False
        self.notes.leave_out(now)
        self.raw, self.channel = b"", _FORGOTTEN
        self.queued = self.passed_over = False
        self.stackless, self.tries_as_new, self.calm = True, _TRIES_AS_NEW, 0
        return True

    def has_moved(self) -> bool:
        """Whether it has run since its counters were taken in."""
        try:
            return self.files.counters() != self.raw
        except OSError:
            return True

    def count(self, raw: bytes) -> None:
        """Take in the counters."""
        fields = raw.split()
        self.notes.cpu_ns = int(fields[0]) - self.cpu_before_ns
        self.notes.queued_ns = int(fields[1]) - self.queued_before_ns
        self.raw = raw

    def was_still(self, now: int, looks: int = 1) -> None:
        """It has not moved since its last mark, as so many looks have found."""
        self.calm += 1
        marks = self.notes.marks
        if marks.time:
            marks.still[-1] = now
            marks.looks[-1] += looks
