"""The bytes of what was found."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import BinaryIO

from iobound.model.gathered import SourceFile, Unread

_PIECE_BYTES = 1 << 18


def contents(file: SourceFile, open_regular: Callable[[str], int], *, most_bytes: int) -> bytes | Unread:
    """Read a file, or standard input.

    Args:
        file: What `gather` found.
        open_regular: Gives a descriptor of a regular file; raises OSError for anything else.
        most_bytes: No more than one byte above this is read: enough to tell that it is too much.

    Returns:
        Its bytes, or why there are none.
    """
    try:
        if file.path is None:
            return sys.stdin.buffer.read(most_bytes + 1)
        with os.fdopen(open_regular(file.path), "rb") as source:
            return _read(source, most_bytes + 1)
    except (OSError, ValueError, AttributeError) as error:  # AttributeError: there is no standard input
        reason = getattr(error, "strerror", None) or str(error)
        return Unread(file.name, "there is no standard input" if isinstance(error, AttributeError) else reason)


def _read(source: BinaryIO, most_bytes: int) -> bytes:
    """Read in pieces: a call for much takes the room for it at once, however small the file is."""
    pieces: list[bytes] = []
    while most_bytes > 0 and (piece := source.read(min(most_bytes, _PIECE_BYTES))):
        pieces.append(piece)
        most_bytes -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
