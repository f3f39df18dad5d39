"""Predictions for sites: what measured programs showed must come out of their budgets."""

from __future__ import annotations

import pytest

from iobound.errors import UsageError
from iobound.model.breakdown import Breakdown, Interval, Phase, ProcessBudget, Site, ThreadBudget, Totals
from iobound.model.prediction import Strategy
from iobound.model.recording import Interpreter, Machine
from iobound.model.state import Budget, State, shares_of
from iobound.verbs import predict
from iobound.verbs.predict.costs import REST_VARIES

NS = 1_000_000_000
TWO_CPUS = Machine("Linux", 2, 2.0, "machine", 8 << 30)
PYTHON = Interpreter("cpython", "3.12.1", gil_enabled=True, free_threaded_build=False)
PY, NATIVE, NET = State.CPU_PYTHON, State.CPU_NATIVE, State.WAIT_NETWORK


def budget(seconds: dict[State, float]) -> Budget:
    return {state: round(value * NS) for state, value in seconds.items()}


def site(seconds: dict[State, float], items: float | None, **more) -> Site:
    spent = budget(seconds)
    made = Site(
        file="app.py", line=3, column=4, function="main", callee="work", loop=None, items=items, items_low=1,
        wall_ns=sum(spent.values()), share=0.98, share_interval=Interval(0.96, 0.99), budget=spent, independent="yes",
    )  # fmt: skip
    return made._replace(**more)


def run(*sites: Site, **more) -> Breakdown:
    wall_ns = max(each.wall_ns for each in sites)
    shares = shares_of(sites[0].budget)
    made = Breakdown(
        wall_ns=wall_ns, shares=shares, intervals={}, processes=(), phases=(), hotspots=(), functions=(), waits=(),
        sites=sites, event_loops=(), totals=Totals(cpu_ns=0), looks=100, independent_looks=50.0,
    )  # fmt: skip
    return made._replace(**more)


def by_strategy(one: Site, machine=TWO_CPUS, interpreter=PYTHON, workers=(2, 4, 8, 16), **more):
    found = predict.curve(one, run(one, **more), machine, interpreter, workers)
    return {(each.strategy, each.workers): each for each in found}


def test_waits_overlap_on_threads_and_tasks_and_less_on_processes():
    found = by_strategy(site({NET: 10.0, PY: 0.1}, 100))
    threads, processes, tasks = (
        found[strategy, 16].speed_up.estimate for strategy in (Strategy.THREADS, Strategy.PROCESSES, Strategy.ASYNCIO)
    )
    assert 9 < threads < 14
    assert 7 < processes < threads
    assert abs(tasks - threads) < 1


def test_python_code_is_slower_on_threads_and_faster_on_processes():
    found = by_strategy(site({PY: 8.0}, 400))
    threads, processes = found[Strategy.THREADS, 4].speed_up, found[Strategy.PROCESSES, 2].speed_up
    assert 0.6 < threads.low < 0.8 < threads.estimate < 1.0 <= threads.high
    assert 1.1 < processes.low < 1.7 < processes.estimate <= 2.0
    assert found[Strategy.THREADS, 4].bottleneck == "gil"
    assert found[Strategy.THREADS, 4].saturates_at == 1


def test_short_items_that_hold_the_gil_lose_half_on_threads():
    found = by_strategy(site({PY: 8.0}, 100_000))
    assert 0.35 < found[Strategy.THREADS, 4].site_speed_up < 0.65


def test_many_hand_overs_of_the_gil_make_native_code_slow_on_threads():
    steady = by_strategy(site({NATIVE: 6.0, PY: 2.0}, 100))[Strategy.THREADS, 2]
    stepping = by_strategy(site({NATIVE: 6.0, PY: 2.0}, 100, gil_releases_per_s=120_000.0))[Strategy.THREADS, 2]
    assert steady.site_speed_up > 1.4
    assert 0.4 < stepping.site_speed_up < 0.9


def test_uncounted_releases_of_the_gil_make_a_mixture_unsure_on_threads_only():
    """One thread alone does not show how often it lets go of the GIL; work of one kind hardly does."""
    mixture, native = by_strategy(site({NATIVE: 5.0, PY: 3.0}, 100)), by_strategy(site({NATIVE: 8.0}, 100))
    assert mixture[Strategy.THREADS, 2].speed_up.low < 1.0 < 1.3 < mixture[Strategy.THREADS, 2].speed_up.estimate
    assert mixture[Strategy.PROCESSES, 2].speed_up.low > 1.0
    assert native[Strategy.THREADS, 2].speed_up.low > 1.3


def test_native_code_runs_side_by_side_as_well_on_threads_as_on_processes():
    found = by_strategy(site({NATIVE: 8.0}, 200))
    assert found[Strategy.THREADS, 2].site_speed_up > 1.8
    assert found[Strategy.THREADS, 2].site_speed_up >= found[Strategy.PROCESSES, 2].site_speed_up


def test_fresh_memory_binds_native_code_and_widens_the_interval_below_one():
    found = by_strategy(site({NATIVE: 8.0}, 40, minor_faults_per_s=250_000.0))
    for strategy in (Strategy.THREADS, Strategy.PROCESSES):
        gain = found[strategy, 2].speed_up
        assert gain.low < 0.9 < 1.2 < gain.high


def test_short_items_on_processes_need_chunks():
    alone = predict.predict(cpu_python_s=50e-6, items=20_000, strategy="processes", workers=2, effective_cpus=2)
    together = predict.predict(
        cpu_python_s=50e-6, items=20_000, strategy="processes", workers=2, effective_cpus=2, chunk=200
    )
    assert alone.estimate < 0.6
    assert together.estimate > 1.4
    assert by_strategy(site({PY: 8.0}, 160_000))[Strategy.PROCESSES, 2].chunk > 50


def test_processes_start_slowly_from_314_on_and_repeat_the_imports():
    loaded = run(site({PY: 2.0}, 100), phases=(Phase(0, NS, shares_of({PY: 1}), "imports"),))
    old = predict.curve(loaded.sites[0], loaded, TWO_CPUS, PYTHON, (4,))
    new = predict.curve(loaded.sites[0], loaded, TWO_CPUS, PYTHON._replace(version="3.14.0"), (4,))
    gains = [next(each.site_speed_up for each in found if each.strategy is Strategy.PROCESSES) for found in (old, new)]
    assert gains[0] > 1.5
    assert gains[1] < 1.0


def test_asyncio_is_left_out_where_nothing_can_be_awaited():
    assert not any(strategy is Strategy.ASYNCIO for strategy, _ in by_strategy(site({PY: 5.0}, 100)))
    assert any(strategy is Strategy.ASYNCIO for strategy, _ in by_strategy(site({NET: 5.0}, 100)))


@pytest.mark.parametrize(("version", "listed"), [("3.12.1", False), ("3.13.0", True), ("3.14.2", True)])
def test_free_threading_is_listed_where_there_is_such_a_build(version, listed):
    found = by_strategy(site({PY: 5.0}, 100), interpreter=PYTHON._replace(version=version))
    gains = [each for (strategy, _), each in found.items() if strategy is Strategy.FREE_THREADING]
    assert bool(gains) is listed
    assert all(each.speed_up.high > each.speed_up.low for each in gains)


def test_items_that_do_not_divide_bind():
    found = by_strategy(site({NET: 10.0}, 5))
    assert found[Strategy.THREADS, 4].site_speed_up <= 2.5
    assert found[Strategy.THREADS, 4].bottleneck == "items"


def test_one_giant_item_binds():
    lengths = (8 * NS, *[NS // 100] * 200)
    found = by_strategy(site({NET: 10.0}, 201, item_ns=lengths))
    assert found[Strategy.THREADS, 16].site_speed_up < 1.25
    assert found[Strategy.THREADS, 16].bottleneck == "items"


def test_rest_of_the_program_binds():
    small = site({NET: 5.0}, 100, share=0.3, share_interval=Interval(0.28, 0.32))
    found = by_strategy(small)[Strategy.THREADS, 16]
    share = 0.32 / (0.32 + 0.68 * REST_VARIES.best)  # where the rest is quicker another time
    assert 1 / (1 - 0.32) < found.speed_up.high <= 1 / (1 - share)
    assert found.bottleneck == "rest_of_program"


def test_quota_below_one_cpu_gives_nothing_to_python_code():
    found = by_strategy(site({PY: 2.0, State.WAIT_CPU: 6.0}, 100), machine=TWO_CPUS._replace(effective_cpus=0.25))
    assert all(
        each.speed_up.estimate <= 1.0 for (strategy, _), each in found.items() if strategy is not Strategy.ASYNCIO
    )


def test_pool_that_runs_already_is_compared_with_itself():
    busy = site(
        {NET: 10.0}, 1000, strategy_now="threads", workers_now=8, concurrency=8.0, thread_budget=budget({NET: 80.0})
    )
    found = by_strategy(busy)
    assert found[Strategy.THREADS, 8].site_speed_up == pytest.approx(1.0)
    assert 1.5 < found[Strategy.THREADS, 16].site_speed_up < 2.0
    assert found[Strategy.THREADS, 2].site_speed_up < 0.3


def test_threads_at_the_gil_are_compared_with_the_wall_time_that_they_took():
    queued = site(
        {PY: 8.0}, 400, strategy_now="threads", workers_now=4, concurrency=4.0,
        thread_budget=budget({PY: 8.0, State.WAIT_GIL: 24.0}),
    )  # fmt: skip
    found = by_strategy(queued)
    assert found[Strategy.THREADS, 4].site_speed_up == pytest.approx(1.0)
    assert 1.7 < found[Strategy.PROCESSES, 2].site_speed_up <= 2.0


def test_lock_that_is_queued_for_is_a_limit():
    convoy = site(
        {State.WAIT_SLEEP: 4.0}, 200, strategy_now="threads", workers_now=4, concurrency=4.0,
        thread_budget=budget({State.WAIT_SLEEP: 4.0, State.WAIT_LOCK: 12.0}),
    )  # fmt: skip
    found = by_strategy(convoy)
    assert found[Strategy.THREADS, 16].site_speed_up < 1.2
    assert found[Strategy.THREADS, 16].bottleneck == "serial"


def test_computing_of_children_needs_no_gil_of_ours():
    main = ThreadBudget("MainThread", 1, 8 * NS, budget({State.WAIT_CHILD: 7.9, PY: 0.1}))
    child = ThreadBudget("child", 2, 8 * NS, budget({PY: 7.9}))
    processes = (ProcessBudget(0, 8 * NS, main.budget, (main,)), ProcessBudget(1, 8 * NS, child.budget, (child,)))
    found = by_strategy(site({PY: 7.9}, 40), processes=processes)
    assert found[Strategy.THREADS, 2].site_speed_up > 1.7


def test_the_disk_is_partly_serial():
    found = by_strategy(site({State.WAIT_DISK: 8.0}, 400))
    assert 1.2 < found[Strategy.THREADS, 16].site_speed_up < 4
    assert found[Strategy.THREADS, 16].speed_up.low < 1.4


def test_the_terminal_is_serial():
    assert by_strategy(site({State.WAIT_INPUT: 8.0}, 40))[Strategy.THREADS, 16].site_speed_up <= 1.0


def test_a_site_without_time_has_no_curve():
    empty = site({}, 10)
    assert predict.curve(empty, run(site({PY: 1.0}, 3), empty), TWO_CPUS, PYTHON) == ()


def test_pools_of_one_are_left_out_and_sizes_are_in_order():
    found = predict.curve(site({PY: 5.0}, 50), run(site({PY: 5.0}, 50)), TWO_CPUS, PYTHON, (8, 1, 2, 8))
    assert [each.workers for each in found if each.strategy is Strategy.THREADS] == [2, 8]


def test_untold_items_are_told_by_the_whole():
    told = by_strategy(site({PY: 8.0}, None))[Strategy.PROCESSES, 2]
    assert told.chunk > 1
    assert told.speed_up.high - told.speed_up.low > 0.4


@pytest.mark.parametrize(
    "wrong",
    [
        {"items": 0},
        {"workers": 0},
        {"cpu_python_s": -1.0},
        {"cpu_python_s": float("nan")},
        {"cpu_python_s": 0.0},
        {"strategy": "sequential"},
        {"strategy": "magic"},
        {"effective_cpus": 0.0},
        {"chunk": 0},
    ],
)
def test_nonsense_is_refused(wrong):
    asked = {"cpu_python_s": 0.01, "items": 10, **wrong}
    with pytest.raises(UsageError):
        predict.predict(**asked)
