"""A noun that breaks its law does not come into being."""

from __future__ import annotations

import copy
import pickle
import struct

import pytest

from iobound.errors import LawBroken
from iobound.model.breakdown import Interval
from iobound.model.prediction import Estimate


@pytest.mark.parametrize(
    "make",
    [
        lambda: Interval(2.0, 1.0),
        lambda: Interval(low=2.0, high=1.0),
        lambda: Interval(0.0, 1.0)._replace(low=2.0),
        lambda: Interval._make([2.0, 1.0]),
        lambda: pickle.loads(pickle.dumps(Interval(0.5, 1.0)).replace(struct.pack(">d", 0.5), struct.pack(">d", 2.0))),
    ],
    ids=["by position", "by name", "by change", "by row", "by pickle"],
)
def test_every_way_to_make_one_is_looked_at(make) -> None:
    """Whoever makes it."""
    with pytest.raises(LawBroken, match="upside down"):
        make()


def test_a_sound_one_is_as_any_named_tuple() -> None:
    """It is copied, pickled, changed and compared by its values."""
    sound = Estimate(2.0, 1.0, 3.0)
    assert pickle.loads(pickle.dumps(sound)) == copy.deepcopy(sound) == sound == (2.0, 1.0, 3.0)
    assert sound._replace(high=4.0) == Estimate(estimate=2.0, low=1.0, high=4.0)
    assert type(sound._replace(high=4.0)) is Estimate


def test_fields_that_are_missing_or_unknown_are_told() -> None:
    """As Python tells them."""
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'high'"):
        Interval(1.0)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'middle'"):
        Interval(low=1.0, middle=1.5, high=2.0)  # type: ignore[call-arg]
    with pytest.raises((TypeError, ValueError), match="middle"):  # the first from 3.13 on
        Interval(1.0, 2.0)._replace(middle=1.5)  # type: ignore[call-arg]
