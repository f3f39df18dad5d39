"""`--guard-output`: while the target runs, GitHub Actions takes nothing that is written for a command.

The runner reads commands from standard output and from standard error, each through a pipe of its own, and stops for
both when it reads `::stop-commands::TOKEN` in either. Standard output is the target's, byte for byte, so ours stands on
standard error. Who knows the token can end the guard, so it is made here and now, is nowhere but in that line, and the
target is not started before the runner has taken the line out of the pipe, from which a target could read it, too.

Where the two streams are one (`2>&1`), the runner reads all of the target's output before the token that ends it.
Where they are two, it may have read the token first: so we wait until both pipes are empty, and a little longer.

Source:
    https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#stopping-and-starting-workflow-commands
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import time
from typing import TYPE_CHECKING, TextIO, cast

from iobound.errors import UsageError
from iobound.pipeline import ci, screen

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_PATIENCE_S = 1.0
"""How long a pipe that nobody reads is waited for."""

_STEP_S = 0.002
_AFTERWARDS_S = 0.1
"""What the runner has read out of a pipe stands in a queue of its own for a moment."""

_TOKEN_BYTES = 16


class OutputGuard:
    """Stops workflow commands from its beginning until somebody writes to its stream, or to its end.

    Args:
        wanted: Whether `--guard-output` was given; without, and outside of GitHub Actions, nothing is done or said.
    """

    def __init__(self, *, wanted: bool) -> None:
        platform = ci.here() if wanted else None
        self._is_wanted = platform is not None and platform.takes_workflow_commands
        self._token = ""

    def __enter__(self) -> Self:
        if self._is_wanted:
            if sys.stderr is None:
                raise UsageError("standard error is closed", hint="--guard-output writes to it: leave it open")
            import secrets

            self._token = secrets.token_hex(_TOKEN_BYTES)
            try:
                _put_on_its_own(f"::stop-commands::{self._token}")
                _wait_until_read(2)
            except BaseException:  # Ctrl-C, or nobody reads
                self.resume()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.resume()

    def resume(self) -> None:
        """Have commands read again, once: what stands on the stream after this is ours."""
        if not self._token:
            return
        token, self._token = self._token, ""
        try:
            if not _same_file(1, 2):
                _wait_until_read(1)
                _wait_until_read(2)
                time.sleep(_AFTERWARDS_S)
        finally:  # also when Ctrl-C comes in between
            with contextlib.suppress(OSError, ValueError):
                _put_on_its_own(f"::{token}::")

    def stream(self) -> TextIO:
        """Standard error, before whose first line of ours commands are read again."""
        return cast(TextIO, _Guarded(screen.stderr(), self)) if self._token else screen.stderr()


class _Guarded:
    """A stream that ends the guard before something is written to it."""

    def __init__(self, stream: TextIO, guard: OutputGuard) -> None:
        self._stream, self._guard = stream, guard
        self.encoding = getattr(stream, "encoding", None)

    def write(self, text: str) -> int:
        if text:
            self._guard.resume()
        return self._stream.write(text)

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()


def _put_on_its_own(line: str) -> None:
    """A command counts at the start of a line only, and whoever wrote before may have left one unfinished."""
    screen.put(f"\n{line}\n", screen.stderr())


def _wait_until_read(descriptor: int) -> None:
    """Wait until the pipe behind a descriptor is empty, or until it seems that nobody reads it."""
    try:
        import fcntl
        import termios

        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            return
        deadline = time.monotonic() + _PATIENCE_S
        while any(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4))) and time.monotonic() < deadline:
            time.sleep(_STEP_S)
    except (ImportError, OSError):
        return


def _same_file(one: int, other: int) -> bool:
    try:
        return os.path.sameopenfile(one, other)
    except OSError:
        return False
