"""Each story of a scan in each format."""

from __future__ import annotations

import pytest
from finding_stories import STORIES
from suffixes import LISTED, TEXTS

from iobound.verbs import report

LOG = report.TextStyle(width=80)
SCREEN = report.TextStyle(width=120, colour=True, unicode=True, plain=False)
ROOTS = report.Roots("/home/ann/project/web", "/home/ann/project")
SUFFIX = TEXTS | LISTED


@pytest.mark.parametrize("format", report.FINDING_FORMATS)
@pytest.mark.parametrize("story", STORIES)
def test_formats(story, format, golden):
    """As a CI job gets them; every format has its golden file."""
    text = report.render_findings(STORIES[story](), format, style=LOG, roots=ROOTS)
    golden.check(f"findings_{story}.{SUFFIX[format]}", text)


def test_text_on_a_screen(golden):
    """In colour at 120 columns."""
    golden.check("findings_mixed.ansi", report.render_findings(STORIES["mixed"](), "text", style=SCREEN))


def test_text_on_a_narrow_screen(golden):
    """Everything wrapped at 80 columns."""
    style = SCREEN._replace(width=80, colour=False)
    golden.check("findings_mixed.80.txt", report.render_findings(STORIES["mixed"](), "text", style=style))


def test_concise_text(golden):
    """A line for each."""
    style = LOG._replace(concise=True)
    golden.check("findings_mixed.concise.txt", report.render_findings(STORIES["mixed"](), "text", style=style))


def test_summary_of_a_step(golden):
    """The page that GitHub shows."""
    golden.check("findings_mixed.summary.md", report.step_summary(STORIES["mixed"](), roots=ROOTS))
