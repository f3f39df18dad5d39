"""A run of which nothing was seen passes no gate on what it did."""

from __future__ import annotations

import pytest

from iobound.verbs import gate, report

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
    assert held(asked, {**DOCUMENT, "states": {**STATES, "unknown": 0.2, "cpu_python": 0.8}}).passed


def test_how_much_is_unknown_is_known():
    """And so is the length of the run."""
    assert held("unknown > 0.5", DOCUMENT).passed
    assert held("wall_s < 2", DOCUMENT).passed
