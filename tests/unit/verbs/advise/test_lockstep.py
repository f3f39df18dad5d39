"""Pools that are given one item at a time."""

from __future__ import annotations

import pytest
from advise_stories import (  # fmt: skip
    FILE,
    LOCK,
    NET,
    NS,
    PY,
    heard,
    process_of,
    site_of,
    threads_of,
    told,
)

from iobound.model.breakdown import Breakdown, Wait
from iobound.model.prediction import Strategy
from iobound.model.recording import Recording
from iobound.model.source_facts import FindingFact, SourceFacts
from iobound.verbs import predict
from iobound.verbs.advise.lockstep import candidates

FINDING = FindingFact("IOB310", FILE, 40, 8, 40, 30, "warning", "`apply` waits for this call", "use `map`")


def asked_at_once(strategy, budget, *, workers=2, waited_s=3.8, line=40) -> Breakdown:
    """A pool of which whoever hands over waits for each result at a line."""
    site = site_of("work", budget, 4.0, items=200, strategy_now=strategy, workers_now=workers, concurrency=1.2)
    pool = process_of(0, threads_of({LOCK: 4.0}, budget))
    return told(
        budget, sites=[site], processes=(pool,), waits=(Wait(LOCK, "", 0, round(waited_s * NS), 200, FILE, line),)
    )


def found_in(source: FindingFact = FINDING, **machine) -> Recording:
    return heard(**machine)._replace(facts=SourceFacts(findings=(source,)))


@pytest.mark.parametrize(
    ("strategy", "budget", "workers", "cpus", "gain"),
    [
        ("processes", {PY: 4.0}, 2, 2.0, 1.5),
        ("processes", {PY: 4.0}, 8, 2.0, 1.5),  # no more at once than there are CPUs
        ("processes", {PY: 4.0}, 8, 8.0, 2.4),
        ("threads", {NET: 4.0}, 8, 2.0, 2.4),
        ("threads", {NET: 2.0, PY: 2.0}, 8, 8.0, 1.5),  # nor than the GIL lets
    ],
)
def test_asking_for_results_later_lets_all_work_at_once(strategy, budget, workers, cpus, gain) -> None:
    (told_of,) = candidates(asked_at_once(strategy, budget, workers=workers), found_in(cpus=cpus), ())
    advice = told_of.advice
    assert advice.strategy is Strategy(strategy)
    assert advice.workers == workers
    assert advice.speed_up.low < gain - 0.1 < gain + 0.1 < advice.speed_up.high
    assert advice.steps == ("use `map`",)
    assert "95 % of the wall time" in advice.reason


def test_threads_that_are_made_for_each_item_may_be_as_many_as_gain() -> None:
    """Of threads that are started and joined one by one there are never more than one or two."""
    run, recording = asked_at_once("threads", {NET: 4.0}, workers=2), found_in()
    predictions = predict.curve(run.sites[0], run, recording.machine, recording.interpreter)
    (told_of,) = candidates(run, recording, predictions)
    assert told_of.advice.workers == 16
    assert told_of.advice.speed_up.high > 8


@pytest.mark.parametrize(
    ("run", "recording"),
    [
        (asked_at_once("processes", {PY: 4.0}, waited_s=0.4), found_in()),  # it is hardly waited for
        (asked_at_once("processes", {PY: 4.0}, line=41), found_in()),  # it is waited for elsewhere
        (asked_at_once("processes", {PY: 4.0}), heard()),  # the source says nothing of the kind
        (asked_at_once("processes", {PY: 4.0}), found_in(FINDING._replace(rule="IOB704"))),
        (asked_at_once("sequential", {PY: 4.0}, workers=1), found_in()),  # there is no pool
        (asked_at_once("threads", {PY: 4.0}), found_in()),  # one GIL
        (asked_at_once("processes", {PY: 4.0}), found_in(cpus=1.0)),
    ],
)
def test_nothing_is_said_without_both_a_finding_and_waiting_for_it(run, recording) -> None:
    assert candidates(run, recording, ()) == ()
