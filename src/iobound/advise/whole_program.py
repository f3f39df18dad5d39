"""Advice that concerns the whole program: the loop, the quota, the crowd, tiny operations, locks."""

from __future__ import annotations

from collections.abc import Callable

from iobound.advise import groups, snippets
from iobound.advise.candidate import Candidate, known_gain, without
from iobound.advise.wording import NS, count_of, duration, percent, place, seconds
from iobound.model.breakdown import Breakdown, EventLoop, ThreadBudget, Wait
from iobound.model.diagnosis import Advice, Bound, Verdict
from iobound.model.prediction import Strategy
from iobound.model.recording import Recording
from iobound.model.state import COMPUTING, State

BLOCKED_SHARE, BLOCKED_NS = 0.05, 100_000_000
CROWDED = 0.35
"""Share of the time that wanted a CPU and got none, over all threads, from which there are too many."""

BUSY_THREAD = 0.5
FEWEST_OPERATIONS = 100
TINY_S = 0.01
SWITCHES_PER_PROCESS = 400.0
"""Blocking switches per second that a process has anyway while it is observed."""

HAND_OVER_S = 60e-6
"""Seconds that handing one thing to another process costs, per blocking switch."""

WRITES = ("write", "writelines", "fsync", "fdatasync", "flush", "commit", "execute", "sync", "close")
NEARLY_ALL = 0.85
LONG_RUN_S = 60.0

Finder = Callable[[Breakdown, Recording, Verdict], Candidate | None]


def candidates(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> tuple[Candidate, ...]:
    """Everything that the run as a whole suggests, unranked."""
    finders: tuple[Finder, ...] = (
        unblock_event_loop,
        raise_cpu_limit,
        too_many_workers,
        limit_native_threads,
        batch_messages,
        batch_writes,
        processes_for_gil,
        distribute,
    )
    found = (finder(breakdown, recording, verdict) for finder in finders)
    return tuple(candidate for candidate in found if candidate is not None)


def unblock_event_loop(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """A loop whose thread waits or computes outside its selector makes all its tasks wait."""
    loop = max(breakdown.event_loops, key=lambda each: each.blocked_ns, default=None)
    if loop is None or loop.blocked_ns < max(BLOCKED_NS, BLOCKED_SHARE * breakdown.wall_ns):
        return None
    blocked = loop.blocked_ns / breakdown.wall_ns
    waits = _waiting_part(loop)
    return Candidate(
        Advice(
            strategy=Strategy.UNBLOCK_EVENT_LOOP,
            workers=None,
            site=None,
            speed_up=without(blocked * waits, least=0.2, most=0.95),
            reason=_why_unblock(loop, blocked),
            steps=("await an asynchronous version of the call, or move it to a thread with `asyncio.to_thread`",),
            snippet=_unblocked(loop, recording),
            obstacles=()
            if waits > 0.5
            else ("it computes: a thread keeps the loop alive, only a process makes it sooner",),
        ),
        pool=False,
    )


def _why_unblock(loop: EventLoop, blocked: float) -> str:
    worst = max(loop.blocks, key=lambda block: block.duration_ns, default=None)
    where = f"; `{worst.call or worst.function}` at {place(worst.file, worst.line)}" if worst else ""
    return (
        f"The event loop of {loop.thread} was blocked for {duration(loop.blocked_ns)}, {percent(blocked)} of the wall "
        f"time, up to {duration(loop.longest_ns)} at once{where}. While one callback waits, no other task runs."
    )


def _waiting_part(loop: EventLoop) -> float:
    whole = sum(block.duration_ns for block in loop.blocks)
    waits = sum(block.duration_ns for block in loop.blocks if block.state not in COMPUTING)
    return waits / whole if whole else 1.0


def _unblocked(loop: EventLoop, recording: Recording) -> str:
    worst = max(loop.blocks, key=lambda block: block.duration_ns, default=None)
    fact = groups.call_at(recording, worst.file, worst.line) if worst else None
    return snippets.off_the_loop(fact.text) if fact else ""


def raise_cpu_limit(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """A quota or an affinity below the machine's CPUs, and time in which a CPU was wanted and not given."""
    machine = recording.machine
    if verdict.bound is not Bound.STARVED or (machine.limited_by == "machine" and _own_crowd(breakdown, recording)):
        return None
    quota = f"{machine.effective_cpus:g} of {machine.cpus} CPUs, limited by {machine.limited_by}"
    held_ns = breakdown.totals.throttled_ns
    throttled = f" The quota held it back for {duration(held_ns)}." if held_ns else ""
    return Candidate(
        Advice(
            strategy=Strategy.RAISE_CPU_LIMIT,
            workers=None,
            site=None,
            speed_up=without(
                max(breakdown.shares.get(State.WAIT_CPU, 0.0), 0.5 * verdict.share), least=0.15, most=0.95
            ),
            reason=f"{percent(verdict.share)} of the time that wanted a CPU got none ({quota}).{throttled} "
            "More workers cannot help: they would share the same CPUs.",
            steps=("give it more CPUs (container limit, affinity), or run it where fewer programs compete for them",),
        ),
        pool=False,
    )


def too_many_workers(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """More threads or processes that compute than CPUs."""
    if not _own_crowd(breakdown, recording):
        return None
    cpus = max(1, round(recording.machine.effective_cpus))
    return Candidate(
        Advice(
            strategy=Strategy.FEWER_WORKERS,
            workers=cpus,
            site=None,
            speed_up=known_gain(1.03, 0.95, 1.2),
            reason=f"{_busy_threads(breakdown)} threads or processes compute on {recording.machine.effective_cpus:g} "
            f"CPUs and are without one for {percent(_denied(breakdown))} of the time that they want it. "
            "As many as CPUs do the same work in the same time with less memory.",
            steps=(f"limit the pool to {cpus}: `os.process_cpu_count()`, or the quota where there is one",),
        ),
        pool=False,
    )


def limit_native_threads(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """Threads that a native library started, times workers, on too few CPUs."""
    if not breakdown.processes or _denied(breakdown) < CROWDED:
        return None
    native = max(_native_threads(process.threads) for process in breakdown.processes)
    busy = sum(_native_threads(process.threads) for process in breakdown.processes)
    if native <= breakdown.most_threads + 1 or busy <= 1.5 * recording.machine.effective_cpus:
        return None
    return Candidate(
        Advice(
            strategy=Strategy.LIMIT_NATIVE_THREADS,
            workers=None,
            site=None,
            speed_up=known_gain(1.1, 0.95, 1.8),
            reason=f"{busy} native threads compete for {recording.machine.effective_cpus:g} CPUs: a library such as "
            "BLAS or OpenMP starts as many as the machine has CPUs, in every worker.",
            steps=("set OMP_NUM_THREADS, OPENBLAS_NUM_THREADS and MKL_NUM_THREADS to CPUs divided by workers",),
            snippet='import os\n\nos.environ["OMP_NUM_THREADS"] = "1"  # before numpy and the like are imported',
        ),
        pool=False,
    )


def batch_messages(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """Processes that hand each other many small things: each costs two pipes and several wake-ups."""
    switches, workers = breakdown.totals.voluntary, sum(bool(process.threads) for process in breakdown.processes)
    whole_s = groups.thread_seconds(breakdown.processes)
    if switches is None or workers < 2 or whole_s <= 0:
        return None
    extra = switches - SWITCHES_PER_PROCESS * workers * breakdown.wall_ns * NS
    if extra < FEWEST_OPERATIONS or breakdown.totals.cpu_ns * NS / extra > TINY_S or not _talks(breakdown, whole_s):
        return None
    handing = min(0.9, extra * HAND_OVER_S / (breakdown.wall_ns * NS))
    if handing < BLOCKED_SHARE:
        return None
    return Candidate(
        Advice(
            strategy=Strategy.BATCH,
            workers=None,
            site=None,
            speed_up=without(handing, least=0.3),
            reason=f"{workers} processes blocked {switches:,} times in {duration(breakdown.wall_ns)} and computed "
            f"{seconds(breakdown.totals.cpu_ns * NS / max(1, switches))} in between: handing an item over costs more "
            "than the work on it.",
            steps=("put lists of items into the queue, not single ones", "answer with lists of results"),
            snippet="for start in range(0, len(items), 500):\n    queue.put(items[start : start + 500])",
        ),
        pool=False,
    )


def _talks(breakdown: Breakdown, whole_s: float) -> bool:
    """Whether pipes between processes are in use; their own threads may be idle by name while they wait for items."""
    ipc_s = groups.thread_seconds(breakdown.processes, [State.WAIT_IPC])
    calls = any("queue" in hotspot.call.lower() or "pipe" in hotspot.call.lower() for hotspot in breakdown.hotspots)
    return ipc_s >= 0.05 * whole_s or calls or any(wait.state is State.WAIT_IPC for wait in breakdown.waits)


def batch_writes(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """Many short waits for the disk at a call that writes."""
    writes = [wait for wait in breakdown.waits if wait.state is State.WAIT_DISK and _is_write(wait, recording)]
    largest = max(writes, key=lambda wait: wait.wall_ns, default=None)
    if largest is None or largest.count < FEWEST_OPERATIONS or largest.thread_ns * NS / largest.count > 10 * TINY_S:
        return None
    share = largest.wall_ns / breakdown.wall_ns
    if share < 0.2:
        return None
    mean = duration(largest.thread_ns / largest.count)
    where = f" at {place(largest.file, largest.line)}" if largest.file else ""
    return Candidate(
        Advice(
            strategy=Strategy.BATCH,
            workers=None,
            site=None,
            speed_up=without(share, least=0.3),
            reason=f"At least {count_of(largest.count, 'short write')}{where} of {mean} each take {percent(share)} of "
            "the wall time: a disk takes one large write in the time of a small one.",
            steps=(
                "collect what is to be written and write it at once",
                "flush or commit once per batch, not per item",
            ),
        ),
        pool=False,
    )


def _is_write(wait: Wait, recording: Recording) -> bool:
    fact = groups.call_at(recording, wait.file, wait.line) if wait.file and wait.line else None
    return fact is not None and fact.name.rpartition(".")[2] in WRITES


def processes_for_gil(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """Threads that compute in Python without a loop that could be named: each could be a process."""
    if verdict.bound is not Bound.GIL or any(site.strategy_now == "threads" for site in breakdown.sites):
        return None
    cpus = recording.machine.effective_cpus
    threads = sum(
        thread.budget.get(State.CPU_PYTHON, 0) + thread.budget.get(State.WAIT_GIL, 0) > BUSY_THREAD * thread.lifetime_ns
        for process in breakdown.processes[:1]
        for thread in process.threads
    )
    ways = min(float(threads), cpus)
    if ways < 1.2:
        return None
    held = breakdown.shares.get(State.CPU_PYTHON, 0.0)
    gains = [1 / (1 - held + held / (1 + (ways - 1) * part)) for part in (0.85, 0.4, 1.0)]
    return Candidate(
        Advice(
            strategy=Strategy.PROCESSES,
            workers=max(2, round(ways)),
            site=None,
            speed_up=known_gain(*gains),
            reason=f"{threads} threads compute in Python and share one GIL: only one of them runs at a time. Processes "
            f"have a GIL each and can use {cpus:g} CPUs.",
            steps=("start `multiprocessing.Process` or a `ProcessPoolExecutor` where the threads are started",),
            obstacles=("what the threads share must be passed and returned instead: it is pickled and copied",),
        )
    )


def distribute(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """All CPUs of the machine are in use for long: only another machine has more."""
    cpus = recording.machine.effective_cpus
    used = breakdown.totals.cpu_ns / (breakdown.wall_ns * cpus) if breakdown.wall_ns else 0.0
    long_enough = breakdown.wall_ns * NS >= LONG_RUN_S
    if used < NEARLY_ALL or not long_enough or not any(site.strategy_now != "sequential" for site in breakdown.sites):
        return None
    return Candidate(
        Advice(
            strategy=Strategy.DISTRIBUTE,
            workers=None,
            site=None,
            speed_up=known_gain(1.0, 1.0, 2.0),
            reason=f"It uses {percent(used)} of {cpus:g} CPUs for {duration(breakdown.wall_ns)}: this machine has no "
            "more to give, only other machines have (Dask, a batch system).",
            steps=("weigh the gain against moving the data to other machines",),
        ),
        pool=False,
    )


def _denied(breakdown: Breakdown) -> float:
    denied_s = groups.thread_seconds(breakdown.processes, [State.WAIT_CPU])
    wanted_s = denied_s + groups.thread_seconds(breakdown.processes, COMPUTING)
    return denied_s / wanted_s if wanted_s > 0 else 0.0


def _busy_threads(breakdown: Breakdown) -> int:
    wanting = (*COMPUTING, State.WAIT_CPU)
    return sum(
        sum(thread.budget.get(state, 0) for state in wanting) > BUSY_THREAD * breakdown.wall_ns
        for process in breakdown.processes
        for thread in process.threads
    )


def _own_crowd(breakdown: Breakdown, recording: Recording) -> bool:
    busy = _busy_threads(breakdown)
    return busy > 1.5 * recording.machine.effective_cpus and busy >= 3 and _denied(breakdown) >= CROWDED


def _native_threads(threads: tuple[ThreadBudget, ...]) -> int:
    return sum(
        thread.budget.get(State.CPU_NATIVE, 0) + thread.budget.get(State.WAIT_CPU, 0) > 0.2 * thread.lifetime_ns > 0
        for thread in threads
    )
