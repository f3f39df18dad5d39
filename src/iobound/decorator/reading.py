"""What the members of a family have left, read by its head: also when it is torn, odd or garbage."""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from iobound.decorator.left import SUMS, Left, read_line
from iobound.decorator.member import LOST, RECORD

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from typing import Any

_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError)
_MOST_BYTES = 64 << 20


def read_family(folder: str) -> list[dict[str, Any]]:
    """What the members have left, a dictionary for each function of each; what is not whole is left out."""
    found: list[dict[str, Any]] = []
    with suppress(OSError):
        members = {name.rpartition(".")[0] for name in os.listdir(folder) if name.endswith((".calls", ".names"))}
        for member in sorted(members):
            found.extend(_read_member(os.path.join(folder, member)))
    return found


def lost_in(folder: str) -> list[str]:
    """Why members could not leave their calls, and where; each reason once."""
    found = []
    with suppress(OSError):
        for name in sorted(os.listdir(folder)):
            number = name.removeprefix(LOST)
            if name.startswith(LOST) and number.isdecimal() and len(number) < 5:
                found.append(f"{os.strerror(int(number))} in {os.path.dirname(folder)}")
    return found


def _read_member(path: str) -> list[dict[str, Any]]:
    """All functions by their names, with sums; where there was time to write it, with the rest."""
    sums, texts = b"", dict.fromkeys(("calls", "names"), "")
    with suppress(OSError, ValueError):
        sums = _read(f"{path}.sums")
    for ending in texts:
        with suppress(OSError, ValueError):
            texts[ending] = _read(f"{path}.{ending}").decode("ascii")
    found, places = [], set()
    for line in texts["calls"].split("\n"):
        with suppress(*_MALFORMED):
            place, name, left = read_line(line)
            found.append(_checked(name, _newest(left, sums, place), path))
            places.add(place)
    for line in texts["names"].split("\n"):
        with suppress(*_MALFORMED):
            number, _, name = line.partition("\t")
            if int(number) not in places:
                found.append(_checked(name, _newest(Left(), sums, int(number)), path))
    return found


def _read(path: str) -> bytes:
    """The content of a regular file of ours, which nothing else in this place is."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_size > _MOST_BYTES:
            raise ValueError(f"{path} is no file of a member")
        return file.read(_MOST_BYTES)


def _newest(left: Left, sums: bytes, place: int) -> Left:
    """With the sums that are written at once, unless a member ended in the middle of that."""
    if place >= 0 and len(sums) >= (place + 1) * RECORD.size:
        counter, *values = RECORD.unpack_from(sums, place * RECORD.size)
        if counter and not counter % 2 and values[0] >= left.sums[0]:
            left.sums = tuple(values)
    return left


def _checked(name: str, left: Left, member: str) -> dict[str, Any]:
    """What was written of a function, as `as_content` has it; raises where it is something else."""
    import json

    function = json.loads(name)
    named = dict(zip(SUMS, left.sums, strict=True))
    if min(left.sums) < 0 or not named["calls"] or named["nested"] > named["calls"] or not named["processes"]:
        raise ValueError("sums that cannot be")
    return {
        **{key: str(function[key]) for key in ("name", "file", "function", "kind")},
        "problem": str(json.loads(left.problem)) if left.problem else "",
        "first_line": int(function["first_line"]),
        "member": os.path.basename(member),
        "told": bool(function["told"]),
        "workers": tuple(map(int, function["workers"])),
        "sums": list(left.sums),
        "samples": list(zip(left.samples[::2], left.samples[1::2], strict=True)),
        "callers": [(*_place(json.loads(where)), *counts) for where, counts in left.callers.items()],
    }


def _place(found: Any) -> tuple[str, str, int, int, int, int, int]:
    file, function, first, line, column, end_line, end_column = found
    return str(file), str(function), int(first), int(line), int(column), int(end_line), int(end_column)
