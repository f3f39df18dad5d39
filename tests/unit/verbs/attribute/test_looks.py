"""Which stack belongs to which mark."""

from __future__ import annotations

from iobound.model.recording import NO_STACK, Gil, Marks, StackLooks
from iobound.verbs.attribute.stacks_of_marks import stacks_of_marks

RECV, SLEEP = 1, 2


def marks(*rows: tuple[int, int, int, int]) -> Marks:
    made = Marks()
    for time, still, channel, gil in rows:
        made.append(time, 0, 0, channel, gil, still=still)
    return made


def looks(*rows: tuple[int, int, int]) -> StackLooks:
    made = StackLooks()
    for wanted, taken, stack in rows:
        made.append(wanted, taken, stack, 0)
    return made


def test_a_look_belongs_to_the_mark_of_its_time() -> None:
    """Inside and outside looks that were taken together are joined."""
    assert stacks_of_marks(marks((10, 10, 0, 1), (20, 20, 0, 1)), looks((10, 11, 5), (20, 21, 6))) == [5, 6]


def test_a_look_during_a_wait_belongs_to_it() -> None:
    """A wait is of one stack from its first look to its last."""
    assert stacks_of_marks(marks((10, 90, RECV, 0)), looks((50, 51, 5))) == [5]


def test_a_look_that_came_too_late_for_a_wait_is_not_its_own() -> None:
    """By then the thread was in something else; the nearest wait of the same kind is a better guess."""
    seen = looks((10, 35, 9), (50, 51, 5))
    assert stacks_of_marks(marks((10, 10, RECV, 0), (30, 40, SLEEP, 0), (50, 60, RECV, 0)), seen) == [5, 9, 5]


def test_missed_looks_belong_to_the_one_who_kept_the_gil() -> None:
    """A look that had to wait for the GIL shows what the thread did in all that time."""
    held = marks(*((time, time, 0, Gil.MINE) for time in (10, 20, 30)))
    assert stacks_of_marks(held, looks((10, 35, 7))) == [7, 7, 7]


def test_marks_without_looks_take_the_nearest_of_their_kind() -> None:
    """Running is not guessed from waiting, nor one channel from another."""
    seen = looks((10, 11, 5))
    assert stacks_of_marks(marks((10, 10, RECV, 0), (20, 20, RECV, 0), (30, 30, SLEEP, 0), (40, 40, 0, 1)), seen) == [
        5,
        5,
        NO_STACK,
        NO_STACK,
    ]


def test_a_look_of_long_ago_is_no_guess() -> None:
    """A second later the thread may be anywhere."""
    assert stacks_of_marks(marks((0, 0, RECV, 0), (2 * 10**9, 2 * 10**9, RECV, 0)), looks((0, 1, 5))) == [5, NO_STACK]
