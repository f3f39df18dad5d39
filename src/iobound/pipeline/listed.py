"""From what there is to tell to a listing of records, and from any listing to a format of CI systems and code hosts.

Diagnosis, ScanResult, SuiteFindings, Comparison --report--> Listing --report--> annotations, SARIF, JUnit, Markdown, …

A command that tells in several formats holds one `ToldRun`, `ToldScan`, `ToldSuite` or `ToldComparison`: the listing is
made when a format first wants it, and once.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from iobound.pipeline import ci

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from iobound.model.comparison import Comparison
    from iobound.model.diagnosis import Diagnosis
    from iobound.model.finding import RuleNote, ScanResult
    from iobound.model.suite import SuiteFindings
    from iobound.verbs.report import Listing, Roots, TextStyle

__all__ = [
    "Told",
    "ToldComparison",
    "ToldRun",
    "ToldScan",
    "ToldSuite",
    "formats",
    "of_run",
    "of_scan",
    "of_suite",
    "roots_at",
    "step_summary",
    "write",
]


def formats() -> tuple[str, ...]:
    """Names of the formats that any listing can be written in."""
    from iobound.verbs.report import RECORD_FORMATS

    return tuple(sorted(RECORD_FORMATS))


def roots_at(folder: str | None = None) -> Roots:
    """Where names of files start for somebody in a folder: there, and at the root of the repository around it.

    Args:
        folder: The working directory unless it is given; nothing is known where that has been removed.
    """
    from iobound.verbs.report import Roots

    try:
        here = os.getcwd() if folder is None else os.path.abspath(folder)
    except OSError:
        return Roots()
    return Roots(here, ci.repository(here))


def of_run(diagnosis: Diagnosis, roots: Roots | None = None, *, with_rules: bool = False) -> Listing:
    """What a run says, as records; see `report.listing_of_run`.

    Args:
        diagnosis: Of the run.
        roots: Where names of files start; as for somebody in the working directory unless they are given.
        with_rules: Whether the documentation of the scanner's rules is wanted, which only SARIF has: the scanner is
            loaded for it, and takes longer than all the rest of a report.
    """
    from iobound.verbs import report

    rules = _rules(each.rule for each in diagnosis.recording.facts.findings) if with_rules else {}
    return report.listing_of_run(diagnosis, roots=roots_at() if roots is None else roots, rules=rules)


def of_scan(result: ScanResult, roots: Roots) -> Listing:
    """What a scan found, as records; see `report.listing_of_scan`."""
    from iobound.verbs import report

    return report.listing_of_scan(result, roots=roots)


def of_suite(findings: SuiteFindings, roots: Roots | None = None) -> Listing:
    """What a test suite says, as records; see `report.listing_of_suite`.

    Args:
        findings: Of the suite, with the checks that it was held against.
        roots: Where names of files start; as for somebody in the suite's root unless they are given.
    """
    from iobound.verbs import report

    roots = roots_at(findings.run.rootdir) if roots is None else roots
    return report.listing_of_suite(findings, roots=roots)


class Told(Protocol):
    """What a command tells, in whatever format."""

    @property
    def listing(self) -> Listing:
        """Its records, made once."""

    def to_page(self) -> str:
        """Append it to the summary of the step where there is one; a line that says why it could not be, or ''.

        Annotations point at that page, so it comes before them.
        """

    def render(self, format: str, style: TextStyle) -> str:
        """All of it in one format that there is of it; raises `UnknownFormat` for others."""


class _Told:
    """What all have in common: formats of listings are written of the listing, others in their own ways."""

    _on_page = False

    @cached_property
    def listing(self) -> Listing:
        """The records, without what the scanner's rules say of themselves."""
        raise NotImplementedError

    @cached_property
    def _with_rules(self) -> Listing:
        """The same for SARIF, which has the documentation of rules."""
        return self.listing

    def to_page(self) -> str:
        """Append the listing to the summary of the step."""
        left_out = ci.add_to_summary(step_summary(self.listing))
        self._on_page = ci.has_summary() and not left_out
        return f"note: nothing was added to the summary of the step: {ascii(left_out)[1:-1]}\n" if left_out else ""

    def render(self, format: str, style: TextStyle) -> str:
        """All of it in one format; raises `UnknownFormat` when there is no such format of it."""
        if format in formats():
            listing = self._with_rules if format == "sarif" else self.listing
            return write(listing._replace(on_page=self._on_page), format, style)
        return self._own(format, style)

    def _own(self, format: str, style: TextStyle) -> str:
        raise NotImplementedError


class ToldRun(_Told):
    """A run, in the formats of `iobound run` and `iobound report`."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        self._diagnosis = diagnosis

    @cached_property
    def listing(self) -> Listing:
        """The run as records."""
        return of_run(self._diagnosis)

    @cached_property
    def _with_rules(self) -> Listing:
        return of_run(self._diagnosis, with_rules=True)

    def _own(self, format: str, style: TextStyle) -> str:
        from iobound.verbs import report

        return report.render(self._diagnosis, format, style=style)


class ToldScan(_Told):
    """What a scan found, in the formats of `iobound scan`."""

    def __init__(self, result: ScanResult, roots: Roots) -> None:
        self._result, self._roots = result, roots

    @cached_property
    def listing(self) -> Listing:
        """The findings as records."""
        return of_scan(self._result, self._roots)

    def _own(self, format: str, style: TextStyle) -> str:
        from iobound.verbs import report

        return report.render_findings(self._result, format, style=style, roots=self._roots)


class ToldSuite(_Told):
    """A test suite, in the formats of `pytest --iobound-report` but for those of the whole run."""

    def __init__(self, findings: SuiteFindings) -> None:
        self._findings = findings

    @cached_property
    def listing(self) -> Listing:
        """The suite as records."""
        return of_suite(self._findings)

    def _own(self, format: str, style: TextStyle) -> str:
        from iobound import __version__
        from iobound.verbs.report import suite, suite_json

        if format == "json":
            return suite_json.render(self._findings, __version__)
        return suite.render(self._findings, style)


class ToldComparison(_Told):
    """What changed between two sides, in the formats of `iobound compare`."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison

    @cached_property
    def listing(self) -> Listing:
        """The changes as records."""
        return self._listing({})

    @cached_property
    def _with_rules(self) -> Listing:
        return self._listing(_rules(each.rule for each in self._comparison.findings))

    def _listing(self, rules: Mapping[str, RuleNote]) -> Listing:
        from iobound.verbs import report

        return report.listing_of_comparison(self._comparison, roots=roots_at(), rules=rules)

    def _own(self, format: str, style: TextStyle) -> str:
        from iobound.verbs import report

        return report.render_comparison(self._comparison, format, style=style)


def _rules(found: Iterable[str]) -> Mapping[str, RuleNote]:
    """The documentation of these rules of the scanner, which is loaded for them where there are any."""
    wanted = set(found)
    if not wanted:
        return {}
    from iobound.verbs import scan

    notes = scan.rule_notes()
    return {rule: notes[rule] for rule in wanted if rule in notes}


def write(listing: Listing, format: str, style: TextStyle) -> str:
    """A listing in one of `formats`; see `report.render_listing`."""
    from iobound.verbs import report

    return report.render_listing(listing, format, style=style)


def step_summary(listing: Listing) -> str:
    """Markdown for the summary page of a CI step, under 100 KB; see `report.summary_of_listing`."""
    from iobound.verbs import report

    return report.summary_of_listing(listing)
