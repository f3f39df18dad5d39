"""Verdicts act on intervals."""

from __future__ import annotations

import pytest
from advise_stories import (
    CHILD,
    GIL,
    IDLE,
    LOCK,
    NATIVE,
    NET,
    NOCPU,
    NS,
    PY,
    SLEEP,
    heard,
    process_of,
    threads_of,
    told,
)

from iobound.model.breakdown import Totals, Wait
from iobound.model.diagnosis import Bound
from iobound.model.source_facts import CallFact
from iobound.verbs import advise


def bound(run, **recording):
    return advise.verdict(run, heard(**recording)).bound


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        ({NET: 7.0, PY: 3.0}, Bound.IO),
        ({NET: 5.5, PY: 4.5}, Bound.MIXED),
        ({NET: 3.0, PY: 4.0, NATIVE: 3.0}, Bound.CPU),
        ({CHILD: 7.0, PY: 3.0}, Bound.IO),
        ({SLEEP: 7.0, PY: 3.0}, Bound.SLEEP),
        ({IDLE: 5.0, NET: 4.0, PY: 1.0}, Bound.IO),
        ({IDLE: 5.0, NET: 1.0, PY: 4.0}, Bound.CPU),
        ({PY: 4.0, NATIVE: 3.0, NET: 5.0, SLEEP: 2.0}, Bound.MIXED),
        ({LOCK: 9.0, PY: 1.0}, Bound.LOCK),
    ],
)
def test_the_group_that_dominates_decides(whole, expected):
    assert bound(told(whole)) is expected


def test_interval_that_spans_the_threshold_is_mixed_and_says_what_settles_it():
    verdict = advise.verdict(told({NET: 6.2, PY: 3.8}, width=0.2), heard())
    assert verdict.bound is Bound.MIXED
    assert verdict.settle.startswith("about ")


def test_few_looks_decide_when_nothing_else_comes_near():
    assert bound(told({NATIVE: 9.0, PY: 0.5, NET: 0.5}, independent=4.0, width=0.25)) is Bound.CPU


def test_interval_holds_the_share():
    verdict = advise.verdict(told({NET: 7.0, PY: 3.0}), heard())
    assert verdict.low < verdict.share < verdict.high
    assert verdict.dominant is NET


@pytest.mark.parametrize(("busy", "expected"), [(0.5, Bound.STARVED), (0.99, Bound.CPU)])
def test_busy_machine_is_no_cap(busy, expected):
    """Half of the time without a CPU is starvation only if the machine had CPUs to spare."""
    assert bound(told({PY: 5.0, NOCPU: 5.0}), busy=busy) is expected


def test_pool_that_a_quota_caps_is_starved():
    mine = {PY: 1.0, NOCPU: 3.0}
    crew = tuple(process_of(number, threads_of(mine)) for number in range(4))
    run = told({PY: 4.0}, processes=crew, totals=Totals(cpu_ns=4 * NS, throttled_ns=NS))
    assert bound(run, cpus=1.0, limited_by="cgroup") is Bound.STARVED
    assert bound(run._replace(totals=Totals(cpu_ns=4 * NS)), cpus=1.0, limited_by="machine") is Bound.CPU


def test_waiting_for_work_is_no_queue_for_a_lock():
    """Workers that wait in `Queue.get` have nothing to do; the producer's wait is what counts."""
    mine = {LOCK: 4.0}
    crew = (process_of(0, threads_of({NET: 4.0}, mine, mine)),)
    waits = (Wait(LOCK, "", 0, 8 * NS, 50, "/home/ann/app.py", 12),)
    run = told({NET: 4.0}, processes=crew, most_threads=3, waits=waits)
    assert bound(run, calls={12: CallFact("queue.Queue.get", "pages.get()")}) is Bound.IO
    assert bound(run, calls={12: CallFact("lock", "lock")}) is Bound.LOCK


def test_one_thread_cannot_queue_for_the_gil():
    run = told({PY: 4.0}, gil_wait_share=0.5, most_threads=1)
    assert bound(run) is Bound.CPU


def test_threads_at_the_gil_beside_waits_are_no_gil_verdict():
    run = told({NET: 4.0, PY: 1.0, GIL: 0.2}, gil_wait_share=0.4, most_threads=8)
    assert bound(run) is Bound.IO
