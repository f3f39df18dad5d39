"""How much of a run is spent at what the scanner found."""

from __future__ import annotations

import pytest

from iobound.model.recording import NO_STACK, Kind, Place
from iobound.model.source_facts import FindingFact
from iobound.verbs import attribute

APP = "/home/me/app.py"


def finding(line, column=0, end_line=None, end_column=99, file=APP):
    return FindingFact("IOB101", file, line, column, end_line or line, end_column, "warning", "it waits")


def shares(desk, *findings):
    """Shares of the findings in a run of one thread that waits in each whole stack of the desk for as long."""
    desk.findings = list(findings)
    sleep = desk.channel("nanosleep", Kind.TIMER)
    callers = {node.caller for node in desk.stacks[1:]}
    stacks = [stack for stack in range(1, len(desk.stacks)) if stack not in callers]
    rows = [(10 * number, 10 * number + 9, sleep, 0) for number in range(1, 10 * len(stacks) + 1)]
    desk.process(desk.thread(rows, [stack for stack in stacks for _ in range(10)], end=100 * len(stacks) + 10))
    recording = desk.recording()
    found = attribute.breakdown(recording, attribute.timeline(recording))
    return [None if each is None else each / found.wall_ns for each in found.finding_ns]


def at(desk, line, column=-1, end_column=-1, file=APP):
    desk.places.append(Place(file, "main", 1, line, column, line if column >= 0 else 0, end_column))
    return len(desk.places) - 1


def test_time_in_what_is_called_belongs_to_the_finding(desk):
    """However deep it is called."""
    outer, inner = at(desk, 10), at(desk, 50)
    desk.stack(outer, inner)
    assert shares(desk, finding(10), finding(50)) == pytest.approx([1, 1], abs=0.05)


def test_a_line_that_was_not_seen_is_told_from_one_that_took_no_time(desk):
    desk.stack(at(desk, 10))
    seen, never = shares(desk, finding(10), finding(11))
    assert never is None
    assert seen == pytest.approx(1, abs=0.05)


def test_a_place_counts_once_however_often_it_is_on_the_stack(desk):
    place = at(desk, 10)
    desk.stack(place, place, place)
    assert shares(desk, finding(10)) == pytest.approx([1], abs=0.05)


def test_calls_on_one_line_are_told_apart(desk):
    """And the call around another one is elsewhere before and after that."""
    around, inner = at(desk, 10, 4, 40), at(desk, 10, 10, 20)
    desk.stack(around)
    desk.stack(inner)
    whole, part, other = shares(desk, finding(10, 4, 10, 40), finding(10, 10, 10, 20), finding(10, 25, 10, 30))
    assert whole == pytest.approx(1, abs=0.05)
    assert part == pytest.approx(0.5, abs=0.1)
    assert other is None


def test_a_loop_has_the_time_of_its_lines(desk):
    desk.stack(at(desk, 11, 8, 20))
    desk.stack(at(desk, 12, 8, 20))
    desk.stack(at(desk, 14, 4, 20))
    assert shares(desk, finding(10, 4, 12, 20)) == pytest.approx([2 / 3], abs=0.1)


@pytest.mark.parametrize("named", ["app.py", "./app.py", "/home/me/app.py"])
def test_a_file_is_one_file_however_a_process_names_it(desk, named):
    desk.stack(at(desk, 10, file=named))
    assert shares(desk, finding(10)) == pytest.approx([1], abs=0.05)


def test_another_file_of_that_name_is_another(desk):
    desk.stack(at(desk, 10, file="/home/me/lib/app.py"))
    assert shares(desk, finding(10)) == [None]


def test_a_run_without_findings_has_none(desk):
    assert desk.stack(at(desk, 10)) != NO_STACK
    assert shares(desk) == []


def test_what_was_not_scanned_is_noted(desk):
    desk.process(desk.thread(end=100))
    recording = desk.recording()
    recording = recording._replace(facts=recording.facts._replace(unscanned="nothing was scanned"))
    assert "nothing was scanned" in attribute.breakdown(recording, attribute.timeline(recording)).notes
