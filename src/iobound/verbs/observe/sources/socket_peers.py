"""Who is at the other end of a socket of another process, asked of the kernel for that one socket.

The tables in `/proc/net` say it for all sockets at once, but reading them takes milliseconds (the kernel walks its
whole hash table), so that connections that live for less than seconds would stay without a name. `pidfd_getfd` gives us
a second descriptor of the socket for a few microseconds, in which nothing is done but to ask for its addresses: flags
of the socket, which both descriptors share, are not touched.

Source:
    pidfd_getfd(2), since Linux 5.6; allowed to whoever may read the process's memory.
"""

from __future__ import annotations

import _socket as socket  # see `channels`
import os
import struct
from typing import Any

from iobound.model.recording import Channel, Kind

_PIDFD_GETFD = 438  # the same on every architecture
_ADDRESS_BYTES = 128
_INTERNET = (socket.AF_INET, socket.AF_INET6)


class SocketPeers:
    """Asks for sockets of one process.

    Args:
        pid: The process.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._process = -1
        self._c: Any = None  # the C library and the module to call it by: loaded when there is a socket
        self._works = hasattr(os, "pidfd_open") and hasattr(socket, "SO_ACCEPTCONN")

    def channel(self, descriptor: int) -> Channel | None:
        """Kind and peer of a socket, without a target where it has no peer yet; None where that cannot be asked."""
        if not self._works:
            return None
        try:
            ours = self._borrowed(descriptor)
        except OSError:
            self._works = False
            return None
        if ours < 0:
            return None
        try:
            return self._asked(ours)
        finally:
            os.close(ours)

    def close(self) -> None:
        """Let go of the process."""
        if self._process >= 0:
            os.close(self._process)
            self._process = -1
        self._works = False

    def _borrowed(self, descriptor: int) -> int:
        if self._c is None:
            import ctypes

            self._c = ctypes, ctypes.CDLL(None)
        if self._process < 0:
            self._process = os.pidfd_open(self._pid)
        return int(self._c[1].syscall(_PIDFD_GETFD, self._process, descriptor, 0))

    def _asked(self, ours: int) -> Channel | None:
        peer = self._address("getpeername", ours)
        if peer is not None:
            return _channel(peer)
        own = self._address("getsockname", ours)
        if own is None:
            return None
        named = _channel(own)
        if self._is_listening(ours):
            return Channel("", Kind.LISTENER, named.target if named.kind is Kind.UNIX_SOCKET else "")
        return Channel("", named.kind)

    def _address(self, question: str, ours: int) -> bytes | None:
        """What `getpeername` or `getsockname` says."""
        ctypes, library = self._c
        buffer, size = ctypes.create_string_buffer(_ADDRESS_BYTES), ctypes.c_uint32(_ADDRESS_BYTES)
        if getattr(library, question)(ours, buffer, ctypes.byref(size)):
            return None
        return bytes(buffer.raw[: min(size.value, _ADDRESS_BYTES)])

    def _is_listening(self, ours: int) -> bool:
        ctypes, library = self._c
        value, size = ctypes.c_int(0), ctypes.c_uint32(4)
        where = ctypes.byref(value), ctypes.byref(size)
        failed = library.getsockopt(ours, socket.SOL_SOCKET, socket.SO_ACCEPTCONN, *where)
        return not failed and bool(value.value)


def _channel(address: bytes) -> Channel:
    """The channel of a `struct sockaddr`."""
    family = int.from_bytes(address[:2], "little")
    if family not in _INTERNET:
        path = address[2:].split(b"\0", 1)[0] if family == socket.AF_UNIX else b""
        kind = Kind.UNIX_SOCKET if family == socket.AF_UNIX else Kind.INTERNET
        return Channel("", kind, path.decode("utf-8", "surrogateescape"))
    (port,) = struct.unpack_from(">H", address, 2)
    raw = address[4:8] if family == socket.AF_INET else address[8:24]
    return Channel("", Kind.INTERNET, told(socket.inet_ntop(family, raw), port))


def told(host: str, port: int) -> str:
    """`host:port`, IPv6 in brackets, IPv4 in IPv6 as IPv4."""
    host = host.removeprefix("::ffff:") if "." in host else host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
