"""What a thread can be doing: the thirteen states of the time budget."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum

from iobound.errors import LawBroken


class State(StrEnum):
    """State of a thread at an instant; a thread is in exactly one.

    The values are the keys of the JSON report.
    """

    CPU_PYTHON = "cpu_python"
    CPU_NATIVE = "cpu_native"
    WAIT_NETWORK = "wait_network"
    WAIT_DISK = "wait_disk"
    WAIT_IPC = "wait_ipc"
    WAIT_CHILD = "wait_child"
    WAIT_SLEEP = "wait_sleep"
    WAIT_LOCK = "wait_lock"
    WAIT_GIL = "wait_gil"
    WAIT_INPUT = "wait_input"
    WAIT_CPU = "wait_cpu"
    IDLE = "idle"
    UNKNOWN = "unknown"


MEANING: Mapping[State, str] = {
    State.CPU_PYTHON: "on a CPU, holding the GIL: Python code, or C code that keeps the GIL",
    State.CPU_NATIVE: "on a CPU with the GIL released: compiled code that other threads can run beside",
    State.WAIT_NETWORK: "blocked on an internet socket, DNS included",
    State.WAIT_DISK: "blocked on a file, a directory or a block device",
    State.WAIT_IPC: "blocked on a pipe, a Unix socket or a multiprocessing queue",
    State.WAIT_CHILD: "blocked until a child process ends",
    State.WAIT_SLEEP: "asked to sleep: time.sleep, a timer, a wait that ran into its time-out",
    State.WAIT_LOCK: "blocked on a lock, condition, queue, join or future of the program",
    State.WAIT_GIL: "wants the GIL, another thread has it",
    State.WAIT_INPUT: "blocked on a terminal or on standard input",
    State.WAIT_CPU: "ready to run, no CPU given: run queue, cgroup throttling, steal",
    State.IDLE: "a pool worker, server or event loop with nothing to do",
    State.UNKNOWN: "not seen, or the sources disagree",
}

COMPUTING = frozenset({State.CPU_PYTHON, State.CPU_NATIVE})
WANTS_CPU = COMPUTING | {State.WAIT_CPU, State.WAIT_GIL}
"""Computing, and standing in line to compute."""

WAITS_OF_ITS_OWN = frozenset(State) - WANTS_CPU - {State.IDLE, State.UNKNOWN}
"""Waiting that is known, and is not for a turn at computing."""

OUTSIDE_WAITS = frozenset({State.WAIT_NETWORK, State.WAIT_DISK, State.WAIT_IPC, State.WAIT_CHILD, State.WAIT_INPUT})
"""Waits for something outside the process: what `io` means in a verdict."""

ACTIVITY: tuple[State, ...] = (
    State.CPU_PYTHON,
    State.CPU_NATIVE,
    State.WAIT_CPU,
    State.WAIT_GIL,
    State.WAIT_DISK,
    State.WAIT_NETWORK,
    State.WAIT_INPUT,
    State.WAIT_CHILD,
    State.WAIT_IPC,
    State.WAIT_SLEEP,
    State.WAIT_LOCK,
    State.IDLE,
    State.UNKNOWN,
)
"""Most active first: an instant of the whole run belongs to its most active thread."""

Budget = Mapping[State, int]
"""Nanoseconds by state. A state that is missing took no time."""

Shares = Mapping[State, float]
"""Fractions by state that add up to 1."""

SHARE_TOLERANCE = 1e-6


def total_ns(budget: Budget) -> int:
    """Nanoseconds of a whole budget."""
    return sum(budget.values())


def shares_of(budget: Budget) -> dict[State, float]:
    """Fractions of a budget, every state present; an empty budget is all `unknown`.

    Example:
        >>> shares_of({State.CPU_PYTHON: 3, State.IDLE: 1})[State.CPU_PYTHON]
        0.75
    """
    whole = total_ns(budget)
    if whole <= 0:
        return {state: float(state is State.UNKNOWN) for state in State}
    return {state: budget.get(state, 0) / whole for state in State}


def require_shares(shares: Shares) -> None:
    """Raise `LawBroken` unless the shares lie in 0..1 and add up to 1."""
    total = math.fsum(shares.values())
    if abs(total - 1.0) > SHARE_TOLERANCE:
        raise LawBroken(f"shares add up to {total!r}, not to 1")
    for state, share in shares.items():
        if not -SHARE_TOLERANCE <= share <= 1 + SHARE_TOLERANCE:
            raise LawBroken(f"share of {state} is {share!r}, outside 0..1")
