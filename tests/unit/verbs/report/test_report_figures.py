"""Shown numbers never lie."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.model.breakdown import Interval
from iobound.model.prediction import Estimate
from iobound.verbs.advise import wording
from iobound.verbs.report import figures

FRACTIONS = st.floats(0.0, 1.0)
NUMBER = re.compile(r"[\d.]+")


@given(FRACTIONS)
def test_a_share_is_0_or_100_per_cent_only_when_it_is(fraction):
    """Rounding never makes something nothing, or a part the whole."""
    shown = figures.share(fraction)
    assert (shown == "0 %") == (fraction == 0)
    assert (shown == "100 %") == (fraction >= 1 - 1e-9)


@given(FRACTIONS)
def test_a_share_is_off_by_half_a_tenth_of_a_per_cent_at_most(fraction):
    """What is shown is the number, rounded."""
    shown = figures.share(fraction)
    if shown[0] not in "<>":
        assert abs(float(NUMBER.findall(shown)[0]) - 100 * fraction) <= 0.0501


@given(st.tuples(FRACTIONS, FRACTIONS).map(sorted))
def test_the_interval_of_a_share_is_rounded_outwards(ends):
    """The shown interval holds the interval."""
    low, high = ends
    shown = figures.share_interval(Interval(low, high)).removesuffix(" %").split("..")
    if shown[0][0] not in "<>":
        assert float(shown[0]) <= 100 * low + 1e-6
    if shown[-1][0] not in "<>":
        assert float(shown[-1]) >= 100 * high - 1e-6


@given(st.lists(st.floats(0.01, 1000.0), min_size=3, max_size=3).map(sorted))
def test_the_interval_of_a_speed_up_is_rounded_outwards(ends):
    """The shown interval holds the interval, and the shown estimate lies in it."""
    low, middle, high = ends
    shown_low, shown_high = map(float, figures.factor_interval(Estimate(middle, low, high)).split(".."))
    assert shown_low <= low + 1e-6
    assert shown_high >= high - 1e-6
    assert shown_low <= float(figures.factor(middle)) <= shown_high


@pytest.mark.parametrize(
    ("time_ns", "shown"),
    [
        (0, "0 s"),
        (850, "850 ns"),
        (999_600, "1.00 ms"),
        (5_000_000, "5 ms"),
        (12_410_000_000, "12.4 s"),
        (99_600_000_000, "1 min 40 s"),
        (3_599_700_000_000, "1 h 00 min"),
        (90_000_000_000_000, "25 h 00 min"),
        (-2_000_000_000, "-2 s"),
        (None, "not known"),
    ],
)
def test_durations_have_three_digits_and_a_unit_that_fits(time_ns, shown):
    """No 1000 ms, no 60 s in a minute, and nothing that is not known shown as 0."""
    assert figures.duration(time_ns) == shown


@given(st.integers(0, 10**17))
def test_a_duration_reads_back_within_its_digits(time_ns):
    """What is shown is the duration, to a per cent or to its last unit."""
    units = {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9, "min": 60e9, "h": 3600e9}
    words = figures.duration(time_ns).split()
    read = sum(float(value) * units[unit] for value, unit in zip(words[::2], words[1::2], strict=True))
    assert abs(read - time_ns) <= max(0.0085 * time_ns, 0.5)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1, "1.0"), (1.003, "1.00"), (0.853, "0.85"), (1.94, "1.9"), (9.96, "10.0"), (14.96, "15.0"), (250.4, "250")],
)
def test_speed_ups_have_enough_digits_to_be_told_from_none(value, shown):
    """Two digits around 1, none where they say nothing."""
    assert figures.factor(value) == shown


@pytest.mark.parametrize("value", [float("inf"), float("nan"), None])
def test_what_is_no_number_is_said_to_be_not_known(value):
    """Neither inf nor nan is shown."""
    assert figures.factor(value) == figures.share(value) == "not known"


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "0.98 KiB"), (1_572_864, "1.50 MiB"), (2**50, "1024 TiB"), (None, "not known")],
)
def test_sizes(count, shown):
    """Bytes in binary units."""
    assert figures.size(count) == shown


@given(st.lists(st.floats(0.01, 1000.0), min_size=3, max_size=3).map(sorted))
def test_a_reason_and_a_table_show_one_speed_up_alike(ends):
    """Two roundings of one figure look like two figures."""
    low, likely, high = ends
    estimate = Estimate(likely, low, high)
    assert wording.between(estimate).replace(" to ", "..") == figures.speed_up(estimate)
