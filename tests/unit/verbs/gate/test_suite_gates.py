"""What must not hold of a suite, asked of its JSON report."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from iobound.errors import UsageError
from iobound.model.breakdown import Interval, LoopBlock
from iobound.model.diagnosis import Check
from iobound.model.state import State
from iobound.model.stretch import StretchWait
from iobound.model.suite import Comparison, Phase, SuiteFindings, SuiteRun, TimedTest
from iobound.pipeline import gating, listed, wishes

MS = 1_000_000


def timed(name: str, ms: int, state: State = State.WAIT_NETWORK, blocks: int = 0) -> TimedTest:
    phases = {Phase.SETUP: 0, Phase.CALL: ms * MS, Phase.TEARDOWN: 0}
    waits = (StretchWait(state, "db:5432", "/src/tests/test_db.py", 7, ms * MS),)
    block = LoopBlock(0, 100 * MS, State.WAIT_SLEEP, "app.py", 7, "handler", "time.sleep")
    return TimedTest(name, phases, 0, {state: ms * MS}, waits, (block,) * blocks, MS)


def findings(*tests: TimedTest, lost: str = "", comparison: Comparison | None = None) -> SuiteFindings:
    budget: dict[State, int] = {}
    for test in tests:
        for state, time in test.budget.items():
            budget[state] = budget.get(state, 0) + time
    whole = sum(budget.values())
    run = SuiteRun(("pytest",), "/src", (), (), 2_000 * MS, False, "3.13", 2.0)
    intervals = {state: Interval(0.0, 0.3) for state in State}
    phases = {Phase.SETUP: 0, Phase.CALL: whole, Phase.TEARDOWN: 0}
    return SuiteFindings(run, tests, (), budget, intervals, phases, "io", "", None, comparison, lost)


def check(expression: str, found: SuiteFindings) -> Check:
    (held,) = gating.suite_held(found, gating.of_suite([expression])).checks
    return held


@pytest.mark.parametrize(
    ("expression", "passed"),
    [
        ("wait_sleep>5%", False), ("wait_sleep>50%", True), ("wait_sleep.high>25%", False), ("bound=io", False),
        ("bound!=io", True), ("wall_s>1", False), ("longest_s>=10", True), ("dominant=wait_network", False),
        ("loop_blocked>0", False), ("loop_blocked>1", True), ("loop_blocked_s>50ms", False), ("set_up>0", True),
        ("tests.wall_s>500ms", False), ("tests[b*].wall_s>500ms", True), ("count(tests)>2", True), ("cpu_s>0", True),
        ("sum(tests.states_s.wait_sleep)>150ms", False), ("tests[a].states_s.wait_sleep>0", True),
        ("count(tests.waits[db*])>1", False),
    ],
)  # fmt: skip
def test_expressions_fail_what_they_hold_of(expression: str, passed: bool) -> None:
    """Of one of several things is enough."""
    held = check(expression, findings(timed("a", 800), timed("b", 200, State.WAIT_SLEEP, blocks=1)))
    assert held.passed is passed
    assert "not measurable" not in held.text


@pytest.mark.parametrize(
    "expression", ["wait_sleep>5%", "wait_sleep.low>5%", "dominant=wait_disk", "loop_blocked>0", "tests.waits.wall_s>1"]
)
def test_what_was_not_observed_fails(expression: str) -> None:
    """Clocks do not tell sleep from the network."""
    held = check(expression, findings(timed("a", 800), lost="no /proc"))
    assert not held.passed
    assert held.text.endswith("not measurable here: nothing was observed: no /proc")


def test_what_clocks_tell_is_asked_where_nothing_was_observed() -> None:
    """Wall time, and how much is unknown."""
    found = findings(timed("a", 800, State.UNKNOWN), lost="no /proc")
    assert not check("unknown>50%", found).passed
    assert check("longest_s>1", found).passed


def in_part(name: str, ms: int, unknown_ms: int) -> TimedTest:
    """A test that slept, as far as is known."""
    test = timed(name, ms, State.WAIT_SLEEP)
    return test._replace(budget={State.WAIT_SLEEP: (ms - unknown_ms) * MS, State.UNKNOWN: unknown_ms * MS})


@pytest.mark.parametrize(
    ("expression", "passed"),
    [
        ("tests[a].states_s.wait_network>0.3", False),  # it may be all that is unknown
        ("tests[a].states_s.wait_network>0.5", True),
        ("tests[a].states_s.wait_sleep>0.9", False),
        ("tests[a].states_s.wait_sleep>1", True),
        ("tests[b].states_s.wait_network>10ms", True),  # as much is unknown of any test
        ("max(tests[a*].states_s.wait_network)>0.3", False),
        ("sum(tests.states_s.wait_network)>0.3", False),
        ("sum(tests.states_s.wait_network)>1.2", True),
        ("tests[a].states_s.wait_network<0.1", False),  # what must not be is, as far as was seen
        ("tests[a].states_s.unknown>0.5", True),
        ("sum(tests[a].waits.wall_s)>2", True),
        ("sum(tests[c].waits.wall_s)>2", False),  # most of its time
        ("count(tests[c].waits[redis*])>0", False),
        ("count(tests[a].waits[redis*])>0", True),
        ("tests[c].wall_s>2", True),
    ],
)
def test_time_of_a_test_that_is_unknown_may_have_been_what_must_not_be(expression: str, passed: bool) -> None:
    """In seconds as in shares."""
    held = check(expression, findings(in_part("a", 1000, 400), in_part("b", 1000, 20), in_part("c", 1000, 700)))
    assert held.passed is passed
    if not passed and "<" not in expression:
        assert "% of the time is unknown" in held.text


def test_a_baseline_that_was_not_given_is_not_known() -> None:
    """Nothing that waits longer is not the same as nobody having looked."""
    assert check("waits_longer>0", findings(timed("a", 800), comparison=Comparison("x", (), (), 0, 0))).passed
    held = check("waits_longer>0", findings(timed("a", 800)))
    assert not held.passed
    assert "not measurable here" in held.text


def test_a_suite_without_tests_has_no_shares() -> None:
    """A part of nothing is not 0."""
    assert "not measurable" in check("set_up>5%", findings()).text
    assert "not measurable" in check("longest_s>1", findings()).text


def test_a_failure_says_what_where_and_within_which_interval() -> None:
    """On one line, harmless in a terminal; and with fields in the JSON report."""
    found = findings(timed("a\x1b[31m", 800), timed("b", 200, State.WAIT_SLEEP))
    held = gating.suite_held(found, gating.of_suite(["wait_sleep>5%", "tests.wall_s>0.7", "bound=cpu"]))
    first, second = gating.failed(held.checks)
    assert first.startswith(
        "iobound: check failed: wait_sleep>5% must not be: wait_sleep is 20 %, 90 % interval 0 to 30 %"
    )
    assert first.endswith(", at tests/test_db.py:7 (db:5432)\n")
    assert second == "iobound: check failed: tests.wall_s>0.7 must not be: tests.wall_s is 0.8, in a\\x1b[31m\n"
    written = listed.ToldSuite(held).render("json", wishes.style(width=80))
    assert '"high": 0.3' in written
    assert '"name": "db:5432"' in written


@pytest.mark.parametrize("text", ["", "wait", "wait_sleep", "exit_code=1", "bound>io", "bound=fast", "wall_s>soon"])
def test_expressions_that_cannot_be_read_are_told(text: str) -> None:
    """Before the suite runs."""
    with pytest.raises(UsageError) as caught:
        gating.of_suite([text])
    assert caught.value.excerpt


def test_short_names_stand_for_paths_that_there_are() -> None:
    """None of them hides a member of the report."""
    from iobound.verbs.gate import vocabulary
    from iobound.verbs.report import schema, suite_json

    for names, known in ((vocabulary.RUN_NAMES, schema()), (vocabulary.SUITE_NAMES, suite_json.schema())):
        assert isinstance(known["properties"], Mapping)
        assert not names.keys() & known["properties"].keys()
