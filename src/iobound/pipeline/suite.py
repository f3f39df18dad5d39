"""The order of the steps for a test suite.

SuiteRun, Recording --attribute--> TestTimes, FixtureCosts --predict--> XdistPredictions --advise--> SuiteFindings
--report--> text, JSON
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iobound.model.stretch import StretchBudget
from iobound.model.suite import SuiteFindings
from iobound.pipeline.collecting import without_collector
from iobound.verbs.advise import suite as judging
from iobound.verbs.attribute import suite as summing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iobound.model.gate import Gate
    from iobound.model.recording import Recording
    from iobound.model.stretch import Stretch
    from iobound.model.suite import Baseline, Comparison, Limits, SuiteRun, TimedTest, XdistAdvice
    from iobound.pipeline.watch import Watch

__all__ = [
    "broken_limits",
    "conclude",
    "gates",
    "held",
    "of_the_run",
    "read_baseline",
]

_PERIOD_NS = 6_666_667
_SELDOM_NS = 30_000_000
_WORKERS = (2, 4, 8, 16)
"""Numbers of workers that are predicted, and as many as there are CPUs."""


def gates(expressions: Sequence[str]) -> tuple[Gate, ...]:
    """Read what `--iobound-fail-on` was given; see `gating.of_suite`."""
    from iobound.pipeline import gating

    return gating.of_suite(expressions)


def held(findings: SuiteFindings, gates: tuple[Gate, ...]) -> SuiteFindings:
    """Hold a suite against what must not be; see `gating.suite_held`."""
    if not gates:
        return findings
    from iobound.pipeline import gating

    return gating.suite_held(findings, gates)


def read_baseline(path: str) -> Baseline:
    """Read an earlier report; see `store.load_baseline`."""
    from iobound.verbs import store

    return store.load_baseline(path)


def conclude(
    run: SuiteRun, recording: Recording | None, lost: str = "", baseline: Baseline | None = None
) -> SuiteFindings:
    """From what was noted and observed to what it means.

    Args:
        run: What the processes noted.
        recording: What was observed; None where nothing could be.
        lost: Why not.
        baseline: An earlier run to compare with.
    """
    from iobound.verbs import attribute

    run = run._replace(cpus=recording.machine.effective_cpus if recording else _cpus_here())
    with without_collector():
        timeline = None if recording is None else attribute.timeline(recording)
        times = summing.phase_times(run, recording, timeline)
        period_ns = recording.effort.period_ns if recording is not None else _PERIOD_NS
        tests = summing.tests(times, period_ns)
        budget = summing.added(time.whole.budget for time in times)
        intervals = summing.intervals(budget, run.phases, period_ns)
        bound, summary = judging.suite_bound([(time.whole.budget, time.whole.waits) for time in times], intervals, lost)
        return SuiteFindings(
            run=run,
            tests=tests,
            fixtures=summing.fixtures(times),
            budget=budget,
            intervals=intervals,
            phases=summing.by_phase(times),
            bound=bound,
            summary=summary,
            advice=_xdist_advice(run, times),
            comparison=None if baseline is None else _compared(tests, baseline),
            lost=(lost or "nothing was observed") if recording is None else "",
            notes=_notes(recording, lost),
        )


def _cpus_here() -> float:
    from iobound.verbs.observe import effective_cpus

    return effective_cpus().cpus


def _notes(recording: Recording | None, lost: str) -> tuple[str, ...]:
    """What limits the summary."""
    if recording is None:
        return ()
    notes = [f"the observer was lost on the way: {lost}"] if lost else []
    period_ns = recording.effort.period_ns
    if period_ns > _SELDOM_NS:
        apart = f"{period_ns / 1e6:.0f} ms"
        notes.append(f"looks are {apart} apart, for they are dear here: waits of single tests are told to within that")
    return tuple(notes)


def _compared(tests: Sequence[TimedTest], baseline: Baseline) -> Comparison:
    from iobound.verbs.advise.suite_changes import compare

    return compare(tests, baseline)


def _xdist_advice(run: SuiteRun, times: Sequence[summing.PhaseTime]) -> XdistAdvice | None:
    """Whether pytest-xdist helps; None where no test ran, or a worker did not say what it spent beside its tests."""
    if not run.workers or not run.phases:
        return None
    from iobound.verbs.predict import suite as predicting
    from iobound.verbs.predict.suite_demand import demand_of

    demand = demand_of(run, ((time.phase, time.own, time.shared) for time in times))
    tests = len(demand.tests)
    counts = {count for count in (*_WORKERS, round(run.cpus)) if 1 < count < 2 * tests}
    predictions = predicting.xdist(demand, {0, demand.workers, *counts})
    return judging.xdist_advice(predictions, demand.workers, tests, demand.wall_s)


def broken_limits(limits: Limits, stretch: Stretch, watch: Watch) -> tuple[str, ...]:
    """What a test that has just ended did not keep to, a sentence each.

    The clocks of the test itself are asked first; the observer only where they leave something open.

    Args:
        limits: What its marker says.
        stretch: Its call.
        watch: What observes it.
    """
    from iobound.verbs.advise import suite_limits

    left = suite_limits.kept_by_clocks(limits, stretch)
    if suite_limits.is_empty(left):
        return ()
    if suite_limits.is_too_short(stretch, _PERIOD_NS) and watch.wait_until_ready():
        unseen = suite_limits.Seen(StretchBudget({}), _PERIOD_NS)
        return suite_limits.broken(left, stretch, unseen, watch.lost)
    recording = watch.so_far()
    seen = None if recording is None else suite_limits.Seen(_spent(recording, stretch), recording.effort.period_ns)
    return suite_limits.broken(left, stretch, seen, watch.lost)


def _spent(recording: Recording, stretch: Stretch) -> StretchBudget:
    from iobound.verbs import attribute
    from iobound.verbs.attribute.stretches import stretches
    from iobound.verbs.attribute.window import since

    last = since(recording, stretch.start_ns)
    (spent,) = stretches(last, attribute.timeline(last), [stretch])
    return spent


def of_the_run(recording: Recording, format: str) -> str:
    """A report in one of the formats of `iobound run`."""
    from iobound.pipeline import observed, wishes

    diagnosis = observed.diagnose(observed.examined(recording))
    return observed.render(diagnosis, format, wishes.style(width=80, unicode=True))
