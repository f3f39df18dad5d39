"""How much a recording may hold, so that a hostile file cannot make its reader allocate without end.

Writers keep to the same limits: what was written can be read.
"""

from __future__ import annotations

from iobound.model.increment import Closing, Increment, Opening

MEBIBYTE = 1 << 20

BLOCK_BYTES = 8 * MEBIBYTE
"""Largest block, both as it stands in the file and inflated."""

TEXT_BYTES = 96 * MEBIBYTE
"""Most inflated text of all blocks together."""

ENTRIES = 1_000_000
"""Most channels, places, stacks and host looks together."""

THREADS = 200_000
"""Most processes, and most threads of all processes together."""


class TooMuch(Exception):
    """A limit is passed; the message says which."""


class Tally:
    """What a recording has come to so far, against the limits of the format."""

    def __init__(self) -> None:
        self.text_bytes = 0
        self.entries = 0
        self.processes: set[int] = set()
        self.threads: set[tuple[int, int]] = set()

    def add_text(self, text_bytes: int) -> None:
        """Count the inflated text of one block, or raise `TooMuch`."""
        self.text_bytes += text_bytes
        _require(self.text_bytes, TEXT_BYTES, "bytes of text")

    def add_part(self, part: Opening | Increment | Closing) -> None:
        """Count the entries of one part, or raise `TooMuch`."""
        if not isinstance(part, Increment):
            return
        self.entries += len(part.channels) + len(part.places) + len(part.stacks) + len(part.host)
        self.processes.update([index for index, _ in part.processes])
        self.threads.update([(thread.process, thread.thread) for thread in part.threads])
        _require(self.entries, ENTRIES, "table entries")
        _require(len(self.processes), THREADS, "processes")
        _require(len(self.threads), THREADS, "threads")


def _require(count: int, limit: int, what: str) -> None:
    if count > limit:
        raise TooMuch(f"more than {limit} {what}")
