"""What a child leaves in the folder of the family: how often its functions were called, and for how long.

The sums of each function stand in a file that is mapped into memory, so that a child that is killed loses the calls of
its last millisecond at most; what functions they are is added to another at their first call. Callers and samples
follow more seldom, as JSON. What writes loads no module: see `as_json`.
"""

from __future__ import annotations

import mmap
import os
import stat
import struct
import time
from contextlib import suppress

from iobound.decorator.as_json import encoded

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from iobound.decorator.call_log import CallLog

_SUMS = struct.Struct("17q")
_MOST_FUNCTIONS = 256
SUMS = (
    "calls",
    "failed",
    "wall_ns",
    "cpu_ns",
    "longest_ns",
    "first_ns",
    "last_ns",
    "steps",
    "held_ns",
    "longest_step_ns",
    "nested",
    "nested_wall_ns",
    "nested_cpu_ns",
    "busy_ns",
    "most",
    "idle_ns",
)
"""In the order in which they stand in the file, after a number that is odd while they are being written."""

_NOT_YET: dict[str, Any] = {"sums": (0,) * len(SUMS), "threads": 1, "samples": (), "callers": (), "problem": ""}
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError)
_MOST_BYTES = 64 << 20
_OF_WRITING = 100  # writing takes at most one part in so many of the time


class Member:
    """This process as a member of a family whose head is observed.

    Args:
        folder: The family's.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._name = f"{os.getpid()}-{time.monotonic_ns():x}"
        self._map: mmap.mmap | None = None
        self._places: dict[CallLog, int] = {}
        self._next_ns = 0
        self._failed = False

    def write(self, logs: Sequence[CallLog], log: CallLog, now: int) -> None:
        """The sums of one function have changed."""
        if self._failed:
            return
        try:
            if log not in self._places:
                self._introduce(log)
            self._write_sums(log)
            if now >= self._next_ns:
                self.write_all(logs)
        except FileNotFoundError:  # the folder is being made, by another thread of the parent, or is gone
            return
        except (OSError, ValueError):
            self._failed = True

    def _introduce(self, log: CallLog) -> None:
        """Add what does not change of a function; its place among the sums is its own from now on."""
        line = encoded({**named(log), "place": len(self._places)}) + "\n"
        descriptor = os.open(os.path.join(self.folder, f"{self._name}.names"), _APPEND, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
        self._places[log] = len(self._places)

    def _write_sums(self, log: CallLog) -> None:
        place = self._places[log]
        if place >= _MOST_FUNCTIONS:
            return
        if self._map is None:
            self._map = _mapped(os.path.join(self.folder, f"{self._name}.sums"))
        start = place * _SUMS.size
        values = sums_of(log)
        counter = struct.unpack_from("q", self._map, start)[0]
        struct.pack_into("q", self._map, start, counter + 1)
        _SUMS.pack_into(self._map, start, counter + 1, *values)
        struct.pack_into("q", self._map, start, counter + 2)

    def write_all(self, logs: Sequence[CallLog]) -> None:
        """Everything of every function that was called."""
        began = time.monotonic_ns()
        known = [as_content(log, self._places.get(log, -1)) for log in logs if log.calls]
        path = os.path.join(self.folder, f"{self._name}.calls")
        with suppress(OSError):
            descriptor = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with open(descriptor, "wb") as file:
                file.write(encoded({"functions": known}).encode())
            os.replace(path + ".new", path)
        ended = time.monotonic_ns()
        self._next_ns = ended + _OF_WRITING * (ended - began)


def _mapped(path: str) -> mmap.mmap:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, _MOST_FUNCTIONS * _SUMS.size)  # a full disk fails here, and not at a store
        return mmap.mmap(descriptor, _MOST_FUNCTIONS * _SUMS.size)
    finally:
        os.close(descriptor)


def sums_of(log: CallLog) -> tuple[int, ...]:
    """The sums of a log in the order of `SUMS`."""
    overlaps = log.overlaps
    return (
        log.calls,
        log.failed,
        log.wall_ns,
        log.cpu_ns,
        log.longest_ns,
        log.first_ns,
        log.last_ns,
        log.steps,
        log.held_ns,
        log.longest_step_ns,
        overlaps.nested,
        overlaps.nested_wall_ns,
        overlaps.nested_cpu_ns,
        overlaps.busy_ns,
        max(overlaps.most, log.most_under_way),
        log.idle_ns,
    )


def named(log: CallLog) -> dict[str, Any]:
    """What does not change of a function."""
    return {
        "name": log.name,
        "file": log.file,
        "function": log.function,
        "first_line": log.first_line,
        "kind": log.kind,
        "told": log.told,
        "workers": log.workers,
    }


def as_content(log: CallLog, place: int = -1) -> dict[str, Any]:
    """All that is known of a function's calls, as JSON has it."""
    return {
        **named(log),
        "place": place,
        "sums": sums_of(log),
        "threads": len(log.overlaps.threads),
        "samples": list(log.samples),
        "callers": [[*_place_of(log, site), *counts] for site, counts in list(log.callers.items())],
        "problem": log.problem,
    }


def _place_of(log: CallLog, site: int) -> tuple[str, str, int, int, int, int, int]:
    """File, function, its first line, line, column, last line and column of a call expression."""
    known = log.sites.get(site)
    if known is None:
        return "", "", 0, 0, -1, 0, -1
    code, offset = known
    line, end_line, column, end_column = list(code.co_positions())[offset // 2]
    return (
        code.co_filename,
        code.co_qualname,
        code.co_firstlineno,
        line or code.co_firstlineno,
        -1 if column is None else column,
        end_line or 0,
        -1 if end_column is None else end_column,
    )


def read_family(folder: str) -> list[dict[str, Any]]:
    """What the members have left, a dictionary for each function of each; what is not whole is left out."""
    found: list[dict[str, Any]] = []
    with suppress(OSError):
        members = {name.rpartition(".")[0] for name in os.listdir(folder) if name.endswith((".calls", ".names"))}
        for member in sorted(members):
            found.extend(_read_member(os.path.join(folder, member)))
    return found


def _read_member(path: str) -> list[dict[str, Any]]:
    """All functions by their names, with sums; where there was time to write it, with the rest."""
    import json

    sums, names, functions = b"", b"", []
    with suppress(OSError, ValueError):
        sums = _read(f"{path}.sums")
    with suppress(OSError, ValueError):
        names = _read(f"{path}.names")
    with suppress(OSError, RecursionError, *_MALFORMED):
        functions = list(json.loads(_read(f"{path}.calls").decode())["functions"])
    found, places = [], set()
    for function in functions:
        with suppress(*_MALFORMED):
            found.append(_checked(function, sums, path))
            places.add(function["place"])
    for line in names.splitlines():
        with suppress(RecursionError, *_MALFORMED):
            function = json.loads(line)
            if function["place"] not in places:
                found.append(_checked({**_NOT_YET, **function}, sums, path))
    return found


def _read(path: str) -> bytes:
    """The content of a regular file of ours, which nothing else in this place is."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_size > _MOST_BYTES:
            raise ValueError(f"{path} is no file of a member")
        return file.read(_MOST_BYTES)


def _checked(function: dict[str, Any], sums: bytes, member: str) -> dict[str, Any]:
    """What was written of a function, as `as_content` made it; raises where it is something else."""
    pid = int(os.path.basename(member).partition("-")[0])
    own = [int(number) for number in function["sums"]]
    later = _sums_at(sums, int(function["place"]))
    if later is not None and later[0] >= own[0]:
        own = later
    named = dict(zip(SUMS, own, strict=True))
    if not all(isinstance(number, int) for number in function["sums"]) or min(own) < 0:
        raise ValueError("sums that are no numbers of anything")
    if not named["calls"] or named["nested"] > named["calls"]:
        raise ValueError("sums that cannot be")
    return {
        **{key: str(function[key]) for key in ("name", "file", "function", "kind", "problem")},
        **{key: int(function[key]) for key in ("first_line", "threads")},
        "pid": pid,
        "told": bool(function["told"]),
        "workers": tuple(map(int, function["workers"])),
        "sums": own,
        "samples": [(int(wall), int(cpu)) for wall, cpu in function["samples"]],
        "callers": [
            (str(file), str(name), *map(int, (first, line, column, end_line, end_column, exact, some)))
            for file, name, first, line, column, end_line, end_column, exact, some in function["callers"]
        ],
    }


def _sums_at(sums: bytes, place: int) -> list[int] | None:
    if place < 0 or len(sums) < (place + 1) * _SUMS.size:
        return None
    counter, *values = _SUMS.unpack_from(sums, place * _SUMS.size)
    return None if counter % 2 or not counter else values
