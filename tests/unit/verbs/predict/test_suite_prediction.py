"""What more workers of pytest-xdist would make of a suite: laws, and the order in which the real one deals."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdist.scheduler import LoadScheduling

from iobound.verbs.predict.suite import xdist
from iobound.verbs.predict.suite_demand import ItemNeed, Need, SharedNeed, SuiteDemand, coarser
from iobound.verbs.predict.xdist_load import Play

SMALL = Need(cpu_s=0.05)


def demand(tests: list[ItemNeed], *, cpus: float = 8.0, shared: dict[str, SharedNeed] | None = None) -> SuiteDemand:
    """A suite that was run in one process."""
    wall_s = sum(test.need.total_s for test in tests) + 0.5
    return SuiteDemand(tuple(tests), shared or {}, Need(0.3), Need(0.1), 0.0005, 0.03, cpus, 0, wall_s)


def sleepers(count: int, seconds: float) -> list[ItemNeed]:
    return [ItemNeed(Need(sleep_s=seconds), (), 1, seconds)] * count


def computing(count: int, seconds: float) -> list[ItemNeed]:
    return [ItemNeed(Need(cpu_s=seconds), (), 1, seconds)] * count


needs = st.builds(
    lambda cpu, sleep, wait: ItemNeed(Need(cpu, sleep, wait), (), 1, cpu + sleep + wait),
    st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0, 0.5),
)  # fmt: skip


@given(st.lists(needs, min_size=1, max_size=30), st.integers(1, 12), st.sampled_from([1.0, 2.0, 3.5, 16.0]))
def test_nobody_is_faster_than_the_bounds(tests: list[ItemNeed], workers: int, cpus: float) -> None:
    """At least the longest test, the CPUs' share of all computing, and the workers' share of all there is."""
    own = [(test.need.cpu_s, test.need.sleep_s + test.need.wait_s) for test in tests]
    played = Play(tests, {}, own, workers=workers, cpus=cpus, loss=0.0, passing_s=0.0).run()
    cpu_s, all_s = sum(cpu for cpu, _ in own), sum(map(sum, own))
    assert played.seconds >= max(max(map(sum, own)), cpu_s / min(cpus, workers), all_s / workers) - 1e-6
    assert played.seconds <= all_s + cpu_s + 1e-6
    assert played.cpu_s == pytest.approx(cpu_s, abs=1e-6)


def test_sleepers_gain_by_workers_whatever_the_cpus() -> None:
    """Waiting needs no CPU; starting workers does."""
    two, four = xdist(demand(sleepers(80, 0.25), cpus=2.0), [2, 4])
    assert 1.7 < two.speed_up.estimate < 2.0
    assert 3.0 < four.speed_up.estimate < 4.0
    assert two.bottleneck == "workers"


def test_computing_gains_no_more_than_the_cpus() -> None:
    """And is told to be limited by them."""
    predictions = xdist(demand(computing(100, 0.2), cpus=2.0), [2, 4, 8])
    assert all(each.speed_up.estimate < 2.0 for each in predictions)
    assert predictions[0].speed_up.estimate > predictions[2].speed_up.estimate
    assert predictions[1].bottleneck == "cpus"


def test_a_long_test_is_the_limit() -> None:
    """No number of workers is faster than it."""
    tests = [ItemNeed(Need(sleep_s=5.0), (), 1, 5.0), *sleepers(20, 0.1)]
    (eight,) = xdist(demand(tests), [8])
    assert eight.bottleneck == "longest_test"
    assert eight.speed_up.estimate < 7.5 / 5.0


def test_a_short_suite_loses_by_workers() -> None:
    """Starting them costs more than the tests."""
    (two,) = xdist(demand(sleepers(10, 0.01)), [2])
    assert two.speed_up.high < 1.0
    assert two.bottleneck == "start_up"


def test_shared_fixtures_are_set_up_by_each_worker_that_needs_them() -> None:
    """And what that costs is told."""
    shared = {"database": SharedNeed("database", "session", Need(cpu_s=1.0, sleep_s=1.0), 1)}
    tests = [ItemNeed(Need(sleep_s=0.1), ("database",), 1, 0.1)] * 40
    (four,) = xdist(demand(tests, shared=shared), [4])
    (repeated,) = four.repeated
    assert (repeated.name, repeated.now, repeated.then) == ("database", 1, 4)
    assert repeated.extra_s == pytest.approx(3 * 2.0)
    assert four.bottleneck == "fixtures"


@given(st.lists(needs, min_size=1, max_size=12), st.sampled_from([1.0, 2.0, 8.0]))
def test_intervals_hold_their_estimates(tests: list[ItemNeed], cpus: float) -> None:
    """For any suite and any number of workers, in order; as it is now is exactly 1."""
    predictions = xdist(demand(tests, cpus=cpus), [8, 0, 2, 4])
    assert [each.workers for each in predictions] == [0, 2, 4, 8]
    assert predictions[0].speed_up == (1.0, 1.0, 1.0)
    for each in predictions:
        assert 0 < each.speed_up.low <= each.speed_up.estimate <= each.speed_up.high


@given(st.lists(needs, min_size=1, max_size=300), st.integers(5, 60))
def test_taking_tests_together_loses_nothing(tests: list[ItemNeed], most: int) -> None:
    """Neither their number nor their time; there are not many more than asked for."""
    fewer = coarser(tests, most)
    assert sum(test.tests for test in fewer) == len(tests)
    assert sum(test.need.total_s for test in fewer) == pytest.approx(sum(test.need.total_s for test in tests))
    assert len(fewer) <= max(3 * most, 1)


class Node:
    """As much of a worker as xdist's scheduler wants to see."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.sent: list[int] = []
        self.shutting_down = False

    def send_runtest_some(self, indices: list[int]) -> None:
        self.sent.extend(indices)

    def shutdown(self) -> None:
        self.shutting_down = True


@pytest.mark.parametrize("tests", [1, 3, 7, 16, 40, 101])
@pytest.mark.parametrize("workers", [2, 3, 4, 8])
def test_tests_are_dealt_as_by_the_real_scheduler(tests: int, workers: int) -> None:
    """The first batches, and every refill when a test ends, for quick tests that end in turns."""
    config = SimpleNamespace(
        getoption=lambda name: {"maxschedchunk": None, "tx": ["popen"] * workers, "px": [], "numprocesses": None}[name],
        getvalue=lambda name: {"tx": ["popen"] * workers, "px": []}[name],
        option=SimpleNamespace(tx=["popen"] * workers, px=[]),
    )
    real = LoadScheduling(config)  # type: ignore[arg-type]
    nodes = [Node(f"gw{number}") for number in range(workers)]
    names = [f"test_{number}" for number in range(tests)]
    for node in nodes:
        real.add_node(node)  # type: ignore[arg-type]
        real.add_node_collection(node, names)  # type: ignore[arg-type]
    real.schedule()
    play = Play([ItemNeed(SMALL)] * tests, {}, [(0.05, 0.0)] * tests, workers=workers, cpus=99, loss=0, passing_s=0)
    play._deal()
    given_to: list[list[int]] = [list(worker.queue) for worker in play._workers]
    assert given_to == [node.sent for node in nodes]
    for _ in range(tests):
        for node, worker in zip(nodes, play._workers, strict=True):
            if real.node2pending[node]:  # type: ignore[index]
                item = real.node2pending[node][0]  # type: ignore[index]
                assert worker.queue.popleft() == item
                real.mark_test_complete(node, item, duration=0.05)  # type: ignore[arg-type]
                play._refill(worker)
                assert list(worker.queue) == real.node2pending[node]  # type: ignore[index]
