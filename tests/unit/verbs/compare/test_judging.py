"""One quantity of both sides: its interval, and whether it is beyond noise."""

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.model.comparison import Unit
from iobound.verbs.compare.judging import LEVEL, Sample, judged

seconds = st.floats(0.001, 1e4)
spreads = st.floats(0.01, 1.0)
sides = st.lists(st.builds(Sample, seconds, spreads), min_size=1, max_size=6)


def of(values, spread=0.03):
    return [Sample(value, spread) for value in values]


@given(sides, st.sampled_from([Unit.SECONDS, Unit.COUNT, Unit.SHARE]))
def test_a_side_does_not_differ_from_itself(side, unit):
    """Whatever the runs are."""
    change = judged(unit, side, side)
    assert (change.measured, change.change, change.beyond) == (0, 0, False)
    assert change.low <= 0 <= change.high


@given(sides, sides)
def test_swapping_the_sides_turns_the_change_around(base, head):
    """The factor becomes one over itself; what is beyond noise stays so."""
    one, other = judged(Unit.SECONDS, base, head), judged(Unit.SECONDS, head, base)
    assert one.beyond == other.beyond
    assert math.log1p(one.measured) == pytest.approx(-math.log1p(other.measured), rel=1e-6, abs=1e-9)
    assert math.log1p(one.low) == pytest.approx(-math.log1p(other.high), rel=1e-6, abs=1e-9)


@given(sides, sides, st.randoms(use_true_random=False))
def test_the_order_of_the_runs_does_not_matter(base, head, chance):
    """To the last digit."""
    shuffled = [chance.sample(side, len(side)) for side in (base, head)]
    assert judged(Unit.SECONDS, *shuffled) == judged(Unit.SECONDS, base, head)


def test_more_runs_do_not_widen_intervals_on_average():
    """At the noise that is known beforehand."""
    chance = random.Random(5)

    def width(runs):
        drawn = [[of([chance.lognormvariate(0, 0.03) for _ in range(runs)]) for _ in "bh"] for _ in range(200)]
        return statistics.mean(change.high - change.low for change in (judged(Unit.SECONDS, *two) for two in drawn))

    widths = [width(runs) for runs in (1, 2, 3, 5, 10, 20)]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(("runs", "unlike", "most"), [(1, 1.0, 2), (2, 1.0, 2), (3, 1.0, 2), (3, 3.0, 8), (10, 3.0, 4)])
def test_unchanged_programs_hardly_ever_change(runs, unlike, most):
    """Of 400 comparisons; with 3 times the noise that is known beforehand, too, if there are some runs to tell it."""
    chance = random.Random(runs)
    told = 0
    for _ in range(400):
        base, head = (of([chance.lognormvariate(0, 0.03 * unlike) for _ in range(runs)]) for _ in "bh")
        told += judged(Unit.SECONDS, base, head).beyond
    assert told <= most


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """90 % of the time, where the noise is what is known beforehand; more often is no fault."""
    chance = random.Random(3)
    held = 0
    for _ in range(1000):
        base = of([chance.lognormvariate(0, 0.03) for _ in range(4)])
        head = of([chance.lognormvariate(math.log(1.2), 0.03) for _ in range(4)])
        change = judged(Unit.SECONDS, base, head)
        held += change.low <= 0.2 <= change.high
    assert 880 <= held <= 960


def test_what_could_be_seen_is_seen():
    """A rise as large as said is told in about 9 of 10 comparisons, half of it seldom."""
    chance = random.Random(4)

    def told(rise):
        found = 0
        for _ in range(300):
            base, head = (of([chance.lognormvariate(math.log1p(by), 0.03) for _ in range(5)]) for by in (0.0, rise))
            found += judged(Unit.SECONDS, base, head).beyond
        return found / 300

    sides = [[of([chance.lognormvariate(0, 0.03) for _ in range(5)]) for _ in "bh"] for _ in range(100)]
    visible = statistics.median(judged(Unit.SECONDS, *two).visible for two in sides)
    assert told(visible) > 0.8
    assert told(visible / 2) < 0.5


def test_a_change_that_may_be_none_is_told_as_none():
    """`change` and `surely` are 0, `measured` is what was measured."""
    change = judged(Unit.SECONDS, of([1.0]), of([1.1]))
    assert (change.change, change.surely, change.beyond) == (0, 0, False)
    assert change.measured == pytest.approx(0.1)


def test_a_change_beyond_noise_has_an_end_that_is_nearest_to_none():
    """Above and below."""
    more, less = (judged(Unit.SECONDS, of([1.0]), of([by])) for by in (2.0, 0.5))
    assert more.change == pytest.approx(1.0) and more.surely == more.low > 0
    assert less.change == pytest.approx(-0.5) and less.surely == less.high < 0


def test_null_is_not_zero():
    """What was not measured on one side is not judged, and what was in some of its runs is judged by those."""
    missing = judged(Unit.SECONDS, of([1.0]), [Sample(None, 0.03)])
    assert missing.why == "not measured in head"
    assert (missing.before, missing.after, missing.measured, missing.change) == (1.0, None, None, None)
    some = judged(Unit.SECONDS, of([1.0]), [Sample(None, 0.03), Sample(1.0, 0.03)])
    assert some.measured == 0


def test_nothing_is_compared_by_the_least_that_can_be_seen():
    """From 0 to less than could be seen is hardly a change; from 0 to much more than that is."""
    assert not judged(Unit.SECONDS, of([0.0]), of([0.0001]), least=0.01).beyond
    assert judged(Unit.SECONDS, of([0.0]), of([5.0]), least=0.01).beyond


def test_what_is_known_to_differ_besides_the_program_stays_in_doubt():
    """However many runs there are."""
    base, head = of([1.0] * 50), of([1.3] * 50)
    assert judged(Unit.SECONDS, base, head).beyond
    assert not judged(Unit.SECONDS, base, head, doubt=0.1).beyond


def test_the_level_is_what_the_document_says():
    """Fifty quantities of an unchanged program: less than 1 of 40 comparisons tells any."""
    assert 50 * LEVEL <= 1 / 40
