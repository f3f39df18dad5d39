"""What can be asked of each kind of document: its schema, short names, and what its lists are searched by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from iobound.model.state import State


class Vocabulary(NamedTuple):
    """What the names of an expression mean.

    Attributes:
        about: What the document is of, such as `a run`.
        schema: Its JSON Schema: every number and word of it has a path.
        names: Short names, each with the measure that it stands for.
        keys: By the name of a list, the member that a bare text in brackets is compared with.
    """

    about: str
    schema: Mapping[str, Any]
    names: Mapping[str, str] = {}
    keys: Mapping[str, str] = {}


STATES: Mapping[str, str] = {state.value: f"states.{state.value}" for state in State}

RUN_NAMES: Mapping[str, str] = {
    "bound": "verdict.bound",
    "dominant": "verdict.dominant",
    "share": "verdict.share",
    "strategy": "advice[0].strategy",
    "speed_up": "max(advice.speed_up)",
    "loop_blocked": "count(event_loops.blocks)",
    "loop_blocked_s": "sum(event_loops.blocked_s)",
    "gil_wait": "totals.gil_wait",
    "lock_wait": "totals.lock_wait",
    **STATES,
}
"""Short names of `iobound run --check` and `iobound report --check`."""

SUITE_NAMES: Mapping[str, str] = {
    "speed_up": "max(xdist_advice.predictions.speed_up)",
    "loop_blocked": "count(tests.loop_blocks)",
    "loop_blocked_s": "sum(tests.loop_blocks.duration_s)",
    "set_up": "phase_shares.setup",
    "tear_down": "phase_shares.teardown",
    "longest_s": "max(tests.wall_s)",
    "waits_longer": "count(baseline.waits_longer)",
    **STATES,
}
"""Short names of `pytest --iobound-fail-on`."""

KEYS: Mapping[str, str] = {
    "advice": "strategy",
    "blocks": "function",
    "callers": "function",
    "capabilities": "fact",
    "chain": "name",
    "checks": "expression",
    "event_loops": "thread",
    "evidence": "method",
    "findings": "rule",
    "fixtures": "name",
    "functions": "name",
    "hotspots": "function",
    "loop_blocks": "function",
    "phases": "name",
    "predictions": "strategy",
    "processes": "command",
    "repeated_fixtures": "name",
    "rules": "id",
    "sites": "function",
    "tests": "test",
    "threads": "name",
    "waits": "target",
    "waits_less": "test",
    "waits_longer": "test",
    "workers": "name",
}
"""What a bare text in brackets is compared with, by the name of the list."""


def of_run(schema: Mapping[str, Any]) -> Vocabulary:
    """Of `iobound.report/1`."""
    return Vocabulary("a run", schema, RUN_NAMES, KEYS)


def of_suite(schema: Mapping[str, Any]) -> Vocabulary:
    """Of `iobound.suite/1`."""
    return Vocabulary("a suite", schema, SUITE_NAMES, KEYS)


def of_scan(schema: Mapping[str, Any]) -> Vocabulary:
    """Of `iobound.scan/1`."""
    return Vocabulary("a scan", schema, {}, KEYS)


def of_comparison(schema: Mapping[str, Any]) -> Vocabulary:
    """Of `iobound.comparison/1`; `regression` alone is short for any of them."""
    return Vocabulary("a comparison", schema, {}, KEYS)
