"""Student's t against printed tables."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.verbs.compare import students_t

TABLE = {
    # degrees of freedom: one-sided 0.90, 0.95, 0.975, 0.99, 0.995, 0.9995 (NIST/SEMATECH, section 1.3.6.7.2)
    1: (3.078, 6.314, 12.706, 31.821, 63.657, 636.619),
    2: (1.886, 2.920, 4.303, 6.965, 9.925, 31.599),
    3: (1.638, 2.353, 3.182, 4.541, 5.841, 12.924),
    5: (1.476, 2.015, 2.571, 3.365, 4.032, 6.869),
    10: (1.372, 1.812, 2.228, 2.764, 3.169, 4.587),
    20: (1.325, 1.725, 2.086, 2.528, 2.845, 3.850),
    30: (1.310, 1.697, 2.042, 2.457, 2.750, 3.646),
    100: (1.290, 1.660, 1.984, 2.364, 2.626, 3.390),
    1e9: (1.282, 1.645, 1.960, 2.326, 2.576, 3.291),
}
PROBABILITIES = (0.90, 0.95, 0.975, 0.99, 0.995, 0.9995)


@pytest.mark.parametrize("freedom", TABLE)
def test_quantiles_are_those_of_the_table(freedom):
    """Every printed digit agrees."""
    found = [round(students_t.quantile(probability, freedom), 3) for probability in PROBABILITIES]
    assert found == pytest.approx(TABLE[freedom], abs=0.0011)


@given(st.floats(0.0001, 0.9999), st.floats(0.5, 1e8))
def test_the_quantile_undoes_the_probability(probability, freedom):
    """Also for degrees of freedom that are not whole."""
    assert 1 - students_t.beyond(students_t.quantile(probability, freedom), freedom) == pytest.approx(
        probability, abs=1e-9
    )


@given(st.floats(-50, 50), st.floats(0.5, 1e6))
def test_it_is_symmetrical(t, freedom):
    """Half of it lies on each side of 0."""
    assert students_t.beyond(t, freedom) + students_t.beyond(-t, freedom) == pytest.approx(1)


def test_one_degree_of_freedom_is_cauchys():
    """Which has a formula of its own."""
    for t in (0.1, 1.0, 7.0):
        assert students_t.beyond(t, 1) == pytest.approx(0.5 - math.atan(t) / math.pi, rel=1e-12)
