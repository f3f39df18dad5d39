"""The decorated functions of this process, and what begins with the first call and ends with the process.

The first call of any of them in a family of processes starts an observer beside its head, which reports. Others leave
their calls in the family's folder.
"""

from __future__ import annotations

import _thread
import atexit
import copyreg
import os
import sys
import time
from contextlib import suppress

from iobound.decorator import family
from iobound.decorator.call_log import FILLED, CallLog
from iobound.decorator.member import Member
from iobound.decorator.reading import lost_in, read_family

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import Any

    from iobound.decorator.family import Family
    from iobound.pipeline.attached import Attached
    from iobound.pipeline.unobserved import Clocks

_TO_DRAIN_S = 1.0

_BRISK_S = 0.0001
"""Switch interval while a program ends. Daemon threads that compute hold the GIL for one each time that a file is read
for the report, which is thousands of times: with the usual 5 ms, four of them made a program end a minute later."""


class Ledger:
    """All decorated functions of this process.

    Attributes:
        logs: One for each.
        attached: The observer; None before the first call, where there can be none, and in all but the head.
        begun: What the clocks said before the first call, or when it was found out that a child has begun.
        why_not: Why there is no observer, where there can be none.
        tell: Writes the report when the program ends.
        tells_at_exit: Whether any of the functions wants a report when the program ends.
    """

    def __init__(self) -> None:
        self.tell: Callable[[Ledger], None] = lambda ledger: None
        self.logs: list[CallLog] = []
        self._by_code: dict[tuple[object, ...], CallLog] = {}
        self.attached: Attached | None = None
        self.begun: Clocks | None = None
        self.why_not = ""
        self.tells_at_exit = False
        self._begun = False
        self._lock = _thread.allocate_lock()
        self._adopting = _thread.RLock()  # a signal handler may ask for a report, too
        self._family: Family | None = None
        self._member: Member | None = None
        self._starts_observer = False
        self._left: tuple[list[dict[str, Any]], list[str]] | None = None
        self._say = -1
        self._is_head = False
        self._pid = os.getpid()

    def log_of(self, name: str, code: CodeType | None, kind: str, *, told: bool, workers: tuple[int, ...]) -> CallLog:
        """The log of a function that is being decorated: of closures of the same code the same, however many there are.

        Args:
            name, code, kind, told, workers: As for `CallLog`.
        """
        key = id(code), name, kind, told, workers  # a log keeps its code, so that no other gets its address
        log = self._by_code.get(key)
        if log is None:
            log = CallLog(name, code, kind, self.changed, told=told, workers=workers)
            self.register(log)
            if code is not None:
                self._by_code[key] = log
        return log

    def register(self, log: CallLog) -> None:
        """A function has been decorated."""
        if not self.logs:
            self._family = family.of_this_process()
            atexit.register(self._at_exit)
            if hasattr(os, "register_at_fork"):
                os.register_at_fork(after_in_child=self._begin_anew)
        self.logs.append(log)
        log.is_left_at_once = not self._is_head
        self.tells_at_exit = self.tells_at_exit or log.told

    # -- the first call -----------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A function is about to be called for the first time; never raises, and never waits for another thread."""
        if self._begun or not self._lock.acquire(False):
            return
        try:
            if not self._begun:
                self._begun = True
                self._join_or_observe()
        except RecursionError:
            self._begun = False  # there will be a call with more room
        except Exception as problem:
            self.why_not = f"{type(problem).__name__}: {problem}"[:200]
        except BaseException:  # Ctrl-C, just now: the next call begins anew
            self._begun = self._starts_observer = False
            if self.attached is None and self._family is not None and self._family.is_own:
                self._family.end()
            raise
        finally:
            self._lock.release()

    def _join_or_observe(self) -> None:
        from iobound.pipeline.attached import Attached, start_for
        from iobound.pipeline.unobserved import Clocks

        self.begun = Clocks()
        ours = self._family
        if ours is None or not (ours.is_own or (ours.lives and ours.has_room_for_us())):
            ours = self._family = family.anew()
        if ours.is_own:
            self._is_head = True
            for log in self.logs:
                log.is_left_at_once = False
        else:
            self._join(ours)
        if not ours.begins():  # another one was faster
            return
        if ours.is_own:
            self._starts_observer = True
            self.attached = Attached(shown(), folder=ours.folder, at_once=True)
        else:
            try:
                self._say = start_for(ours.head, _shown_of(ours.head), ours.folder)
            except Exception:  # as under Yama, where a process has to ask for itself to be looked at
                ours.gives_up()
                raise

    def _join(self, ours: Family) -> None:
        self._member = Member(ours.folder)
        _when_a_worker_ends(self)

    def observer(self) -> Attached | None:
        """The observer of this process, also one that a child has started; None where there is none."""
        with self._adopting:
            ours, is_elsewhere = self._family, not self._starts_observer
            if self.attached is None and is_elsewhere and ours is not None and ours.is_own and ours.has_begun:
                from iobound.pipeline.attached import Attached
                from iobound.pipeline.unobserved import Clocks

                self.begun = self.begun or Clocks()
                self.attached = Attached.started_by_another(shown(), ours.folder)
            return self.attached

    def left_by_others(self) -> list[dict[str, Any]]:
        """What the other processes of the family know of their calls."""
        return self._left_or_read()[0]

    def lost_by_others(self) -> list[str]:
        """Why other processes of the family could not leave calls."""
        return self._left_or_read()[1]

    def _left_or_read(self) -> tuple[list[dict[str, Any]], list[str]]:
        if self._left is not None:
            return self._left
        if self._family is None or not self._family.is_own:
            return [], []
        return read_family(self._family.folder), lost_in(self._family.folder)

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
            self._adopting = _thread.RLock()  # a signal handler may ask for a report, too
            self._starts_observer = self._is_head = False
            self._pid = os.getpid()
            may_have_folder = self.attached is not None or self._member is not None
            self.attached = self._member = None
            for log in self.logs:
                log.begin_anew(now)
            if self._begun and self._family is not None:
                self._join(self._family)
                if not may_have_folder and self._family.lives:  # another thread of the parent is about to make it
                    self._family.make_folder()

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
        """Whatever a program has made of its process until now: a report, or one line that says why there is none."""
        try:
            if self._pid == os.getpid():
                before = sys.getswitchinterval()
                sys.setswitchinterval(min(before, _BRISK_S))
                try:
                    self._end()
                finally:
                    sys.setswitchinterval(before)
        except Exception as problem:
            _complain(problem)
        finally:
            with suppress(Exception):  # as in a new root, or without descriptors: then the observer does it
                self._leave_nothing()

    def _end(self) -> None:
        self.flush()
        attached = self.observer()
        if attached is not None:
            self._left = self._left_or_read()
            attached.stop()
        if self._member is None and self.tells_at_exit and (attached is not None or self._were_called()):
            self.tell(self)

    def _leave_nothing(self) -> None:
        if self._pid != os.getpid():
            return
        try:
            if self.attached is not None:
                self.attached.remove()
        finally:
            if self._family is not None and self._family.is_own:
                self._family.end()

    def _were_called(self) -> bool:
        return any(log.calls for log in self.logs)


def _complain(problem: Exception) -> None:
    """Say in one line that there is no report; nothing can be loaded for it any more."""
    text = ascii(" ".join(f"{type(problem).__name__}: {problem}".split())[:500])[1:-1]
    with suppress(Exception):
        sys.stderr.write(f"iobound: the report is lost: {text}\n")
        sys.stderr.flush()


LEDGER = Ledger()
"""The one of this process."""


def _log_again(
    name: str, code: CodeType | None, kind: str, told: bool = True, workers: tuple[int, ...] = ()
) -> CallLog:
    log = CallLog(name, code, kind, LEDGER.changed, told=told, workers=workers)
    LEDGER.register(log)
    LEDGER.begin()  # its wrapper, which was called elsewhere, does not
    return log


def _parts_of(log: CallLog) -> tuple[object, ...]:
    """Some pickle functions by what they consist of, cloudpickle for one: the calls in another process are its own."""
    return (
        _log_again,
        (log.name, log.code, log.kind, log.told, log.workers),
        {name: getattr(log, name) for name in FILLED},
    )


copyreg.pickle(CallLog, _parts_of)  # type: ignore[arg-type]
copyreg.pickle(Ledger, lambda ledger: "LEDGER")


def shown() -> tuple[str, ...]:
    """What this program is called in reports: its command line, without its interpreter."""
    words = tuple(getattr(sys, "argv", ()))
    return words if words and words[0] else ("python", *words[1:])


def _shown_of(pid: int) -> tuple[str, ...]:
    """The command line of another process, without its interpreter."""
    with suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
        words = file.read(65536).rstrip(b"\0").split(b"\0")
        return tuple(word.decode("utf-8", "replace") for word in words[1:] or words)
    return ("python",)


def _when_a_worker_ends(ledger: Ledger) -> None:
    """Workers of `multiprocessing` end without what `atexit` was told; it has a list of its own.

    A parent that has forked has loaded it already; elsewhere there are no such workers. A worker that was just forked
    forgets that list in a moment, and then does what it was told to do after a fork.
    """
    util = sys.modules.get("multiprocessing.util")
    if util is None:
        return
    with suppress(Exception):
        _at_the_end(ledger)
        util.register_after_fork(ledger, _at_the_end)


def _at_the_end(ledger: Ledger) -> None:
    from multiprocessing import util

    util.Finalize(None, ledger.flush, exitpriority=0)
