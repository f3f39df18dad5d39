"""A recording on disk while its run is on."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from iobound.errors import UsageError
from iobound.model.increment import Closing, Increment, Opening
from iobound.verbs.store.batches import batches
from iobound.verbs.store.layout import MAGIC, Unsound, packed
from iobound.verbs.store.limits import MEBIBYTE, TEXT_BYTES, Tally, TooMuch
from iobound.verbs.store.parts import Part, as_content
from iobound.verbs.store.reading import read_parts
from iobound.verbs.store.replacing import NEW_FILE_FLAGS, SAFE_FLAGS, replacing
from iobound.verbs.store.rows import MarkRows
from iobound.verbs.store.thinning import thinned_increment

if TYPE_CHECKING:
    from pathlib import Path

_APPEND = os.O_RDWR | os.O_APPEND | SAFE_FLAGS
_PRIVATE = 0o600

_TEXT_LIMIT = TEXT_BYTES * 2 // 3
MOST_LOOKS = 300_000
"""Looks that a report can be made of in some six seconds and 200 MiB."""

_LOOKS_OF_EACH = 20  # that a thread keeps, however many there are
_ROOM_AFTER_THINNING = 0.6  # share of a limit that may be used again; more would mean to thin again soon


class JournalFile:
    """Appends the parts of a recording to a file as they come, so that a killed run loses its last moments only.

    The file is new, private (0600) and never written through a symbolic link. When it has grown past `limit_bytes` it
    is thinned (see `thin`), written anew beside itself and renamed, and grows on; so it passes the limit by one part
    at most. Tables and threads are not thinned: a run with so many that they fill the limit ends in a `failure`.
    It is also thinned when it holds more than `most_looks`: they decide how long and in how much memory a report is
    made, however well they compress.

    The observer need not know of that. It keeps sending `first_mark` in its own row numbers, which are translated
    here, thread by thread. After a thinning only the last mark of a thread, which may still grow, can be replaced:
    all rows before it are frozen, and rows that a part brings for them are left out.

    After a failure nothing more is written but the closing, if there is room for it. Its notes tell of failures and
    thinnings.

    Args:
        path: A file that does not exist yet, in a directory that does.
        limit_bytes: Size at which the file is thinned.
        most_looks: Looks, of all threads together, at which it is thinned.

    Attributes:
        failure: Why the recording is not complete, such as a full disk; None while all is well.

    Raises:
        UsageError: If something stands at `path` already.
    """

    def __init__(self, path: Path | str, *, limit_bytes: int = 32 * MEBIBYTE, most_looks: int = MOST_LOOKS) -> None:
        self.failure: str | None = None
        self._path = os.fspath(path)
        self._limit_bytes = limit_bytes
        self._least_looks = most_looks
        self._most_looks = most_looks  # grows where threads are so many that each would have hardly a look left
        self._looks = 0
        self._descriptor: int | None = None
        self._bytes = 0
        self._tally = Tally()
        self._rows = MarkRows()
        self._thinned = 0
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | NEW_FILE_FLAGS, _PRIVATE)
            self._append(MAGIC)
        except FileExistsError as error:
            raise UsageError(
                f"{self._path} exists already",
                hint="a run that was killed may have left it: see it with `iobound report`, then remove it",
            ) from error
        except OSError as error:
            self._fail(error)

    def add(self, part: Opening | Increment | Closing) -> None:
        """Write one part. Never raises for lack of space: see `failure`."""
        try:
            if isinstance(part, Increment):
                self._add_increment(part)
            elif isinstance(part, Closing):
                self._add(part._replace(notes=part.notes + self._notes()))
            else:
                self._add(part)
        except (OSError, TooMuch) as error:
            self._fail(error)

    def close(self) -> None:
        """End the file; what was written stays. May be called twice."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)

    def _notes(self) -> tuple[str, ...]:
        thinned = f"the run is long: looks of its older parts were left out {self._thinned} times to save space"
        return ((thinned,) if self._thinned else ()) + ((self.failure,) if self.failure else ())

    def _add_increment(self, increment: Increment) -> None:
        if self.failure is not None:
            return
        self._add(self._rows.translated(increment))
        self._looks += looks_of(increment)
        if self._bytes > self._limit_bytes or self._tally.text_bytes > _TEXT_LIMIT or self._looks > self._most_looks:
            self._thin()

    def _add(self, part: Part) -> None:
        block, text_bytes = packed(*as_content(part))
        self._tally.add_text(text_bytes)
        self._tally.add_part(part)
        self._append(block)

    def _append(self, content: bytes) -> None:
        if self._descriptor is None:
            return
        try:
            _write_all(self._descriptor, content)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._bytes)  # no half block at the end
            raise
        self._bytes += len(content)

    def _thin(self) -> None:
        opening, run = self._read_back()
        while True:
            thinner = thinned_increment(run)
            blocks, tally = _blocks(opening, thinner)
            size, looks = sum(map(len, blocks)), looks_of(thinner)
            enough = max(self._least_looks * _ROOM_AFTER_THINNING, _LOOKS_OF_EACH * len(run.threads))
            if self._has_room(size, tally) and looks <= enough:
                break
            if looks == looks_of(run):
                raise TooMuch(f"its tables alone fill {size} of the {self._limit_bytes} bytes that it may have")
            run = thinner
        self._rewrite(blocks)
        self._bytes, self._tally, self._looks = size, tally, looks
        self._most_looks = max(self._least_looks, 2 * looks)
        self._rows.rebase(thinner.threads)
        self._thinned += 1

    def _has_room(self, size: int, tally: Tally) -> bool:
        return (
            size <= self._limit_bytes * _ROOM_AFTER_THINNING and tally.text_bytes <= _TEXT_LIMIT * _ROOM_AFTER_THINNING
        )

    def _read_back(self) -> tuple[Opening, Increment]:
        if self._descriptor is None:
            raise TooMuch("the file was closed")
        try:
            with os.fdopen(os.dup(self._descriptor), "rb") as file:
                file.seek(0)
                found = read_parts(file)
        except Unsound as error:
            raise TooMuch(f"it cannot be thinned: {error}") from error
        if found.opening is None or found.end != self._bytes:
            raise TooMuch("it cannot be thinned: the file was changed by somebody else")
        return found.opening, found.run

    def _rewrite(self, blocks: list[bytes]) -> None:
        from pathlib import Path  # which an observer that starts has no time for

        with replacing(Path(self._path), _PRIVATE) as file:
            file.writelines(blocks)
            file.flush()
            self.close()  # some systems do not replace an open file
        self._descriptor = os.open(self._path, _APPEND)

    def _fail(self, error: OSError | TooMuch) -> None:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        self.failure = self.failure or f"the recording could not be continued: {reason}"


def _blocks(opening: Opening, run: Increment) -> tuple[list[bytes], Tally]:
    blocks, tally = [MAGIC], Tally()
    parts: list[Part] = [opening, *batches(run)]
    for part in parts:
        block, text_bytes = packed(*as_content(part))
        tally.add_text(text_bytes)
        tally.add_part(part)
        blocks.append(block)
    return blocks, tally


def looks_of(increment: Increment) -> int:
    """How many looks there are in it, of all threads."""
    records = [part.record for part in increment.threads]
    return sum(len(record.marks) + len(record.stacks) + len(record.loops) for record in records)


def _write_all(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
