"""From what a scan found, a run or a suite says, to the formats of CI systems and code hosts.

Steps: `of_scan`, `of_run` and `of_suite` make a `Listing` of records that say everything once (place, column from 1,
severity, fingerprint); each format is one file that writes any listing down. A new format is one file and one line in
`RECORD_FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from iobound.verbs.report.records.roots import Roots
from iobound.verbs.report.style import TextStyle

if TYPE_CHECKING:
    from iobound.verbs.report.records.record import Listing

    Renderer = Callable[[Listing, TextStyle], str]

__all__ = ["RECORD_FORMATS", "Roots", "step_summary"]


def _later(file: str) -> Renderer:
    """A renderer whose file is loaded when it is used."""

    def renderer(listing: Listing, style: TextStyle) -> str:
        written: str = import_module(f"{__name__}.{file}").render(listing, style)
        return written

    return renderer


RECORD_FORMATS: Mapping[str, Renderer] = {
    "github": _later("github"),
    "gitlab": _later("gitlab"),
    "sarif": _later("sarif"),
    "junit": _later("junit"),
    "markdown": _later("markdown"),
    "log": _later("log"),
}
"""Formats that every listing can be written in, and who writes them."""


def step_summary(listing: Listing) -> str:
    """Markdown for the summary page of a CI step, at most 100 KB in UTF-8.

    GitHub drops a summary of more than 1 MiB as a whole, so it is cut with a remark long before.
    """
    from iobound.verbs.report.records import markdown

    return markdown.summary(listing)
