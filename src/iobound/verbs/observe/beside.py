"""The observer's process as the program that it looks at knows it: started, told what to do, and asked for answers.

This file is loaded into the observed program, and is light: it needs nothing but what every interpreter has loaded.
"""

from __future__ import annotations

import os
from contextlib import suppress

from iobound.verbs.observe.folder import ANSWER, SAY, NoObserver
from iobound.verbs.observe.starting import STARTED, start
from iobound.verbs.observe.untouched import Untouched, content_of
from iobound.verbs.observe.words import BEGIN, STOP

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from collections.abc import Sequence

_SHELL_S, _AT_ONCE_S = 2.0, 0.05
_TO_START_S = 20.0
_TO_ANSWER_S = 20.0
_TO_END_S = 1.0
_A_WHILE_S = 0.25  # after which it is asked whether the observer can answer at all
_MOST_ANSWER = 4096
_FIRST_FREE = 64  # descriptors below belong to people
_PTRACER = 0x59616D61
_POLLIN = 1  # `select.POLLIN`
_SIGKILL = 9
_ENDED, _STOPPED = "the observer has ended", "the observer was stopped by somebody"
_SILENT = {"T": _STOPPED, "t": _STOPPED, "Z": _ENDED, "X": _ENDED}
"""States of a process that will not answer, by the letter that the kernel has for them."""

_HEAR = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_SAY = os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)  # so that nobody has to listen yet


class Beside:
    """The observer's process, from its start to its end.

    Args:
        folder: A private directory for both.
        settings: For the observer: see `pipeline.attached.serve`.
        patient: Whether to wait until its interpreter runs; otherwise `meet` has to be called before it is asked.

    Attributes:
        lost: Why it does not answer any more; empty while it does.

    Raises:
        NoObserver: It cannot be started.
    """

    def __init__(self, folder: str, settings: Sequence[str], *, patient: bool = True) -> None:
        self._know(folder)
        try:
            _make_pipes(folder)
            self._open()
            has_ended = start(folder, settings)
            self._require_shell(_AT_ONCE_S if has_ended else _SHELL_S)
            if patient or asks_for_permission():
                self.meet()
        except OSError as error:
            self.forget()
            raise NoObserver(f"the observer cannot be started: {error.strerror}") from error
        except BaseException:  # also Ctrl-C, when an observer may be on its way
            self.say(STOP)
            self.forget()
            raise

    @classmethod
    def found_in(cls, folder: str) -> Beside:
        """The observer of this process that another process has started, by `start_for_another`.

        Raises:
            NoObserver: It is not there any more.
        """
        found = cls.__new__(cls)
        found._know(folder)
        try:
            found._open()
            found._require_shell()
        except OSError as error:
            raise NoObserver(f"there is no observer: {error.strerror}") from error
        except BaseException:
            found.forget()
            raise
        return found

    def _require_shell(self, patience_s: float = _SHELL_S) -> None:
        if self.answer(patience_s) != STARTED:
            raise NoObserver("the observer cannot be started: the shell does not run")

    def _know(self, folder: str) -> None:
        self.lost = ""
        self.pid = 0
        self._folder = folder
        self._owner = Untouched.getpid()
        self._heard = b""
        self._hear = self._speak = -1
        self._identities: tuple[object, object] = (None, None)

    def meet(self) -> None:
        """Learn its number, and let it look at this process where the system wants that said; a second time nothing.

        Raises:
            NoObserver: It does not run.
        """
        if self.pid:
            return
        number = self.answer(_TO_START_S) or ""
        if not number.isdigit():
            raise NoObserver(f"the observer cannot be started: {self.lost or 'its interpreter does not run'}")
        self.pid = int(number)
        if asks_for_permission():
            self._permit()

    def _permit(self) -> None:
        """Say to the kernel that the observer may look at this process.

        Source:
            Documentation/admin-guide/LSM/Yama.rst: scope 1, PR_SET_PTRACER.
        """
        with suppress(Exception):
            import ctypes

            ctypes.CDLL(None).prctl(_PTRACER, self.pid, 0, 0, 0)
        self.say("go")

    # -- talking ------------------------------------------------------------------------------------------------

    def say(self, word: str) -> bool:
        """Tell it something; False where it is gone, or this is a forked child whose parent it looks at."""
        if not self._can_talk():
            return False
        try:
            Untouched.write(self._speak, f"{word}\n".encode())
        except OSError as error:
            self.lost = f"the observer cannot be told anything: {error.strerror}"
            return False
        return True

    def answer(self, patience_s: float = _TO_ANSWER_S) -> str | None:
        """What it says next; None where nothing comes."""
        deadline = Untouched.monotonic() + patience_s
        while b"\n" not in self._heard:
            if not self._can_talk() or not self._hear_more(deadline - Untouched.monotonic()):
                return None
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode("utf-8", "replace")

    def _hear_more(self, seconds: float) -> bool:
        while not self._has_word(min(seconds, _A_WHILE_S)):
            seconds -= _A_WHILE_S
            state = self._state()
            if self._has_word(0):
                break
            if state in _SILENT:
                self.lost = _SILENT[state]
            elif seconds <= 0:
                self.lost = "the observer does not answer"
            if self.lost:
                return False
        try:
            new = Untouched.read(self._hear, _MOST_ANSWER)
        except OSError as error:
            self.lost = f"the observer cannot be heard: {error.strerror}"
            return False
        if not new:
            self.lost = _ENDED
        self._heard += new
        return bool(new)

    def _has_word(self, seconds: float) -> bool:
        poll = Untouched.poll()
        poll.register(self._hear, _POLLIN)
        return bool(poll.poll(max(0.0, seconds) * 1000))

    def _can_talk(self) -> bool:
        """Whether there is somebody to talk to: a program may close what it does not know, and open others."""
        if self.lost:
            return False
        if self._owner != Untouched.getpid():
            self.lost = "this process was forked from the observed one"
        elif (_identity(self._speak), _identity(self._hear)) != self._identities:
            try:
                self._close()
                self._open()
            except OSError as error:
                self.lost = f"the program closed descriptors that it had not opened ({error.strerror})"
        return not self.lost

    def _open(self) -> None:
        self._hear = _high(Untouched.open(os.path.join(self._folder, ANSWER), _HEAR))
        self._speak = _high(Untouched.open(os.path.join(self._folder, SAY), _SAY))
        self._identities = _identity(self._speak), _identity(self._hear)

    def _close(self) -> None:
        for descriptor, identity in zip((self._speak, self._hear), self._identities, strict=True):
            if identity is not None and _identity(descriptor) == identity:
                with suppress(OSError):
                    Untouched.close(descriptor)

    # -- the end ------------------------------------------------------------------------------------------------

    def forget(self) -> None:
        """Close our ends, and leave no process behind: it ends by itself, unless it cannot."""
        if self._owner == Untouched.getpid():
            self._bury()
        self._close()
        self._identities = (None, None)
        self.lost = self.lost or "observing is over"

    def _bury(self) -> None:
        """Reap it where it has become our child, as in a container; make an end of it where it stands still."""
        facts = self._facts()
        if not facts:
            return
        if facts[0] in (b"T", b"t"):
            with suppress(OSError):
                Untouched.kill(self.pid, _SIGKILL)
        deadline = Untouched.monotonic() + _TO_END_S
        with suppress(OSError):
            while facts[1] == b"%d" % self._owner and Untouched.monotonic() < deadline:
                if Untouched.waitpid(self.pid, os.WNOHANG)[0]:
                    return
                Untouched.poll().poll(1)  # a millisecond

    def _state(self) -> str:
        facts = self._facts()
        return facts[0].decode("ascii", "replace") if facts else "X" if self.pid and _has_proc() else "?"

    def _facts(self) -> list[bytes]:
        """State and parent of the observer; nothing where there is none, or where that cannot be known."""
        if not self.pid:
            return []
        with suppress(OSError):
            facts = content_of(f"/proc/{self.pid}/stat", _MOST_ANSWER).rpartition(b")")[2].split()[:2]
            command = content_of(f"/proc/{self.pid}/cmdline", 1 << 16)
            if not command or self._folder.encode("utf-8", "surrogateescape") in command:  # one that ends has none
                return facts
        return []


def start_for_another(folder: str, settings: Sequence[str]) -> int:
    """Start an observer of a process that will find it, by `Beside.found_in`; it begins as soon as it is ready.

    Args:
        folder: A private directory of that process.
        settings: For the observer: see `pipeline.attached.serve`.

    Returns:
        A descriptor: what the observer was told is in it, until it has been heard.

    Raises:
        NoObserver: It cannot be started.
    """
    if asks_for_permission():
        raise NoObserver("only a process itself may ask to be looked at here (Yama's ptrace_scope)")
    try:
        _make_pipes(folder)
        say = _high(Untouched.open(os.path.join(folder, SAY), _SAY))
        Untouched.write(say, f"{BEGIN}\n".encode())
        start(folder, settings)
    except OSError as error:
        raise NoObserver(f"the observer cannot be started: {error.strerror}") from error
    return say


def _make_pipes(folder: str) -> None:
    for name in (SAY, ANSWER):
        Untouched.mkfifo(os.path.join(folder, name), 0o600)


def _has_proc() -> bool:
    return os.path.exists("/proc/self/stat")


def _high(descriptor: int) -> int:
    """The same with a number that programs hardly know, as far as there may be such."""
    try:
        import fcntl

        high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE)
    except (ImportError, OSError, ValueError):
        return descriptor
    Untouched.close(descriptor)
    return high


def _identity(descriptor: int) -> tuple[int, int] | None:
    try:
        found = Untouched.fstat(descriptor)
    except (OSError, ValueError, OverflowError):
        return None
    return found.st_dev, found.st_ino


def asks_for_permission() -> bool:
    """Whether a process may look at another that is no child of its only where that allows it."""
    try:
        return content_of("/proc/sys/kernel/yama/ptrace_scope", 1) == b"1"
    except OSError:
        return False
