"""The supervisor's end of an agent's channel: reads what the agent saw."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator

from iobound.agent.bootstrap import _iobound_ring as protocol

_DATA = protocol.RING_OFFSET
_SIZE = protocol.RING_BYTES
_FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)  # not on Windows


class AgentChannel:
    """One agent's ring buffer.

    Args:
        path: The ring's file; it is unlinked as soon as it is mapped.

    Raises:
        OSError: The file is gone.
        ValueError: It is no ring.
    """

    def __init__(self, path: str) -> None:
        descriptor = os.open(path, _FLAGS)
        try:
            if os.fstat(descriptor).st_size != _DATA + _SIZE:
                raise ValueError("not a ring of this version")
            self._map = mmap.mmap(descriptor, _DATA + _SIZE)
        finally:
            os.close(descriptor)
        self._words = memoryview(self._map).cast("Q")
        self._rest = b""
        self._dropped: int | None = None  # once it is closed
        os.unlink(path)

    def lines(self) -> Iterator[list[str]]:
        """Whole lines since the last call, as fields."""
        if self._dropped is not None:
            return
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

    def dropped(self) -> int:
        """Looks that did not fit into the ring."""
        return self._words[protocol.DROPPED >> 3] if self._dropped is None else self._dropped

    def dismiss(self) -> None:
        """Tell the agent to stop, for it will not be listened to."""
        if self._dropped is None:
            self._words[protocol.QUIT >> 3] = 1

    def close(self) -> None:
        """Unmap the ring; all that is known of it then is what was dropped. May be called twice."""
        self._dropped = self.dropped()
        self._words.release()
        self._map.close()


def unescaped(text: str) -> str:
    """The name that the agent escaped; what cannot be read is shown as it came."""
    try:
        return text.encode("ascii", "replace").decode("unicode_escape")
    except UnicodeDecodeError:
        return text
