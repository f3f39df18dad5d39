"""Read a recording from outside: nothing untyped gets past this file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from iobound.errors import LawBroken, UnreadableRecording
from iobound.model.increment import Closing, Increment, Opening, assemble
from iobound.model.recording import Recording
from iobound.verbs.store.laws import require_lawful
from iobound.verbs.store.layout import VERSION, Invalid, NewerVersion, NotARecording, read_blocks, read_magic, unpacked
from iobound.verbs.store.limits import Tally, TooMuch
from iobound.verbs.store.parts import Part, as_part
from iobound.verbs.store.regular import NotRegular, open_regular
from iobound.verbs.store.whole import merged

if TYPE_CHECKING:
    from pathlib import Path

_SAVE_HINT = "make a recording with `iobound run --save FILE.iob …`"
_KILLED_HINT = "its run was stopped within its first seconds; record it again"
_REPEAT_HINT = "the file is damaged or was not written by iobound; record the run again"


def load(path: Path | str) -> Recording:
    """Read a recording: a saved one, or the journal of a run that may have been killed.

    Args:
        path: A regular file. It may be open in a `JournalFile`: what was added so far is read.

    Returns:
        What is whole. Where the end of the file is missing or damaged, a note tells what was lost.

    Raises:
        UnreadableRecording: If there is no such file, if it is no recording or one of a newer format, if it
            contradicts itself, or if nothing in it is whole.
    """
    with _translated(path), _opened(path) as file:
        return _read(file, os.fstat(file.fileno()).st_size, path)


def loaded(content: bytes) -> Recording:
    """Read a recording that is in memory; see `load`."""
    name = "the recording"
    with _translated(name):
        return _read(BytesIO(content), len(content), name)


def _read(file: BinaryIO, size: int, path: Path | str) -> Recording:
    if size == 0:
        raise UnreadableRecording(f"{path} is empty", hint=_SAVE_HINT)
    found = read_parts(file)
    if found.opening is None or (found.closing is None and not found.run.processes):
        hint = _KILLED_HINT if found.opening is not None and found.end == size else _REPEAT_HINT
        raise UnreadableRecording(f"{path} breaks off before anything whole was recorded", hint=hint)
    recording = assemble(found.opening, [found.run], found.closing)
    require_lawful(recording)
    lost = _lost(size - found.end, finished=found.closing is not None)
    return recording._replace(notes=recording.notes + lost)


class Found(NamedTuple):
    """What is whole in a file.

    Attributes:
        run: All increments as one.
        end: Offset of the first byte that was not used.
        tally: What was read, as the limits count it.
    """

    opening: Opening | None
    run: Increment
    closing: Closing | None
    end: int
    tally: Tally


def read_parts(file: BinaryIO) -> Found:
    """Read a file from its first byte as far as it is whole.

    Raises:
        Invalid, NewerVersion, TooMuch: If it cannot be a recording of ours.
    """
    reader = _Reader(file)
    run = merged(reader.increments())
    return Found(reader.opening, run, reader.closing, reader.end, reader.tally)


class _Reader:
    def __init__(self, file: BinaryIO) -> None:
        self.opening: Opening | None = None
        self.closing: Closing | None = None
        self.tally = Tally()
        self.end = read_magic(file)
        self._blocks = read_blocks(file, self.end)

    def increments(self) -> Iterator[Increment]:
        for part in self._parts():
            match part:
                case Opening() if self.opening is None:
                    self.opening = part
                    yield Increment(time_ns=part.start_ns)
                case Increment() if self.opening is not None:
                    yield part
                case Closing() if self.opening is not None:
                    self.closing = part
                    return
                case _:
                    raise Invalid("its opening is not its first part")

    def _parts(self) -> Iterator[Part]:
        for block in self._blocks:
            content, text_bytes = unpacked(block)
            self.tally.add_text(text_bytes)
            part = as_part(block.kind, content)
            self.end = block.end
            if part is not None:
                self.tally.add_part(part)
                yield part


def _lost(rest: int, *, finished: bool) -> tuple[str, ...]:
    if rest == 0:
        return ()
    if finished:
        return (f"the recording is followed by {rest} bytes that do not belong to it",)
    return (f"the end of the recording is damaged: its last {rest} bytes were lost, what stands before them is shown",)


@contextmanager
def _opened(path: Path | str) -> Iterator[BinaryIO]:
    try:
        descriptor = open_regular(path)
    except FileNotFoundError as error:
        raise UnreadableRecording(f"there is no file {path}", hint="check the path, or " + _SAVE_HINT) from error
    except IsADirectoryError as error:
        raise UnreadableRecording(f"{path} is a directory", hint="name the .iob file in it") from error
    except NotRegular as error:
        raise UnreadableRecording(f"{path} is not a regular file", hint="copy the recording to a file first") from error
    with os.fdopen(descriptor, "rb") as file:
        yield file


@contextmanager
def _translated(path: Path | str) -> Iterator[None]:
    try:
        yield
    except NewerVersion as error:
        raise UnreadableRecording(
            f"{path} has format version {error}, which is newer than version {VERSION} that this iobound reads",
            hint="read it with a newer iobound: pip install --upgrade iobound",
        ) from error
    except NotARecording as error:
        raise UnreadableRecording(f"{path} is not an iobound recording", hint=_SAVE_HINT) from error
    except (Invalid, LawBroken, TooMuch) as error:
        raise UnreadableRecording(f"{path} is not a sound recording: {error}", hint=_REPEAT_HINT) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableRecording(f"cannot read {path}: {reason}", hint="check the path and its permissions") from error
