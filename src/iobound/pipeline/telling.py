"""From what a scan found, and from a word, to text: the steps that need no run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from iobound.model.finding import RuleNote
    from iobound.verbs.report import Roots, TextStyle

__all__ = [
    "Roots",
    "explain",
    "finding_formats",
    "overview",
    "progress_bar",
    "roots",
]


def finding_formats() -> tuple[str, ...]:
    """Names of the formats that a scan can be reported in."""
    from iobound.verbs.report import FINDING_FORMATS

    return tuple(sorted(FINDING_FORMATS))


def roots(cwd: str = "", repository: str = "") -> Roots:
    """Where names of files start; see `report.Roots`."""
    from iobound.verbs.report import Roots

    return Roots(cwd, repository)


def explain(word: str, rules: Mapping[str, RuleNote], style: TextStyle) -> str:
    """What a rule or a word of the reports means; see `report.explain`."""
    from iobound.verbs import report

    return report.explain(word, rules, style=style)


def overview(rules: Mapping[str, RuleNote], style: TextStyle) -> str:
    """All that can be explained; see `report.overview`."""
    from iobound.verbs import report

    return report.overview(rules, style=style)


def progress_bar(stream: TextIO) -> AbstractContextManager[Callable[[int, int], None]]:
    """A bar that shows how many files are done; see `report.terminal.progress_bar`."""
    from iobound.verbs.report import progress_bar

    return progress_bar(stream)
