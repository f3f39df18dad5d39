"""Episodes are kept by column and read like any sequence of episodes."""

from __future__ import annotations

import pytest

from iobound.errors import LawBroken
from iobound.model.state import State
from iobound.model.timeline import Episode, Episodes, ThreadTimeline

GIVEN = (
    Episode(100, 5, State.WAIT_NETWORK, 3, 1, 2),
    Episode(105, 2, State.CPU_PYTHON, 4, 0, 1),
    Episode(107, 6, State.WAIT_NETWORK, 3, 1, 0),
)


def test_what_goes_in_comes_out() -> None:
    """Iteration, indices, slices and comparing are those of the episodes that were given."""
    episodes = Episodes.of(GIVEN)
    assert list(episodes) == list(GIVEN)
    assert episodes == GIVEN
    assert episodes != GIVEN[:2]
    assert (episodes[0], episodes[-1], list(episodes[1:])) == (GIVEN[0], GIVEN[2], list(GIVEN[1:]))
    assert len(episodes) == 3


def test_time_is_added_up_by_what_the_thread_did() -> None:
    """In the order in which it was first seen to do it."""
    times = Episodes.of(GIVEN).times()
    assert list(times.items()) == [((State.WAIT_NETWORK, 3, 1), 11), ((State.CPU_PYTHON, 4, 0), 2)]


def test_laid_end_to_end_each_begins_where_the_one_before_ends() -> None:
    """Ends alone say where episodes are."""
    doing = [(each.state, each.stack, each.channel) for each in GIVEN]
    assert Episodes.end_to_end(100, [105, 107, 113], doing, [2, 1, 0]) == GIVEN
    assert list(Episodes.end_to_end(100, [], [], [])) == []


def test_a_timeline_refuses_episodes_with_a_gap() -> None:
    """The message says between which instants."""
    with pytest.raises(LawBroken, match="one ends at 105, the next starts at 107"):
        ThreadTimeline(0, 0, Episodes.of((GIVEN[0], GIVEN[2])))
