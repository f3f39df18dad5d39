"""What an observed program says to the observer beside it, through named pipes, and whether it still lives."""

from __future__ import annotations

import os
import select
from contextlib import suppress

from iobound.verbs.observe.words import BEGIN, GONE, HAND_ON, STOP

_WORDS = {BEGIN, HAND_ON, STOP}
_SHORTEST_MS = 1
_NOT_TOLD_S = 0.25  # how long to wait where the system does not tell of the end of a process


class PipeOrders:
    """Orders through two descriptors; the end of the program itself is noticed too.

    Args:
        hear: What the program says, a word a line.
        speak: Where answers go, a line each.
        pid: The program.
        folder: Where both are; the program can always get at what is in it.
    """

    def __init__(self, hear: int, speak: int, pid: int, folder: str = "") -> None:
        self._hear, self._speak, self._pid, self._folder = hear, speak, pid, folder
        self._heard = b""
        self._poll = select.poll()
        self._poll.register(hear, select.POLLIN)
        self._life = -1
        with suppress(OSError, AttributeError):  # Linux 5.3
            self._life = os.pidfd_open(pid)
            self._poll.register(self._life, select.POLLIN)

    def wait(self, seconds: float) -> str:
        """The next word; empty when there was none for so long."""
        while b"\n" not in self._heard:
            longest = seconds if self._life >= 0 else min(seconds, _NOT_TOLD_S)
            events = dict(self._poll.poll(max(_SHORTEST_MS, longest * 1000) if seconds > 0 else 0))
            if self._hear in events:
                self._heard += os.read(self._hear, 4096)
                continue
            if self._life in events or (self._life < 0 and not self.lives()):
                return GONE
            seconds -= longest
            if seconds <= 0:
                return ""
        line, _, self._heard = self._heard.partition(b"\n")
        word = line.decode("ascii", "replace")
        return word if word in _WORDS else ""

    def answer(self, text: str = "") -> None:
        """Say that it is done; whether anybody hears it is not our business."""
        if self._folder:
            _give(self._folder, self._pid)
        with suppress(OSError):
            os.write(self._speak, f"{text}\n".encode())

    def lives(self) -> bool:
        """Whether the program is still there, and has not only not been waited for yet."""
        if self._life >= 0:
            ended = select.poll()
            ended.register(self._life, select.POLLIN)
            return not ended.poll(0)
        # A zombie may be waited for between any two of these questions.
        return _is_there(self._pid) and not _is_zombie(self._pid) and _is_there(self._pid)


def _give(folder: str, pid: int) -> None:
    """Let the folder belong to who the program is by now: it may have given up being root."""
    with suppress(OSError, ValueError, IndexError):
        with open(f"/proc/{pid}/status", "rb") as file:
            facts = dict(line.split(b":", 1) for line in file.read().splitlines() if b":" in line)
        user, group = int(facts[b"Uid"].split()[1]), int(facts[b"Gid"].split()[1])
        if user != os.stat(folder).st_uid:
            for name in os.listdir(folder):
                os.chown(os.path.join(folder, name), user, group, follow_symlinks=False)
            os.chown(folder, user, group)


def _is_there(pid: int) -> bool:
    """Whether a process has that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return True


def _is_zombie(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read(2048).rpartition(b")")[2].split()[:1] in ([b"Z"], [b"X"])
    except OSError:
        return False
