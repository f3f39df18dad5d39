"""Observers of other programs are no part of an observed family: one that a program has started itself, for a block."""

from __future__ import annotations

from collections.abc import Iterable

from iobound.verbs.observe.sources import linux_proc
from iobound.verbs.observe.sources.syscalls import table
from iobound.verbs.observe.starting import MARK

_MAKING = frozenset(str(number).encode() for number, name in table().items() if name in ("clone", "clone3", "vfork"))
_MOST_BYTES = 1 << 16


def is_observer(pid: int) -> bool:
    """Whether a process is an observer, or the shell that starts one: both have our program on their command line."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return MARK in file.read(_MOST_BYTES)
    except OSError:
        return False


def is_being_made(parent: int, native_ids: Iterable[int]) -> bool:
    """Whether a thread waits for a child that has its memory until it executes another program: not to be judged yet.

    Source:
        vfork(2); `task_current_syscall` tells the call of a thread that is blocked.
    """
    return any(_call_of(parent, native_id) in _MAKING for native_id in native_ids)


def _call_of(pid: int, native_id: int) -> bytes:
    try:
        return linux_proc.ThreadFiles(pid, native_id, keep_open=False).syscall().partition(b" ")[0]
    except OSError:
        return b""
