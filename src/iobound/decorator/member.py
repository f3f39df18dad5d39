"""What a child leaves in the folder of the family: how often its functions were called, and for how long.

The sums of each function stand in a file that is mapped into memory, so that a child that is killed loses the calls of
its last millisecond at most; what functions they are is added to another at their first call. Callers and samples
follow more seldom, in lines. A child goes on with the files of one that has ended, and adds its own calls to those
there: there are files for as many children as were at work at once, and not for all that there ever were. Nothing here
loads a module: see `as_json`.
"""

from __future__ import annotations

import _thread
import errno
import mmap
import os
import struct
import sys
import time
from contextlib import suppress

from iobound.decorator.as_json import encoded
from iobound.decorator.left import SUMS, Left, left_of, named, read_line, sums_of, together

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iobound.decorator.call_log import CallLog

RECORD = struct.Struct(f"{1 + len(SUMS)}q")
"""Of a function in the file of sums: a number that is odd while they are being written, and the sums."""

LOST = "lost-"
"""Begin of the name of a link that says that a member could not leave its calls; the number of the error follows."""

OWNER = "@"
"""Between the name of a member's files and the process that writes them, in the name of an empty file."""

_LAST = 1 + SUMS.index("last_ns")
_COUNTER = struct.Struct("q")
_FIRST_ROOM = 4096 // RECORD.size
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
_OVER = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
_READ = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
_MAP = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
_OF_WRITING = 100  # writing takes at most one part in so many of the time
_SPARED, _MOST_SPARED = 8, 64 << 20  # one part in so many of the place is left to others, and bytes at most
_TO_WRITE_S = 1.0


class Member:
    """This process as a member of a family whose head is observed.

    Args:
        folder: The family's.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._born_ns = time.monotonic_ns()
        self._path = ""  # of the files, without their endings; empty before there are any
        self._map: mmap.mmap | None = None
        self._room = 0
        self._places: dict[CallLog, int] = {}
        self._before: dict[CallLog, Left] = {}  # what those that had the files before left
        self._unclaimed: dict[str, list[int]] = {}
        self._lines: dict[int, str] = {}
        self._names: dict[int, str] = {}
        self._count = 0
        self._next_ns = self._not_before_ns = 0
        self._waiting: list[tuple[CallLog, int]] = []
        self._turn = _thread.allocate_lock()
        self._failed = False
        self._refused: set[CallLog] = set()

    def write(self, logs: Sequence[CallLog], log: CallLog, now: int) -> None:
        """The sums of one function have changed; where another thread is writing, it goes on with these."""
        if self._failed or now < self._not_before_ns:
            return
        self._waiting.append((log, now))
        while self._waiting and self._turn.acquire(False):
            try:
                self._write_waiting(logs)
            finally:
                self._turn.release()

    def write_all(self, logs: Sequence[CallLog]) -> None:
        """Everything of every function that was called."""
        if self._failed or not any(log.calls for log in logs):
            return
        has_turn = self._turn.acquire(True, _TO_WRITE_S)
        try:
            self._waiting.extend([(log, 0) for log in logs if log.calls])
            self._next_ns = 0
            self._write_waiting(logs)
        finally:
            if has_turn:
                self._turn.release()

    def _write_waiting(self, logs: Sequence[CallLog]) -> None:
        began = time.monotonic_ns()
        try:
            latest = 0
            while self._waiting:
                log, now = self._waiting.pop()
                latest = max(latest, now)
                self._write_one(log)
            if self._path and latest >= self._next_ns:
                self._write_lines()
        except FileNotFoundError:  # the folder is being made, by another thread of the parent, or is gone
            ended = time.monotonic_ns()
            self._not_before_ns = ended + _OF_WRITING * (ended - began)
        except RecursionError:
            raise
        except Exception as error:
            self._failed = True
            self._tell(getattr(error, "errno", None) or errno.EIO)

    def _write_one(self, log: CallLog) -> None:
        place = self._places.get(log, -1)
        if place < 0 and log not in self._refused:
            try:
                place = self._introduce(log)
            except FileNotFoundError:
                raise
            except OSError as error:
                if not self._path:
                    raise
                self._refused.add(log)  # there is no room for another; the others are told as before
                self._tell(error.errno or errno.EIO)
        if place >= 0:
            self._write_sums(log, place)

    def _tell(self, number: int) -> None:
        """Say in the folder that calls are lost, in a way that takes neither room nor a descriptor."""
        with suppress(OSError):
            os.symlink(os.strerror(number), os.path.join(self.folder, f"{LOST}{number}"))

    # -- the files ----------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Go on with the files of a process that has ended, or make new ones."""
        space = _space_of_pids()
        owner = f"{space}-{os.getpid()}"
        path = self._take_over(space, owner) if space else ""
        if not path:
            _require_space(self.folder)
            path = os.path.join(self.folder, f"{os.getpid()}-{time.monotonic_ns():x}")
            os.close(os.open(f"{path}{OWNER}{owner}", _NEW, 0o600))
        names: dict[int, str] = {}
        for line in _lines_of(f"{path}.names"):
            place, _, name = line.partition("\t")
            if place.isdecimal() and name:
                names[int(place)] = name
        lines = {}
        for line in _lines_of(f"{path}.calls"):
            place = line.partition("\t")[0]
            if place.isdecimal():
                lines[int(place)] = line
        self._unclaimed = {}
        for number, name in names.items():
            self._unclaimed.setdefault(name, []).append(number)
        self._names, self._lines = names, lines
        self._count = max(names, default=-1) + 1
        self._grow(path, max(self._count, 1))
        self._path = path

    def _take_over(self, space: str, owner: str) -> str:
        for name in os.listdir(self.folder):
            files, mark, former = name.partition(OWNER)
            former_space, _, pid = former.partition("-")
            if mark and former_space == space and pid.isdecimal() and _has_ended(int(pid)):
                path = os.path.join(self.folder, files)
                if _last_end(f"{path}.sums") > self._born_ns:  # it was at work beside this one: that is to be told
                    continue
                try:
                    os.rename(os.path.join(self.folder, name), f"{path}{OWNER}{owner}")  # of several only one can
                except FileNotFoundError:
                    continue
                return path
        return ""

    def _grow(self, path: str, places: int) -> None:
        """Have room for so many functions."""
        descriptor = os.open(f"{path}.sums", _MAP, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            room = max(_FIRST_ROOM, size // RECORD.size)
            while room < places:
                room *= 2
            if room * RECORD.size > size:
                _require_space(self.folder)
                os.posix_fallocate(descriptor, 0, room * RECORD.size)  # a full disk fails here, and not at a store
            self._map = mmap.mmap(descriptor, room * RECORD.size)
        finally:
            os.close(descriptor)
        self._room = room

    def _introduce(self, log: CallLog) -> int:
        """A place for a function: the one that it had with those before, or a new one."""
        if not self._path:
            self._begin()
        name = encoded(named(log))
        known = self._unclaimed.get(name)
        place = known[0] if known else self._count
        if place >= self._room:
            self._grow(self._path, place + 1)
        if known:
            self._before[log] = self._left_at(place)
            self._lines.pop(place, None)
            del known[0]
        else:
            _append(f"{self._path}.names", f"{place}\t{name}\n".encode())
            self._names[place] = name
            self._count = place + 1
        self._places[log] = place
        return place

    def _left_at(self, place: int) -> Left:
        """What those before have left of a function."""
        left = Left()
        with suppress(ValueError):
            if place in self._lines:
                left = read_line(self._lines[place])[2]
        assert self._map is not None
        counter, *sums = RECORD.unpack_from(self._map, place * RECORD.size)
        if counter and not counter % 2 and sums[0] >= left.sums[0]:
            left.sums = tuple(sums)
        return left

    def _write_sums(self, log: CallLog, place: int) -> None:
        values, before = sums_of(log), self._before.get(log)
        if before is not None:
            values = together(before.sums, values)
        assert self._map is not None
        start = place * RECORD.size
        counter = _COUNTER.unpack_from(self._map, start)[0] | 1  # odd already where the one before was killed
        _COUNTER.pack_into(self._map, start, counter)
        RECORD.pack_into(self._map, start, counter, *values)
        _COUNTER.pack_into(self._map, start, counter + 1)

    def _write_lines(self) -> None:
        began = time.monotonic_ns()
        lines = list(self._lines.values())
        for log, place in list(self._places.items()):
            left, before = left_of(log), self._before.get(log)
            if before is not None:
                left = before + left
            lines.append(left.line(place, self._names[place], len(self._names)))
        path = f"{self._path}.calls"
        with suppress(OSError):  # what is exact stands with the sums
            _require_space(self.folder)
            with open(os.open(f"{path}.new", _OVER, 0o600), "wb") as file:
                file.write("\n".join(lines).encode())
            os.replace(f"{path}.new", path)
        ended = time.monotonic_ns()
        self._next_ns = ended + _OF_WRITING * (ended - began)


def _last_end(path: str) -> int:
    """When the last call of those ended whose sums are in a file; 0 where there are none."""
    try:
        descriptor = os.open(path, _READ)
    except FileNotFoundError:
        return 0
    with open(descriptor, "rb") as file:
        content = file.read()
    records = struct.iter_unpack(RECORD.format, content[: len(content) // RECORD.size * RECORD.size])
    return max((record[_LAST] for record in records), default=0)


def _append(path: str, line: bytes) -> None:
    descriptor = os.open(path, _APPEND, 0o600)
    try:
        if os.write(descriptor, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(descriptor)


def _lines_of(path: str) -> Iterable[str]:
    """Whole lines of a file; none where there is no such file."""
    try:
        descriptor = os.open(path, _READ)
    except FileNotFoundError:
        return ()
    with open(descriptor, "rb") as file:
        return file.read().decode("ascii", "replace").split("\n")


def _require_space(folder: str) -> None:
    """Leave something to others: the place is small in containers, and the program itself may need it.

    Raises:
        OSError: There is hardly any room.
    """
    found = os.statvfs(folder)
    if found.f_bavail * found.f_frsize < min(found.f_blocks * found.f_frsize // _SPARED, _MOST_SPARED):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _space_of_pids() -> str:
    """What says whether numbers of processes mean the same here and there; empty where that is not known."""
    if sys.platform != "linux":
        return "1"
    with suppress(OSError):
        return os.readlink("/proc/self/ns/pid").strip("pid:[]")
    return ""


def _has_ended(pid: int) -> bool:
    if pid == os.getpid():  # what it was before it became this program, or another copy of this module: never mind
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
