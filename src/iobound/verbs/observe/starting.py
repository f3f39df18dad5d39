"""Starting the observer's process from within the program that it is to look at, unnoticed.

This file is loaded into the observed program, and is light.

A child of the program would be found by whoever waits for any child, and its end would be signalled. So the observer is
no child: a shell starts it in the background and ends. Nor is that shell a child that the program could find: on Linux
it belongs to a process that is made for this moment, shares the memory of the program as that of `posix_spawn` does,
and has no signal for its end. Where that cannot be done, the shell is a child for some milliseconds.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from iobound.verbs.observe.folder import ANSWER, SAY, NoObserver
from iobound.verbs.observe.untouched import Untouched

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MARK = b"# iobound: looks at a program that asked for it"
"""Stands in the command line of an observer, and in that of the shell that starts it."""

PROGRAM = (
    f"{MARK.decode()}"
    """
import os, sys
os.setsid()
os.write(4, b"%d\\n" % os.getpid())
os.chdir("/")
import importlib.util as u
def load(name, folder):
    spec = u.spec_from_file_location(name, folder + "/__init__.py", submodule_search_locations=[folder])
    sys.modules[name] = module = u.module_from_spec(spec)
    spec.loader.exec_module(module)
load("iobound", sys.argv[1])
sys.path += filter(None, [sys.argv[2]])
from iobound.pipeline.attached import serve
serve(sys.argv[3:])
"""
)
"""The very package that the program has loaded, wherever that is, and nothing else of the program's path but psutil.

A session of its own comes first: who kills the program with its whole group must not kill what tidies up after it, and
Ctrl-C is not meant for it.
"""

SPEAK, HEAR = 4, 5
"""Descriptors of the observer: what the program is answered, and what it says. The shell opens both, so that what was
said is heard although whoever said it has ended before the observer's interpreter runs."""

STARTED = "."
"""What the shell says, before anything else can go wrong."""

_SHELL = "/bin/sh"
_UNSET = "LD_PRELOAD LD_AUDIT LD_PROFILE LD_DEBUG"
_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "TZ")
_PYTHONS = ("python", "pypy")
_MOST_WORD = 4_096  # characters of what a program is called
_MOST_WORDS = 64
_CLONE_VM, _CLONE_VFORK, _WALL = 0x100, 0x4000, 0x40000000
_STACK_BYTES = 256 * 1024


def get_ready() -> None:
    """Load what is needed, before anything is made that a program which is killed now would leave behind."""
    with suppress(ImportError):
        import ctypes  # noqa: F401
        import fcntl  # noqa: F401
        import signal  # noqa: F401


def start(folder: str, settings: Sequence[str]) -> bool:
    """Start it; it says `STARTED` through the pipe `ANSWER`, then its number.

    Args:
        folder: Where the two pipes are.
        settings: For `pipeline.attached.serve`.

    Returns:
        Whether the shell has ended for certain, and has said what it had to say.

    Raises:
        NoObserver: It cannot be started.
    """
    script = _script(_command(settings), os.path.join(folder, ANSWER), os.path.join(folder, SAY))
    if sys.platform.startswith("linux") and _is_somewhere() and _start_unnoticed(script):
        return True
    return _start_as_child(script)


def _command(settings: Sequence[str]) -> list[str]:
    executable = sys.executable or ""
    if not os.path.basename(executable).lower().startswith(_PYTHONS) or getattr(sys, "frozen", False):
        raise NoObserver(f"{executable or 'this program'} is no Python that could run an observer")
    if not hasattr(os, "posix_spawn") or not hasattr(os, "mkfifo"):
        raise NoObserver("this system has no posix_spawn or no named pipes")
    for needed in (_SHELL, executable):
        if not os.path.exists(needed):
            raise NoObserver(f"there is no {needed} here")
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    options = ["-I", "-S", "-X", "utf8"]
    options += ["-B"] if sys.dont_write_bytecode else []
    options += ["-X", f"pycache_prefix={sys.pycache_prefix}"] if sys.pycache_prefix else []
    return [executable, *options, "-c", PROGRAM, package, _place_of_psutil(), *settings]


def shown_words(words: Sequence[str]) -> list[str]:
    """What a program is called, so that it fits into a command line."""
    return [encodable(word[:_MOST_WORD]).replace("\0", "\ufffd") for word in words[:_MOST_WORDS]]


def encodable(text: str) -> str:
    """The text without what UTF-8 has not."""
    return text.encode("utf-8", "replace").decode()


def _place_of_psutil() -> str:
    loaded = sys.modules.get("psutil")
    if loaded is not None and getattr(loaded, "__file__", None):
        return os.path.dirname(os.path.dirname(os.path.abspath(str(loaded.__file__))))
    for place in sys.path:
        if isinstance(place, str) and os.path.exists(os.path.join(place, "psutil", "__init__.py")):
            return os.path.abspath(place)
    return ""


def _script(command: Sequence[str], answer: str, say: str) -> bytes:
    """The shell says that it lives and lets the rest run in the background; its complaints are nobody's business."""
    words = b" ".join(map(_quoted, command))
    return (
        b"exec 2>/dev/null </dev/null >/dev/null %d<>%s %d<>%s; echo %s >&%d; unset %s; %s &"
        % (SPEAK, _quoted(answer), HEAR, _quoted(say), STARTED.encode(), SPEAK, _UNSET.encode(), words)
    )  # fmt: skip


def _quoted(word: str) -> bytes:
    return b"'" + word.encode("utf-8", "surrogateescape").replace(b"'", b"'\\''") + b"'"


def _is_somewhere() -> bool:
    """Whether there is a working directory; otherwise some shells complain before they can be told to be silent."""
    try:
        os.getcwd()
    except OSError:
        return False
    return True


# -- the two ways ---------------------------------------------------------------------------------------------------


def _start_unnoticed(script: bytes) -> bool:
    """Run the script as `system` does, but for a process that has no signal for its end.

    That one is no child for `wait` and `waitpid`, unless they are asked for such (`__WALL`); while it runs this thread
    stands still, and it has all signals blocked, for a handler would run in the program's memory.

    Returns:
        Whether that could be done; if not, nothing was started.

    Source:
        clone(2): CLONE_VM, CLONE_VFORK, and the termination signal in the lowest byte of the flags.
    """
    try:
        import ctypes
        import signal

        library = ctypes.CDLL(None, use_errno=True)
        run, make = ctypes.cast(library.system, ctypes.c_void_p), library.clone
    except (ImportError, OSError, AttributeError):
        return False
    make.restype = ctypes.c_int
    make.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p)
    stack = ctypes.create_string_buffer(_STACK_BYTES)
    top = (ctypes.addressof(stack) + _STACK_BYTES) & ~63
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    made = -1
    try:
        made = make(run, top, _CLONE_VM | _CLONE_VFORK, script)
    finally:
        if made > 0:
            _reap(made, _WALL)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return bool(made > 0)


def _start_as_child(script: bytes) -> bool:
    try:
        words: list[str | bytes] = [_SHELL, "-c", script]
        silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
        environment = _environment(os.environ)
        shell = os.posix_spawn(_SHELL, words, environment, file_actions=silent, setpgroup=0, setsigmask=())
    except OSError as error:
        raise NoObserver(f"the observer cannot be started: {error.strerror}") from error
    return _reap(shell, 0)


def _reap(pid: int, options: int) -> bool:
    try:
        Untouched.waitpid(pid, options)
    except ChildProcessError:  # somebody waits for any child, or the system reaps children unasked
        return False
    return True


def _environment(of: Mapping[str, str]) -> dict[str, str]:
    """What the observer needs to start: nothing that would load, trace or observe something in it."""
    return {name: of[name] for name in _KEPT if name in of}
