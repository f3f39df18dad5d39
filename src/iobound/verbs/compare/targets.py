"""Names of what is waited for, without what differs from run to run.

* The usual service behind a port is left out: `db:5432 (postgresql)` is `db:5432`.
* A port from 32,768 on is given out anew to each connection or test server: `127.0.0.1:40001` is `127.0.0.1:*`. It is
  left alone where every run of both sides names that very target, as a service at a fixed high port is.
* The working directory is left out, so that two checkouts have the same files.
* Names that `tempfile` and pytest make up, UUIDs, long hexadecimal numbers, numbers of processes under `/proc` and of
  pipes and sockets, and numbers of three and more digits below a folder for temporary files are `*`.
* A lock goes by the function that waits for it, not by its line.
"""

from __future__ import annotations

import re

EPHEMERAL_FROM = 32_768
"""The lowest port that Linux gives out by itself; other systems begin at 49,152."""

_SERVICE = re.compile(r" \([a-z][a-z ]*\)$")
_PORT = re.compile(r":(\d{1,5})$")
_LOCK = re.compile(r"^lock at (.*):\d+$")
_TEMPORARY = re.compile(r"(?:^|(?<=[\s/]))(?:/private)?/(?:tmp|var/tmp|var/folders)/\S*")
_MADE_UP = (
    (re.compile(r"(?<=/)pytest-of-[^/\s]+/pytest-\d+"), "pytest-of-*/pytest-*"),
    (re.compile(r"(?<![^/\s])([A-Za-z_.-]*)tmp[a-z0-9_]{8}(?![A-Za-z0-9])"), r"\1tmp*"),
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "*"),
    (re.compile(r"(?<![0-9A-Za-z])(?=[a-f]*\d)[0-9a-f]{12,}(?![0-9A-Za-z])"), "*"),
    (re.compile(r"(?<=/proc/)\d+"), "*"),
    (re.compile(r"\b(pipe|socket|anon_inode):\[\d+\]"), r"\1:[*]"),
)
_LIBRARY = re.compile(r"^.*[\\/](?:site|dist)-packages[\\/]")
_STANDARD = re.compile(r"^.*?[\\/][lL]ib(?:64)?[\\/]python\d\.\d+t?[\\/]")


def bare(target: str, cwd: str) -> str:
    """A target as both sides name it, but for its port.

    Example:
        >>> bare("db:5432 (postgresql)", "/home/ann"), bare("/tmp/tmpab12cd_9/run-1234/x", "/home/ann")
        ('db:5432', '/tmp/tmp*/run-*/x')
        >>> bare("/home/ann/data/a.csv", "/home/ann"), bare("/tmp/pytest-of-ann/pytest-7/test_a0/f", "/home/ann")
        ('data/a.csv', '/tmp/pytest-of-*/pytest-*/test_a0/f')
    """
    target = _SERVICE.sub("", target)
    if cwd.strip("/\\"):
        target = target.replace(cwd.rstrip("/\\") + "/", "")
    for pattern, instead in _MADE_UP:
        target = pattern.sub(instead, target)
    return _TEMPORARY.sub(lambda path: re.sub(r"\d{3,}", "*", path.group()), target)


def is_passing(target: str) -> bool:
    """Whether it is at a port that may be another one in the next run.

    Example:
        >>> is_passing("127.0.0.1:40001"), is_passing("[::1]:5432")
        (True, False)
    """
    port = _PORT.search(target)
    return port is not None and int(port[1]) >= EPHEMERAL_FROM


def without_port(target: str) -> str:
    """The host, with a star for the port.

    Example:
        >>> without_port("[::1]:40001")
        '[::1]:*'
    """
    return _PORT.sub(":*", target)


def is_lock(target: str) -> bool:
    """Whether it is a lock of the program, named by a line."""
    return _LOCK.match(target) is not None


def lock(target: str, function: str) -> str:
    """A lock by the function that waits for it; by its file where that is not known.

    Example:
        >>> lock("lock at db.py:12", "Pool.take"), lock("lock at db.py:12", "")
        ('lock in Pool.take', 'lock in db.py')
    """
    found = _LOCK.match(target)
    return f"lock in {function or (found[1] if found else target)}"


def file(path: str, cwd: str) -> str:
    """A source file as both sides name it: from the working directory, or from the root of its library.

    Example:
        >>> file("/usr/lib/python3/dist-packages/requests/api.py", "/home/me"), file("/home/me/a/b.py", "/home/me")
        ('requests/api.py', 'a/b.py')
    """
    for root in (_LIBRARY, _STANDARD):
        found = root.match(path)
        if found:
            return path[found.end() :]
    return bare(path, cwd)
