"""The memory of one process: who holds its GIL, and its Python stacks, once it is known where these are."""

from __future__ import annotations

import os
from typing import Protocol

from iobound.verbs.observe.collector import Collector
from iobound.verbs.observe.layouts import Layouts
from iobound.verbs.observe.python_stacks import PythonStacks
from iobound.verbs.observe.sources import linux_proc
from iobound.verbs.observe.sources.gil_memory import DEFAULT_INTERVAL_US, GilLocation, GilReader, find_gil, find_known

_LOST = 5  # looks in a row that could not read who has the GIL: the memory is that of a program that is gone
_PAUSE_NS, _LONGEST_PAUSE = 20_000_000, 6


class GilSource(Protocol):
    """Port: who holds the GIL of one process."""

    location: GilLocation

    def holder(self) -> int | None:
        """Native id of the thread that holds it; 0 when it is free, None when that cannot be told."""

    def is_in_gil(self, address: int) -> bool:
        """Whether a futex at the address belongs to it."""

    def forget_threads(self) -> None:
        """Threads have come or gone: what is remembered of them may be wrong."""


class ProcessMemory:
    """Reads the memory of the program that a process executes; of another one after an `exec`.

    Args:
        pid: The process.
        collector: Where stacks go.

    Attributes:
        descriptor: Of `/proc/PID/mem`, -1 where it may not be read.
        gil: None where it is not found, or not yet.
        stacks: None where they cannot be read, or not yet.
        tries: Thorough searches for the GIL so far; the next is due at `next_try_ns`.
        looks: Stacks that were read of programs before the present one; `missed` those that could not be.
    """

    def __init__(self, pid: int, collector: Collector) -> None:
        self.descriptor = -1
        self.gil: GilSource | None = None
        self.stacks: PythonStacks | None = None
        self.tries = self.next_try_ns = 0
        self.looks = self.missed = 0
        self._pid = pid
        self._collector = collector
        self._lost = 0
        self._open()

    def _open(self) -> None:
        """A descriptor reads the memory of the program that ran when it was opened."""
        self._close()
        try:
            self.descriptor = linux_proc.kept_open(f"/proc/{self._pid}/mem")
        except OSError:
            self.descriptor = -1

    def _close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    # -- the GIL ------------------------------------------------------------------------------------------------

    def find_gil(self, now: int, known: list[GilLocation], intervals_us: set[int], *, thorough: bool) -> None:
        """Look for the GIL where other processes of the same interpreter have it; if `thorough`, everywhere.

        Args:
            now: Time.
            known: Where others have theirs.
            intervals_us: What its switch interval may be, but for the default.
            thorough: Whether to search all of the interpreter's data: that takes milliseconds.
        """
        self.tries += thorough
        self.next_try_ns = now + ((_PAUSE_NS << min(self.tries, _LONGEST_PAUSE)) if thorough else 0)
        self._open()  # again, for before an `exec` of the same program it was the parent's
        if self.descriptor < 0:
            return
        native_ids = frozenset(linux_proc.threads_of(self._pid))
        places = (find_known(self._pid, self.descriptor, native_ids, place) for place in known)
        found = next(filter(None, places), None)
        if found is None and thorough:
            found = find_gil(self._pid, self.descriptor, native_ids, frozenset({DEFAULT_INTERVAL_US, *intervals_us}))
        if found is not None:
            self.gil = GilReader(self.descriptor, found)

    def is_in_gil(self, address: int) -> bool:
        """Whether a futex at the address is the GIL's."""
        return self.gil is not None and self.gil.is_in_gil(address)

    def holder(self) -> int | None:
        """Native id of the thread that holds the GIL; 0 when it is free, None when that cannot be told."""
        if self.gil is None:
            return None
        holder = self.gil.holder()
        self._lost = self._lost + 1 if holder is None else 0
        return holder

    @property
    def is_lost(self) -> bool:
        """Whether the program that was read is gone: the process executes it, or another one, anew."""
        return self._lost >= _LOST

    # -- stacks -------------------------------------------------------------------------------------------------

    def find_stacks(self, image: str, layouts: Layouts) -> bool:
        """Begin to read stacks, once it is known where the interpreter has them; True when that has just begun."""
        if self.gil is None or self.stacks is not None:
            return False
        if not layouts.knows(image) and not linux_proc.is_ours(self._pid, image):
            return False
        layout = layouts.of(image, self.gil.location)
        if layout is None:
            return False
        self.stacks = PythonStacks(self.descriptor, self.gil.location, layout, self._collector)
        return True

    def forget_threads(self) -> None:
        """Threads have come or gone."""
        if self.gil:
            self.gil.forget_threads()
        if self.stacks:
            self.stacks.find_threads()

    # -- another program ----------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Forget what belonged to the program before."""
        self.gil = None
        self.tries = self.next_try_ns = self._lost = 0
        self._count()
        self._open()

    def _count(self) -> None:
        """Keep how many stacks have been read, and let go of what has read them."""
        if self.stacks is not None:
            self.looks += self.stacks.looks
            self.missed += self.stacks.missed
            self.stacks = None

    def close(self) -> None:
        """Read no more."""
        self._count()
        self._close()
