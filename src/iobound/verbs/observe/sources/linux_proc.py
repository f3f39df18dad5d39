"""Counters and system calls of one process and its threads, from /proc, through descriptors that stay open."""

from __future__ import annotations

import errno
import os
import time
from typing import NamedTuple

_NUMBERS = 64
_LINE = 200
_TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 10_000_000


class ThreadFiles:
    """`schedstat` and `syscall` of one thread."""

    __slots__ = ("native_id", "_schedstat", "_syscall", "_base", "_open")

    def __init__(self, pid: int, native_id: int, *, keep_open: bool) -> None:
        self.native_id = native_id
        self._base = f"/proc/{pid}/task/{native_id}/"
        self._schedstat = self._syscall = -1
        if keep_open:
            self._schedstat = kept_open(self._base + "schedstat")
        self._open = self._schedstat >= 0
        if self._open:
            try:
                self._syscall = kept_open(self._base + "syscall")
            except OSError:  # not allowed, or not there: counters alone are worth having
                self._syscall = -1

    def counters(self) -> bytes:
        """Nanoseconds on a CPU, nanoseconds queued for one, and how often; OSError when the thread is gone."""
        if self._open:
            return os.pread(self._schedstat, _NUMBERS, 0)
        return _whole(self._base + "schedstat")

    def syscall(self) -> bytes:
        """`running`, or number and arguments of the call that it is blocked in; empty when it cannot be read.

        Whether it runs can be told, too, of a process that nobody may look into, such as one that has given up being
        dumped.
        """
        try:
            line = os.pread(self._syscall, _LINE, 0) if self._syscall >= 0 else _whole(self._base + "syscall")
        except OSError:
            line = b""
        return line or self._by_state()

    def _by_state(self) -> bytes:
        try:
            after_name = _whole(self._base + "stat").rpartition(b")")[2]
        except OSError:
            return b""
        return b"running" if after_name.split()[:1] == [b"R"] else b""

    def close(self) -> None:
        """Close the files."""
        for descriptor in (self._schedstat, self._syscall):
            if descriptor >= 0:
                os.close(descriptor)
        self._schedstat = self._syscall = -1


def kept_open(path: str) -> int:
    """Descriptor of a file that may stay open; -1 where so many are open already that short reads would lack one.

    Raises:
        OSError: There is no such file, or we may not read it.
    """
    import resource  # not on Windows, where nobody calls this

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as problem:
        if problem.errno in (errno.EMFILE, errno.ENFILE):
            return -1
        raise
    if limit != resource.RLIM_INFINITY and descriptor >= limit // 2:  # the lowest free number is given out
        os.close(descriptor)
        return -1
    return descriptor


class ProcessFiles:
    """What /proc shows of one process."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._clock = cpu_clock(pid)
        self._counters = ProcessCounters()

    def cpu_ns(self) -> int | None:
        """CPU time of the process, or None when it is gone."""
        return cpu_ns(self._clock)

    def threads(self) -> list[int]:
        """Native ids of its threads; empty when it is gone."""
        return threads_of(self.pid)

    def thread(self, native_id: int, *, keep_open: bool) -> ThreadFiles:
        """The files of one thread; OSError when it is gone."""
        return ThreadFiles(self.pid, native_id, keep_open=keep_open)

    def image(self) -> str:
        """The file that it executes; empty when it cannot be read."""
        return image_of(self.pid)

    def counters(self) -> ProcessCounters:
        """Counters of the whole process; what cannot be read any more keeps the value that is known."""
        return process_counters(self.pid, self._counters)


class Birth(NamedTuple):
    """What tells a process from another of the same number, and who made it.

    Attributes:
        parent: Process that it belongs to.
        started_ticks: When it started, in clock ticks since boot.
        end_signal: What its parent is sent when it ends; 0 is nothing.
    """

    parent: int
    started_ticks: int
    end_signal: int

    @property
    def started_ns(self) -> int:
        """The end of that tick, on the monotonic clock."""
        asleep_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns()
        return (self.started_ticks + 1) * _TICK_NS - asleep_ns


def birth_of(pid: int) -> Birth | None:
    """Parent and start time of a process; None when it is gone or a zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read(2048).rpartition(b")")[2].split()
        if fields[0] in (b"Z", b"X"):
            return None
        return Birth(int(fields[1]), int(fields[19]), int(fields[35]))
    except (OSError, IndexError, ValueError):
        return None


def comm_of(pid: int, native_id: int) -> bytes:
    """What the kernel calls a thread, at most 15 bytes; empty when it is gone."""
    try:
        return _whole(f"/proc/{pid}/task/{native_id}/comm").rstrip(b"\n")
    except OSError:
        return b""


def children_of(pid: int, native_ids: list[int]) -> list[int]:
    """Direct children that the given threads of a process have started."""
    found: list[int] = []
    for native_id in native_ids:
        try:
            found.extend(int(word) for word in _whole(f"/proc/{pid}/task/{native_id}/children").split())
        except (OSError, ValueError):
            continue
    return found


def last_born() -> bytes:
    """Number of the process or thread that was started last on this system; empty where that is not told.

    Source:
        `loadavg_proc_show` in fs/proc/loadavg.c: the last number given out in the reader's PID namespace.
    """
    *_, number = _load() or (b"0",)
    return b"" if number == b"0" else number


def runnable_now() -> int:
    """Threads of this machine that run or want to, the caller among them; 0 where that is not told.

    Source:
        `loadavg_proc_show` in fs/proc/loadavg.c: `nr_running` of all run queues, then all threads.
    """
    load = _load()
    runnable = load[3].partition(b"/")[0] if len(load) > 3 else b""
    return int(runnable) if runnable.isdigit() else 0


def _load() -> list[bytes]:
    try:
        return _whole("/proc/loadavg").split()
    except OSError:
        return []


def threads_of(pid: int) -> list[int]:
    """Native ids of the threads of a process; empty when it is gone."""
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []


def cpu_clock(pid: int) -> int:
    """Number of the CPU clock of a process, for `time.clock_gettime_ns`.

    Source:
        CPUCLOCK_SCHED and MAKE_PROCESS_CPUCLOCK in include/linux/posix-timers.h.
    """
    return (~pid << 3) | 2


def cpu_ns(clock: int) -> int | None:
    """CPU time of a process, or None when it is gone."""
    try:
        return time.clock_gettime_ns(clock)
    except OSError:
        return None


def image_of(pid: int) -> str:
    """The file that a process executes; empty when it cannot be read."""
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""


def is_ours(pid: int, image: str) -> bool:
    """Whether a process runs as our user the file that we would run by this name.

    A process that has given up root, or lives in another file system, may name a file that we must not run.
    """
    try:
        there, here = os.stat(f"/proc/{pid}/exe"), os.stat(image)
        return os.stat(f"/proc/{pid}").st_uid == os.geteuid() and os.path.samestat(there, here)
    except OSError:
        return False


class ProcessCounters:
    """Counters of a whole process; None where they cannot be read."""

    def __init__(self) -> None:
        self.read_bytes: int | None = None
        self.write_bytes: int | None = None
        self.voluntary: int | None = None
        self.involuntary: int | None = None
        self.peak_rss_bytes: int | None = None
        self.minor_faults: int | None = None
        self.system_ns: int | None = None
        self.children_cpu_ns: int | None = None

    def frozen(self) -> ProcessCounters:
        """These as they are now, whatever is read later."""
        frozen = ProcessCounters()
        frozen.__dict__.update(self.__dict__)
        return frozen


def process_counters(pid: int, known: ProcessCounters) -> ProcessCounters:
    """Read the counters again; what cannot be read any more keeps the value that is known."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read(2048).rpartition(b")")[2].split()
        known.minor_faults = int(fields[7])
        known.system_ns = int(fields[12]) * _TICK_NS
        known.children_cpu_ns = (int(fields[13]) + int(fields[14])) * _TICK_NS
    except (OSError, IndexError, ValueError):
        return known
    for line in _fields(f"/proc/{pid}/status"):
        name, _, value = line.partition(":")
        if name == "VmHWM":
            known.peak_rss_bytes = int(value.split()[0]) * 1024
        elif name == "voluntary_ctxt_switches":
            known.voluntary = max(known.voluntary or 0, int(value))
        elif name == "nonvoluntary_ctxt_switches":
            known.involuntary = max(known.involuntary or 0, int(value))
    for line in _fields(f"/proc/{pid}/io"):
        name, _, value = line.partition(":")
        if name == "read_bytes":
            known.read_bytes = int(value)
        elif name == "write_bytes":
            known.write_bytes = int(value)
    return known


def _fields(path: str) -> list[str]:
    try:
        return _whole(path).decode("ascii", "replace").splitlines()
    except OSError:
        return []


def _whole(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, 1 << 16)
    finally:
        os.close(descriptor)
