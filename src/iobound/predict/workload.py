"""What there is to run: a site's items and what one of them costs, read from its budget."""

from __future__ import annotations

from typing import NamedTuple

from iobound.model.breakdown import Breakdown, Site
from iobound.model.prediction import Demand
from iobound.model.recording import Interpreter, Machine
from iobound.model.state import Budget, State
from iobound.predict.costs import DISK_SERIAL, IPC_SERIAL, UNSEEN_SERIAL, UNTOLD_ITEM_S, Outlook

SECOND_NS = 1e9
ASYNC_WAITS = (State.WAIT_NETWORK, State.WAIT_SLEEP, State.WAIT_CHILD, State.WAIT_IPC)
"""Waits that have an asynchronous way to wait."""

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

    @property
    def total_s(self) -> float:
        """Seconds that one worker needs for everything."""
        known = self.python_s + self.native_s + self.wait_s + self.disk_s + self.ipc_s
        return max(LEAST_S, known + self.unseen_s + self.serial_s)

    @property
    def computing_s(self) -> float:
        """CPU seconds of all items."""
        return self.python_s + self.native_s

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
            cpu_native_s=self.native_s / count,
            wait_s=max(0.0, self.total_s - self.computing_s - serial) / count,
            serial_s=serial / count,
        )


def work_of(site: Site, breakdown: Breakdown, machine: Machine, interpreter: Interpreter) -> Work:
    """Read what a site's items cost from where its time went.

    Waiting for the GIL and for a CPU beside other workers is a cost of how it runs today, not of the items; waiting for
    a CPU of a sequential site makes its computing slower.
    """
    budget = {state: ns / SECOND_NS for state, ns in (site.thread_budget or _over_threads(site)).items()}
    python_s, native_s = _own_computing(site, breakdown, budget)
    if site.strategy_now == "sequential" and python_s + native_s > 0:
        slowed = 1 + budget.get(State.WAIT_CPU, 0.0) / (python_s + native_s)
        python_s, native_s = python_s * slowed, native_s * slowed
    free_s = budget.get(State.WAIT_NETWORK, 0.0) + budget.get(State.WAIT_SLEEP, 0.0) + budget.get(State.WAIT_CHILD, 0.0)
    work = Work(
        python_s=python_s,
        native_s=native_s,
        wait_s=free_s,
        disk_s=budget.get(State.WAIT_DISK, 0.0),
        ipc_s=budget.get(State.WAIT_IPC, 0.0),
        unseen_s=budget.get(State.UNKNOWN, 0.0),
        serial_s=budget.get(State.WAIT_INPUT, 0.0) + budget.get(State.WAIT_LOCK, 0.0),
        async_s=sum(budget.get(state, 0.0) for state in ASYNC_WAITS),
        items=site.items,
        longest_s=max(site.item_ns, default=0) / SECOND_NS,
        cpus=machine.effective_cpus,
        gil=interpreter.gil_enabled,
        fork=forks(machine.system, interpreter.version),
        imports_s=_imports_s(breakdown),
        releases_per_s=site.gil_releases_per_s,
        faults_per_s=site.minor_faults_per_s or 0.0,
    )
    return work if site.strategy_now == "sequential" else _with_lock_as_server(site, work, budget)


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
    free = 1 - seconds / work.total_s
    return work._replace(
        python_s=work.python_s * free,
        native_s=work.native_s * free,
        wait_s=work.wait_s * free,
        disk_s=work.disk_s * free,
        ipc_s=work.ipc_s * free,
        unseen_s=work.unseen_s * free,
        serial_s=work.serial_s * free + seconds,
    )
