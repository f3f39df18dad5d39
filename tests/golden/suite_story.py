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


def findings(name: str = "tests/test_api.py::test_login", *, lost: str = "") -> SuiteFindings:
    """A suite of one test, which does everything that can be told, and keeps to nothing."""
    behind = StretchWait(State.WAIT_SLEEP, "", "/p/conftest.py", 11, 900 * MS, None, f"thread {name}")
    waits = (
        StretchWait(State.WAIT_NETWORK, "127.0.0.1:5432 (postgresql)", "/p/app/db.py", 31, 2100 * MS),
        StretchWait(State.WAIT_LOCK, "", f"/p/{name}.py", 7, 900 * MS, behind),
        StretchWait(State.WAIT_SLEEP, "", "/p/app/db.py", 40, 500 * MS),
    )
    phases = {Phase.SETUP: 100 * MS, Phase.CALL: 3500 * MS, Phase.TEARDOWN: 0}
    budget = {State.WAIT_NETWORK: 2100 * MS, State.WAIT_LOCK: 900 * MS, State.WAIT_SLEEP: 500 * MS}
    budget[State.CPU_PYTHON] = 100 * MS
    block = LoopBlock(0, 400 * MS, State.CPU_PYTHON, f"/p/{name}", 3, name, "json.loads")
    test = TimedTest(name, phases, 100 * MS, budget, waits, (block,), 7 * MS)
    repeated = (RepeatedFixture(name, "session", 1, 4, 3.0),)
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
            broken=((name, f"max_wait=0.1 s, but it waited 3 s\n    at {name}"),),
        ),
        tests=(test,),
        fixtures=(FixtureCost(name, "session", 1, 900 * MS, 100 * MS, 10 * MS, waits),),
        budget=budget,
        intervals={state: Interval(0.0, 0.5) for state in State},
        phases=phases,
        bound="io",
        summary="the tests wait for the outside for 58 % of their time",
        advice=XdistAdvice(4, 0, (now, prediction), f"repeated {name}"),
        comparison=Comparison("old.json", (ChangedTest(name, 1, 2, 1, name),), (), 3, 1),
        lost=lost,
        notes=("a note",),
    )
