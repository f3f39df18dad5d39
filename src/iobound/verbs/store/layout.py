"""The bytes of a recording: a first line that names the format, then blocks of checked, compressed JSON."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from enum import IntEnum
from typing import BinaryIO, NamedTuple, NoReturn

from iobound.verbs.store.limits import BLOCK_BYTES, TooMuch

VERSION = 1
MAGIC = b"iobound-recording %d\n" % VERSION
_LONGEST_MAGIC = len(b"iobound-recording 999999999\n")
_HEADER = struct.Struct("<IIB")  # length of the payload, CRC-32 of kind and payload, kind


class BlockKind(IntEnum):
    """What a block holds. Readers skip kinds that they do not know."""

    OPENING = 1
    INCREMENT = 2
    CLOSING = 3


class Unsound(Exception):
    """The file cannot be read as a recording."""


class Invalid(Unsound):
    """The file says something that no recording says; the message tells what."""


class NotARecording(Unsound):
    """The file does not begin as a recording does."""


class NewerVersion(Unsound):
    """The file was written by a newer format; the message is its number."""


class Block(NamedTuple):
    """One whole block: its check sum was right.

    Attributes:
        kind: A `BlockKind` value, or a number of a later format.
        payload: Compressed text.
        end: Offset in the file of the byte after it.
    """

    kind: int
    payload: bytes
    end: int


def packed(kind: BlockKind, content: object) -> tuple[bytes, int]:
    """One block as bytes, and how long its text is; raises `TooMuch` when that is more than a block may hold."""
    text = json.dumps(content, separators=(",", ":"), allow_nan=False).encode("ascii")
    payload = zlib.compress(text)
    if max(len(text), len(payload)) > BLOCK_BYTES:
        raise TooMuch(f"more than {BLOCK_BYTES} bytes in one block")
    return _HEADER.pack(len(payload), _checksum(kind, payload), kind) + payload, len(text)


def read_magic(file: BinaryIO) -> int:
    """Read the first line and return its length; raise `NotARecording` or `NewerVersion` unless it is ours."""
    start = file.read(_LONGEST_MAGIC)
    if not start.startswith(MAGIC):
        raise _foreign(start)
    file.seek(len(MAGIC))
    return len(MAGIC)


def _foreign(start: bytes) -> Unsound:
    """Why a file that begins like this cannot be read."""
    import re  # only the unreadable need it

    match = re.match(rb"iobound-recording ([0-9]{1,9})\n", start)
    if match is None:
        return NotARecording("its first line is not that of a recording")
    version = int(match[1])
    return NewerVersion(str(version)) if version > VERSION else NotARecording("there never was such a version")


def read_blocks(file: BinaryIO, start: int) -> Iterator[Block]:
    """Yield blocks until the first that is not whole: after it nothing can be trusted."""
    end = start
    while True:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return
        length, checksum, kind = _HEADER.unpack(header)
        if length > BLOCK_BYTES:
            return
        payload = file.read(length)
        if len(payload) < length or _checksum(kind, payload) != checksum:
            return
        end += _HEADER.size + length
        yield Block(kind, payload, end)


def unpacked(block: Block) -> tuple[object, int]:
    """The JSON value of a block, and how long its text is."""
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(block.payload, BLOCK_BYTES)
    except zlib.error as error:
        raise Invalid("a block is not compressed data") from error
    if not inflater.eof or inflater.unused_data:
        raise Invalid(f"a block does not end within {BLOCK_BYTES} bytes of text")
    try:
        return json.loads(text, parse_constant=_no_constant), len(text)
    except (ValueError, RecursionError) as error:
        raise Invalid("a block is not JSON") from error


def _checksum(kind: int, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(bytes([kind])))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
