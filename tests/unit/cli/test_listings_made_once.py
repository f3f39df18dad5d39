"""A command that tells in several formats makes its listing once."""

from __future__ import annotations

import finding_stories
import pytest
from comparison_stories import STORIES as COMPARISONS
from stories import STORIES
from suite_story import findings

from iobound.pipeline import listed, telling
from iobound.verbs import compare, report

STYLE = report.TextStyle(unicode=True)
TOLD = {
    "run": lambda: listed.ToldRun(STORIES["sequential_io"]()),
    "scan": lambda: listed.ToldScan(finding_stories.STORIES["mixed"](), telling.roots()),
    "suite": lambda: listed.ToldSuite(findings()),
    "comparison": lambda: listed.ToldComparison(compare.compare(*COMPARISONS["regression"]())),
}


@pytest.mark.parametrize("kind", TOLD)
def test_whatever_is_asked_for(kind, monkeypatch):
    """The log and annotations, as in GitHub Actions, or all at once; SARIF has one with what rules say."""
    made = []
    real = getattr(report, f"listing_of_{kind}")

    def counted(*of, **how):
        made.append(kind)
        return real(*of, **how)

    monkeypatch.setattr(report, f"listing_of_{kind}", counted)
    told = TOLD[kind]()
    for format in ("log", "github", "junit", "markdown", "gitlab", "log"):
        assert told.render(format, STYLE)
    assert listed.step_summary(told.listing)
    assert len(made) == 1
    told.render("sarif", STYLE)
    assert len(made) <= 2
