"""Quantities of the whole run: seconds, states, memory, context switches, event loops."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from iobound.model.comparison import Change, Unit, VerdictChange
from iobound.model.state import State
from iobound.verbs.compare import noise
from iobound.verbs.compare.comparable import Comparable, Kind
from iobound.verbs.compare.facts import Run
from iobound.verbs.compare.judging import NOT_MEASURED, Sample, judged, refused, weight

_SEEN_SHARE = 0.001  # less of a state in every run is nothing that could be told
_FEW_LOOKS = 20
_GIL_STATES = frozenset({"cpu_python", "cpu_native", "wait_gil"})

Sampled = Callable[[Run], Sample]


def look_s(base: Sequence[Run], head: Sequence[Run]) -> float:
    """The shortest time that could be seen in any of the runs: that between two looks."""
    return max(run.look_s for run in (*base, *head))


def quantity(
    unit: Unit,
    base: Sequence[Run],
    head: Sequence[Run],
    of: Sampled,
    level: float,
    why: str = "",
    least: float = 0.0,
) -> Change:
    """One quantity of both sides; only shown where there is a reason not to judge it.

    Args:
        level: How seldom noise alone may look like a change of it.
        least: What is added to all values before they are compared, if the smallest is hardly more than that.
    """
    sides = [[of(run) for run in side] for side in (base, head)]
    smallest = min((sample.value for side in sides for sample in side if sample.value is not None), default=0.0)
    least = least if smallest < _FEW_LOOKS * least else 0.0
    if why:
        return refused(unit, sides[0], sides[1], why, least)
    counting = (
        [(run, weight(sample)) for run, sample in zip(runs, side, strict=True)]
        for runs, side in zip((base, head), sides, strict=True)
    )
    starving = noise.starving(*counting) if unit in (Unit.SECONDS, Unit.SHARE) else 0.0
    return judged(unit, sides[0], sides[1], least, starving, level)


def totals(base: Sequence[Run], head: Sequence[Run], may: Comparable) -> dict[str, Change]:
    """All but the states."""
    seconds = may.first(Kind.SECONDS)
    loops = may.first(Kind.LOOPS, Kind.SECONDS)
    least = look_s(base, head)
    has_loops = any(run.document["event_loops"] for run in (*base, *head))
    # Of all runs the least is what one is known by: those that were blocked more must not count for more.
    least_s = min(map(_blocked_s, (*base, *head)))
    fewest = min(map(_blocks, (*base, *head)))

    def blocked(run: Run) -> Sample:
        return Sample(_blocked_s(run) if has_loops else None, noise.blocked(run, least_s))

    def blocks(run: Run) -> Sample:
        return Sample(_blocks(run) if has_loops else None, noise.blocks(fewest))

    def total(unit: Unit, of: Sampled, why: str, least: float, level: float = may.levels.regressions) -> Change:
        return quantity(unit, base, head, of, level, why, least)

    return {
        "wall_s": total(Unit.SECONDS, lambda run: Sample(run.wall_s, noise.wall(run)), seconds, 1e-6),
        "cpu_s": total(Unit.SECONDS, lambda run: Sample(run.document["cpu_s"], noise.cpu(run)), seconds, 0.001),
        "peak_rss_bytes": total(
            Unit.BYTES,
            lambda run: Sample(run.document["totals"]["peak_rss_bytes"], noise.MEMORY),
            may.first(Kind.MEMORY),
            1.0,
        ),
        "context_switches": total(Unit.COUNT, _switches, may.first(Kind.SWITCHES), 0.2, may.levels.others),
        "loop_blocked_s": total(Unit.SECONDS, blocked, loops, least),
        "loop_blocks": total(Unit.COUNT, blocks, may.first(Kind.LOOPS), 1.0),
    }


_NAMED = {"wall_s": "seconds", "cpu_s": "seconds", "peak_rss_bytes": "memory"}


def unmeasured(found: Mapping[str, Change]) -> dict[str, str]:
    """Why totals are not known, by the names of `not_compared`; event loops may simply not be there."""
    return {_NAMED[name]: found[name].why for name in _NAMED if found[name].why.startswith(NOT_MEASURED)}


def _switches(run: Run) -> Sample:
    count = run.document["totals"]["context_switches"]["voluntary"]
    return Sample(count, noise.switches(count or 0, looped=bool(run.document["event_loops"])))


def _blocked_s(run: Run) -> float:
    return math.fsum(loop["blocked_s"] for loop in run.document["event_loops"])


def _blocks(run: Run) -> int:
    return sum(len(loop["blocks"]) for loop in run.document["event_loops"])


def states(base: Sequence[Run], head: Sequence[Run], may: Comparable) -> dict[str, Change]:
    """Shares of the wall time."""

    def share(state: str) -> Change:
        def sample(run: Run) -> Sample:
            return Sample(run.share(state), noise.share(run, state))

        return quantity(Unit.SHARE, base, head, sample, may.levels.others, _barred(state, may))

    return {state.value: share(state.value) for state in State}


def states_s(base: Sequence[Run], head: Sequence[Run], may: Comparable) -> dict[str, Change]:
    """Seconds in each state."""
    least = look_s(base, head)

    def seconds(state: str) -> Change:
        def sample(run: Run) -> Sample:
            return Sample(run.share(state) * run.wall_s, noise.state_seconds(run, state))

        hardly = all(run.share(state) < _SEEN_SHARE for run in (*base, *head))
        why = _barred(state, may) or may.first(Kind.SECONDS) or ("hardly any on either side" if hardly else "")
        return quantity(Unit.SECONDS, base, head, sample, may.levels.others, why, least)

    return {state.value: seconds(state.value) for state in State}


def _barred(state: str, may: Comparable) -> str:
    return may.first(Kind.SHARES, Kind.GIL_SHARES) if state in _GIL_STATES else may.first(Kind.SHARES)


def verdict(base: Sequence[Run], head: Sequence[Run], shares: Mapping[str, Change]) -> VerdictChange:
    """What most runs of each side say."""
    said = [Counter(str(run.document["verdict"]["bound"]) for run in side) for side in (base, head)]
    most = [min(each, key=lambda bound: (-each[bound], bound)) for each in said]
    apart = most[0] not in said[1] and most[1] not in said[0]
    moved = any(change.beyond for change in shares.values())
    return VerdictChange(
        most[0], most[1], dict(sorted(said[0].items())), dict(sorted(said[1].items())), apart and moved
    )
