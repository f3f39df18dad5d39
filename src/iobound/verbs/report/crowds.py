"""Threads that are alike: of processes that run the same, with names that differ in numbers only."""

from __future__ import annotations

import re

from iobound.model.recording import Recording

Likeness = tuple[str, str]


def likeness(recording: Recording, process: int, thread: str) -> Likeness:
    """What alike threads have in common; the main process is like no other."""
    command = recording.processes[process].command if process else "\0"
    return numberless(command), numberless(thread)


def numberless(name: str) -> str:
    """The name with its numbers taken out.

    Example:
        >>> numberless("ThreadPoolExecutor-0_12")
        'ThreadPoolExecutor-N_N'
    """
    return re.sub(r"\d+", "N", name)


def named(likeness_: Likeness, names: list[str], processes: int) -> str:
    """How so many alike threads are called together: one thread's name, or the pattern with their number.

    Example:
        >>> named(("", "worker-N"), ["worker-1", "worker-2"], 1)
        '2 × worker-N'
    """
    name = names[0] if len(set(names)) == 1 else likeness_[1]
    return name if len(names) == processes else f"{len(names)} × {name}"
