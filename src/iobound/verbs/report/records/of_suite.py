"""What a test suite says, as records: what was asked of it and does not hold, and which tests take the time for what.

Order of the parts: failed checks, broken markers, advice on workers, blocked event loops, sleepers, waiters, fixtures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iobound.model.finding import Severity
from iobound.model.state import State, total_ns
from iobound.model.suite import SuiteFindings, TimedTest, XdistPrediction, function_of
from iobound.verbs.report import figures, measured, suite
from iobound.verbs.report.blocks import Section
from iobound.verbs.report.records import rule_notes
from iobound.verbs.report.records.blocked import blocked_record
from iobound.verbs.report.records.checks import check_records
from iobound.verbs.report.records.details_of_suite import details
from iobound.verbs.report.records.numbering import numbered
from iobound.verbs.report.records.places import Folder
from iobound.verbs.report.records.record import Kind, Listing, Record
from iobound.verbs.report.records.roots import Roots, is_outside, rooted

_SLEEP = frozenset({State.WAIT_SLEEP})
_MOST_FIXTURES = 3


def listing_of(findings: SuiteFindings, roots: Roots) -> Listing:
    """The suite: verdict and advice as its headline, a record for each thing that a reader can look at.

    Args:
        findings: Of the suite, with the checks that it was held against.
        roots: Where names of files start.
    """
    places = _Places(findings, roots)
    found = [
        *check_records(findings.checks, places.at),
        *_broken(findings, places),
        *_workers(findings),
        *_blocked(findings, places),
        *_tests(findings, places),
    ]
    verdict, advice, *others = [line for line in suite.headline(findings) if line.text]
    return Listing(
        of=Kind.SUITE,
        headline=(verdict.text.rstrip("."), advice.text.rstrip(".")),
        records=numbered(found),
        notes=rule_notes.notes_of(record.rule for record in found if not record.passed),
        facts=tuple((line.label.rstrip(":"), line.text) for line in others),
        sections=tuple(_sections(findings)),
        remarks=tuple(note.rstrip(".") for note in findings.notes),
        numbers=_numbers(findings),
        details=tuple(details(findings)),
        subject=places.subject,
    )


class _Places(Folder):
    """Where tests and lines of a suite stand."""

    def __init__(self, findings: SuiteFindings, roots: Roots) -> None:
        super().__init__(findings.run.rootdir, roots)
        self._run = findings.run

    @property
    def subject(self) -> str:
        """The root of the suite where it is not that of the repository: there may be several suites in one."""
        root = rooted(self._run.rootdir, self._roots)
        return "" if is_outside(root) else root

    def test(self, test: str) -> dict[str, Any]:
        """The file and line of a test, by its node id."""
        file, _, name = function_of(test).partition("::")
        line = self._run.lines.get(function_of(test))
        return {
            "path": rooted(file, self._roots),
            "place": file if line is None else f"{file}:{line}",
            "line": line,
            "function": name,
        }


def _sections(findings: SuiteFindings) -> Iterator[Section]:
    advice = findings.advice
    found = (suite.fixtures(findings), suite.xdist(advice) if advice else None, suite.compared(findings))
    yield from (section for section in found if section is not None)


def _numbers(findings: SuiteFindings) -> Mapping[str, str | float | None]:
    whole = max(1, total_ns(findings.budget))
    return {
        "bound": findings.bound,
        "tests": len(findings.tests),
        "wall_s": findings.run.wall_ns / 1e9,
        "cpu_s": sum(test.cpu_ns for test in findings.tests) / 1e9,
        **{state.value: round(findings.budget.get(state, 0) / whole, 6) for state in State},
    }


def _broken(findings: SuiteFindings, places: _Places) -> Iterator[Record]:
    for test, sentence in findings.run.broken:
        told = "; ".join(map(str.strip, sentence.splitlines()))
        is_case = test != function_of(test)  # cases of one test share its line
        record = Record(
            rule=rule_notes.LIMIT_BROKEN,
            severity=Severity.ERROR,
            message=f"{test.partition('::')[2]}: {told}" if is_case else told,
            fingerprint="",
            title="the marker iobound is not kept",
            fails=True,
            worth=1.0,
        )
        yield record._replace(**places.test(test))


def _workers(findings: SuiteFindings) -> Iterator[Record]:
    """Another number of workers where that gains something, and the fixtures that it would repeat."""
    advice = findings.advice
    chosen = None if advice is None or advice.leaves_it else advice.at(advice.workers)
    if advice is None or chosen is None:
        return
    command = f"pytest -n {chosen.workers}" if chosen.workers else "run it without pytest-xdist"
    estimate, low, high = chosen.speed_up
    yield Record(
        rule=rule_notes.XDIST,
        severity=Severity.WARNING if low > 1 else Severity.INFO,
        message=advice.reason.rstrip("."),
        fingerprint="",
        title=f"{command}: {figures.speed_up(chosen.speed_up)}",
        case=rule_notes.XDIST,
        worth=1 - 1 / estimate if estimate > 0 else None,
        numbers={"speed_up": estimate, "speed_up_low": low, "speed_up_high": high, "workers": chosen.workers},
    )
    yield from _repeated(chosen, findings)


def _repeated(chosen: XdistPrediction, findings: SuiteFindings) -> Iterator[Record]:
    for each in chosen.repeated[:_MOST_FIXTURES]:
        extra = figures.duration(round(each.extra_s * 1e9))
        yield Record(
            rule=rule_notes.FIXTURE_REPEATED,
            severity=Severity.INFO,
            message=f"the fixture `{each.name}` ({each.scope}) would be set up {each.then} times with {chosen.workers} "
            f"workers, {each.now} now: {extra} more of all workers together",
            fingerprint="",
            title="a fixture is repeated",
            case=f"{rule_notes.FIXTURE_REPEATED} {each.name}",
            worth=each.extra_s * 1e9 / max(1, total_ns(findings.budget)),
            numbers={"now": each.now, "then": each.then, "extra_s": each.extra_s},
        )


def _blocked(findings: SuiteFindings, places: _Places) -> Iterator[Record]:
    """Lines that hold event loops up, with how many tests they do that in."""
    tests: dict[tuple[str, int], set[str]] = {}
    for test in findings.tests:
        for block in test.blocks:
            tests.setdefault((block.file, block.line), set()).add(test.test)
    whole_ns = total_ns(findings.budget)
    for blocks in measured.blocks_by_place(block for test in findings.tests for block in test.blocks):
        one = blocks[0]
        names = tests[one.file, one.line]
        who = f"the event loop of {min(names) if len(names) == 1 else f'{len(names):,} tests'}"
        where = {**places.at(one.file, one.line), "function": one.function}
        where["path"] = where["path"] or places.test(min(names))["path"]
        yield blocked_record(blocks, whole_ns, who)._replace(**where)


def _tests(findings: SuiteFindings, places: _Places) -> Iterator[Record]:
    """The tests that sleep and those that wait, as many as the summary lists."""
    whole_ns = max(1, total_ns(findings.budget))
    for states, rule, severity, does in (
        (_SLEEP, rule_notes.TEST_SLEEPS, Severity.WARNING, "test sleeps for"),
        (frozenset(suite.WAITS), rule_notes.TEST_WAITS, Severity.INFO, "test waits for"),
    ):
        for test in suite.listed(findings, states)[: suite.MOST_LISTED]:
            spent_ns = test.in_states(states)
            record = Record(
                rule=rule,
                severity=severity,
                message=_said(test, states, findings),
                fingerprint="",
                title=f"{does} {figures.duration(spent_ns)}",
                worth=spent_ns / whole_ns,
                numbers={"time_s": spent_ns / 1e9},
            )
            yield record._replace(**places.test(test.test.partition(" (")[0]))


def _said(test: TimedTest, states: frozenset[State], findings: SuiteFindings) -> str:
    if states is not _SLEEP:
        return suite.waiter(test, findings).text
    return suite.sleeper(test, findings).text
