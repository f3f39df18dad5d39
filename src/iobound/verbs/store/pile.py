"""A recording in memory while its run is on: for when there is no room on any disk."""

from __future__ import annotations

from iobound.model.increment import Increment
from iobound.verbs.store.journal import MOST_LOOKS, looks_of
from iobound.verbs.store.rows import MarkRows
from iobound.verbs.store.thinning import thinned_increment
from iobound.verbs.store.whole import merged

_MOST_PARTS = 300
_ROOM_AFTER_THINNING = 0.6


class Pile:
    """Takes increments, and leaves out looks when there are too many, as `JournalFile` does.

    Args:
        most_looks: Looks, of all threads together, at which it is thinned.
        most_parts: Increments that are kept before they are made one.

    Attributes:
        thinned: How often it was thinned.
    """

    def __init__(self, *, most_looks: int = MOST_LOOKS, most_parts: int = _MOST_PARTS) -> None:
        self.thinned = 0
        self._parts: list[Increment] = []
        self._rows = MarkRows()
        self._most_looks = most_looks
        self._most_parts = most_parts

    def add(self, increment: Increment) -> None:
        """Take one more."""
        self._parts.append(self._rows.translated(increment))
        if len(self._parts) > self._most_parts:
            self._parts = [self._thinned(merged(self._parts))]

    def increments(self) -> list[Increment]:
        """All that there is."""
        return list(self._parts)

    def _thinned(self, run: Increment) -> Increment:
        looks = looks_of(run)
        if looks <= self._most_looks:
            return run
        while looks > self._most_looks * _ROOM_AFTER_THINNING:
            thinner = thinned_increment(run)
            before, looks, run = looks, looks_of(thinner), thinner
            if looks == before:  # so many threads that each has hardly a look left
                self._most_looks = 2 * looks
        self._rows.rebase(run.threads)
        self.thinned += 1
        return run
