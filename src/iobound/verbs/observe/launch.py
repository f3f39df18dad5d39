"""Starting the target as its shell would have, and passing on what is meant for it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

_TERMINAL_SIGNAL = 0x80  # SI_KERNEL: a key was pressed; the whole foreground group has had it already
_FORWARDED = (
    "SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGIO",
    "SIGPWR", "SIGSTKFLT", "SIGWINCH", "SIGURG", "SIGTSTP",
)  # fmt: skip
_FROM_TERMINAL = tuple(getattr(signal, name) for name in ("SIGINT", "SIGQUIT", "SIGWINCH") if hasattr(signal, name))
_TO_STOP_S = 1.0
"""Within this time after it was asked to, the target stops, or it will not."""


class Ending(NamedTuple):
    """How a process ended: an exit code, or the signal that killed it; neither where somebody else has reaped it.

    Attributes:
        exit_code: What it returned.
        signal: What killed it.
        voluntary: Context switches because it blocked: of all its threads, and of all children that it has waited for
            with theirs; None where nobody said. `involuntary` alike, because they were taken off their CPU.
    """

    exit_code: int | None
    signal: int | None
    voluntary: int | None = None
    involuntary: int | None = None


class Child:
    """The running target: waits for its end and for signals that are meant for it, without polling.

    Signals that would end us are blocked while the target runs and forwarded to it; the target itself starts with
    the mask that we had. Needs `sigtimedwait`: see `PlainChild` for machines without.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._set = {signal.SIGCHLD, *(getattr(signal, name) for name in _FORWARDED if hasattr(signal, name))}
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, self._set)
        self._stop_until = 0.0
        self.ending: Ending | None = None
        try:
            # The interpreter ignores these two for itself; a program that it starts must not inherit that.
            defaults = [
                number for number in (signal.SIGPIPE, signal.SIGXFSZ) if signal.getsignal(number) == signal.SIG_IGN
            ]
            self.pid = os.posix_spawn(
                command[0], list(command), dict(environment), setsigmask=self._mask, setsigdef=defaults
            )
        except BaseException:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
            raise
        # Where our parent ignores SIGCHLD, so does the target, as it would without us. We must not: the kernel would
        # reap the target unasked, and how it ended would be lost.
        self._on_child = signal.getsignal(signal.SIGCHLD)
        if self._on_child == signal.SIG_IGN:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until the target has ended; True when it has, and is still to be reaped."""
        try:
            happened = signal.sigtimedwait(self._set, max(0.0, seconds))
        except InterruptedError:
            return self._has_ended()
        if happened is None:
            return self._has_ended()
        if happened.si_signo == signal.SIGCHLD:
            self._stop_with_it()
            return self._has_ended()
        if happened.si_code != _TERMINAL_SIGNAL:
            self.send(happened.si_signo)
        if happened.si_signo == signal.SIGTSTP:
            self._stop_until = time.monotonic() + _TO_STOP_S
            self._stop_with_it()
        return False

    def _stop_with_it(self) -> None:
        """Stop when the target has stopped because it was asked to, and not otherwise.

        A shell takes the terminal back when we stop. A target that handles or ignores Ctrl-Z keeps it.
        """
        if time.monotonic() < self._stop_until and self._is_stopped():
            self._stop_until = 0.0
            os.kill(os.getpid(), signal.SIGSTOP)  # till a shell says to go on, mostly to the whole group
            if self._is_stopped():
                self.send(signal.SIGCONT)

    def _is_stopped(self) -> bool:
        try:
            return os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:  # it has ended
            return False

    def _has_ended(self) -> bool:
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:  # and somebody else has reaped it
            return True

    def send(self, number: int) -> None:
        """Send the target a signal."""
        try:
            os.kill(self.pid, number)
        except (ProcessLookupError, PermissionError):  # it has ended, or has become another user
            return

    def reap(self) -> Ending:
        """Take the ended target off the process table."""
        try:
            _, status, used = os.wait4(self.pid, 0)
        except ChildProcessError:
            self.ending = Ending(None, None)
        else:
            code = os.waitstatus_to_exitcode(status)
            how = Ending(None, -code) if code < 0 else Ending(code, None)
            self.ending = how._replace(voluntary=used.ru_nvcsw, involuntary=used.ru_nivcsw)
        self._drain()
        if self._on_child == signal.SIG_IGN:
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        return self.ending

    def _drain(self) -> None:
        """What was pending for the target has been overtaken by its end."""
        while signal.sigtimedwait(self._set, 0) is not None:
            continue


class PlainChild:
    """The same with `subprocess` alone, for systems without `sigtimedwait`.

    Signals are passed on by handlers. Who pressed Ctrl-C cannot be told here from who sent us SIGINT: it is taken to
    come from the terminal, and the target to have had it.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        import subprocess

        self._process = subprocess.Popen(list(command), env=dict(environment))
        self.pid = self._process.pid
        self.ending: Ending | None = None
        self._handlers: dict[int, Any] = {}
        for name in _FORWARDED:
            number = getattr(signal, name, None)
            stops = name == "SIGTSTP"  # the target has had it, and we stop with it
            if number is not None and not stops and signal.getsignal(number) != signal.SIG_IGN:
                self._handlers[number] = signal.signal(number, self._pass_on)

    def _pass_on(self, number: int, frame: object) -> None:
        if number not in _FROM_TERMINAL:
            self.send(number)

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until the target has ended."""
        from subprocess import TimeoutExpired

        try:
            self._process.wait(seconds)
        except TimeoutExpired:
            return False
        return True

    def send(self, number: int) -> None:
        """Send the target a signal."""
        self._process.send_signal(number)

    def reap(self) -> Ending:
        """How it ended."""
        code = self._process.wait()
        self.ending = Ending(None, -code) if code < 0 else Ending(code, None)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        return self.ending


def start(command: Sequence[str], environment: Mapping[str, str]) -> Child | PlainChild:
    """Start the target with our descriptors 0, 1 and 2."""
    if sys.platform == "linux":
        return Child(command, environment)
    return PlainChild(command, environment)
