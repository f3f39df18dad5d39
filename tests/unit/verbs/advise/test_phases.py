"""What phases are bound by."""

from dataclasses import dataclass

import pytest

from iobound.model.diagnosis import Bound
from iobound.model.state import State
from iobound.verbs.advise.phases import _bound


@dataclass(frozen=True)
class Case:
    shares: dict[State, float]
    bound: Bound


@pytest.mark.parametrize(
    "case",
    [
        Case({State.CPU_PYTHON: 0.4, State.CPU_NATIVE: 0.3, State.WAIT_DISK: 0.3}, Bound.CPU),
        Case({State.WAIT_NETWORK: 0.3, State.WAIT_DISK: 0.3, State.CPU_PYTHON: 0.4}, Bound.IO),
        Case({State.WAIT_SLEEP: 0.45, State.WAIT_DISK: 0.3, State.CPU_PYTHON: 0.25}, Bound.MIXED),
        Case({State.WAIT_GIL: 0.9, State.CPU_PYTHON: 0.1}, Bound.GIL),
        Case({State.UNKNOWN: 1.0}, Bound.INCONCLUSIVE),
    ],
    ids=lambda case: case.bound.value,
)
def test_a_phase_is_bound_by_the_group_that_has_half_of_it(case: Case) -> None:
    assert _bound(case.shares) is case.bound
