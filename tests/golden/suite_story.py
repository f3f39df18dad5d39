"""A test suite as the summary and the formats of CI systems get it."""

from __future__ import annotations

from iobound.model.breakdown import Interval, LoopBlock
from iobound.model.prediction import Estimate
from iobound.model.state import State
from iobound.model.stretch import StretchWait
from iobound.model.suite import (
    ChangedTest,
    Comparison,
    FixtureCost,
    Phase,
    RepeatedFixture,
    SuiteFindings,
    SuiteRun,
    TimedTest,
    WorkerTimes,
    XdistAdvice,
    XdistPrediction,
    function_of,
)

MS = 1_000_000
EVIL = "test_x.py::test[\x1b[31m\n::error::gotcha\u202e##[group]\udcff<script>]"


TEST = "tests/test_api.py::test_login"


def findings(name: str = TEST, *, lost: str = "") -> SuiteFindings:
    """A suite of one test, which does everything that can be told, and keeps to nothing.

    Args:
        name: Of the test; another than `TEST` is that of all else, too, for it may be hostile.
        lost: What was not observed, and why.
    """
    is_plain = name == TEST
    fixture = "database" if is_plain else name
    code = "app/login.py" if is_plain else name
    function = "login" if is_plain else name
    target = "127.0.0.1:5432 (postgresql)" if is_plain else name
    before_ns, now_ns = 1_100 * MS, 3_000 * MS
    behind = StretchWait(
        State.WAIT_SLEEP, "", "/p/conftest.py", 11, 900 * MS, None, f"thread {'pool-1' if is_plain else name}"
    )
    waits = (
        StretchWait(State.WAIT_NETWORK, "127.0.0.1:5432 (postgresql)", "/p/app/db.py", 31, 2100 * MS),
        StretchWait(State.WAIT_LOCK, "", f"/p/{code}" if is_plain else f"/p/{name}.py", 7, 900 * MS, behind),
        StretchWait(State.WAIT_SLEEP, "", "/p/app/db.py", 40, 500 * MS),
    )
    phases = {Phase.SETUP: 100 * MS, Phase.CALL: 3500 * MS, Phase.TEARDOWN: 0}
    budget = {State.WAIT_NETWORK: 2100 * MS, State.WAIT_LOCK: 900 * MS, State.WAIT_SLEEP: 500 * MS}
    budget[State.CPU_PYTHON] = 100 * MS
    block = LoopBlock(0, 400 * MS, State.CPU_PYTHON, f"/p/{code}", 3, function, "json.loads")
    test = TimedTest(name, phases, 100 * MS, budget, waits, (block,), 7 * MS)
    repeated = (RepeatedFixture(fixture, "session", 1, 4, 3.0),)
    prediction = XdistPrediction(4, Estimate(2.5, 2.0, 2.9), 1.6, "fixtures", repeated)
    now = XdistPrediction(0, Estimate(1, 1, 1), 4.0, "workers")
    return SuiteFindings(
        run=SuiteRun(
            ("pytest", name),
            "/p",
            (),
            (WorkerTimes(7, "", 1, 1, 1, 1, 1, 2, 1),),
            4000 * MS,
            False,
            "3.13",
            2,
            lines={function_of(name): 12},
            broken=((name, f"max_wait=0.1 s, but it waited 3 s\n    at {'app/db.py:31' if is_plain else name}"),),
        ),
        tests=(test,),
        fixtures=(FixtureCost(fixture, "session", 1, 900 * MS, 100 * MS, 10 * MS, waits),),
        budget=budget,
        intervals={state: Interval(0.0, 0.5) for state in State},
        phases=phases,
        bound="io",
        summary="the tests wait for the outside for 58 % of their time",
        advice=XdistAdvice(
            4,
            0,
            (now, prediction),
            f"more workers would set `{fixture}` up more often" if is_plain else f"repeated {name}",
        ),
        comparison=Comparison("old.json", (ChangedTest(name, before_ns, now_ns, 100 * MS, target),), (), 3, 1),
        lost=lost,
        notes=("a note",),
    )
