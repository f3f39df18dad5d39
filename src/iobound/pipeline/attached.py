"""A program that has itself observed: it starts an observer beside it, which writes a recording; then it reads that.

program --Beside--> observer --observe_attached--> recording file --load--> Recording --diagnose--> Diagnosis

`Attached` is the program's side, `serve` the observer's. The program's side is loaded into other people's programs
and loads nothing that is not needed until a report is asked for.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from iobound.errors import ObservationLost
from iobound.model.increment import ENDS_EARLY
from iobound.verbs import observe
from iobound.verbs.observe import NoObserver

if TYPE_CHECKING:
    from iobound.model.recording import Recording

__all__ = ["Attached", "NoObserver", "serve"]

_RECORDING = "observed.iob"


class Attached:
    """The observing of this process, from its begin to its end.

    Args:
        shown: What the program is called in reports.
        rate_hz: Looks a second, as for `iobound run`.
        max_overhead: Largest share of one CPU that looking may take.
        portable: Do as if nothing could be seen from outside.

    Attributes:
        folder: A private directory that lives as long as the observing and the reports of it.

    Raises:
        NoObserver: This system or interpreter cannot start one.
    """

    def __init__(
        self,
        shown: tuple[str, ...],
        *,
        rate_hz: float = 150.0,
        max_overhead: float = 0.01,
        portable: bool = False,
    ) -> None:
        self.folder = observe.private_folder()
        self.path = os.path.join(self.folder, _RECORDING)
        self._is_over = False
        settings = {
            "pid": os.getpid(),
            "shown": [_encodable(word) for word in shown],
            "cwd": _encodable(_cwd()),
            "gil_enabled": getattr(sys, "_is_gil_enabled", lambda: True)(),
            "folder": self.folder,
            "rate_hz": rate_hz,
            "max_overhead": max_overhead,
            "portable": portable,
        }
        try:
            self._beside = observe.Beside(json.dumps(settings))
        except BaseException:
            observe.remove_folder(self.folder)
            raise

    def wait_until_ready(self) -> bool:
        """Whether observing has begun; an agent is started where it cannot be done from outside."""
        setting = self._beside.answer()
        if setting:
            _start_agent(setting)
        return setting is not None

    def hand_on(self) -> bool:
        """Have everything that was seen so far put into the recording; False where nobody answers."""
        return self._beside.say("hand on") and self._beside.answer() is not None

    def stop(self) -> bool:
        """End it: the recording is whole then; False where nobody answers. May be called twice."""
        if self._is_over:
            return True
        self._is_over = self._beside.say("stop") and self._beside.answer() is not None
        self._beside.forget()
        return self._is_over

    @property
    def lost(self) -> str:
        """Why the observer is not there any more; empty while it is, and when it was told to stop."""
        return "" if self._is_over else self._beside.lost

    def recording(self) -> Recording:
        """What was seen, with the facts of the source; see `seen`."""
        from iobound.pipeline.observed import examined

        return examined(self.seen(), in_full=self._is_over)

    def seen(self) -> Recording:
        """What was seen, with no facts of the source; of a program that is still observed, what was handed on.

        Raises:
            ObservationLost: There is nothing that could be read.
        """
        from iobound.errors import UnreadableRecording
        from iobound.pipeline.observed import load

        try:
            recording = load(self.path)
        except UnreadableRecording as error:
            why = self._beside.lost or error.message
            raise ObservationLost(f"nothing was observed: {why}", hint="`iobound env` says what can be") from error
        if self._is_over or self._beside.lost:
            return recording
        return recording._replace(notes=tuple(note for note in recording.notes if note != ENDS_EARLY))

    def remove(self) -> None:
        """Remove what was written; nothing can be reported any more."""
        self._beside.forget()
        observe.remove_folder(self.folder)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""


def _start_agent(setting: str) -> None:
    """Start the agent in this process, from its own folder and not by the program's path."""
    raise NotImplementedError(setting)


def serve(settings: str) -> None:
    """The observer's process: look at the program until it says to stop, or ends.

    Args:
        settings: What `Attached` says, as JSON.
    """
    from iobound.verbs.observe.beside import HEAR, SPEAK, asks_for_permission
    from iobound.verbs.store import JournalFile

    os.closerange(SPEAK + 1, 256)
    asked = json.loads(settings)
    program = observe.Observed(asked["pid"], tuple(asked["shown"]), asked["cwd"], asked["gil_enabled"])
    options = observe.Options(asked["rate_hz"], asked["max_overhead"], None, asked["portable"])
    orders = observe.PipeOrders(HEAR, SPEAK, program.pid)
    if asks_for_permission():
        orders.answer(str(os.getpid()))
        orders.wait(10.0)
    journal = JournalFile(os.path.join(asked["folder"], _RECORDING))
    observe.observe_attached(program, options, journal, orders)
    journal.close()
    orders.answer()
    if not orders.lives():
        observe.remove_folder(asked["folder"])
