"""Counters of the whole run."""

from __future__ import annotations

from typing import Any

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
