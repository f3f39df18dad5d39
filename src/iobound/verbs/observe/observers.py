"""Observers of other programs are no part of an observed family: one that a program has started itself, for a block."""

from __future__ import annotations

from collections.abc import Iterable

from iobound.verbs.observe.sources import linux_proc
from iobound.verbs.observe.sources.syscalls import table
from iobound.verbs.observe.starting import MARK

_MAKING = frozenset(str(number).encode() for number, name in table().items() if name in ("clone", "clone3", "vfork"))
_MOST_BYTES = 1 << 16
_SETTLED_NS = 5_000_000_000


def is_observer(pid: int) -> bool:
    """Whether a process is an observer, or the shell that starts one: both have our program on their command line."""
    return MARK in (_command_line(pid) or b"")


def is_being_made(parent: int, native_ids: Iterable[int]) -> bool:
    """Whether a thread waits for a child that has its memory until it executes another program: not to be judged yet.

    Source:
        vfork(2); `task_current_syscall` tells the call of a thread that is blocked.
    """
    return any(_call_of(parent, native_id) in _MAKING for native_id in native_ids)


def is_unsettled(pid: int, now: int) -> bool:
    """Whether a child may still turn out to be what starts an observer, or has just been that: not to be judged yet.

    Its parent does not stand in the call that makes it yet, or not any more, where one of them waits for a CPU. Both
    are told by the child: until it executes a program it is one whose end is not signalled, as nobody else makes them;
    and while it executes one, or ends, it has no command line. Who stays like that is judged after all.

    Source:
        `begin_new_exec` in fs/exec.c sets the signal to SIGCHLD, and gives the new memory its arguments later;
        `do_exit` in kernel/exit.c gives up the memory before the process can be seen as a zombie.
    """
    birth = linux_proc.birth_of(pid)
    if birth is None or now - birth.started_ns > _SETTLED_NS:
        return False
    return birth.end_signal == 0 or _command_line(pid) == b""


def _command_line(pid: int) -> bytes | None:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read(_MOST_BYTES)
    except OSError:
        return None


def _call_of(pid: int, native_id: int) -> bytes:
    try:
        return linux_proc.ThreadFiles(pid, native_id, keep_open=False).syscall().partition(b" ")[0]
    except OSError:
        return b""
