"""The decorated functions of this process, and what begins with the first call and ends with the process.

The first call of any of them starts an observer beside the program, unless a parent has done so: then the calls are
left in the parent's folder, for its report.
"""

from __future__ import annotations

import _thread
import atexit
import os
import time
from contextlib import suppress

from iobound.decorator.call_log import CallLog
from iobound.decorator.member import Member, read_family

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from iobound.pipeline.attached import Attached
    from iobound.pipeline.unobserved import Clocks

FAMILY = "IOBOUND_FAMILY"
"""Environment variable that tells children where to leave their calls."""

_TO_DRAIN_S = 1.0


class Ledger:
    """All decorated functions of this process.

    Attributes:
        logs: One for each.
        attached: The observer; None before the first call, in a child, and where there can be none.
        begun: What the clocks said before the first call.
        family: What children have left, once the program ends; before that it is in the folder.
        why_not: Why there is no observer, where there can be none.
        tell: Writes the report when the program ends.
        tells_at_exit: Whether any of the functions wants a report when the program ends.
    """

    def __init__(self) -> None:
        self.tell: Callable[[Ledger], None] = lambda ledger: None
        self.logs: list[CallLog] = []
        self.attached: Attached | None = None
        self.begun: Clocks | None = None
        self.family: list[dict[str, Any]] = []
        self.why_not = ""
        self.tells_at_exit = False
        self._begun = False
        self._lock = _thread.allocate_lock()
        self._member: Member | None = None
        self._pid = os.getpid()

    def register(self, log: CallLog, *, report: bool) -> None:
        """A function has been decorated."""
        if not self.logs:
            atexit.register(self._at_exit)
            if hasattr(os, "register_at_fork"):
                os.register_at_fork(after_in_child=self._begin_anew)
        self.logs.append(log)
        self.tells_at_exit = self.tells_at_exit or report

    # -- the first call -----------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A function is about to be called for the first time; never raises, and never waits for another thread."""
        if self._begun or not self._lock.acquire(False):
            return
        try:
            if not self._begun:
                self._begun = True
                self._join_or_observe()
        except Exception as problem:
            self.why_not = f"{type(problem).__name__}: {problem}"[:200]
        finally:
            self._lock.release()

    def _join_or_observe(self) -> None:
        folder = os.environ.get(FAMILY, "")
        if folder and _is_private(folder):
            self._member = Member(folder)
            _when_a_worker_ends(self.flush)
            return
        from iobound.pipeline.attached import Attached
        from iobound.pipeline.unobserved import Clocks

        self.begun = Clocks()
        self.attached = Attached(_shown(), at_once=True)
        if self.attached.folder:
            os.environ[FAMILY] = self.attached.folder

    def changed(self, log: CallLog, now: int) -> None:
        """The sums of a function have changed: in a child the parent is to know them."""
        if self._member is not None:
            self._member.write(self.logs, log, now)

    # -- children -----------------------------------------------------------------------------------------------

    def _begin_anew(self) -> None:
        """This is a forked child: its calls are its own, and somebody else's is the observer."""
        with suppress(Exception):
            now = time.monotonic_ns()
            self._lock = _thread.allocate_lock()
            self._pid = os.getpid()
            attached, self.attached = self.attached, None
            folder = self._member.folder if self._member else attached.folder if attached else ""
            self._member = Member(folder) if folder else None
            for log in self.logs:
                log.begin_anew(now)
            if folder:
                _when_a_worker_ends(self.flush)

    @property
    def is_member(self) -> bool:
        """Whether this process leaves its calls to a parent."""
        return self._member is not None

    # -- the end ------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Put everything that is pending into the sums, and in a child where the parent finds them."""
        now = time.monotonic_ns()
        for log in list(self.logs):
            if log.pending:
                log.drain(now, _TO_DRAIN_S)
        if self._member is not None:
            self._member.write_all(self.logs)

    def _at_exit(self) -> None:
        if self._pid != os.getpid():
            return
        try:
            self.flush()
            if self.attached is not None:
                folder = self.attached.folder
                self.family = read_family(folder)
                if folder and os.environ.get(FAMILY) == folder:
                    del os.environ[FAMILY]
                self.attached.stop()
            if self._member is None and self.tells_at_exit and any(log.calls for log in self.logs):
                self.tell(self)
        finally:
            if self.attached is not None:
                self.attached.remove()


LEDGER = Ledger()
"""The one of this process."""


def _shown() -> tuple[str, ...]:
    import sys

    words = tuple(getattr(sys, "argv", ()))
    return words if words and words[0] else ("python", *words[1:])


def _is_private(folder: str) -> bool:
    """Whether a folder is one that a parent of ours has made: only we may look into it."""
    try:
        found = os.stat(folder)
    except OSError:
        return False
    return found.st_uid == os.geteuid() and found.st_mode & 0o777 == 0o700


def _when_a_worker_ends(flush: object) -> None:
    """Workers of `multiprocessing` end without what `atexit` was told; it has a list of its own.

    A parent that has forked has loaded it already; elsewhere there are no such workers.
    """
    import sys

    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        with suppress(Exception):
            util.Finalize(None, flush, exitpriority=0)
