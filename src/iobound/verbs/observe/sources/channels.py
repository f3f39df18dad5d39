"""What a blocked thread is blocked on: from the system call that `/proc/PID/task/TID/syscall` shows."""

from __future__ import annotations

import _socket as socket  # what is in C: the rest takes as long to load as all of this package's sources
import os
import stat
import struct
import time
from collections.abc import Callable, Iterable

from iobound.model.recording import Channel, Kind
from iobound.verbs.observe.sources.socket_peers import SocketPeers, told
from iobound.verbs.observe.sources.syscalls import table

RUNNING_CHANNEL = Channel("running", Kind.UNKNOWN)
_NONE = Channel("", Kind.UNKNOWN)

_BY_DESCRIPTOR = frozenset(
    """read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 recvfrom recvmsg recvmmsg sendto sendmsg
    sendmmsg accept accept4 connect fsync fdatasync sync_file_range fallocate ftruncate getdents getdents64 flock fcntl
    fstat sendfile copy_file_range splice syncfs""".split()
)
_SLEEPS = frozenset({"nanosleep", "clock_nanosleep"})
_CHILDREN = frozenset({"wait4", "waitid", "vfork", "clone", "clone3", "fork", "execve"})
_PATHS = frozenset({"open", "stat", "lstat", "creat", "rename", "mkdir", "rmdir", "unlink", "symlink"})
_PATHS_AT = frozenset(
    {"openat", "openat2", "newfstatat", "statx", "mkdirat", "unlinkat", "renameat", "renameat2", "symlinkat", "mknodat"}
)
_IPC = frozenset({"semop", "semtimedop", "msgrcv", "msgsnd", "mq_timedsend", "mq_timedreceive"})
_SIGNALS = frozenset({"pause", "rt_sigsuspend", "rt_sigtimedwait"})
_DISK = frozenset({"sync", "msync", "io_getevents", "io_pgetevents"})
_FUTEXES = frozenset({"futex", "futex_wait", "futex_waitv"})

_FUTEX_COMMAND_MASK = 0x7F
_FUTEX_PRIVATE = 0x80
_MAX_WATCHED = 256
_MAX_LOCKS = _MAX_PATHS = _MAX_PEERS = 2000
_SOCKETS_PERIOD_NS = 100_000_000
_NO_TIMEOUT = 0xFFFFFFFF


class Sockets:
    """Peers of sockets by inode: asked of the kernel, else from the tables of a process's network namespace."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._asked = SocketPeers(pid)
        self._rows: dict[str, tuple[str, str, int]] = {}
        self._peers: dict[str, Channel] = {}
        self._next_ns = 0

    def channel(self, inode: str, descriptor: int) -> Channel:
        """Kind and peer of a socket; of one that no table has, the kind that the kernel says, without a peer."""
        known = self._known(inode)
        if known is None:
            found = self._asked.channel(descriptor)
            if found is not None:
                if found.target:
                    if len(self._peers) >= _MAX_PEERS:
                        self._peers.clear()
                    self._peers[inode] = found
                return found
        if known is None and time.monotonic_ns() >= self._next_ns:
            self._refresh()
            known = self._known(inode)
        return known or Channel("", self._kind(descriptor))

    def close(self) -> None:
        """Let go of the process."""
        self._asked.close()

    def _known(self, inode: str) -> Channel | None:
        row = self._rows.pop(inode, None)
        if row is not None:
            self._peers[inode] = _internet_channel(*row)
        return self._peers.get(inode)

    def _kind(self, descriptor: int) -> Kind:
        """Kind of a socket that is newer than the tables, by its protocol, such as `TCP` or `UNIX-STREAM`."""
        try:
            protocol = os.getxattr(f"/proc/{self._pid}/fd/{descriptor}", "system.sockprotoname")
        except (OSError, AttributeError):
            return Kind.INTERNET
        return Kind.UNIX_SOCKET if protocol.startswith(b"UNIX") else Kind.INTERNET

    def _refresh(self) -> None:
        """Read the tables again, but never more than a five-hundredth of the time: the kernel walks its hash tables."""
        begun_ns = time.monotonic_ns()
        self._peers.clear()
        self._rows.clear()
        for name, family in (
            ("tcp", socket.AF_INET),
            ("tcp6", socket.AF_INET6),
            ("udp", socket.AF_INET),
            ("udp6", socket.AF_INET6),
        ):
            for line in _lines(f"/proc/{self._pid}/net/{name}")[1:]:
                fields = line.split()
                if len(fields) > 9 and fields[9] != "0":  # closed ones that linger have no inode, and may be many
                    self._rows[fields[9]] = fields[2], fields[3], family
        for line in _lines(f"/proc/{self._pid}/net/unix")[1:]:
            fields = line.split(None, 7)
            if len(fields) > 6:
                path = fields[7].strip() if len(fields) > 7 else ""
                listening = fields[3] == "00010000"
                self._peers[fields[6]] = Channel("", Kind.LISTENER if listening else Kind.UNIX_SOCKET, path)
        ended_ns = time.monotonic_ns()
        self._next_ns = ended_ns + max(_SOCKETS_PERIOD_NS, 500 * (ended_ns - begun_ns))


class ChannelReader:
    """Turns the `syscall` line of a blocked thread of one process into a `Channel`."""

    def __init__(self, pid: int, memory: int, is_in_gil: Callable[[int], bool], *, is_main: bool) -> None:
        self._pid = pid
        self.memory = memory
        self.is_in_gil = is_in_gil
        self._is_main = is_main
        self._names = table()
        self._sockets = Sockets(pid)
        self._locks: set[int] = set()
        self._epoll: dict[tuple[int, bool], tuple[int, Channel]] = {}
        self._fifos: dict[str, bool] = {}

    def close(self) -> None:
        """Let go of the process."""
        self._sockets.close()

    def read(self, line: bytes) -> Channel:
        """Channel for one line such as `202 0x7f… 0x80 …`; never raises for a line that it cannot read."""
        fields = line.split()
        try:
            number = int(fields[0])
            arguments = [int(field, 16) for field in fields[1:7]]
        except (ValueError, IndexError):
            return _NONE
        if number < 0 or len(arguments) < 6:
            return Channel("stopped", Kind.PAUSED) if _is_stopped(self._pid) else Channel("page fault", Kind.FILE)
        name = self._names.get(number, f"syscall {number}")
        return self._named(name, arguments)

    def _named(self, name: str, arguments: list[int]) -> Channel:
        if name in _FUTEXES:
            return self._futex(name, arguments)
        if name in _BY_DESCRIPTOR:
            return self._of_descriptor(name, _signed(arguments[0]))
        if name in _SLEEPS:
            return Channel(name, Kind.TIMER)
        if name in ("epoll_wait", "epoll_pwait", "epoll_pwait2"):
            return self._epoll_wait(name, arguments)
        if name in ("poll", "ppoll"):
            has_timeout = arguments[2] & _NO_TIMEOUT != _NO_TIMEOUT if name == "poll" else arguments[2] != 0
            return self._watching(name, self._polled(arguments[0], arguments[1]), has_timeout=has_timeout)
        if name in ("select", "pselect6"):
            return self._watching(name, self._selected(arguments), has_timeout=arguments[4] != 0)
        return self._simple(name, arguments)

    def _simple(self, name: str, arguments: list[int]) -> Channel:
        if name in _CHILDREN:
            return Channel(name, Kind.CHILD, self._child_command(name, arguments))
        if name in _PATHS:
            return Channel(name, Kind.FILE, self._text(arguments[0]))
        if name in _PATHS_AT:
            return Channel(name, Kind.FILE, self._text(arguments[1]))
        if name in _DISK:
            return Channel(name, Kind.FILE)
        if name in _IPC:
            return Channel(name, Kind.SHARED_FUTEX)
        if name in _SIGNALS:
            return Channel(name, Kind.EVENT_LOOP_IDLE)
        return Channel(name, Kind.UNKNOWN)

    def _futex(self, name: str, arguments: list[int]) -> Channel:
        address, command, timeout = arguments[0], arguments[1], arguments[3]
        if self.is_in_gil(address):
            return Channel(name, Kind.GIL)
        if len(self._locks) < _MAX_LOCKS:
            self._locks.add(address)
        target = f"{address:#x}" if address in self._locks else ""
        if name == "futex" and not command & _FUTEX_PRIVATE:
            return Channel(name, Kind.SHARED_FUTEX, target)
        return Channel(name, Kind.TIMED_FUTEX if timeout else Kind.FUTEX, target)

    def _of_descriptor(self, call: str, descriptor: int) -> Channel:
        kind, target = self._descriptor(descriptor)
        if call in ("accept", "accept4"):
            kind = Kind.LISTENER
        elif descriptor == 0 and kind in (Kind.PIPE, Kind.UNIX_SOCKET, Kind.TERMINAL) and call in ("read", "readv"):
            kind = Kind.STANDARD_INPUT if self._is_main else kind
        return Channel(call, kind, target)

    def _descriptor(self, descriptor: int) -> tuple[Kind, str]:
        try:
            link = os.readlink(f"/proc/{self._pid}/fd/{descriptor}")
        except OSError:
            return Kind.UNKNOWN, ""
        if link.startswith("socket:["):
            channel = self._sockets.channel(link[8:-1], descriptor)
            return channel.kind, channel.target
        if link.startswith("pipe:["):
            return Kind.PIPE, ""
        if link.startswith("anon_inode:"):
            return _ANONYMOUS.get(link[11:].strip("[]"), Kind.UNKNOWN), ""
        if link == "/dev/ptmx":  # the far side of a terminal: a program that drives another
            return Kind.PIPE, ""
        if link.startswith(("/dev/pts/", "/dev/tty", "/dev/console")):
            return Kind.TERMINAL, link
        return (Kind.PIPE if self._is_fifo(descriptor, link) else Kind.FILE), link

    def _is_fifo(self, descriptor: int, link: str) -> bool:
        """Whether a path is that of a named pipe; asked once a path, for a file system may be slow to answer."""
        known = self._fifos.get(link)
        if known is None:
            if len(self._fifos) >= _MAX_PATHS:
                return False
            try:
                known = stat.S_ISFIFO(os.stat(f"/proc/{self._pid}/fd/{descriptor}").st_mode)
            except OSError:
                known = False
            self._fifos[link] = known
        return known

    def _epoll_wait(self, call: str, arguments: list[int]) -> Channel:
        """What an epoll descriptor waits for; an answer serves for 50 ms, or 200 times the CPU time that it took.

        The kernel holds the epoll's lock while it lists the set: the target would wait for us. On a busy machine most
        of the wall time is somebody else's, and an answer that served for as many times that would outlive the run.
        """
        descriptor = _signed(arguments[0])
        has_timeout = arguments[3] != 0 if call == "epoll_pwait2" else arguments[3] & _NO_TIMEOUT != _NO_TIMEOUT
        until, channel = self._epoll.get((descriptor, has_timeout), (0, _NONE))
        if time.monotonic_ns() >= until:
            begun = time.thread_time_ns()
            channel = self._watching(call, self._epoll_targets(descriptor), has_timeout=has_timeout)
            took = time.thread_time_ns() - begun
            self._epoll[descriptor, has_timeout] = (time.monotonic_ns() + max(50_000_000, 200 * took), channel)
        return channel

    def _epoll_targets(self, descriptor: int) -> list[int]:
        """Descriptors that an epoll descriptor watches, the first of many."""
        targets = []
        for line in _lines(f"/proc/{self._pid}/fdinfo/{descriptor}"):
            if line.startswith("tfd:"):
                targets.append(int(line.split()[1]))
                if len(targets) >= _MAX_WATCHED:
                    break
        return targets

    def _polled(self, address: int, count: int) -> list[int]:
        data = self._bytes(address, 8 * min(count, _MAX_WATCHED))
        return [
            descriptor for descriptor, _, _ in struct.iter_unpack("<ihh", data[: len(data) // 8 * 8]) if descriptor >= 0
        ]

    def _selected(self, arguments: list[int]) -> list[int]:
        highest, watched = min(arguments[0] & 0xFFFF, 1024), set[int]()
        for address in arguments[1:4]:
            bits = int.from_bytes(self._bytes(address, (highest + 7) // 8), "little") if address else 0
            watched.update(number for number in range(highest) if bits >> number & 1)
        return sorted(watched)[:_MAX_WATCHED]

    def _watching(self, call: str, descriptors: Iterable[int], *, has_timeout: bool) -> Channel:
        """A thread that waits on several descriptors waits for the most outward of them."""
        by_kind: dict[Kind, list[str]] = {}
        descriptors = list(descriptors)
        for descriptor in descriptors:
            kind, target = self._descriptor(descriptor)
            if kind is Kind.PIPE and descriptor == 0 and self._is_main:
                kind = Kind.STANDARD_INPUT
            by_kind.setdefault(kind, []).append(target)
        if not by_kind:
            return Channel(call, Kind.TIMER if has_timeout else Kind.EVENT_LOOP_IDLE)
        if call.startswith("epoll") and _only_wakes_itself(by_kind):
            return Channel(call, Kind.EVENT_LOOP_TIMER if has_timeout else Kind.EVENT_LOOP_IDLE)
        if call.startswith("epoll") and _is_server(by_kind):
            return Channel(call, Kind.LISTENER, _one(by_kind[Kind.LISTENER]))
        if call.startswith("epoll") and self._is_only_woken(by_kind, descriptors):
            return Channel(call, Kind.WAKE_UP_TIMER if has_timeout else Kind.WAKE_UP)
        for kind in _OUTWARD:
            if kind in by_kind:
                return Channel(call, kind, _one(by_kind[kind]))
        return Channel(call, Kind.UNKNOWN)

    def _is_only_woken(self, by_kind: dict[Kind, list[str]], descriptors: list[int]) -> bool:
        """Whether an event loop watches nothing but what wakes it up, and eventfds, by which other threads do."""
        if by_kind.keys() - _OWN:
            return False
        others = [descriptor for descriptor in descriptors if not self._is_eventfd(descriptor)]
        return len(others) < len(descriptors) and len(others) <= 1

    def _is_eventfd(self, descriptor: int) -> bool:
        try:
            return os.readlink(f"/proc/{self._pid}/fd/{descriptor}") == "anon_inode:[eventfd]"
        except OSError:
            return False

    def _child_command(self, name: str, arguments: list[int]) -> str:
        """Command of the one child that is waited for; empty for any child."""
        pid = 0
        if name == "wait4":
            pid = _signed(arguments[0])
        elif name == "waitid" and arguments[0] == 1:  # P_PID
            pid = _signed(arguments[1])
        if pid <= 0:
            return ""
        return command_of(pid)

    def _text(self, address: int) -> str:
        data = self._bytes(address, 256) or self._bytes(address, 4096 - address % 4096)
        return data.partition(b"\0")[0].decode("utf-8", "surrogateescape")

    def _bytes(self, address: int, size: int) -> bytes:
        try:
            return os.pread(self.memory, size, address) if self.memory >= 0 else b""
        except (OSError, OverflowError):
            return b""


_ANONYMOUS = {
    "eventpoll": Kind.UNKNOWN,
    "eventfd": Kind.PIPE,
    "pidfd": Kind.CHILD,
    "timerfd": Kind.TIMER,
    "inotify": Kind.FILE,
    "signalfd": Kind.EVENT_LOOP_IDLE,
    "io_uring": Kind.FILE,
}
_OUTWARD = (
    Kind.INTERNET, Kind.CHILD, Kind.TERMINAL, Kind.STANDARD_INPUT, Kind.FILE, Kind.PIPE, Kind.UNIX_SOCKET, Kind.TIMER,
    Kind.LISTENER, Kind.EVENT_LOOP_IDLE,
)  # fmt: skip


def command_of(pid: int) -> str:
    """Command line of a process for people, at most 300 characters; its short name where there is none."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read(4096).rstrip(b"\0").split(b"\0")
        text = b" ".join(words).decode("utf-8", "surrogateescape")
        if not text:
            with open(f"/proc/{pid}/comm", "rb") as file:
                text = file.read(64).strip().decode("utf-8", "surrogateescape")
    except OSError:
        return ""
    return text[:300]


def _is_stopped(pid: int) -> bool:
    """Whether a process was stopped by a signal or a debugger; then its threads may be anywhere in their code."""
    return any(line.rpartition(")")[2].split()[:1] in (["T"], ["t"]) for line in _lines(f"/proc/{pid}/stat")[:1])


_OWN = frozenset({Kind.UNIX_SOCKET, Kind.PIPE})
"""What an event loop wakes itself up with: a socket pair or a pipe."""


def _only_wakes_itself(by_kind: dict[Kind, list[str]]) -> bool:
    """An event loop that watches nothing but the socket pair or pipe that wakes it up."""
    return sum(map(len, by_kind.values())) == 1 and bool(_OWN & by_kind.keys())


def _is_server(by_kind: dict[Kind, list[str]]) -> bool:
    """An event loop that waits for connections, and has none but what wakes it up."""
    own = [target for kind in _OWN for target in by_kind.get(kind, ())]
    return Kind.LISTENER in by_kind and len(own) <= 1 and not by_kind.keys() - {Kind.LISTENER, *_OWN}


def _one(targets: list[str]) -> str:
    """The target that all have, or how many there are."""
    different = set(targets)
    return different.pop() if len(different) == 1 else f"{len(targets)} descriptors"


def _internet_channel(remote: str, state: str, family: int) -> Channel:
    if state == "0A":
        return Channel("", Kind.LISTENER)
    address, _, port = remote.partition(":")
    raw = b"".join(struct.pack("<I", int(address[at : at + 8], 16)) for at in range(0, len(address), 8))
    if not any(raw) and int(port, 16) == 0:
        return Channel("", Kind.INTERNET)
    return Channel("", Kind.INTERNET, told(socket.inet_ntop(family, raw), int(port, 16)))


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read(1 << 20).splitlines()
    except OSError:
        return []


def _signed(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value
