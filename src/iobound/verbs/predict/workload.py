"""What there is to run: a site's items and what one of them costs, read from its budget."""

from __future__ import annotations

import math
from typing import NamedTuple

from iobound.model.breakdown import Breakdown, Site
from iobound.model.prediction import Demand
from iobound.model.recording import Interpreter, Machine
from iobound.model.state import COMPUTING, Budget, State
from iobound.verbs.predict.costs import (
    BY_OTHERS,
    DISK_SERIAL,
    IPC_SERIAL,
    UNSEEN_SERIAL,
    UNTOLD_ITEM_S,
    Outlook,
)

SECOND_NS = 1e9
ASYNC_WAITS = (State.WAIT_NETWORK, State.WAIT_SLEEP, State.WAIT_CHILD, State.WAIT_IPC)
"""Waits that have an asynchronous way to wait."""

FREE_WAITS = (State.WAIT_NETWORK, State.WAIT_SLEEP, State.WAIT_CHILD)
PACING, BESIDE_PACING = 0.3, 0.03
"""Share of a site's time asleep, and of network in network and sleep, from which its sleep keeps to a rate."""

LEAST_S = 1e-9
QUEUEING_FOR_LOCK = 0.2
"""Share of thread-seconds in lock waits from which the lock is taken to set the pace."""


class Work(NamedTuple):
    """All items of a site together, in seconds over the run.

    Attributes:
        python_s: CPU time that holds the GIL.
        native_s: CPU time that does not.
        wait_s: Waiting that overlaps freely: network, sleep, children.
        disk_s, ipc_s, unseen_s: Time of which a part, not known, overlaps.
        serial_s: Time that cannot overlap: locks, the terminal.
        async_s: Part of the waiting that asyncio can overlap.
        items: How many items; None when they were too short to be told apart.
        longest_s: Longest single item, 0 when not known.
        cpus: CPUs that the program can use.
        gil: Whether the interpreter has a GIL.
        fork: Whether a pool of processes is forked, which is quick.
        imports_s: Seconds that the program's imports took.
        releases_per_s: Hand-overs of the GIL per CPU second, None when not measured.
        faults_per_s: Page faults per CPU second, 0 when not measured.
        short_calls_s: Part of `native_s` in calls that let go of the GIL for a moment each.
        file_changes_s: Part of `native_s` in calls that make, rename or remove files.
        page_filling_s: Part of `native_s` in which the kernel made fresh memory, None when not known.
        divisible: Whether the items are numbers of a range, of which a worker is given a part: nothing is carried over.
        executions: How often the site is run again, one time after another; all else is about one time.
        children_s: Part of `wait_s` in which children computed.
        others_cpus: CPUs that other programs of the machine kept busy.
        machine_cpus: All CPUs of the machine, of which those are a part; 0 for no more than `cpus`.
        queued_s: Thread-seconds in which children that ran at once were queued for a CPU; no part of the others.
        fitting: Worker processes whose memory the machine has, if each needs as much as the program does today.
    """

    python_s: float
    native_s: float
    wait_s: float
    disk_s: float = 0.0
    ipc_s: float = 0.0
    unseen_s: float = 0.0
    serial_s: float = 0.0
    async_s: float = 0.0
    items: float | None = None
    longest_s: float = 0.0
    cpus: float = 1.0
    gil: bool = True
    fork: bool = True
    imports_s: float = 0.0
    releases_per_s: float | None = 0.0
    faults_per_s: float = 0.0
    short_calls_s: float = 0.0
    file_changes_s: float = 0.0
    page_filling_s: float | None = None
    divisible: bool = False
    executions: float = 1.0
    children_s: float = 0.0
    others_cpus: float = 0.0
    machine_cpus: float = 0.0
    queued_s: float = 0.0
    fitting: float = math.inf

    @property
    def total_s(self) -> float:
        """Seconds that one worker needs for everything."""
        known = self.python_s + self.native_s + self.wait_s + self.disk_s + self.ipc_s
        return max(LEAST_S, known + self.unseen_s + self.serial_s)

    @property
    def computing_s(self) -> float:
        """CPU seconds of all items."""
        return self.python_s + self.native_s

    def cpus_at(self, outlook: Outlook) -> float:
        """CPUs for the program, at least 1: what others took of the machine they may take again.

        Where a quota leaves the program less than that, they take nothing from it.
        """
        left = max(self.cpus, self.machine_cpus) - BY_OTHERS.at(outlook) * self.others_cpus
        return max(1.0, min(self.cpus, left))

    def processes_at(self, workers: int, outlook: Outlook) -> int:
        """Worker processes at once that the memory allows.

        That each needs the whole memory of the program is an upper estimate: forked workers share pages with it for as
        long as neither writes to them, so that at best all fit.
        """
        return workers if outlook is Outlook.BEST else max(1, int(min(workers, self.fitting)))

    def item_count(self, outlook: Outlook) -> float:
        """Items, guessed from a likely length where they were too short to be told apart; at least 1."""
        if self.items is not None:
            return max(1.0, self.items)
        return max(1.0, self.total_s / UNTOLD_ITEM_S.at(outlook))

    def demand(self, outlook: Outlook) -> Demand:
        """What one item costs."""
        count = self.item_count(outlook)
        disk = DISK_SERIAL.at(outlook) * self.disk_s
        ipc = IPC_SERIAL.at(outlook) * self.ipc_s
        unseen = UNSEEN_SERIAL.at(outlook) * self.unseen_s
        serial = self.serial_s + disk + ipc + unseen
        return Demand(
            cpu_python_s=self.python_s / count,
            cpu_native_s=(self.native_s + self.children_s) / count,
            wait_s=max(0.0, self.total_s - self.computing_s - self.children_s - serial) / count,
            serial_s=serial / count,
        )


def work_of(site: Site, breakdown: Breakdown, machine: Machine, interpreter: Interpreter) -> Work:
    """Read what a site's items cost from where its time went.

    Waiting for the GIL and for a CPU beside other workers is a cost of how it runs today, not of the items; waiting for
    a CPU of a sequential site makes its computing slower.
    """
    in_turns, whole = site.loop_held, site.thread_budget or _over_threads(site)
    budget = {state: max(0, ns - in_turns.get(state, 0)) / SECOND_NS for state, ns in whole.items()}
    in_turns_s = sum(min(ns, in_turns.get(state, 0)) for state, ns in whole.items()) / SECOND_NS
    python_s, native_s = _own_computing(site, breakdown, budget)
    if site.strategy_now == "sequential" and python_s + native_s > 0:
        slowed = 1 + budget.get(State.WAIT_CPU, 0.0) / (python_s + native_s)
        python_s, native_s = python_s * slowed, native_s * slowed
    paced_s = _paced_s(site, budget)
    free_s = sum(budget.get(state, 0.0) for state in FREE_WAITS) - paced_s
    waited_s, ipc_s = budget.get(State.WAIT_CHILD, 0.0), budget.get(State.WAIT_IPC, 0.0)
    children = _children(site, breakdown, waited_s)
    children_s = min(waited_s + ipc_s, children.computing_s)
    behind_pipes_s = max(0.0, children_s - waited_s)
    queued_s = min(max(0.0, waited_s - children_s), children.queued_s)
    work = Work(
        python_s=python_s,
        native_s=native_s,
        wait_s=free_s + behind_pipes_s - queued_s,
        disk_s=budget.get(State.WAIT_DISK, 0.0),
        ipc_s=ipc_s - behind_pipes_s,
        unseen_s=budget.get(State.UNKNOWN, 0.0),
        serial_s=budget.get(State.WAIT_INPUT, 0.0) + budget.get(State.WAIT_LOCK, 0.0) + paced_s + in_turns_s,
        async_s=sum(budget.get(state, 0.0) for state in ASYNC_WAITS) - paced_s,
        items=site.items,
        longest_s=max(site.item_ns, default=0) / SECOND_NS,
        cpus=machine.effective_cpus,
        gil=interpreter.gil_enabled,
        fork=forks(machine.system, interpreter.version),
        imports_s=_imports_s(breakdown),
        releases_per_s=site.gil_releases_per_s,
        faults_per_s=site.minor_faults_per_s or 0.0,
        short_calls_s=min(native_s, site.short_calls_ns / SECOND_NS),
        file_changes_s=min(native_s, site.file_changes_ns / SECOND_NS),
        page_filling_s=None if site.page_filling_ns is None else min(native_s, site.page_filling_ns / SECOND_NS),
        divisible=site.loop is not None and site.loop.over_range,
        children_s=children_s,
        others_cpus=_others_cpus(breakdown, machine),
        machine_cpus=machine.cpus,
        queued_s=queued_s,
        fitting=_fitting(site, breakdown, machine),
    )
    if site.strategy_now == "sequential":
        return by_execution(work, executions_of(site, breakdown))
    return _with_lock_as_server(site, work, budget)


PARTS = ("python_s", "native_s", "wait_s", "disk_s", "ipc_s", "unseen_s", "serial_s")
"""What the time of a site consists of."""

PARTS_OF_PARTS = ("async_s", "short_calls_s", "file_changes_s", "children_s")
"""Times that are in one of those."""


def _scaled(work: Work, factor: float) -> Work:
    """The same work with all its times, those of single items left out, multiplied."""
    times = {name: getattr(work, name) * factor for name in (*PARTS, *PARTS_OF_PARTS)}
    filling_s = None if work.page_filling_s is None else work.page_filling_s * factor
    return work._replace(**times, page_filling_s=filling_s)


def by_execution(work: Work, executions: float) -> Work:
    """The work of one execution of a loop that is run so many times, each with at least one item."""
    if executions <= 1:
        return work
    items = None if work.items is None else max(1.0, work.items / executions)
    return _scaled(work, 1 / executions)._replace(items=items, executions=executions)


def executions_of(site: Site, breakdown: Breakdown) -> float:
    """How often a loop was run, by the items of the loops around it; a pool would have to stop at the end of each.

    A loop around it is known by the stacks, whatever functions lie between the two.
    """
    if site.loop is None or site.strategy_now != "sequential":
        return 1.0
    outer = [breakdown.sites[place] for place in site.around if place < len(breakdown.sites)]
    return max((each.items for each in outer if each.items is not None and each.loop is not None), default=1.0)


def _paced_s(site: Site, budget: dict[State, float]) -> float:
    """Seconds of sleep and network of a loop that keeps to a rate: a pool would have to keep to the same one.

    A loop that sleeps beside no network at all stands for some other wait, as in an example, and may overlap.
    """
    asleep, network = budget.get(State.WAIT_SLEEP, 0.0), budget.get(State.WAIT_NETWORK, 0.0)
    throttled = site.loop is not None and site.loop.throttled
    if not throttled or asleep < PACING * sum(budget.values()) or network < BESIDE_PACING * (asleep + network):
        return 0.0
    return asleep + network


class _Children(NamedTuple):
    """Seconds that programs computed which a site waited for, and that they were queued for a CPU."""

    computing_s: float
    queued_s: float = 0.0


def _children(site: Site, breakdown: Breakdown, waited_s: float) -> _Children:
    """What a site's children did: those that were observed, and those that were too short-lived, by the kernel's sum.

    Of several sites each has its part of all waits for children. Where one child at a time ran, its wait for a CPU made
    its computing slower; where several ran at once, what each instant of the run was spent on does not tell of all.
    """
    main = [thread for process in breakdown.processes[:1] for thread in process.threads]
    all_s = sum(thread.budget.get(State.WAIT_CHILD, 0) for thread in main) / SECOND_NS
    part = min(1.0, waited_s / max(LEAST_S, waited_s, all_s))
    hidden_s = part * (breakdown.totals.unseen_children_ns or 0) / SECOND_NS
    seen_s = site.children_ns / SECOND_NS
    if site.strategy_now == "sequential" or not seen_s or not waited_s:
        return _Children(seen_s + hidden_s)
    others = [thread.budget for process in breakdown.processes[1:] for thread in process.threads]
    computed_s = sum(budget.get(state, 0) for budget in others for state in COMPUTING) / SECOND_NS
    queued_s = sum(budget.get(State.WAIT_CPU, 0) for budget in others) / SECOND_NS
    return _Children(part * computed_s + hidden_s, part * queued_s)


def _fitting(site: Site, breakdown: Breakdown, machine: Machine) -> float:
    """Processes as large as the largest of the run for which there is memory; at least as many as ran already."""
    peak = breakdown.totals.peak_rss_bytes
    if not peak or not machine.memory_bytes:
        return math.inf
    return max(machine.memory_bytes / peak, site.workers_now if site.strategy_now == "processes" else 1)


def _others_cpus(breakdown: Breakdown, machine: Machine) -> float:
    """CPUs of the machine that other programs kept busy, on average."""
    busy, totals = breakdown.totals.host_busy, breakdown.totals
    if busy is None or breakdown.wall_ns <= 0:
        return 0.0
    ours = (totals.cpu_ns + (totals.unseen_children_ns or 0)) / breakdown.wall_ns
    return max(0.0, busy * machine.cpus - ours)


def forks(system: str, version: str) -> bool:
    """Whether a pool of processes is forked by default; from 3.14 on it is not, nor outside Linux.

    Example:
        >>> forks("Linux", "3.13.0"), forks("Linux", "3.14.0"), forks("Darwin", "3.12.1")
        (True, False, False)
    """
    return system == "Linux" and version_of(version) < (3, 14)


def version_of(text: str) -> tuple[int, int]:
    """First two numbers of a version; (0, 0) when there are none."""
    parts = [int("".join(filter(str.isdigit, part)) or 0) for part in text.split(".")[:2]]
    return (parts[0], parts[1]) if len(parts) == 2 else (0, 0)


def _over_threads(site: Site) -> Budget:
    """Thread-seconds guessed from wall time where they are not told: the GIL's holder is always the most active."""
    if site.concurrency <= 1.0:
        return site.budget
    if site.strategy_now == "processes":
        return {state: round(ns * site.concurrency) for state, ns in site.budget.items()}
    held = site.budget.get(State.CPU_PYTHON, 0)
    others = sum(site.budget.values()) - held
    stretch = (sum(site.budget.values()) * site.concurrency - held) / others if others > held / 10 else 1.0
    return {state: ns if state is State.CPU_PYTHON else round(ns * stretch) for state, ns in site.budget.items()}


def _own_computing(site: Site, breakdown: Breakdown, budget: dict[State, float]) -> tuple[float, float]:
    """GIL-holding and other CPU seconds. What children compute while a site waits for them needs no GIL of ours."""
    python_s, native_s = (budget.get(state, 0.0) for state in (State.CPU_PYTHON, State.CPU_NATIVE))
    if site.strategy_now == "processes" or not breakdown.processes:
        return python_s, native_s
    own = sum(thread.budget.get(State.CPU_PYTHON, 0) for thread in breakdown.processes[0].threads) / SECOND_NS
    theirs = max(0.0, python_s - own) if python_s > 1.1 * own and len(breakdown.processes) > 1 else 0.0
    return python_s - theirs, native_s + theirs


def _imports_s(breakdown: Breakdown) -> float:
    return sum(phase.end_ns - phase.start_ns for phase in breakdown.phases if phase.name == "imports") / SECOND_NS


def _with_lock_as_server(site: Site, work: Work, budget: dict[State, float]) -> Work:
    """Lock waits of workers are queueing: replace them by the time that the lock must have been held.

    **Assumes** one lock. With n workers of which a share q of the time queues, it is held for q·n/(n-1) of wall time.
    """
    queued = budget.get(State.WAIT_LOCK, 0.0)
    rest = work._replace(serial_s=work.serial_s - queued)
    share = queued / max(LEAST_S, sum(budget.values()))
    if share < QUEUEING_FOR_LOCK or site.workers_now < 2:
        return rest
    workers = site.workers_now
    held = min(1.0, share * workers / (workers - 1)) * site.wall_ns / SECOND_NS
    return _moved_to_serial(rest, min(held, rest.total_s))


def _moved_to_serial(work: Work, seconds: float) -> Work:
    free = _scaled(work, 1 - seconds / work.total_s)
    return free._replace(serial_s=free.serial_s + seconds)
