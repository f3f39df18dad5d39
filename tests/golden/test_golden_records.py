"""Each story of a run, and a suite, in the formats of CI systems and code hosts."""

from __future__ import annotations

import pytest
from finding_stories import RULES
from stories import CWD, STORIES
from suffixes import LISTED
from suite_story import findings

from iobound.pipeline import gating
from iobound.verbs import report

LOG = report.TextStyle(unicode=True)
EIGHT = (
    "sequential_io", "cpu", "two_phases", "gil_queue", "asyncio_blocked", "process_pool", "starved", "inconclusive"
)  # fmt: skip


@pytest.mark.parametrize("format", LISTED)
@pytest.mark.parametrize("story", EIGHT)
def test_runs(story, format, golden):
    """As a CI job or a reviewer gets them."""
    listing = report.listing_of_run(STORIES[story](), roots=report.Roots(CWD, CWD), rules=RULES)
    golden.check(f"{story}.{LISTED[format]}", report.render_listing(listing, format, style=LOG))


@pytest.mark.parametrize("format", LISTED)
def test_suites(format, golden):
    """With a check that fails, one that holds, and a marker that is not kept."""
    held = gating.suite_held(findings(), gating.of_suite(("wait_sleep>5%", "loop_blocked>1")))
    listing = report.listing_of_suite(held, roots=report.Roots("/p", "/p"))
    golden.check(f"suite.{LISTED[format]}", report.render_listing(listing, format, style=LOG))
