"""Who crowds the CPUs: native threads of Python workers, tools, neighbours."""

from __future__ import annotations

import pytest
from advise_stories import native_crew

from iobound import advise
from iobound.model.prediction import Strategy


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
