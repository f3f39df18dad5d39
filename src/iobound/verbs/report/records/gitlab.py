"""GitLab Code Quality: an array of issues, of which a merge request shows nothing but the description.

Source:
    https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from collections.abc import Mapping

from iobound.model.finding import Severity
from iobound.verbs.report import harmless
from iobound.verbs.report.as_json import Json, encode
from iobound.verbs.report.records.record import Listing, Record
from iobound.verbs.report.style import TextStyle

_SEVERITY: Mapping[Severity, str] = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}
_NOWHERE = "."  # a path is asked for, also of what is about no file


def render(listing: Listing, style: TextStyle) -> str:
    """The array as JSON text; an empty one when nothing was found."""
    return encode([_issue(record) for record in listing.records if not record.passed])


def _issue(record: Record) -> Json:
    return {
        "description": harmless.inline(f"{record.rule}: {record.sentences}"),
        "check_name": record.rule,
        "fingerprint": record.fingerprint,
        "severity": _SEVERITY[record.severity],
        "location": {
            "path": record.path or _NOWHERE,
            "lines": {"begin": 1 if record.cell is not None else record.line or 1},
        },
    }
