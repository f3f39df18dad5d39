"""What each phase of a run is bound by: the group of states that has most of it."""

from __future__ import annotations

from collections.abc import Mapping

from iobound.model.breakdown import Breakdown
from iobound.model.diagnosis import Bound
from iobound.model.state import COMPUTING, OUTSIDE_WAITS, Shares, State

_GROUPS: Mapping[Bound, frozenset[State]] = {
    Bound.CPU: COMPUTING,
    Bound.IO: OUTSIDE_WAITS | {State.IDLE},
    Bound.SLEEP: frozenset({State.WAIT_SLEEP}),
    Bound.GIL: frozenset({State.WAIT_GIL}),
    Bound.LOCK: frozenset({State.WAIT_LOCK}),
    Bound.STARVED: frozenset({State.WAIT_CPU}),
    Bound.INCONCLUSIVE: frozenset({State.UNKNOWN}),
}
_HALF = 0.5


def phase_bounds(breakdown: Breakdown) -> tuple[Bound, ...]:
    """One bound for each phase; `mixed` where no group of states has half of it.

    A phase is judged by its shares alone: its intervals are not known, so this is a description, not a verdict.
    """
    return tuple(_bound(phase.shares) for phase in breakdown.phases)


def _bound(shares: Shares) -> Bound:
    weights = {bound: sum(shares.get(state, 0.0) for state in states) for bound, states in _GROUPS.items()}
    most = max(weights, key=lambda bound: weights[bound])
    return most if weights[most] >= _HALF else Bound.MIXED
