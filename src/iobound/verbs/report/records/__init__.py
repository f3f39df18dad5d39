"""From what a scan found, a run, a suite or a comparison says, to the formats of CI systems and code hosts.

Steps: `of_scan`, `of_run`, `of_suite` and `of_comparison` make a `Listing` of records that say everything once (place,
column from 1, severity, fingerprint); each format is one file that writes any listing down. A new format is one file
and one line in `RECORD_FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from iobound.verbs.report.loading import later
from iobound.verbs.report.records.roots import Roots
from iobound.verbs.report.style import TextStyle

if TYPE_CHECKING:
    from iobound.verbs.report.records.record import Listing

    Renderer = Callable[[Listing, TextStyle], str]

__all__ = ["RECORD_FORMATS", "Roots", "step_summary"]


RECORD_FORMATS: Mapping[str, Renderer] = {
    "github": later(__name__, "github"),
    "gitlab": later(__name__, "gitlab"),
    "sarif": later(__name__, "sarif"),
    "junit": later(__name__, "junit"),
    "markdown": later(__name__, "markdown"),
    "log": later(__name__, "log"),
}
"""Formats that every listing can be written in, and who writes them."""


def step_summary(listing: Listing) -> str:
    """Markdown for the summary page of a CI step, at most 100 KB in UTF-8.

    GitHub drops a summary of more than 1 MiB as a whole, so it is cut with a remark long before.
    """
    from iobound.verbs.report.records import markdown

    return markdown.summary(listing)
