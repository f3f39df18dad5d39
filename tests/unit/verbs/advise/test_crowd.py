"""Who crowds the CPUs: native threads of Python workers, tools, neighbours."""

from __future__ import annotations

import pytest
from advise_stories import (
    LOCK,
    NOCPU,
    NS,
    PY,
    heard,
    loop_of,
    native_crew,
    process_of,
    record_of,
    site_of,
    threads_of,
    told,
)

from iobound.model.breakdown import Totals
from iobound.model.diagnosis import Bound
from iobound.model.prediction import Strategy
from iobound.verbs import advise, predict
from iobound.verbs.advise.crowd import busy_threads


def strategies(run, recording):
    """What is advised without any prediction."""
    return [each.strategy for each in advise.advise(run, recording, advise.verdict(run, recording), ())]


@pytest.mark.parametrize(("workers", "each"), [(4, 2), (8, 2), (2, 8), (1, 8)])
def test_workers_times_native_threads_beyond_the_cpus_come_first(workers, each):
    run, recording = native_crew(workers, each)
    first = advise.advise(run, recording, advise.verdict(run, recording), ())[0]
    assert first.strategy is Strategy.LIMIT_NATIVE_THREADS
    assert f"{workers * each} native threads" in first.reason


def test_a_tool_with_threads_of_its_own_is_no_library():
    assert Strategy.LIMIT_NATIVE_THREADS not in strategies(*native_crew(2, 8, python=False))


def test_python_threads_that_compute_without_the_gil_are_no_library():
    assert Strategy.LIMIT_NATIVE_THREADS not in strategies(*native_crew(1, 8, own=8))


def test_the_gain_follows_what_was_denied():
    gains = []
    for workers in (2, 8):
        run, recording = native_crew(workers, 2)
        gains.append(advise.advise(run, recording, advise.verdict(run, recording), ())[0].speed_up)
    assert gains[0].high < gains[1].high
    assert all(gain.low == 1.0 for gain in gains)


def starved(recording, **more):
    """Verdict and advice of a loop that got a CPU for a quarter of the time."""
    wall = {PY: 2.0, NOCPU: 6.0}
    site = site_of("score", wall, 8.0, items=400, loop=loop_of("row", "rows"))
    run = told(wall, sites=[site], **more)
    predictions = predict.curve(site, run, recording.machine, recording.interpreter)
    verdict = advise.verdict(run, recording)
    return verdict, advise.advise(run, recording, verdict, predictions)


def test_busy_neighbours_are_no_limit_to_raise():
    verdict, advice = starved(heard(busy=0.99))
    assert verdict.bound is Bound.STARVED
    assert "other programs" in verdict.summary
    assert Strategy.RAISE_CPU_LIMIT not in [each.strategy for each in advice]


def test_a_report_that_advises_a_pool_does_not_say_that_workers_cannot_help():
    quota = Totals(cpu_ns=2 * NS, throttled_ns=5 * NS)
    _, advice = starved(heard(cpus=4.0, machine_cpus=8, limited_by="cgroup"), totals=quota)
    assert {Strategy.RAISE_CPU_LIMIT, Strategy.PROCESSES} <= {each.strategy for each in advice}
    assert not any("cannot help" in each.reason for each in advice)


def test_without_a_pool_it_does():
    quota = Totals(cpu_ns=2 * NS, throttled_ns=5 * NS)
    _, advice = starved(heard(cpus=1.0, machine_cpus=8, limited_by="cgroup"), totals=quota)
    assert "cannot help" in next(each.reason for each in advice if each.strategy is Strategy.RAISE_CPU_LIMIT)


@pytest.mark.parametrize(("starts", "most"), [((0, 0, 0, 0), 4), ((0, 2, 4, 6), 1), ((0, 0, 4, 4), 2)])
def test_busy_threads_are_counted_while_they_live(starts, most):
    """A pool that computes for a part of the run is as crowded as one that does all the time."""
    crew = process_of(0, threads_of({LOCK: 20.0}, *[{PY: 0.5, NOCPU: 1.5}] * 4))
    record = record_of(crew, python=True, own=5)
    begun = (0, *(start * NS for start in starts))
    threads = tuple(
        thread._replace(start_ns=start, end_ns=start + 2 * NS)
        for thread, start in zip(record.threads, begun, strict=True)
    )
    recording = heard()._replace(processes=(record._replace(threads=threads),))
    assert busy_threads(told({PY: 5.0, LOCK: 15.0}, processes=(crew,)), recording) == most
