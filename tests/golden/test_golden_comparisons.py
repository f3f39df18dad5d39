"""What changed between two sides, as text in a log, as JSON and as a comment."""

from __future__ import annotations

import pytest
from comparison_stories import STORIES

from iobound.verbs import compare, report

PLAIN = report.TextStyle(width=80, colour=False, unicode=True, plain=True)
FILES = {"text": "txt", "json": "json", "markdown": "md"}


@pytest.mark.parametrize("format", FILES)
@pytest.mark.parametrize("story", STORIES)
def test_comparison(story, format, golden):
    """Each story in each format."""
    comparison = compare.compare(*STORIES[story]())
    text = report.render_comparison(comparison, format, style=PLAIN)
    golden.check(f"comparisons/{story}.{FILES[format]}", text)
