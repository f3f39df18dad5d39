"""The observer's process as the program that it looks at knows it: started, told what to do, and asked for answers.

This file is loaded into the observed program, and is light: it needs nothing but what every interpreter has loaded.
The observer is no child of the program, which would find it when it waits for any child of its own.
"""

from __future__ import annotations

import os
import select
import sys
import time
from contextlib import suppress

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM = """
import importlib.util as u, sys
def load(name, folder):
    spec = u.spec_from_file_location(name, folder + "/__init__.py", submodule_search_locations=[folder])
    sys.modules[name] = module = u.module_from_spec(spec)
    spec.loader.exec_module(module)
load("iobound", sys.argv[1])
sys.path += filter(None, [sys.argv[2]])
from iobound.pipeline.attached import serve
serve(sys.argv[3])
"""
"""The very package that the program has loaded, wherever that is, and nothing else of the program's path but psutil."""

HEAR, SPEAK = 3, 4
"""Descriptors of the observer: what the program says, and what it is answered."""

_SHELL = "/bin/sh"
_IN_BACKGROUND = f'"$@" </dev/null >/dev/null 2>&1 {HEAR}<&{HEAR} {SPEAK}>&{SPEAK} &'
_TO_START_S = 10.0
_TO_ANSWER_S = 30.0
_MOST_ANSWER = 4096
_FIRST_FREE = 10  # descriptors below belong to people
_PTRACER = 0x59616D61
_PLACES = ("/dev/shm", "/tmp")


class NoObserver(Exception):
    """No process can be started that would look at this one; the text says why."""


def private_folder() -> str:
    """A new directory that nobody else can read, in memory where there is such a place.

    Raises:
        NoObserver: There is no place for it.
    """
    places = (_PLACES[0], os.environ.get("TMPDIR", ""), _PLACES[1])
    for place in filter(None, places):
        path = os.path.join(place, f"iobound-{os.getpid()}-{os.urandom(6).hex()}")
        with suppress(OSError):
            os.mkdir(path, 0o700)
            return path
    raise NoObserver("there is no directory for temporary files that can be written")


def remove_folder(path: str) -> None:
    """Remove it with the files in it."""
    with suppress(OSError):
        for name in os.listdir(path):
            with suppress(OSError):
                os.unlink(os.path.join(path, name))
        os.rmdir(path)


class Beside:
    """The observer's process, from its start to its end.

    Args:
        settings: For the observer, as JSON: see `pipeline.attached.serve`.

    Raises:
        NoObserver: It cannot be started.
    """

    def __init__(self, settings: str) -> None:
        command = _command(settings)
        hear, self._speak = _pipe()
        self._hear, speak = _pipe()
        try:
            _start(command, hear, speak)
        except OSError as error:
            self.forget()
            raise NoObserver(f"the observer cannot be started: {error.strerror}") from error
        finally:
            os.close(hear)
            os.close(speak)
        self._ours = _identity(self._speak), _identity(self._hear)
        self._pid = os.getpid()
        self._heard = b""
        self.lost = ""
        if asks_for_permission():
            self._permit(self.answer(_TO_START_S))

    def _permit(self, observer: str | None) -> None:
        """Say to the kernel that the observer may look at this process.

        Source:
            Documentation/admin-guide/LSM/Yama.rst: scope 1, PR_SET_PTRACER.
        """
        if observer and observer.isdigit():
            with suppress(Exception):
                import ctypes

                ctypes.CDLL(None).prctl(_PTRACER, int(observer), 0, 0, 0)
            self.say("go")

    def say(self, word: str) -> bool:
        """Tell it something; False where it is gone, or this is a forked child whose parent it looks at."""
        if self.lost or not self._are_ours():
            return False
        try:
            os.write(self._speak, f"{word}\n".encode())
        except OSError:
            self.lost = "the observer has ended"
            return False
        return True

    def answer(self, patience_s: float = _TO_ANSWER_S) -> str | None:
        """What it says next; None where nothing comes."""
        deadline = time.monotonic() + patience_s
        while b"\n" not in self._heard:
            if self.lost or not self._are_ours() or not self._hear_more(deadline - time.monotonic()):
                return None
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode("utf-8", "replace")

    def _hear_more(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._hear, select.POLLIN)
        if seconds <= 0 or not poll.poll(seconds * 1000):
            self.lost = "the observer does not answer"
            return False
        new = os.read(self._hear, _MOST_ANSWER)
        if not new:
            self.lost = "the observer has ended"
        self._heard += new
        return bool(new)

    def _are_ours(self) -> bool:
        """Whether the descriptors are still the pipes: a program may close what it does not know, and open others."""
        if self._pid != os.getpid():
            self.lost = "this process was forked from the observed one"
        elif (_identity(self._speak), _identity(self._hear)) != self._ours:
            self.lost = "the program closed descriptors that it had not opened"
        return not self.lost

    def forget(self) -> None:
        """Close our ends, as far as they are ours."""
        ours = getattr(self, "_ours", None)
        for descriptor, identity in zip((self._speak, self._hear), ours or (None, None), strict=True):
            if ours is None or _identity(descriptor) == identity:
                with suppress(OSError):
                    os.close(descriptor)
        self.lost = self.lost or "observing is over"


def _command(settings: str) -> list[str]:
    executable = sys.executable or ""
    if not os.path.basename(executable).lower().startswith(("python", "pypy")) or getattr(sys, "frozen", False):
        raise NoObserver(f"{executable or 'this program'} is no Python that could run an observer")
    if not hasattr(os, "posix_spawn") or not os.path.exists(_SHELL):
        raise NoObserver("this system has no posix_spawn or no /bin/sh")
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return [executable, "-I", "-S", "-B", "-c", PROGRAM, package, _place_of_psutil(), settings]


def _place_of_psutil() -> str:
    loaded = sys.modules.get("psutil")
    if loaded is not None and loaded.__file__:
        return os.path.dirname(os.path.dirname(loaded.__file__))
    for place in sys.path:
        if os.path.exists(os.path.join(place, "psutil", "__init__.py")):
            return os.path.abspath(place)
    return ""


def _pipe() -> tuple[int, int]:
    """A pipe whose descriptors are none that programs know by their number."""
    import fcntl

    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE) for end in ends]
    for end in ends:
        os.close(end)
    return high[0], high[1]


def _identity(descriptor: int) -> tuple[int, int] | None:
    try:
        found = os.fstat(descriptor)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _start(command: list[str], hear: int, speak: int) -> None:
    """Start it in a process group of its own, and not as our child: the shell between us ends at once."""
    words = [_SHELL, "-c", _IN_BACKGROUND, "sh", *command]
    actions = [(os.POSIX_SPAWN_DUP2, hear, HEAR), (os.POSIX_SPAWN_DUP2, speak, SPEAK)]
    shell = os.posix_spawn(_SHELL, words, _environment(os.environ), file_actions=actions, setpgroup=0)
    with suppress(ChildProcessError):  # somebody waits for any child, or the system reaps children unasked
        os.waitpid(shell, 0)


def _environment(of: Mapping[str, str]) -> dict[str, str]:
    """What the observer needs to start: nothing that would load, trace or observe something in it."""
    kept = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "SYSTEMROOT", "TZ")
    return {name: of[name] for name in kept if name in of}


def asks_for_permission() -> bool:
    """Whether a process may look at another that is no child of its only where that allows it."""
    try:
        with open("/proc/sys/kernel/yama/ptrace_scope", "rb") as file:
            return file.read(1) == b"1"
    except OSError:
        return False
