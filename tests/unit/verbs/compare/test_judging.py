"""One quantity of both sides: its interval, and whether it is beyond noise."""

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.model.comparison import Unit
from iobound.verbs.compare.judging import FAMILY_LEVEL, Levels, Sample, judged

seconds = st.floats(0.001, 1e4)
spreads = st.floats(0.01, 1.0)
LEVEL = 0.0005
"""Of one of 50 quantities."""

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
    assert one.measured == pytest.approx(1 / (1 + other.measured) - 1, rel=1e-6, abs=1e-9)
    assert one.low == pytest.approx(1 / (1 + other.high) - 1, rel=1e-6, abs=1e-9)


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


def trials(runs, unlike, number, change=0.2):
    """Comparisons of sides that differ by so much, and whose runs differ by so many floors: held the truth, told it."""
    chance = random.Random(100 * runs + unlike)
    held = told = 0
    for _ in range(number):
        base, head = (
            of([chance.lognormvariate(math.log1p(by), 0.03 * unlike) for _ in range(runs)]) for by in (0.0, change)
        )
        found = judged(Unit.SECONDS, base, head, level=LEVEL)
        held += found.low <= change <= found.high
        told += found.beyond
    return held / number, told


@pytest.mark.parametrize("unlike", [1, 2, 4, 10])
@pytest.mark.parametrize(("runs", "most"), [(2, 7), (3, 2), (5, 1)])
def test_runs_that_differ_by_more_than_the_floor_are_told_by_the_runs_themselves(runs, unlike, most):
    """The interval holds the truth in 9 of 10 comparisons, give and take 1 in 30; none of 400 is to be told, or hardly.

    Of two runs a side, a few are: they happen to be alike, and nothing says that others are not.
    """
    held, told = trials(runs, unlike, 400, change=0.0)
    assert 0.87 <= held <= 0.97
    assert told <= most


def test_one_run_a_side_is_told_by_the_floor_alone():
    """So that the intervals hold what they say where it is right, and nobody sees it where it is not."""
    assert trials(1, 1, 1000)[0] >= 0.9
    held, told = trials(1, 4, 1000, change=0.0)
    assert held < 0.5 and told > 100


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
    assert judged(Unit.SECONDS, base, head, level=LEVEL).beyond
    assert not judged(Unit.SECONDS, base, head, doubt=0.1, level=LEVEL).beyond


@given(st.integers(0, 500), st.integers(0, 500))
def test_noise_changes_any_of_the_quantities_in_1_of_40_comparisons_at_most(regressions, others):
    """However many there are: regressions and all others have a level each, which is shared out among them."""
    levels = Levels.shared(regressions, others)
    for quantities, level in ((regressions, levels.regressions), (others, levels.others)):
        assert 0 < level <= FAMILY_LEVEL <= 1 / 40
        assert quantities * level <= FAMILY_LEVEL * (1 + 1e-9)


def test_a_run_that_is_known_badly_does_not_hide_what_the_others_say():
    """One of five that the machine gave no CPU: its noise is known to be large, and it counts for little."""
    base, head = of([1.0, 1.01, 0.99, 1.0, 1.01]), of([1.2, 1.21, 1.19, 1.2])
    starved = judged(Unit.SECONDS, base, [*head, Sample(2.5, 0.5)])
    assert starved.rises and starved.measured == pytest.approx(0.2, abs=0.03)
    assert not judged(Unit.SECONDS, base, [*head, Sample(2.5, 0.03)]).beyond  # nothing says that it is not like others


def test_intervals_hold_where_runs_are_known_unequally():
    """As often as where all are alike."""
    chance, held, told = random.Random(9), 0, 0
    for _ in range(400):
        spreads = [[0.03, 0.03, 0.3] for _ in "bh"]
        base, head = ([Sample(chance.lognormvariate(0, spread), spread) for spread in side] for side in spreads)
        change = judged(Unit.SECONDS, base, head, level=LEVEL)
        held += change.low <= 0 <= change.high
        told += change.beyond
    assert 0.87 <= held / 400 <= 0.97
    assert told <= 2
