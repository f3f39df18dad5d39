"""Gains of advice that no model predicts follow from what was measured."""

from __future__ import annotations

import pytest
from advise_stories import (
    FILE,
    GIL,
    NOCPU,
    NS,
    PY,
    gil_threads_on_one_cpu,
    heard,
    ns,
    process_of,
    queue_that_switches_all_the_time,
    site_of,
    threads_of,
    told,
)

from iobound.model.breakdown import Hotspot, Totals
from iobound.model.diagnosis import Advice
from iobound.model.prediction import Strategy
from iobound.verbs import advise


def found(strategy: Strategy, run, recording) -> Advice | None:
    """The advice of this strategy, without predictions."""
    advice = advise.advise(run, recording, advise.verdict(run, recording), ())
    return next((each for each in advice if each.strategy is strategy), None)


def test_one_thread_instead_of_many_gains_by_the_time_in_line_for_the_gil():
    story = gil_threads_on_one_cpu()
    highs = []
    for queued in (3.0, 23.7):
        (site,) = story.breakdown.sites
        site = site._replace(thread_budget=ns({PY: 7.9, GIL: queued}))
        advice = found(Strategy.FEWER_WORKERS, story.breakdown._replace(sites=(site,)), story.recording)
        assert advice is not None
        highs.append(advice.speed_up.high)
    assert highs[0] < highs[1]


@pytest.mark.parametrize(("involuntary", "most"), [(100, 1.01), (20_000, 1.5)])
def test_as_many_workers_as_cpus_gain_by_the_switches_that_go(involuntary, most):
    mine = {PY: 2.0, NOCPU: 6.0}
    crowd = tuple(process_of(number, threads_of(mine)) for number in range(8))
    run = told(mine, processes=crowd, totals=Totals(cpu_ns=16 * NS, involuntary=involuntary))
    advice = found(Strategy.FEWER_WORKERS, run, heard(busy=0.99))
    assert advice is not None
    assert 1 <= advice.speed_up.low <= advice.speed_up.estimate <= advice.speed_up.high <= most
    assert advice.speed_up.high > 1.1 or involuntary < 1000


def pooled(wall_s: float, share: float, used: float):
    """A pool of two processes on two CPUs that takes a share of the run."""
    site = site_of(
        "score", {PY: share * wall_s}, wall_s, items=400, strategy_now="processes", workers_now=2, concurrency=2.0
    )  # fmt: skip
    return told({PY: wall_s}, sites=[site], totals=Totals(cpu_ns=round(2 * used * wall_s * NS)))


@pytest.mark.parametrize("run", [pooled(40, 0.95, 0.95), pooled(100, 0.95, 0.6)], ids=["short", "CPUs left"])
def test_other_machines_are_for_long_runs_that_use_all_cpus(run):
    assert found(Strategy.DISTRIBUTE, run, heard()) is None


def test_other_machines_gain_what_the_pool_has_of_the_run():
    some, all_of_it = (found(Strategy.DISTRIBUTE, pooled(100, share, 0.95), heard()) for share in (0.5, 0.98))
    assert some is not None and all_of_it is not None
    assert 1.3 < some.speed_up.high < 1.4
    assert 1.9 < all_of_it.speed_up.high < 2


@pytest.mark.parametrize(("cpu_s", "told_so"), [(1.0, True), (5.0, True), (29.0, False)])
def test_messages_are_grouped_where_their_work_is_no_more_than_a_few_hand_overs(cpu_s, told_so):
    """769 µs of computing per switch are work."""
    story = queue_that_switches_all_the_time()
    totals = story.breakdown.totals._replace(cpu_ns=round(cpu_s * NS))
    advice = found(Strategy.BATCH, story.breakdown._replace(totals=totals), story.recording)
    assert (advice is not None) == told_so
    assert advice is None or ("costs more than" in advice.reason) == (cpu_s < 37_600 * 60e-6)
    assert advice is None or "37,600 more" in advice.reason


@pytest.mark.parametrize(
    ("call", "talks"), [("sklearn.pipeline.Pipeline.fit", False), ("multiprocessing.Queue.put", True)]
)
def test_a_pipeline_is_no_pipe(call, talks):
    mine = {PY: 1.5, NOCPU: 1.5}
    crew = tuple(process_of(number, threads_of(mine)) for number in range(2))
    spot = Hotspot(FILE, 40, 8, "main", call, NS // 5, ns({PY: 0.2}), NS // 5)
    run = told(mine, processes=crew, hotspots=(spot,), totals=Totals(cpu_ns=3 * NS, voluntary=40_000))
    assert (found(Strategy.BATCH, run, heard()) is not None) == talks


@pytest.mark.parametrize(("call", "carries"), [("call_item.fn", False), ("_pickle.dumps", True)])
def test_the_work_that_a_pool_calls_is_not_its_handing_over(call, carries):
    """A compiled function has no line: its time is at the line of the pool that calls it."""
    main, worker = {PY: 0.1, NOCPU: 2.9}, {PY: 2.5, NOCPU: 0.5}
    crew = (process_of(0, threads_of(main)), process_of(1, threads_of(worker)), process_of(2, threads_of(worker)))
    file = "/usr/lib/python3.12/concurrent/futures/process.py"
    spot = Hotspot(file, 261, 8, "_process_worker", call, 2 * NS, ns({PY: 2.0}), 4 * NS)
    run = told(worker, processes=crew, hotspots=(spot,))
    assert (found(Strategy.BATCH, run, heard()) is not None) == carries
