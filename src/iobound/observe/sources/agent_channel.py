"""The supervisor's end of an agent's channel: reads what the agent saw, and asks it to look."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from typing import Any

from iobound.agent.bootstrap import _iobound_ring as protocol

_DATA = protocol.RING_OFFSET
_SIZE = protocol.RING_BYTES
EAGER_SWITCH_US = round(protocol.EAGER_SWITCH_S * 1e6)
"""Switch interval that an agent sets while it waits beside a single thread."""


class AgentChannel:
    """One agent's ring buffer and semaphore.

    Args:
        path: The ring's file; it is unlinked as soon as it is mapped.

    Raises:
        OSError: The file is gone.
        ValueError: It is no ring.
    """

    def __init__(self, path: str) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if os.fstat(descriptor).st_size != _DATA + _SIZE:
                raise ValueError("not a ring of this version")
            self._map = mmap.mmap(descriptor, _DATA + _SIZE)
        finally:
            os.close(descriptor)
        self._words = memoryview(self._map).cast("Q")
        self._rest = b""
        os.unlink(path)
        self._semaphore = _take_semaphore(os.path.basename(path).partition(".")[0])

    def lines(self) -> Iterator[list[str]]:
        """Whole lines since the last call, as fields."""
        head, tail = self._words[protocol.HEAD >> 3], self._words[protocol.TAIL >> 3]
        if head == tail:
            return
        size = min(head - tail, _SIZE)
        at = tail % _SIZE
        first = min(size, _SIZE - at)
        data = self._rest + self._map[_DATA + at : _DATA + at + first] + self._map[_DATA : _DATA + size - first]
        self._words[protocol.TAIL >> 3] = head
        whole, _, self._rest = data.rpartition(b"\n")
        for line in whole.decode("ascii", "replace").split("\n"):
            if line:
                yield line.split("\t")

    def can_ask(self) -> bool:
        """Whether the agent waits to be asked."""
        return self._semaphore is not None

    def ask(self, wanted: int, idents: list[int] | None) -> None:
        """Ask for a look at the threads with these idents, or at all of them."""
        if self._semaphore is None:
            return
        words, first = self._words, (protocol.ASKED >> 3) + 1
        words[protocol.WANTED >> 3] = wanted
        if idents is None or len(idents) > protocol.MAX_ASKED:
            words[protocol.ASKED >> 3] = protocol.ALL
        else:
            words[protocol.ASKED >> 3] = len(idents)
            for offset, ident in enumerate(idents):
                words[first + offset] = ident
        self._semaphore.release()

    def dropped(self) -> int:
        """Looks that did not fit into the ring."""
        return self._words[protocol.DROPPED >> 3]

    def dismiss(self) -> None:
        """Tell the agent to stop, for it will not be listened to."""
        self._words[protocol.QUIT >> 3] = 1
        if self._semaphore is not None:
            self._semaphore.release()

    def close(self) -> None:
        """Unmap the ring."""
        self._words.release()
        self._map.close()


def _take_semaphore(stem: str) -> Any:
    """Open the semaphore of a channel and take its name away; None where the agent keeps its own timetable."""
    try:
        return protocol.attach_semaphore("/iobound-" + stem)
    except (OSError, ImportError):
        return None


def forget_semaphore(stem: str) -> None:
    """Take away the name of a semaphore whose channel was never finished."""
    _take_semaphore(stem)


def unescaped(text: str) -> str:
    """The name that the agent escaped; what cannot be read is shown as it came."""
    try:
        return text.encode("ascii", "replace").decode("unicode_escape")
    except UnicodeDecodeError:
        return text
