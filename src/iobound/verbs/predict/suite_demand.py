"""What a test suite asks of a machine: seconds on a CPU and of waiting, by test and by shared fixture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from iobound.model.state import COMPUTING, Budget, State
from iobound.model.stretch import StretchBudget
from iobound.model.suite import FixtureTime, PhaseRun, SuiteRun

_NO_DEMAND = COMPUTING | {State.WAIT_CPU}
"""What is not waiting: computing, and wanting to, which passes where there are CPUs."""


class Need(NamedTuple):
    """Demands in seconds.

    Attributes:
        cpu_s: On a CPU, of the thread that runs the test or of others that it waits for.
        sleep_s: Waiting that nothing can make longer.
        wait_s: Waiting for others than this machine's CPUs, or for what is not known.
        disk_s: The part of it for files.
    """

    cpu_s: float = 0.0
    sleep_s: float = 0.0
    wait_s: float = 0.0
    disk_s: float = 0.0

    def plus(self, other: Need) -> Need:
        """Both one after the other."""
        return Need(
            self.cpu_s + other.cpu_s,
            self.sleep_s + other.sleep_s,
            self.wait_s + other.wait_s,
            self.disk_s + other.disk_s,
        )

    def times(self, factor: float) -> Need:
        """So many times as much."""
        return Need(*(factor * each for each in self))

    @property
    def total_s(self) -> float:
        """Both together: how long it takes alone."""
        return self.cpu_s + self.sleep_s + self.wait_s


class ItemNeed(NamedTuple):
    """One test, or several short neighbours together.

    Attributes:
        uses: Keys of the shared fixtures that must be there first.
        tests: How many it stands for.
        longest_s: How long the longest of them takes.
    """

    need: Need
    uses: tuple[str, ...] = ()
    tests: int = 1
    longest_s: float = 0.0


class SharedNeed(NamedTuple):
    """A shared fixture: what one setting up and tearing down of it costs."""

    name: str
    scope: str
    need: Need
    set_up: int


class SuiteDemand(NamedTuple):
    """What there is to do, whoever does it.

    Attributes:
        tests: In the order of running.
        shared: By key.
        start_up: Of a process that runs tests, until it collects.
        collection: Of such a process.
        gap_s: CPU time of pytest between tests, per test.
        rest_s: After the tests.
        cpus: Effective CPUs.
        workers: By how many workers it was run; 0 for one process without pytest-xdist.
        wall_s: How long it took.
    """

    tests: tuple[ItemNeed, ...]
    shared: Mapping[str, SharedNeed]
    start_up: Need
    collection: Need
    gap_s: float
    rest_s: float
    cpus: float
    workers: int
    wall_s: float


Part = tuple[PhaseRun, StretchBudget, Sequence[tuple[FixtureTime, StretchBudget]]]
"""A phase, what it went to without shared fixtures, and what these went to."""


def demand_of(run: SuiteRun, parts: Iterable[Part]) -> SuiteDemand:
    """Add up what the phases of a run say."""
    needs: dict[str, Need] = {}
    uses: dict[str, dict[str, None]] = {}
    shared: dict[str, Need] = {}
    set_up: dict[str, int] = {}
    names: dict[str, FixtureTime] = {}
    for phase, own, fixtures in parts:
        known = needs.get(phase.test)
        needs[phase.test] = need_of(own) if known is None else known.plus(need_of(own))
        if phase.uses:
            uses.setdefault(phase.test, {}).update(dict.fromkeys(phase.uses))
        for fixture, budget in fixtures:
            shared[fixture.key] = shared.get(fixture.key, Need()).plus(need_of(budget))
            set_up[fixture.key] = set_up.get(fixture.key, 0) + (not fixture.tear_down)
            names[fixture.key] = fixture
    tests = tuple(
        ItemNeed(need, tuple([key for key in uses.get(test, ()) if key in shared]), 1, need.total_s)
        for test, need in needs.items()
    )
    costs = {
        key: SharedNeed(names[key].name, names[key].scope, need.times(1 / max(1, set_up[key])), set_up[key])
        for key, need in shared.items()
    }
    return SuiteDemand(tests, costs, *_beside(run, len(tests)))


def need_of(spent: StretchBudget) -> Need:
    """What a stretch asks for; waits for somebody who computes are computing."""
    budget = _resolved(spent) if spent.waits else spent.budget
    waiting = computing = 0
    for state, time in budget.items():
        if state in COMPUTING:
            computing += time
        elif state not in _NO_DEMAND:
            waiting += time
    asleep = budget.get(State.WAIT_SLEEP, 0)
    return Need(
        computing / 1e9,
        asleep / 1e9,
        (waiting - asleep) / 1e9,
        budget.get(State.WAIT_DISK, 0) / 1e9,
    )


def _resolved(spent: StretchBudget) -> Budget:
    budget = dict(spent.budget)
    for wait in spent.waits:
        if wait.behind is not None:
            moved = min(wait.duration_ns, wait.behind.duration_ns, budget.get(wait.state, 0))
            budget[wait.state] = budget.get(wait.state, 0) - moved
            budget[wait.behind.state] = budget.get(wait.behind.state, 0) + moved
    return budget


def _beside(run: SuiteRun, tests: int) -> tuple[Need, Need, float, float, float, int, float]:
    """Start-up, collection, CPU time between tests, and the rest, of a process that runs tests."""
    workers = run.workers
    count = max(1, len(workers))
    ran_ns = sum(phase.stretch.cpu_ns or 0 for phase in run.phases)
    gaps_ns = max(0, sum(worker.loop_cpu_ns for worker in workers) - ran_ns)
    start_up = sum(worker.start_up_cpu_ns for worker in workers) / count / 1e9
    collection = sum(worker.collection_cpu_ns for worker in workers) / count / 1e9
    waits = sum(worker.collection_ns - worker.collection_cpu_ns for worker in workers) / count / 1e9
    return (
        Need(start_up),
        Need(collection, 0.0, 0.0 if run.distributed else max(0.0, waits)),
        gaps_ns / max(1, tests) / 1e9,
        _AT_THE_END_S,
        run.cpus,
        len(workers) if run.distributed else 0,
        run.wall_ns / 1e9,
    )


_AT_THE_END_S = 0.03


def coarser(tests: Sequence[ItemNeed], most: int) -> tuple[ItemNeed, ...]:
    """At most about so many tests: neighbours that are short and use the same fixtures are taken together."""
    if len(tests) <= most:
        return tuple(tests)
    bound_s = sum(test.need.total_s for test in tests) / most
    at_once = -(-len(tests) // most)
    found: list[ItemNeed] = []
    for test in tests:
        last = found[-1] if found else None
        if (
            last is not None
            and last.uses == test.uses
            and last.tests < at_once
            and last.need.total_s + test.need.total_s <= 2 * bound_s
        ):
            longest = max(last.longest_s, test.longest_s)
            found[-1] = ItemNeed(last.need.plus(test.need), last.uses, last.tests + 1, longest)
        else:
            found.append(test)
    return tuple(found)
