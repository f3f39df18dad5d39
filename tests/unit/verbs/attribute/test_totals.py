"""Counters of the whole run."""

from __future__ import annotations

from typing import Any

import pytest

from iobound.model.recording import Capability
from iobound.verbs.attribute import breakdown, timeline
from iobound.verbs.attribute.totals import totals


def test_switches_of_the_family_are_told_instead_of_those_of_first_threads(desk: Any) -> None:
    """Children that were waited for are among them, and those that outlive the program are not."""
    desk.process(desk.thread([], [], end=1000), voluntary=5, involuntary=1, family_voluntary=100, family_involuntary=2)
    desk.process(desk.thread([], [], end=500), voluntary=7)
    desk.process(desk.thread([], [], end=1000), voluntary=11)
    assert (totals(desk.recording()).voluntary, totals(desk.recording()).involuntary) == (111, 2)


def test_switches_are_no_fewer_than_those_of_first_threads(desk: Any) -> None:
    """A child that nobody has waited for is not in what the kernel says of the family."""
    desk.process(desk.thread([], [], end=1000), voluntary=5, family_voluntary=6)
    desk.process(desk.thread([], [], end=500), voluntary=70)
    assert totals(desk.recording()).voluntary == 75


def test_where_the_kernel_was_not_asked_first_threads_are_told(desk: Any) -> None:
    """As in recordings that were made from within."""
    desk.process(desk.thread([], [], end=1000), voluntary=5)
    desk.process(desk.thread([], [], end=500), voluntary=7)
    assert totals(desk.recording()).voluntary == 12
    assert totals(desk.recording()).involuntary is None


@pytest.mark.parametrize(
    ("portable", "gil_found", "gil_enabled", "known"),
    [(False, True, True, True), (True, True, True, False), (False, False, True, False), (True, False, False, True)],
)
def test_who_waits_for_the_gil_is_known_where_it_is_seen(
    desk: Any, portable: bool, gil_found: bool, gil_enabled: bool, known: bool
) -> None:
    """Or where there is none: 0 would claim that somebody had looked."""
    desk.process(desk.thread([(0, 900, -1, 0)], [desk.stack(desk.place("main"))], end=1000, cpu=900))
    recording = desk.recording()
    recording = recording._replace(
        source="portable" if portable else "linux",
        interpreter=recording.interpreter._replace(gil_enabled=gil_enabled),
        capabilities=(Capability("gil_held", "interpreter memory", gil_found, None if gil_found else "not found"),),
    )
    share = breakdown(recording, timeline(recording)).gil_wait_share
    assert share == (0.0 if known else None)
