"""Advice that concerns the whole program: the loop, the quota, the crowd, tiny operations, locks."""

from __future__ import annotations

import re
from collections.abc import Callable

from iobound.model.breakdown import Breakdown, Hotspot, Site, Wait
from iobound.model.diagnosis import Advice, Bound, Verdict
from iobound.model.origin import is_own_code
from iobound.model.prediction import Estimate, Strategy
from iobound.model.recording import Recording
from iobound.model.state import COMPUTING, State
from iobound.verbs.advise import batches, commits, crowd, event_loop, groups
from iobound.verbs.advise.candidate import Candidate, known_gain, without
from iobound.verbs.advise.hand_over import SWITCH_S
from iobound.verbs.advise.wording import NS, count_of, duration, percent, place, seconds

LEAST_HANDING = 0.05
FEWEST_OPERATIONS = 100
TINY_S = 0.01
LEAST_WRITING = 0.2
SWITCHES_PER_PROCESS = 400.0
"""Blocking switches per second that a process has anyway while it is observed."""

LITTLE_WORK = 3.0
"""Computing per hand-over, in hand-overs, up to which grouping items is worth a word."""

HANDING_OVER = ("multiprocessing.", "_multiprocessing.")
MACHINERY = (
    "multiprocessing/reduction.py", "multiprocessing/connection.py", "multiprocessing/queues.py",
    "multiprocessing/synchronize.py", "multiprocessing/pool.py", "concurrent/futures/process.py",
    "/selectors.py", "/threading.py", "/queue.py",
)  # fmt: skip
"""Modules that pools of processes hand items over with; in their own threads nothing of the user's code is on top."""

RUNS_ITEMS = ("fn", "func", "_target", "function")
"""Last names of the calls of that machinery that run what was handed over: compiled code has no line of its own."""

HANDING_SHARE = 0.25
COPYING_SHARE = 0.15
TINY_WORK = 0.3
"""Share of wall time in the program's own Python code below which nearly all else comes from handing items over."""
COPYING_FAULTS_PER_S = 100_000.0
"""Page faults per second of handing over from which items are large: 400 MB a second of fresh memory."""

ON_OR_FOR_CPU = COMPUTING | {State.WAIT_CPU}

WRITES = ("write", "writelines", "fsync", "fdatasync", "flush", "commit", "executemany", "sync")
CHANGES = ("insert", "update", "delete", "replace", "create", "drop", "alter", "merge", "upsert", "commit", "vacuum")
STATEMENT = re.compile(r"""execute\w*\(\s*(?:\w+\()?[rRbBfFuU]*["']+\s*(\w+)""")
"""A statement that is written where it is executed, up to its first word."""

TAKEN_OFF_S = (20e-6, 3e-6, 100e-6)
"""CPU seconds that being taken off a CPU costs: likely, least and most, when caches have to be filled again."""

UNCOUNTED_LOSS = 0.1
MOST_SPUN = 0.5
"""Part of the time without a CPU that is lost at most: other threads compute in it, unless they spin for this one."""

NEARLY_ALL = 0.85
LONG_RUN_S = 60.0

Finder = Callable[[Breakdown, Recording, Verdict], Candidate | None]


def candidates(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> tuple[Candidate, ...]:
    """Everything that the run as a whole suggests, unranked."""
    finders: tuple[Finder, ...] = (
        event_loop.unblock,
        raise_cpu_limit,
        too_many_workers,
        limit_native_threads,
        event_loop.more_tasks,
        event_loop.raise_limit,
        batch_messages,
        batch_handing_over,
        batch_writes,
        commits.batch_commits,
        processes_for_gil,
        distribute,
    )
    found = (finder(breakdown, recording, verdict) for finder in finders)
    return tuple(candidate for candidate in found if candidate is not None)


def raise_cpu_limit(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """A quota or an affinity below the machine's CPUs, and time in which a CPU was wanted and not given.

    Where other programs or its own workers take the CPUs there is no limit to raise; the verdict tells of it.
    """
    machine, held_ns = recording.machine, breakdown.totals.throttled_ns
    pinned = machine.limited_by == "machine" and crowd.is_pinned(recording)
    if verdict.bound is not Bound.STARVED or not (pinned or held_ns or machine.limited_by != "machine"):
        return None
    quota = f"{machine.effective_cpus:g} of {machine.cpus} CPUs, limited by {machine.limited_by}"
    if pinned:
        quota = "others of the machine's CPUs were free: it must have bound itself to some"
    throttled = f" The quota held it back for {duration(held_ns)}." if held_ns else ""
    return Candidate(
        Advice(
            strategy=Strategy.RAISE_CPU_LIMIT,
            workers=None,
            site=None,
            speed_up=without(
                max(breakdown.shares.get(State.WAIT_CPU, 0.0), 0.5 * verdict.share), least=0.15, most=0.95
            ),
            reason=f"{percent(verdict.share)} of the time that wanted a CPU got none ({quota}).{throttled}",
            steps=("give it more CPUs (container limit, affinity), or run it where fewer programs compete for them",),
        ),
        pool=False,
    )


def too_many_workers(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """More threads or processes that compute than CPUs."""
    if not crowd.is_own(breakdown, recording):
        return None
    cpus = max(1, round(recording.machine.effective_cpus))
    return Candidate(
        Advice(
            strategy=Strategy.FEWER_WORKERS,
            workers=cpus,
            site=None,
            speed_up=_without_switches(breakdown),
            reason=f"{crowd.busy_threads(breakdown, recording)} threads or processes compute on "
            f"{recording.machine.effective_cpus:g} CPUs and get none for {percent(crowd.denied(breakdown))} of the "
            "time that they want one. As many as CPUs do the same work in the same time with less memory.",
            steps=(f"limit the pool to {cpus}: the CPUs that the program may use, not those of the machine",),
        ),
        pool=False,
    )


def _without_switches(breakdown: Breakdown) -> Estimate:
    """Gain when nobody takes a thread off its CPU; where that was not counted, up to a part of what was denied."""
    involuntary, cpu_s = breakdown.totals.involuntary, breakdown.totals.cpu_ns * NS
    if involuntary is None or cpu_s <= 0:
        return without(crowd.denied(breakdown), least=0.0, most=UNCOUNTED_LOSS)
    return known_gain(*(1 / (1 - min(0.5, involuntary * cost_s / cpu_s)) for cost_s in TAKEN_OFF_S))


def limit_native_threads(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """Threads that a native library started in Python processes, times workers, on too few CPUs."""
    denied = crowd.denied(breakdown)
    crowded = [(native, python) for native, python in crowd.native_threads(breakdown, recording) if native > python]
    busy, cpus = sum(native for native, _ in crowded), recording.machine.effective_cpus
    if denied < crowd.CROWDED or busy <= crowd.PER_CPU * cpus:
        return None
    computing = sum(breakdown.shares.get(state, 0.0) for state in (State.CPU_NATIVE, State.WAIT_CPU))
    where = "one process" if len(crowded) == 1 else f"{len(crowded)} processes"
    each = max(1, round(cpus / len(crowded)))
    return Candidate(
        Advice(
            strategy=Strategy.LIMIT_NATIVE_THREADS,
            workers=None,
            site=None,
            speed_up=without(denied * computing, least=0.0, most=MOST_SPUN),
            reason=f"{busy} native threads of {where} compute on {cpus:g} CPUs and get none for {percent(denied)} of "
            "the time that they want one: a library such as BLAS or OpenMP starts as many as the machine has CPUs, in "
            "every worker. Those that spin while they wait for each other keep the rest from their work.",
            steps=("set OMP_NUM_THREADS, OPENBLAS_NUM_THREADS and MKL_NUM_THREADS to CPUs divided by workers",),
            snippet=f'import os\n\nos.environ["OMP_NUM_THREADS"] = "{each}"  # before numpy and the like are imported',
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
    if extra < FEWEST_OPERATIONS or not _talks(breakdown, recording, whole_s):
        return None
    work_s = breakdown.totals.cpu_ns * NS / extra
    if work_s > LITTLE_WORK * SWITCH_S:
        return None
    handing = min(0.9, extra * SWITCH_S / (breakdown.wall_ns * NS))
    compared = "more than" if work_s < SWITCH_S else "about as much as"
    if handing < LEAST_HANDING:
        return None
    return Candidate(
        Advice(
            strategy=Strategy.BATCH,
            workers=None,
            site=None,
            speed_up=without(handing, least=0.3),
            reason=f"{workers} processes blocked {switches:,} times in {duration(breakdown.wall_ns)}, {extra:,.0f} "
            f"more than they would anyway, and computed {seconds(work_s)} for each of those: handing an item over "
            f"(about {seconds(SWITCH_S)}) costs {compared} the work on it.",
            steps=("put lists of items into the queue, not single ones", "answer with lists of results"),
            snippet=batches.of_messages(recording),
        ),
        pool=False,
    )


def batch_handing_over(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """Much of the time is inside queues and pipes between processes: pickling, locking and copying single items."""
    workers = sum(bool(process.threads) for process in breakdown.processes)
    inside = [hotspot for hotspot in breakdown.hotspots if _hands_over(hotspot)]
    busy_ns = sum(ns for hotspot in inside for state, ns in hotspot.budget.items() if state in ON_OR_FOR_CPU)
    share = busy_ns / breakdown.wall_ns
    copies = (breakdown.totals.minor_faults or 0) >= COPYING_FAULTS_PER_S * busy_ns * NS
    if workers < 2 or share < (COPYING_SHARE if copies else HANDING_SHARE):
        return None
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(hotspot.call for hotspot in inside[:2]))
    own = _own_python_ns(breakdown) / breakdown.wall_ns
    idle_work = own < TINY_WORK
    if copies:
        return _share_memory(breakdown, share, names, workers - 1) if own < share else None
    return Candidate(
        Advice(
            strategy=Strategy.BATCH,
            workers=None,
            site=None,
            speed_up=without(1 - own, least=0.3, most=1.0) if idle_work else without(share, least=0.2, most=0.9),
            reason=f"{percent(share)} of the wall time goes into handing items from process to process ({names}): "
            "every item is pickled, locked and copied by itself, which costs more than tiny items are worth.",
            steps=("put lists of items into the queue, not single ones", "answer with lists of results"),
            snippet=batches.of_messages(recording),
            obstacles=("when single items are large already, send less of each instead",),
        ),
        pool=False,
    )


def _hands_over(spot: Hotspot) -> bool:
    if spot.call.rpartition(".")[2] in RUNS_ITEMS:
        return False
    machinery = spot.file.replace("\\", "/").endswith(MACHINERY) and not is_own_code(spot.file)
    return spot.call.startswith(HANDING_OVER) or machinery


def _own_python_ns(breakdown: Breakdown) -> int:
    """Python code of the program itself, which threads could not run side by side."""
    own = [spot for spot in breakdown.hotspots if is_own_code(spot.file) and not _hands_over(spot)]
    return sum(spot.budget.get(State.CPU_PYTHON, 0) for spot in own)


def _share_memory(breakdown: Breakdown, share: float, names: str, workers: int) -> Candidate:
    """Items so large that carrying them from process to process fills fresh memory all the time."""
    totals = breakdown.totals
    lost = max(share, (totals.system_ns or 0) / max(1, totals.cpu_ns))
    return Candidate(
        Advice(
            strategy=Strategy.THREADS,
            workers=max(2, workers),
            site=None,
            speed_up=without(lost, least=0.2, most=min(1.2, 0.95 / lost)),  # fresh memory slows all else, too
            reason=f"{percent(share)} of the wall time goes into copying large items from process to process ({names}; "
            f"{totals.minor_faults:,} page faults). Threads share memory and copy nothing.",
            steps=(
                "run the same calls in a pool of threads",
                "or hand over what the items are made from, such as a path or a range, and not the items",
            ),
            obstacles=("threads gain only where the work itself waits or lets go of the GIL, as numpy does",),
        ),
        pool=False,
    )


def _talks(breakdown: Breakdown, recording: Recording, whole_s: float) -> bool:
    """Whether pipes between processes are in use; their own threads may be idle by name while they wait for items."""
    ipc_s = groups.thread_seconds(breakdown.processes, [State.WAIT_IPC])
    waits = any(wait.state is State.WAIT_IPC for wait in breakdown.waits)
    return ipc_s >= 0.05 * whole_s or waits or any(_is_between(spot, recording) for spot in breakdown.hotspots)


def _is_between(spot: Hotspot, recording: Recording) -> bool:
    fact = groups.call_at(recording, spot.file, spot.line, spot.column)
    return spot.call.startswith(HANDING_OVER) or (fact is not None and fact.category == "ipc")


def batch_writes(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """Many short waits for the disk at a call that writes."""
    writes = [wait for wait in breakdown.waits if wait.state is State.WAIT_DISK and _is_write(wait, recording)]
    largest = max(writes, key=lambda wait: wait.wall_ns, default=None)
    if largest is None or largest.wall_ns < LEAST_WRITING * breakdown.wall_ns:
        return None
    count = max(largest.count, *(site.items or 0 for site in breakdown.sites if _is_at(site, largest)), 0)
    if count < FEWEST_OPERATIONS or largest.thread_ns * NS / count > 10 * TINY_S:
        return None
    share = largest.wall_ns / breakdown.wall_ns
    mean = duration(largest.thread_ns / count)
    where = f" at {place(largest.file, largest.line)}" if largest.file else ""
    return Candidate(
        Advice(
            strategy=Strategy.BATCH,
            workers=None,
            site=None,
            speed_up=without(share, least=0.3),
            reason=f"At least {count_of(count, 'short write')}{where} of {mean} each take {percent(share)} of "
            "the wall time: a disk takes one large write in the time of a small one.",
            steps=(
                "collect what is to be written and write it at once",
                "flush or commit once per batch, not per item",
            ),
        ),
        pool=False,
    )


def _is_at(site: Site, wait: Wait) -> bool:
    return (site.file, site.line) == (wait.file, wait.line)


def _is_write(wait: Wait, recording: Recording) -> bool:
    fact = groups.call_at(recording, wait.file, wait.line) if wait.file and wait.line else None
    if fact is None:
        return False
    statement = STATEMENT.search(fact.text)
    changes = statement is not None and statement[1].lower() in CHANGES
    return fact.name.rpartition(".")[2] in WRITES or changes


def processes_for_gil(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """Threads that compute in Python without a loop that could be named: each could be a process."""
    if verdict.bound is not Bound.GIL or any(site.strategy_now == "threads" for site in breakdown.sites):
        return None
    cpus = recording.machine.effective_cpus
    threads = sum(
        thread.budget.get(State.CPU_PYTHON, 0) + thread.budget.get(State.WAIT_GIL, 0) > crowd.BUSY * thread.lifetime_ns
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
    pooled = max((site.share for site in breakdown.sites if site.strategy_now != "sequential"), default=0.0)
    if used < NEARLY_ALL or not long_enough or not pooled:
        return None
    return Candidate(
        Advice(
            strategy=Strategy.DISTRIBUTE,
            workers=None,
            site=None,
            speed_up=known_gain(1.0, 1.0, without(pooled, most=0.5).high),  # one more machine of the same size
            reason=f"It uses {percent(used)} of {cpus:g} CPUs for {duration(breakdown.wall_ns)}: this machine has no "
            "more to give, only other machines have (Dask, a batch system).",
            steps=("weigh the gain against moving the data to other machines",),
        ),
        pool=False,
    )
