"""What a suite's log says below verdict and advice: one fact a line, largest first."""

from __future__ import annotations

from collections.abc import Iterator

from iobound.model.state import State, total_ns
from iobound.model.suite import Comparison, SuiteFindings
from iobound.verbs.report import figures
from iobound.verbs.report.records.record import Detail

_LEAST_FIXTURE_NS = 10_000_000


def details(findings: SuiteFindings) -> Iterator[Detail]:
    """States, dear fixtures, numbers of workers, what changed since the baseline, what limits all of it."""
    whole_ns = total_ns(findings.budget)
    shown = [state for state in State if findings.budget.get(state, 0) > 0 and state is not State.UNKNOWN]
    for state in sorted(shown, key=lambda state: -findings.budget[state]):
        share = figures.share(findings.budget[state] / whole_ns)
        yield Detail("state", f"{state.value} {share} of the tests' time, {figures.duration(findings.budget[state])}")
    for each in findings.fixtures:
        if each.wall_ns >= _LEAST_FIXTURE_NS:
            times = f"{each.count} ×, {figures.duration(each.wall_ns)}, tear-down {figures.duration(each.tear_down_ns)}"
            yield Detail("fixture", f"{each.name} ({each.scope}) set up {times}")
    for prediction in findings.advice.predictions if findings.advice else ():
        command = f"-n {prediction.workers}" if prediction.workers else "one process"
        wall = figures.duration(round(prediction.wall_s * 1e9))
        yield Detail("workers", f"{command}: {figures.speed_up(prediction.speed_up)}, {wall} in all")
    if findings.comparison is not None:
        yield from _changes(findings.comparison)
    unknown = findings.budget.get(State.UNKNOWN, 0) / whole_ns if whole_ns else None
    yield Detail("unknown", f"{figures.share(unknown)} of the tests' time could not be told")
    for note in findings.notes:
        yield Detail("note", note.rstrip("."))


def _changes(found: Comparison) -> Iterator[Detail]:
    for what, changed in (("waits longer", found.longer), ("waits less", found.shorter)):
        for each in changed:
            target = f", most of it {each.target}" if each.target else ""
            times = f"{figures.duration(each.now_ns)}, {figures.duration(each.before_ns)} before"
            yield Detail("change", f"{each.test} {what}: {times}{target}")
    if not found.longer and not found.shorter:
        yield Detail("change", "no test waits longer or less than noise explains")
