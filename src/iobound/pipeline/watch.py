"""Observing a session of tests: as `Attached`, but nothing that goes wrong with it is an error."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from iobound.pipeline.attached import Attached
from iobound.pipeline.collecting import without_collector

if TYPE_CHECKING:
    from iobound.model.recording import Recording


_MOST_OVERHEAD = 0.04
_LOOP = "BaseEventLoop._run_once"


def _needs_source(recording: Recording) -> bool:
    """Whether the source says anything that what was seen does not.

    It tells time-outs that ran out from locks, and names what blocks an event loop. Loading what reads it takes longer
    than all the rest of a summary.
    """
    from iobound.model.recording import Kind  # the nouns of recordings are loaded when there is one to be read

    told = (Kind.TIMED_FUTEX, Kind.UNKNOWN)
    return any(channel.kind in told for channel in recording.channels[1:]) or any(
        place.function == _LOOP for place in recording.places
    )


def _read_own(file: str) -> bytes | None:
    """Source of the user's own files only: of library frames their names say enough."""
    from iobound.model.origin import is_own_code
    from iobound.pipeline.source import read_source

    return read_source(file) if is_own_code(file) else None


def _allowed(cpus: int) -> float:
    """Largest share of one CPU that looking may take: a hundredth of the machine, for a suite may use all of that."""
    return min(_MOST_OVERHEAD, 0.01 * cpus)


class Watch:
    """Observes this process and all that it starts, from its making until `end`.

    Args:
        shown: What the session is called in reports.

    Attributes:
        lost: Why nothing is observed; empty while it is.
    """

    def __init__(self, shown: tuple[str, ...]) -> None:
        self._pid = os.getpid()
        self._is_ready: bool | None = None
        self._attached = Attached(shown, max_overhead=_allowed(os.cpu_count() or 1), at_once=True)
        self.lost = self._attached.lost

    def wait_until_ready(self) -> bool:
        """Whether anything is observed from now on; false in a forked child, too."""
        if self._pid != os.getpid():
            return False
        if self._is_ready is None:
            try:
                self._is_ready = self._attached.wait_until_begun()
                self.lost = self.lost or self._attached.lost
            except Exception as problem:  # an agent that cannot be started in this process
                self._is_ready = False
                self.lost = f"nothing can be seen from outside here ({type(problem).__name__})"
        return self._is_ready

    def so_far(self) -> Recording | None:
        """What has been seen until now; None where nothing can be had."""
        if not self.wait_until_ready() or not self._attached.hand_on():
            self._note_lost()
            return None
        return self._read(examined=False)

    def end(self) -> None:
        """Stop observing; what was seen can be read until `remove`."""
        if self.wait_until_ready():
            self._attached.stop()
            self._note_lost()

    def recording(self) -> Recording | None:
        """All that was seen; None where nothing was."""
        return self._read(examined=True) if self._is_ready else None

    def _read(self, *, examined: bool) -> Recording | None:
        """Read what was written, with the facts of the source if these are wanted."""
        from iobound.errors import IoboundError
        from iobound.verbs import scan

        try:
            recording = self._attached.read()
            if not examined or not _needs_source(recording):
                return recording
            with without_collector():
                return recording._replace(facts=scan.examine(recording.places, _read_own))
        except IoboundError as problem:
            self.lost = self.lost or problem.message
            return None

    def _note_lost(self) -> None:
        self.lost = self.lost or self._attached.lost

    def remove(self) -> None:
        """Remove what was written."""
        if self._pid == os.getpid():
            with suppress(Exception):
                self._attached.remove()
