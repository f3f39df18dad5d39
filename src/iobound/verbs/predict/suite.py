"""What more or fewer workers of pytest-xdist would make of a test suite.

**Assumes**: tests do not depend on one another or on their order; those that wait for the same server do so side by
side, a little longer each; shared fixtures are set up once by each worker that needs them.

**Source**: pytest-xdist's `--dist load` is played event by event (`xdist_load`); what starting and telling costs beside
what this run measured was taken from suites of empty tests on two CPUs (CPython 3.11, pytest 9.2, pytest-xdist 3.8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from iobound.model.prediction import Estimate
from iobound.model.suite import RepeatedFixture, XdistPrediction
from iobound.verbs.predict.costs import (
    CORNER,
    CPU_INTERFERENCE,
    DISK_SERIAL,
    MODEL_ERROR,
    OUTLOOKS,
    WAIT_STRETCH,
    Cost,
    Outlook,
)
from iobound.verbs.predict.suite_demand import ItemNeed, Need, SuiteDemand, coarser
from iobound.verbs.predict.xdist_load import Play

XDIST_S = Cost(0.16, 0.08, 0.04)
"""Seconds, once: what pytest-xdist loads in the process that was called, and winding up."""

GATEWAY_S = Cost(0.06, 0.035, 0.02)
"""Seconds for one worker's bare interpreter, one after another; it loads pytest and the tests beside the others."""

WORKER_CPU_S = Cost(0.16, 0.08, 0.04)
"""CPU seconds of a worker at its start beside what a process without pytest-xdist spends at its own."""

TEST_CPU_S = Cost(0.5e-3, 0.25e-3, 0.1e-3)
"""CPU seconds of a worker for one test: taking the order, packing the reports."""

PASSING_CPU_S = Cost(1.0e-3, 0.6e-3, 0.35e-3)
"""CPU seconds of the controller for the results of one test."""

MOST_TESTS = 200
"""More are taken together: a play of so many takes milliseconds."""

_LEADS = 0.6


class _Outcome(NamedTuple):
    seconds: float
    ready_s: float
    cpu_s: float
    set_up: Mapping[str, int]


def xdist(demand: SuiteDemand, workers: Iterable[int]) -> tuple[XdistPrediction, ...]:
    """Predict the whole command for these numbers of workers, 0 for one process without pytest-xdist.

    Args:
        demand: What there is to do, and how long it takes now.
        workers: Numbers to predict for.

    Returns:
        Speed-ups against the run that was observed, with 90 % intervals, in ascending order of workers.
    """
    demand = demand._replace(tests=coarser(demand.tests, MOST_TESTS))
    now = {outlook: _outcome(demand, demand.workers, outlook) for outlook in OUTLOOKS}
    return tuple(_prediction(demand, count, now) for count in sorted(set(workers)) if demand.tests)


def _prediction(demand: SuiteDemand, workers: int, now: Mapping[Outlook, _Outcome]) -> XdistPrediction:
    then = {outlook: _outcome(demand, workers, outlook) for outlook in OUTLOOKS}
    ratios = {
        outlook: now[outlook].seconds / then[outlook].seconds * (MODEL_ERROR.at(outlook) if workers else 1.0)
        for outlook in OUTLOOKS
    }
    if workers == demand.workers:
        ratios = dict.fromkeys(OUTLOOKS, 1.0)
    likely = ratios[Outlook.LIKELY]
    ends = [likely + CORNER * (ratios[end] - likely) for end in (Outlook.WORST, Outlook.BEST)]
    speed_up = Estimate(likely, min(likely, *ends), max(likely, *ends))
    best = then[Outlook.LIKELY]
    return XdistPrediction(
        workers=workers,
        speed_up=speed_up,
        wall_s=demand.wall_s / likely,
        bottleneck=_bottleneck(demand, workers, best),
        repeated=_repeated(demand, best.set_up),
    )


def _outcome(demand: SuiteDemand, workers: int, outlook: Outlook) -> _Outcome:
    if not workers:
        return _alone(demand)
    loss = CPU_INTERFERENCE.at(outlook)
    played = Play(
        demand.tests,
        {key: _cost(each.need, workers, outlook) for key, each in demand.shared.items()},
        [_own(test, demand, workers, outlook) for test in demand.tests],
        workers=workers,
        cpus=demand.cpus,
        loss=loss,
        passing_s=PASSING_CPU_S.at(outlook),
    ).run()
    ready_s, ready_cpu_s = _ready(demand, workers, outlook)
    on_disk = sum(test.need.disk_s for test in demand.tests) * DISK_SERIAL.at(outlook)
    seconds = ready_s + max(played.seconds, on_disk) + demand.rest_s
    return _Outcome(seconds, ready_s, played.cpu_s + ready_cpu_s, played.set_up)


def _alone(demand: SuiteDemand) -> _Outcome:
    tests = sum(test.need.total_s for test in demand.tests) + demand.gap_s * _count(demand.tests)
    shared = sum(each.need.total_s for each in demand.shared.values())
    ready_s = demand.start_up.total_s + demand.collection.total_s
    cpu = demand.start_up.cpu_s + demand.collection.cpu_s + sum(test.need.cpu_s for test in demand.tests)
    return _Outcome(ready_s + tests + shared + demand.rest_s, ready_s, cpu, dict.fromkeys(demand.shared, 1))


def _count(tests: Sequence[ItemNeed]) -> int:
    return sum(test.tests for test in tests)


def _ready(demand: SuiteDemand, workers: int, outlook: Outlook) -> tuple[float, float]:
    """When all workers have collected, and the CPU time that it takes: they share the CPUs."""
    own = demand.start_up.plus(demand.collection)
    cpu_s = own.cpu_s + WORKER_CPU_S.at(outlook)
    one_s = cpu_s + own.wait_s
    crowd = workers / max(0.1, demand.cpus)
    loaded_s = max(one_s, crowd * cpu_s / (1 - CPU_INTERFERENCE.at(outlook) * min(1.0, crowd) * (workers > 1)))
    first_s = demand.start_up.total_s + XDIST_S.at(outlook)
    return first_s + GATEWAY_S.at(outlook) * workers + loaded_s, first_s + workers * cpu_s


def _own(test: ItemNeed, demand: SuiteDemand, workers: int, outlook: Outlook) -> tuple[float, float]:
    cpu, wait = _cost(test.need, workers, outlook)
    return cpu + (demand.gap_s + TEST_CPU_S.at(outlook)) * test.tests, wait


def _cost(need: Need, workers: int, outlook: Outlook) -> tuple[float, float]:
    """CPU and waiting, which takes longer when many wait at once; sleeping does not."""
    stretch = 1 + WAIT_STRETCH.at(outlook) * (1 - 1 / max(1, workers))
    return need.cpu_s, need.sleep_s + need.wait_s * stretch


def _repeated(demand: SuiteDemand, set_up: Mapping[str, int]) -> tuple[RepeatedFixture, ...]:
    """Fixtures that are set up more often than now, dearest first."""
    sums: dict[tuple[str, str], list[float]] = {}
    for key, each in demand.shared.items():
        entry = sums.setdefault((each.name, each.scope), [0, 0, 0.0])
        then = set_up.get(key, 0)
        entry[0] += each.set_up
        entry[1] += then
        entry[2] += (then - each.set_up) * each.need.total_s
    found = [
        RepeatedFixture(name, scope, int(now), int(then), extra_s)
        for (name, scope), (now, then, extra_s) in sums.items()
        if then > now
    ]
    return tuple(sorted(found, key=lambda each: (-each.extra_s, each.name)))


def _bottleneck(demand: SuiteDemand, workers: int, outcome: _Outcome) -> str:
    """What most of the time that is left goes to."""
    if not workers:
        return "workers"
    testing_s = max(outcome.seconds - outcome.ready_s, 1e-9)
    longest = max(demand.tests, key=lambda test: test.longest_s)
    shared_s = sum(each.need.total_s for key, each in demand.shared.items() if outcome.set_up.get(key, 0) > 1)
    fixed_s = sum(demand.shared[key].need.total_s for key in longest.uses)
    if outcome.ready_s >= _LEADS * outcome.seconds:
        return "start_up"
    if longest.longest_s + fixed_s >= _LEADS * testing_s and longest.longest_s >= fixed_s:
        return "longest_test"
    if shared_s >= _LEADS / 2 * testing_s:
        return "fixtures"
    if outcome.cpu_s >= _LEADS * outcome.seconds * max(1.0, demand.cpus):
        return "cpus"
    return "tests" if workers >= _count(demand.tests) else "workers"
