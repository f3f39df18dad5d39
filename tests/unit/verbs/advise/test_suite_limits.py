"""What the clocks of a test and the kernel's counts settle, and what is left for looks to say."""

import pytest

from iobound.model.stretch import Stretch
from iobound.model.suite import Limits
from iobound.verbs.advise.suite_limits import is_empty, kept_by_clocks

MS = 1_000_000
ASKED = Limits(max_wait_s=0.0, max_sleep_s=0.0, bound="cpu")


def stretch(wall: int, cpu: int, times_blocked: int | None) -> Stretch:
    """Of so many milliseconds."""
    return Stretch(1, 1, 0, wall * MS, cpu * MS, times_blocked)


def test_who_never_blocked_has_waited_for_nothing_but_a_cpu() -> None:
    """However long that kept it waiting."""
    assert is_empty(kept_by_clocks(ASKED, stretch(100, 10, times_blocked=0)))


@pytest.mark.parametrize("times_blocked", [1, None])
def test_who_may_have_waited_is_left_to_looks(times_blocked: int | None) -> None:
    """One that blocked once may have waited for all of its time off the CPU; so may one that nobody counted."""
    assert kept_by_clocks(ASKED, stretch(100, 10, times_blocked)) == ASKED
    settled = kept_by_clocks(ASKED._replace(max_wait_s=0.09), stretch(100, 10, times_blocked))
    assert settled == ASKED._replace(max_wait_s=None)


def test_other_bounds_than_computing_are_left_to_looks() -> None:
    """A thread that never blocked may have been starved, which only looks can tell."""
    asked = Limits(bound="starved")
    assert kept_by_clocks(asked, stretch(100, 10, times_blocked=0)) == asked
