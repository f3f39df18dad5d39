"""What changed between two sides, in every format: as text, as JSON, and as CI systems and code hosts get it."""

from __future__ import annotations

import pytest
from comparison_stories import STORIES
from finding_stories import RULES
from stories import CWD
from suffixes import LISTED, TEXTS

from iobound.pipeline import comparing
from iobound.verbs import compare, report

PLAIN = report.TextStyle(width=80, colour=False, unicode=True, plain=True)
FILES = {**TEXTS, "markdown": LISTED["markdown"]}
ASKED = ("regression", "wall_s.change > 10%", 'waits["files*"].count.change > 50%', "count(findings[change=new]) > 5")


@pytest.mark.parametrize("format", FILES)
@pytest.mark.parametrize("story", STORIES)
def test_comparison(story, format, golden):
    """Each story in each format."""
    comparison = compare.compare(*STORIES[story]())
    text = report.render_comparison(comparison, format, style=PLAIN)
    golden.check(f"comparisons/{story}.{FILES[format]}", text)


@pytest.mark.parametrize("format", LISTED)
@pytest.mark.parametrize("story", ["regression", "unchanged", "other_machine"])
def test_held_comparison(story, format, golden):
    """Held against what must not be: a worsened wait, no change that noise lets us see, different machines."""
    found = comparing.held(compare.compare(*STORIES[story]()), comparing.gates(ASKED))
    listing = report.listing_of_comparison(found, roots=report.Roots(CWD, CWD), rules=RULES)
    golden.check(f"comparisons/{story}.held.{LISTED[format]}", report.render_listing(listing, format, style=PLAIN))
