"""From a run to a listing of records, and from any listing to a format of CI systems and code hosts.

Diagnosis --report--> Listing --report--> annotations, SARIF, JUnit, Markdown, …
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from iobound.pipeline import ci

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iobound.model.diagnosis import Diagnosis
    from iobound.model.finding import RuleNote, ScanResult
    from iobound.model.source_facts import FindingFact
    from iobound.model.suite import SuiteFindings
    from iobound.verbs.report import Listing, Roots, TextStyle

__all__ = ["add_to_summary", "formats", "of_run", "of_scan", "of_suite", "roots_at", "step_summary", "write"]


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

    rules = _rules(diagnosis.recording.facts.findings) if with_rules else {}
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


def _rules(findings: tuple[FindingFact, ...]) -> Mapping[str, RuleNote]:
    """The documentation of the scanner's rules that a run has findings of."""
    if not findings:
        return {}
    from iobound.verbs import scan

    notes = scan.rule_notes()
    return {rule: notes[rule] for rule in {finding.rule for finding in findings} if rule in notes}


def write(listing: Listing, format: str, style: TextStyle) -> str:
    """A listing in one of `formats`; see `report.render_listing`."""
    from iobound.verbs import report

    return report.render_listing(listing, format, style=style)


def add_to_summary(listing: Listing) -> str:
    """Append the listing to the summary of the step where there is one; a line that says why it could not be, or ''."""
    left_out = ci.add_to_summary(step_summary(listing))
    return f"note: nothing was added to the summary of the step: {ascii(left_out)[1:-1]}" if left_out else ""


def step_summary(listing: Listing) -> str:
    """Markdown for the summary page of a CI step, under 100 KB; see `report.summary_of_listing`."""
    from iobound.verbs import report

    return report.summary_of_listing(listing)
