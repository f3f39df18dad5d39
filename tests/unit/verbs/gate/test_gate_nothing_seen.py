"""A run of which nothing, or little, was seen passes no gate on what it did not do."""

from __future__ import annotations

import pytest

from iobound.verbs import gate, report
from iobound.verbs.report import suite_json

STATES = {"wait_sleep": 0.0, "wait_network": 0.0, "cpu_python": 0.0, "unknown": 1.0}
DOCUMENT = {"schema": "iobound.report/1", "states": STATES, "waits": [], "wall_s": 1.0}


def held(expression, document):
    return gate.hold(gate.parse(expression, gate.of_run(report.schema())), document)


@pytest.mark.parametrize("asked", ["wait_sleep < 0.1", "count(waits) = 0", "max(states[wait_*]) < 0.1"])
def test_nothing_is_known_of_states_where_all_is_unknown(asked):
    """A program that replaced itself, observed from inside, may have slept all of its time."""
    check = held(asked, DOCUMENT)
    assert not check.passed
    assert "not measurable here" in check.text
    assert held(asked, {**DOCUMENT, "states": {**STATES, "unknown": 0.05, "cpu_python": 0.95}}).passed


def test_how_much_is_unknown_is_known():
    """And so is the length of the run."""
    assert held("unknown > 0.5", DOCUMENT).passed
    assert held("wall_s < 2", DOCUMENT).passed


def run(unknown, **states):
    """A run with these shares, and what is left of it in Python code."""
    python = 1 - unknown - sum(states.values())
    shares = {**STATES, **states, "unknown": unknown, "cpu_python": python}
    intervals = {name: [share * 0.8, share * 1.1] for name, share in shares.items()}
    totals = {"gil_wait": 0.0, "lock_wait": 0.0}
    return {**DOCUMENT, "states": shares, "intervals": intervals, "totals": totals}


@pytest.mark.parametrize(
    ("asked", "unknown", "passed"),
    [
        ("wait_sleep < 25%", 0.09, True),  # no more than in any run
        ("wait_sleep < 21%", 0.09, True),
        ("wait_sleep < 50%", 0.2, True),  # even with all that is unknown
        ("wait_sleep < 40%", 0.3, False),
        ("wait_sleep <= 40%", 0.3, False),
        ("wait_network = 0", 0.3, False),
        ("wait_sleep > 10%", 0.3, True),  # what was seen was there
        ("wait_sleep != 0", 0.3, True),
        ("wait_sleep.high < 50%", 0.2, True),
        ("wait_sleep.high < 40%", 0.3, False),
        ("wait_sleep.low < 40%", 0.3, True),  # it is surely above nothing yet
        ("wait_sleep.low < 40%", 0.6, False),  # … but most was not seen
        ("sum(states[wait_*]) < 60%", 0.3, True),  # the time that is unknown is in one of them
        ("sum(states[wait_*]) < 40%", 0.3, False),
        ("sum(states[*]) < 1.1", 0.3, True),  # and counts itself
        ("max(states[wait_*]) < 40%", 0.3, False),
        ("unknown < 40%", 0.3, True),
        ("sum(waits.wall_s) < 1", 0.4, True),
        ("sum(waits.wall_s) < 1", 0.6, False),
        ("count(waits) = 0", 0.6, False),
        ("gil_wait < 10%", 0.6, False),
        ("lock_wait < 10%", 0.6, False),
        ("wall_s < 2", 0.6, True),
    ],
)
def test_time_that_is_unknown_may_have_been_what_must_not_be(asked, unknown, passed):
    """So a bound from above holds only where it would hold of that as well."""
    check = held(asked, run(unknown, wait_sleep=0.2))
    assert check.passed is passed
    assert passed or f"{unknown * 100:.0f} % of the time is unknown" in check.text


def test_a_bound_that_is_broken_says_what_was_seen():
    """However little that was."""
    check = held("wait_sleep < 10%", run(0.7, wait_sleep=0.2))
    assert check.text.startswith("wait_sleep < 10%: wait_sleep is 20 %, 90 % interval ")
    check = held("wait_sleep < 40%", run(0.3, wait_sleep=0.2))
    assert check.text.endswith(
        "not measurable here: 20 % was seen, and 30 % of the time is unknown, which could be in it"
    )
    assert check.seen is None


def test_of_several_each_has_its_own_unknown():
    """One thread that was not seen is enough."""
    threads = [{"name": name, "states": {**STATES, "unknown": part}} for name, part in (("a", 0.0), ("b", 0.8))]
    document = {**run(0.05), "processes": [{"threads": threads}]}
    assert held("processes.threads[a].states.wait_sleep < 10%", document).passed
    check = held("processes.threads.states.wait_sleep < 10%", document)
    assert not check.passed
    assert "80 % of the time is unknown" in check.text


@pytest.mark.parametrize(("asked", "passed"), [("wait_sleep > 40%", False), ("wait_sleep > 60%", True)])
def test_what_must_not_hold_of_a_suite_may_hold_of_what_is_unknown(asked, passed):
    """There the bound from above is the other way round."""
    states = {"wait_sleep": 0.2, "unknown": 0.3, "wait_network": 0.5}
    suite = {"schema": "iobound.suite/1", "observed": True, "states": states}
    check = gate.hold(gate.parse(asked, gate.of_suite(suite_json.schema())), suite, forbidden=True)
    assert check.passed is passed
