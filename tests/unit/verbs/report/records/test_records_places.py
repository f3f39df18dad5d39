"""Where the records of a run stand."""

from __future__ import annotations

from typing import Any

import pytest
from stories import CWD, STORIES

from iobound.model.breakdown import EventLoop, LoopBlock
from iobound.model.state import State
from iobound.verbs import report
from iobound.verbs.report.style import TextStyle

MS = 1_000_000
LIBRARY = "/usr/lib/python3.13/concurrent/futures/_base.py"


def listing_of(file: str, repository: str = CWD) -> Any:
    """A run with an event loop that was held up at a line of this file."""
    story = STORIES["asyncio_blocked"]()
    block = LoopBlock(0, 300 * MS, State.WAIT_LOCK, file, 456, "result", "")
    loops = (EventLoop("MainThread", 300 * MS, 300 * MS, (block,)),)
    story = story._replace(breakdown=story.breakdown._replace(event_loops=loops))
    return report.listing_of_run(story, roots=report.Roots(CWD, repository), rules={})


@pytest.mark.parametrize("repository", [CWD, ""])
def test_a_line_of_a_library_stands_in_the_file_that_was_run(repository: str) -> None:
    """A code host has no page for the library; the words say where it is."""
    (record,) = [one for one in listing_of(LIBRARY, repository).records if one.rule == "loop-blocked"]
    home = STORIES["asyncio_blocked"]().recording.command[0]
    assert (record.path, record.line, record.place) == (home, None, "concurrent/futures/_base.py:456")


def test_a_line_of_the_program_stands_there() -> None:
    """Also where the repository is not known, and the file is in another folder."""
    (record,) = [one for one in listing_of(f"{CWD}/own.py").records if one.rule == "loop-blocked"]
    assert (record.path, record.line) == ("own.py", 456)
    (record,) = [one for one in listing_of("/srv/own.py", "").records if one.rule == "loop-blocked"]
    assert (record.path, record.line) == ("/srv/own.py", 456)


@pytest.mark.parametrize("format", ["gitlab", "sarif", "github"])
def test_no_format_has_an_absolute_path(format: str) -> None:
    """None that a code host would look for in vain."""
    text = report.render_listing(listing_of(LIBRARY), format, style=TextStyle())
    assert "_base.py:456" in text or "_base.py" not in text
    assert "/usr/lib" not in text
