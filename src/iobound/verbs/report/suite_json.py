"""A test suite as JSON, as `schema/suite-1.json` describes it. What is not known is `null`, never 0."""

from __future__ import annotations

import json
from collections.abc import Mapping

from iobound.model.breakdown import Interval, LoopBlock
from iobound.model.prediction import Estimate
from iobound.model.state import Budget, State, shares_of
from iobound.model.stretch import StretchWait
from iobound.model.suite import (
    ChangedTest,
    Comparison,
    FixtureCost,
    Phase,
    SuiteFindings,
    TimedTest,
    WorkerTimes,
    XdistAdvice,
    XdistPrediction,
)
from iobound.verbs.report import json_parts as parts
from iobound.verbs.report.as_json import Json, encode

SCHEMA = "iobound.suite/1"


def render(findings: SuiteFindings, version: str) -> str:
    """The document as JSON text, ASCII only, ending in a line feed."""
    return encode(document(findings, version))


def schema() -> dict[str, Json]:
    """The JSON Schema (draft 2020-12) that every document of this format keeps to."""
    from importlib import resources

    file = resources.files("iobound.verbs.report").joinpath("schema/suite-1.json")
    found: dict[str, Json] = json.loads(file.read_text(encoding="utf-8"))
    return found


def document(findings: SuiteFindings, version: str) -> dict[str, Json]:
    """The findings as plain data."""
    run = findings.run
    return {
        "schema": SCHEMA,
        "iobound": version,
        "command": list(run.command),
        "rootdir": run.rootdir,
        "python": run.python,
        "effective_cpus": run.cpus,
        "xdist": run.distributed,
        "wall_s": _seconds(run.wall_ns),
        "cpu_s": _seconds(sum(phase.stretch.cpu_ns or 0 for phase in run.phases)),
        "observed": not findings.lost,
        "lost": findings.lost or None,
        "bound": findings.bound,
        "dominant": None if findings.lost else max(State, key=lambda state: findings.budget.get(state, 0)).value,
        "summary": findings.summary,
        "states": _states(findings.budget),
        "intervals": _intervals(findings.intervals, observed=not findings.lost),
        "phases": _phases(findings.phases),
        "phase_shares": _phase_shares(findings.phases),
        "tests": [_test(test) for test in findings.tests],
        "fixtures": [_fixture(fixture) for fixture in findings.fixtures],
        "workers": [_worker(worker) for worker in run.workers],
        "xdist_advice": _advice(findings.advice),
        "baseline": _comparison(findings.comparison),
        "checks": [parts.check(each) for each in findings.checks],
        "notes": list(findings.notes),
    }


def _seconds(time_ns: int) -> float:
    return round(time_ns / 1e9, 9)


def _states(budget: Budget) -> dict[str, Json]:
    return {state.value: round(share, 9) for state, share in shares_of(budget).items()}


def _intervals(intervals: Mapping[State, Interval], *, observed: bool) -> dict[str, Json] | None:
    if not observed:
        return None
    return {state.value: [round(each.low, 9), round(each.high, 9)] for state, each in intervals.items()}


def _phases(phases: Mapping[Phase, int]) -> dict[str, Json]:
    return {phase.value: _seconds(phases.get(phase, 0)) for phase in Phase}


def _phase_shares(phases: Mapping[Phase, int]) -> dict[str, Json]:
    whole = sum(phases.values())
    return {phase.value: round(phases.get(phase, 0) / whole, 9) if whole else None for phase in Phase}


def _test(test: TimedTest) -> dict[str, Json]:
    return {
        "test": test.test,
        "runs": test.runs,
        "wall_s": _seconds(test.wall_ns),
        "cpu_s": _seconds(test.cpu_ns),
        "waiting_s": _seconds(test.waiting_ns),
        "uncertain_s": _seconds(test.uncertain_ns),
        "phases": _phases(test.by_phase),
        "states_s": {state.value: _seconds(time) for state, time in sorted(test.budget.items())},
        "waits": [_wait(wait) for wait in test.waits],
        "loop_blocks": [_block(block) for block in test.blocks],
    }


def _wait(wait: StretchWait) -> dict[str, Json]:
    return {
        "state": wait.state.value,
        "target": wait.target or None,
        "wall_s": _seconds(wait.duration_ns),
        "file": wait.file or None,
        "line": wait.line or None,
        "who": wait.who or None,
        "behind": _wait(wait.behind) if wait.behind else None,
    }


def _block(block: LoopBlock) -> dict[str, Json]:
    return {
        "duration_s": _seconds(block.duration_ns),
        "state": block.state.value,
        "file": block.file,
        "line": block.line,
        "function": block.function,
        "call": block.call or None,
    }


def _fixture(fixture: FixtureCost) -> dict[str, Json]:
    return {
        "name": fixture.name,
        "scope": fixture.scope,
        "set_up": fixture.count,
        "wall_s": _seconds(fixture.wall_ns),
        "cpu_s": _seconds(fixture.cpu_ns),
        "tear_down_s": _seconds(fixture.tear_down_ns),
        "waits": [_wait(wait) for wait in fixture.waits],
    }


def _worker(worker: WorkerTimes) -> dict[str, Json]:
    return {
        "name": worker.name or None,
        "pid": worker.pid,
        "start_up_cpu_s": _seconds(worker.start_up_cpu_ns),
        "collection_s": _seconds(worker.collection_ns),
        "running_s": _seconds(worker.loop_end_ns - worker.loop_start_ns),
    }


def _advice(advice: XdistAdvice | None) -> dict[str, Json] | None:
    if advice is None:
        return None
    return {
        "workers": advice.workers,
        "now": advice.now,
        "leave_it": advice.leaves_it,
        "reason": advice.reason,
        "predictions": [_prediction(each) for each in advice.predictions],
    }


def _prediction(each: XdistPrediction) -> dict[str, Json]:
    return {
        "workers": each.workers,
        "speed_up": _estimate(each.speed_up),
        "wall_s": round(each.wall_s, 9),
        "bottleneck": each.bottleneck,
        "repeated_fixtures": [
            {
                "name": one.name,
                "scope": one.scope,
                "now": one.now,
                "then": one.then,
                "extra_s": round(one.extra_s, 9),
            }
            for one in each.repeated
        ],
    }


def _estimate(estimate: Estimate) -> dict[str, Json]:
    return {
        "estimate": round(estimate.estimate, 9),
        "low": round(estimate.low, 9),
        "high": round(estimate.high, 9),
    }


def _comparison(found: Comparison | None) -> dict[str, Json] | None:
    if found is None:
        return None
    return {
        "path": found.path,
        "waits_longer": [_changed(each) for each in found.longer],
        "waits_less": [_changed(each) for each in found.shorter],
        "added": found.added,
        "removed": found.removed,
    }


def _changed(each: ChangedTest) -> dict[str, Json]:
    return {
        "test": each.test,
        "before_s": _seconds(each.before_ns),
        "now_s": _seconds(each.now_ns),
        "noise_s": _seconds(each.noise_ns),
        "target": each.target or None,
    }
