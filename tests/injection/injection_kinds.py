"""Everything that reports are of, with one text in the place of every name, path, message and snippet.

Formats come from the registries of the package: a new one is held against every text as soon as it is there.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from functools import cache

import finding_stories
from hostile import poisoned
from stories import CWD, STORIES

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
)
from iobound.pipeline import comparing
from iobound.verbs import compare, report
from iobound.verbs.report import suite, suite_json

ASKED = ("regression", "wall_s.change > 10%", "waits.count.change > 0", "wall_s.change > 900%")
"""What must not be of a comparison: three of them are so, where most of it comes from has a hostile name."""

MS = 1_000_000
WIDE = report.TextStyle(width=100_000, unicode=True)
"""Nothing is wrapped or cut for want of room, so that lines can be counted."""


def run_of(text):
    """A run with checks, event loops, functions, findings and notes; its files are files, whatever they are called."""
    diagnosis = STORIES["asyncio_blocked"]()._replace(functions=STORIES["advised"]().functions)
    return _in_files(poisoned(diagnosis, text), f"{CWD}/{text}.py")


def _in_files(value, file):
    """The value with every file called that: a name such as `<x>` is none, and what is in none is told elsewhere."""
    if isinstance(value, dict):
        return {key: _in_files(item, file) for key, item in value.items()}
    if not isinstance(value, tuple):
        return value
    if not hasattr(value, "_fields"):
        return tuple(_in_files(item, file) for item in value)
    own = {"file": file, "cwd": CWD}
    return value._replace(**{name: own.get(name, _in_files(item, file)) for name, item in value._asdict().items()})


def suite_of(text):
    """A test suite with a test, fixtures, waits, advice and a comparison."""
    file = f"/p/{text}.py"
    behind = StretchWait(State.WAIT_SLEEP, text, file, 11, 900 * MS, None, text)
    waits = (
        StretchWait(State.WAIT_NETWORK, text, file, 31, 2100 * MS),
        StretchWait(State.WAIT_LOCK, text, file, 7, 900 * MS, behind),
        StretchWait(State.WAIT_SLEEP, text, file, 40, 500 * MS),
    )
    phases = {Phase.SETUP: 100 * MS, Phase.CALL: 3500 * MS, Phase.TEARDOWN: 0}
    budget = {State.WAIT_NETWORK: 2100 * MS, State.WAIT_LOCK: 900 * MS, State.WAIT_SLEEP: 500 * MS}
    budget[State.CPU_PYTHON] = 100 * MS
    block = LoopBlock(0, 400 * MS, State.CPU_PYTHON, file, 3, text, text)
    name = f"tests/test_api.py::test_login[{text}]"  # what stands before `::` is a file
    test = TimedTest(name, phases, 100 * MS, budget, waits, (block,), 7 * MS)
    repeated = (RepeatedFixture(text, "session", 1, 4, 3.0),)
    prediction = XdistPrediction(4, Estimate(2.5, 2.0, 2.9), 1.6, "fixtures", repeated)
    now = XdistPrediction(0, Estimate(1, 1, 1), 4.0, "workers")
    workers = (WorkerTimes(7, "", 1, 1, 1, 1, 1, 2, 1),)
    return SuiteFindings(
        run=SuiteRun(("pytest", text), "/p", (), workers, 4000 * MS, False, "3.13", 2),
        tests=(test,),
        fixtures=(FixtureCost(text, "session", 1, 900 * MS, 100 * MS, 10 * MS, waits),),
        budget=budget,
        intervals={state: Interval(0.0, 0.5) for state in State},
        phases=phases,
        bound="io",
        summary=text,
        advice=XdistAdvice(4, 0, (now, prediction), text),
        comparison=Comparison(text, (ChangedTest(name, 1, 2, 1, text),), (), 3, 1),
        lost="",
        notes=(text,),
    )


def documents_of(text):
    """Two reports of a run: in the second all waits are twice as long and often, with a finding more and no advice."""
    base = json.loads(report.render(run_of(text), "json", style=WIDE))
    base["command"].insert(0, "run.py")  # a script for all texts, not only for those that end so
    head = copy.deepcopy(base)
    head["wall_s"] *= 2
    for each in (*head["waits"], *head["hotspots"]):
        each |= {key: 2 * each[key] for key in ("wall_s", "thread_s", "count") if key in each}
    head["findings"] += [{**finding, "rule": "IOB203"} for finding in base["findings"]]
    head["advice"] = []
    return base, head


def comparison_of(text):
    """What changed between them; they are files of this name."""
    base, head = documents_of(text)
    found = compare.compare([(f"{text}.json", base)], [(text, head)])
    return comparing.held(found, comparing.gates(ASKED))


def _runs():
    formats = {name: lambda found, name=name: report.render(found, name, style=WIDE) for name in report.FORMATS}
    formats["tree"] = lambda found: report.tree(found, None, WIDE)
    formats["short"] = lambda found: report.in_short(found, style=WIDE)
    return formats


def _scans():
    formats = {
        name: lambda found, name=name: report.render_findings(found, name, style=WIDE)
        for name in report.FINDING_FORMATS
    }
    formats["summary"] = report.step_summary
    return formats


def _suites():
    def listed(found, name):
        return report.render_listing(report.listing_of_suite(found), name, style=WIDE)

    formats = {name: lambda found, name=name: listed(found, name) for name in report.RECORD_FORMATS}
    formats["text"] = lambda found: suite.render(found, WIDE)
    formats["json"] = lambda found: suite_json.render(found, "0.1.0")
    return formats


def _comparisons():
    formats = {
        name: lambda found, name=name: report.render_comparison(found, name, style=WIDE)
        for name in report.COMPARISON_FORMATS
    }
    formats["summary"] = lambda found: report.summary_of_listing(report.listing_of_comparison(found))
    return formats


MAKERS: Mapping[str, Callable] = {
    "run": cache(run_of),
    "scan": cache(finding_stories.poisoned),
    "suite": cache(suite_of),
    "compare": cache(comparison_of),
}
"""What there is for each kind of report, full of one text."""

FORMATS: Mapping[str, Mapping[str, Callable]] = {
    "run": _runs(),
    "scan": _scans(),
    "suite": _suites(),
    "compare": _comparisons(),
}
"""Who writes it, by kind and format."""

CASES = [(kind, format) for kind in FORMATS for format in FORMATS[kind]]


def written(kind, format, text):
    """A report of this kind in which every text is this one."""
    return FORMATS[kind][format](MAKERS[kind](text))
