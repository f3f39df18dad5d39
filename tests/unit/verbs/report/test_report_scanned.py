"""The section of the text report on what the scanner found."""

from __future__ import annotations

import pytest
from stories import STORIES

from iobound.model.breakdown import EventLoop
from iobound.model.source_facts import FindingFact, SourceFacts
from iobound.verbs import report
from iobound.verbs.report import scanned

STYLE = report.TextStyle(width=80, colour=False, unicode=True, plain=False)
TITLE = "What the source says there"


def told(*placed, files=("app.py",), message="it waits"):
    """A story with findings of these shares, each on a line of its own."""
    story = STORIES["sequential_io"]()
    findings = tuple(
        FindingFact("IOB201", files[number % len(files)], number + 1, 0, number + 1, 9, "warning", message)
        for number in range(len(placed))
    )
    wall_ns = story.breakdown.wall_ns
    times = tuple(None if share is None else round(share * wall_ns) for share in placed)
    return story._replace(
        recording=story.recording._replace(facts=SourceFacts(findings=findings)),
        breakdown=story.breakdown._replace(finding_ns=times),
    )


def texts(diagnosis):
    section = scanned.section(diagnosis)
    return [] if section is None else [f"{block.label} {block.text}".strip() for block in section.blocks]


def test_without_findings_there_is_no_section():
    assert texts(told()) == []
    assert TITLE not in report.render(told(), "text", style=STYLE)


def test_the_largest_come_first_and_what_never_ran_is_counted():
    assert texts(told(0.1, None, 0.8, None)) == [
        "80.0 % app.py:3 IOB201 it waits",
        "10.0 % app.py:1 IOB201 it waits",
        "2 more findings on lines that were not seen running: iobound scan app.py",
    ]


def test_a_handful_is_shown():
    found = texts(told(*[0.9] * 7, 0.0))
    assert len(found) == 6
    assert found[-1] == "and 3 more with less of the time"


def test_when_none_ran_that_is_all():
    assert texts(told(None)) == ["1 finding on a line that was not seen running: iobound scan app.py"]


def test_what_is_awaited_is_not_said_to_stand_still():
    """A coroutine that waits has no frame on any stack, so that it cannot be seen."""
    found = told(None)
    loop = EventLoop("MainThread", 0, 0, ())
    found = found._replace(breakdown=found.breakdown._replace(event_loops=(loop,)))
    assert texts(found) == ["1 finding on a line that was not seen running, or only awaited: iobound scan app.py"]


@pytest.mark.parametrize(
    ("files", "command"),
    [
        (("a.py", "b.py"), "iobound scan a.py b.py"),
        (("a.py", "b.py", "c.py", "d.py"), "iobound scan ."),
        (("a b;rm.py",), "iobound scan 'a b;rm.py'"),
    ],
)
def test_the_command_names_few_files_and_can_be_copied(files, command):
    assert texts(told(None, None, None, None, files=files))[-1].endswith(command)


def test_what_the_source_holds_is_data():
    """A name in a message cannot move the cursor or give orders to a CI system."""
    text = report.render(told(0.9, message="calls \x1b[2J\n::error::x"), "text", style=STYLE)
    assert "\x1b" not in text
    assert not any(line.startswith("::") for line in text.splitlines())


def test_it_fits_into_80_columns():
    text = report.render(told(0.9, None, message="`download` " * 30), "text", style=STYLE)
    section = text[text.index(TITLE) :].split("\n\n")[0]
    assert max(map(len, section.splitlines())) <= 80


def test_a_recording_of_times_that_do_not_belong_to_the_findings_shows_none():
    """As one whose findings were cut off."""
    odd = told(0.9, 0.8)
    odd = odd._replace(breakdown=odd.breakdown._replace(finding_ns=(1,)))
    assert texts(odd) == ["2 findings on lines that were not seen running: iobound scan app.py"]
