"""A test suite: what its tests and fixtures took, by whom and when, and what was found of that."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from iobound.errors import LawBroken
from iobound.model.breakdown import Interval, LoopBlock
from iobound.model.diagnosis import Check
from iobound.model.lawful import lawful
from iobound.model.prediction import Estimate
from iobound.model.state import WANTS_CPU, Budget, State, total_ns
from iobound.model.stretch import Stretch, StretchWait


class Phase(StrEnum):
    """Part of running one test, with the names that pytest has for them."""

    SETUP = "setup"
    CALL = "call"
    TEARDOWN = "teardown"


def function_of(test: str) -> str:
    """The node id of a test without its parameters: what all cases of one function share.

    Example:
        >>> function_of("tests/test_a.py::test_x[1-b]")
        'tests/test_a.py::test_x'
    """
    file, colons, name = test.partition("::")
    return f"{file}{colons}{name.partition('[')[0]}"


class FixtureTime(NamedTuple):
    """One setting up, or tearing down, of one fixture, without the fixtures that it asks for.

    Attributes:
        key: Tells instances apart: scope, place and name.
        name: Its name.
        scope: `function`, `class`, `module`, `package` or `session`.
        start_ns: Instant of the monotonic clock.
    """

    key: str
    name: str
    scope: str
    start_ns: int
    wall_ns: int
    cpu_ns: int
    tear_down: bool = False

    @property
    def is_shared(self) -> bool:
        """Whether several tests may use what was set up."""
        return self.scope != "function"


class PhaseRun(NamedTuple):
    """One phase of one run of one test, as its process noted it.

    Attributes:
        test: The node id.
        fixtures: What was set up or torn down in it.
        uses: Keys of the fixtures of a scope wider than a function that the test has in use.
        outcome: `passed`, `failed`, `skipped` or `rerun`.
    """

    test: str
    phase: Phase
    stretch: Stretch
    fixtures: tuple[FixtureTime, ...] = ()
    uses: tuple[str, ...] = ()
    outcome: str = "passed"


class Limits(NamedTuple):
    """What a test may do in its call, as its marker says; None where it says nothing.

    Attributes:
        max_wait_s: Longest waiting, sleeping left out.
        max_sleep_s: Longest sleeping.
        bound: What it must be bound by.
        no_loop_block: Whether its event loop must not be blocked.
        is_coroutine: Whether it is a coroutine function, and so must have been seen in an event loop.
    """

    max_wait_s: float | None = None
    max_sleep_s: float | None = None
    bound: str | None = None
    no_loop_block: bool = False
    is_coroutine: bool = False


class WorkerTimes(NamedTuple):
    """What one process that ran tests spent beside its tests.

    Attributes:
        name: `gw0` and so on under pytest-xdist, empty for the only one.
        start_up_ns: From its start to the start of its session; `start_up_cpu_ns` on a CPU.
        collection_ns: Collecting; `collection_cpu_ns` on a CPU.
        loop_start_ns, loop_end_ns: Instants between which it ran tests.
        loop_cpu_ns: On a CPU then, by the main thread.
    """

    pid: int
    name: str
    start_up_ns: int
    start_up_cpu_ns: int
    collection_ns: int
    collection_cpu_ns: int
    loop_start_ns: int
    loop_end_ns: int
    loop_cpu_ns: int


class SuiteRun(NamedTuple):
    """A run of a test suite, as its processes noted it.

    Attributes:
        command: How pytest was called.
        rootdir: What node ids are relative to.
        phases: In order of their ends as they were told; several of one test where it was run again.
        workers: The processes that ran tests.
        wall_ns: From the start of the process that was called to the end of the session.
        distributed: Whether pytest-xdist ran the tests.
        python: Version of the interpreter.
        cpus: Effective CPUs.
        lines: Where the functions of tests begin, from 1, by `function_of`.
        broken: Tests that did not keep to their marker, and what each did not keep to.
    """

    command: tuple[str, ...]
    rootdir: str
    phases: tuple[PhaseRun, ...]
    workers: tuple[WorkerTimes, ...]
    wall_ns: int
    distributed: bool
    python: str
    cpus: float
    lines: Mapping[str, int] = {}
    broken: tuple[tuple[str, str], ...] = ()


class TimedTest(NamedTuple):
    """One test: all its phases, and what they went to; without fixtures that other tests share.

    Attributes:
        by_phase: Wall time.
        budget: Of all phases together.
        waits: Of all phases together, longest first.
        blocks: As in `StretchBudget`.
        uncertain_ns: How far a time in one state may be off, either way.
        runs: How often it was run.
    """

    test: str
    by_phase: dict[Phase, int]
    cpu_ns: int
    budget: Budget
    waits: tuple[StretchWait, ...]
    blocks: tuple[LoopBlock, ...]
    uncertain_ns: int
    runs: int = 1

    @property
    def wall_ns(self) -> int:
        """Wall time of all its phases."""
        return sum(self.by_phase.values())

    @property
    def waiting_ns(self) -> int:
        """Time in which it neither computed nor wanted to."""
        return self.wall_ns - self.in_states(WANTS_CPU)

    def in_states(self, states: frozenset[State]) -> int:
        """Nanoseconds in any of these states."""
        return sum(time for state, time in self.budget.items() if state in states)


class FixtureCost(NamedTuple):
    """A fixture over the whole suite.

    Attributes:
        count: How often it was set up.
        wall_ns: Setting up and tearing down together.
        cpu_ns: The part of it that was on a CPU.
        tear_down_ns: The part of it that was tearing down.
        waits: What it waited for, where it is shared by several tests; longest first.
    """

    name: str
    scope: str
    count: int  # type: ignore[assignment]  # a tuple has a method of this name
    wall_ns: int
    cpu_ns: int
    tear_down_ns: int
    waits: tuple[StretchWait, ...] = ()


class RepeatedFixture(NamedTuple):
    """A fixture that more workers set up more often.

    Attributes:
        now: How often it was set up in this run.
        then: How often it would be.
        extra_s: Seconds of all workers together that this costs.
    """

    name: str
    scope: str
    now: int
    then: int
    extra_s: float


class XdistPrediction(NamedTuple):
    """What `pytest -n N` would gain.

    Attributes:
        workers: N; 0 stands for one process without pytest-xdist.
        speed_up: Of the whole command, against this run.
        wall_s: How long it would take.
        bottleneck: What keeps it from being faster: `start_up`, `cpus`, `longest_test`, `fixtures`, `workers`.
    """

    workers: int
    speed_up: Estimate
    wall_s: float
    bottleneck: str
    repeated: tuple[RepeatedFixture, ...] = ()


class XdistAdvice(NamedTuple):
    """Whether more workers, fewer, or none.

    Attributes:
        workers: How many to use; 0: none. The same as now means: leave it.
        now: How many there are.
        predictions: By number of workers, ascending.
        reason: One sentence.
    """

    workers: int
    now: int
    predictions: tuple[XdistPrediction, ...]
    reason: str

    @property
    def leaves_it(self) -> bool:
        """Whether nothing should change."""
        return self.workers == self.now

    def at(self, workers: int) -> XdistPrediction | None:
        """The prediction for so many workers."""
        return next((each for each in self.predictions if each.workers == workers), None)


class Baseline(NamedTuple):
    """An earlier run, as far as it is compared.

    Attributes:
        path: The report that it was read from.
        waiting_ns: By test.
    """

    path: str
    waiting_ns: dict[str, int]


class ChangedTest(NamedTuple):
    """A test that waits longer, or less, than in an earlier report, by more than noise explains.

    Attributes:
        before_ns, now_ns: Waiting.
        noise_ns: What it would have to change by to be told.
        target: What it now waits for most.
    """

    test: str
    before_ns: int
    now_ns: int
    noise_ns: int
    target: str


class Comparison(NamedTuple):
    """This run beside an earlier one.

    Attributes:
        path: Where the earlier report is.
        longer, shorter: Tests whose waiting changed, most first.
        added, removed: How many tests are in one of both only.
    """

    path: str
    longer: tuple[ChangedTest, ...]
    shorter: tuple[ChangedTest, ...]
    added: int
    removed: int


@lawful
class SuiteFindings(NamedTuple):
    """Everything that the summary and the JSON report of a suite show.

    Attributes:
        tests: By wall time, most first.
        budget: Of all phases of all tests, in thread time.
        intervals: 90 % intervals of the shares of `budget`.
        phases: Wall time of all tests by phase.
        bound: What the suite is bound by, one of the verdicts' words.
        summary: One sentence for that.
        advice: None where there is nothing to predict from.
        lost: Why nothing was seen but the clocks; empty when it was observed.
        checks: How it did against what must not hold.
    """

    run: SuiteRun
    tests: tuple[TimedTest, ...]
    fixtures: tuple[FixtureCost, ...]
    budget: Budget
    intervals: dict[State, Interval]
    phases: dict[Phase, int]
    bound: str
    summary: str
    advice: XdistAdvice | None
    comparison: Comparison | None = None
    lost: str = ""
    notes: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()

    def _check(self) -> None:
        if total_ns(self.budget) != sum(self.phases.values()):
            raise LawBroken(f"a budget of {total_ns(self.budget)} ns for {sum(self.phases.values())} ns of tests")
