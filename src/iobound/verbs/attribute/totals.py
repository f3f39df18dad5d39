"""Counters of the whole run, and how much its threads stood in each other's way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from iobound.model.breakdown import Totals
from iobound.model.recording import GIL_FACTS, HostLook, ProcessRecord, Recording
from iobound.model.state import COMPUTING, Budget, State


def totals(recording: Recording) -> Totals:
    """Add up the counters of all processes and average the host's.

    `peak_rss_bytes` is that of the largest process, for processes share pages and peak at different times.
    """
    processes, host = recording.processes, recording.host
    throttled = [look.throttled_ns for look in host if look.throttled_ns is not None]
    peaks = [process.peak_rss_bytes for process in processes if process.peak_rss_bytes is not None]
    return Totals(
        cpu_ns=sum(thread.cpu_ns for process in processes for thread in process.threads),
        system_ns=_sum(process.system_ns for process in processes),
        read_bytes=_sum(process.read_bytes for process in processes),
        write_bytes=_sum(process.write_bytes for process in processes),
        voluntary=_switches(processes, lambda one: one.voluntary, lambda one: one.family_voluntary),
        involuntary=_switches(processes, lambda one: one.involuntary, lambda one: one.family_involuntary),
        minor_faults=_sum(process.minor_faults for process in processes),
        iowait=_mean(host, [look.iowait for look in host], recording.start_ns),
        steal=_mean(host, [look.steal for look in host], recording.start_ns),
        cpu_pressure=_mean(host, [look.cpu_pressure for look in host], recording.start_ns),
        io_pressure=_mean(host, [look.io_pressure for look in host], recording.start_ns),
        throttled_ns=sum(throttled) if throttled else None,
        peak_rss_bytes=max(peaks, default=None),
        host_busy=_mean(host, [look.busy for look in host], recording.start_ns),
        unseen_children_ns=_unseen_children_ns(processes),
    )


def _unseen_children_ns(processes: Sequence[ProcessRecord]) -> int | None:
    """What the kernel says of all children of the main process together, without those that were observed."""
    if not processes or processes[0].children_cpu_ns is None:
        return None
    seen = sum(thread.cpu_ns for process in processes[1:] for thread in process.threads)
    return max(0, processes[0].children_cpu_ns - seen)


def _switches(
    processes: Sequence[ProcessRecord],
    of_first_thread: Callable[[ProcessRecord], int | None],
    of_family: Callable[[ProcessRecord], int | None],
) -> int | None:
    """Context switches of the whole run.

    The kernel counts those of the main process together with all that it has waited for. Processes that outlive it
    are not among them, nor are those that nobody waited for: of these the first thread is known, which is less.
    """
    least = _sum(map(of_first_thread, processes))
    family = of_family(processes[0]) if processes else None
    if family is None:
        return least
    others = _sum(of_first_thread(one) for one in processes[1:] if one.end_ns >= processes[0].end_ns)
    return max(least or 0, family + (others or 0))


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _mean(host: Sequence[HostLook], values: Sequence[float | None], start: int) -> float | None:
    """Mean weighted with the period that each look is about."""
    weight = total = 0.0
    before = start
    for look, value in zip(host, values, strict=True):
        period = max(0, look.time - before)
        before = look.time
        if value is not None:
            weight += period
            total += period * value
    return total / weight if weight else None


def most_threads(process: ProcessRecord) -> int:
    """Largest number of Python threads that were alive at once; of all threads where no stacks could be taken."""
    lives = [(thread.start_ns, thread.end_ns) for thread in process.threads if len(thread.stacks) or not process.agent]
    turns = sorted([(start, 1) for start, _ in lives] + [(end, -1) for _, end in lives])
    most = now = 0
    for _, step in turns:
        now += step
        most = max(most, now)
    return max(1, most)


def sees_gil_waits(recording: Recording) -> bool:
    """Whether threads that wait for the GIL could be told from those that compute, or there is no GIL to wait for."""
    if not recording.interpreter.gil_enabled:
        return True
    lost = any(each.fact in GIL_FACTS and not each.available for each in recording.capabilities)
    return recording.source != "portable" and not lost


def gil_wait_share(budgets: Iterable[Budget]) -> float:
    """GIL wait over GIL wait and computing, in thread-seconds."""
    waited = computed = 0
    for budget in budgets:
        waited += budget.get(State.WAIT_GIL, 0)
        computed += sum(budget.get(state, 0) for state in COMPUTING)
    return waited / (waited + computed) if waited + computed else 0.0


def lock_wait_share(budgets: Iterable[Budget]) -> float:
    """Lock wait over all that is not idle, in thread-seconds."""
    locked = busy = 0
    for budget in budgets:
        locked += budget.get(State.WAIT_LOCK, 0)
        busy += sum(time for state, time in budget.items() if state is not State.IDLE)
    return locked / busy if busy else 0.0
