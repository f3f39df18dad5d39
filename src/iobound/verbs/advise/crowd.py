"""More threads that want to compute than CPUs: whether the program crowds itself."""

from __future__ import annotations

from iobound.model.breakdown import Breakdown, ThreadBudget
from iobound.model.recording import Recording
from iobound.model.state import COMPUTING, State
from iobound.verbs.advise import groups

CROWDED = 0.35
"""Share of the time that wanted a CPU and got none, over all threads, from which there are too many."""

BUSY = 0.5
"""Share of its life in which a thread must want a CPU to count as busy."""

SPARE = 0.85
"""Busy share of the machine below which it had CPUs to spare."""

PER_CPU = 1.5
WANTING = (*COMPUTING, State.WAIT_CPU)
NATIVE_LIFE = 0.2
"""Share of its life from which a thread counts as one that computes with the GIL released."""


def denied(breakdown: Breakdown) -> float:
    """Of the thread-seconds that wanted a CPU, the share that got none."""
    denied_s = groups.thread_seconds(breakdown.processes, [State.WAIT_CPU])
    wanted_s = denied_s + groups.thread_seconds(breakdown.processes, COMPUTING)
    return denied_s / wanted_s if wanted_s > 0 else 0.0


def busy_threads(breakdown: Breakdown, recording: Recording) -> int:
    """Most threads of all processes at once that want a CPU for most of their lives.

    Where nothing tells when a thread began they are taken to have begun together.
    """
    changes: list[tuple[int, int]] = []
    for process in breakdown.processes:
        known = process.process < len(recording.processes)
        records = recording.processes[process.process].threads if known else ()
        begun = {record.native_id: record.start_ns for record in records}
        for thread in process.threads:
            if sum(thread.budget.get(state, 0) for state in WANTING) > BUSY * thread.lifetime_ns > 0:
                start_ns = begun.get(thread.native_id, recording.start_ns)
                changes += [(start_ns, 1), (start_ns + thread.lifetime_ns, -1)]
    most = now = 0
    for _, change in sorted(changes):
        now += change
        most = max(most, now)
    return most


def native_threads(breakdown: Breakdown, recording: Recording) -> list[tuple[int, int]]:
    """By Python process whose stacks were seen: threads that computed with the GIL released, and its Python threads.

    A thread without a stack was started by a library; a tool that was run as a child has its own reasons.
    """
    found = []
    for process in breakdown.processes:
        if process.process >= len(recording.processes):
            continue
        record = recording.processes[process.process]
        if record.python and record.agent:
            known = {thread.native_id for thread in record.threads if len(thread.stacks)}
            native = sum(_computes_native(thread) for thread in process.threads)
            found.append((native, sum(thread.native_id in known for thread in process.threads)))
    return found


def _computes_native(thread: ThreadBudget) -> bool:
    wanted = thread.budget.get(State.CPU_NATIVE, 0) + thread.budget.get(State.WAIT_CPU, 0)
    return wanted > NATIVE_LIFE * thread.lifetime_ns > 0


def is_pinned(recording: Recording) -> bool:
    """Whether the machine had CPUs to spare all the while: then only a cap keeps a program from them."""
    busy = [look.busy for look in recording.host if look.busy is not None]
    return bool(busy) and sum(busy) / len(busy) < SPARE


def is_own(breakdown: Breakdown, recording: Recording) -> bool:
    """Whether the program's own threads and processes are what keeps it from the CPUs."""
    busy = busy_threads(breakdown, recording)
    return busy >= 3 and busy > PER_CPU * recording.machine.effective_cpus and denied(breakdown) >= CROWDED
