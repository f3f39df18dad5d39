"""From the phases of a suite and what each went to: its tests, its fixtures, the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from iobound.model.breakdown import Interval, LoopBlock
from iobound.model.recording import Recording
from iobound.model.state import COMPUTING, Budget, State, total_ns
from iobound.model.stretch import Stretch, StretchBudget, StretchWait, joined, wait_key
from iobound.model.suite import FixtureCost, FixtureTime, Phase, PhaseRun, SuiteRun, TimedTest
from iobound.model.timeline import Timeline
from iobound.verbs.attribute.stretches import share_out, stretches

_Z90 = 1.645
_FLOOR = 0.005
"""No share is known better than this: looks are not quite independent of what they look at."""
_WORTH_CUTTING_NS = 1_000_000
"""What sets up a shared fixture in less is not told apart from the test that happened to be the first to need it."""


class PhaseTime(NamedTuple):
    """A phase with what it went to.

    Attributes:
        whole: All of it.
        shared: What each of its fixtures went to that other tests share.
        own: The rest.
    """

    phase: PhaseRun
    whole: StretchBudget
    shared: tuple[tuple[FixtureTime, StretchBudget], ...]
    own: StretchBudget


def phase_times(run: SuiteRun, recording: Recording | None, timeline: Timeline | None) -> tuple[PhaseTime, ...]:
    """What each phase of a suite went to; by its clocks alone where nothing was observed."""
    cut = [_shared(phase) for phase in run.phases]
    wanted: list[Stretch] = []
    for phase, fixtures in zip(run.phases, cut, strict=True):
        wanted.append(phase.stretch)
        wanted += map(_stretch_of(phase), fixtures)
    if recording is None or timeline is None:
        found = iter([StretchBudget(_by_clocks(stretch)) for stretch in wanted])
    else:
        found = iter(stretches(recording, timeline, wanted))
    times = []
    for phase, fixtures in zip(run.phases, cut, strict=True):
        whole = next(found)
        shared = tuple([(fixture, next(found)) for fixture in fixtures])
        times.append(PhaseTime(phase, whole, shared, _without(whole, [budget for _, budget in shared])))
    return tuple(times)


def _shared(phase: PhaseRun) -> list[FixtureTime]:
    if not phase.fixtures:
        return []
    return [fixture for fixture in phase.fixtures if fixture.is_shared and fixture.wall_ns >= _WORTH_CUTTING_NS]


def _stretch_of(phase: PhaseRun) -> Callable[[FixtureTime], Stretch]:
    """The stretch of a fixture within the phase that set it up, or tore it down."""

    def stretch(fixture: FixtureTime) -> Stretch:
        of = phase.stretch
        start = min(max(fixture.start_ns, of.start_ns), of.end_ns)
        end = min(start + fixture.wall_ns, of.end_ns)
        return Stretch(of.pid, of.native_id, start, end, min(fixture.cpu_ns, end - start))

    return stretch


def _without(whole: StretchBudget, parts: Sequence[StretchBudget]) -> StretchBudget:
    """What is left of a phase; exact in sum, for parts are made exact each by its own clocks."""
    if not parts:
        return whole
    taken = added(part.budget for part in parts)
    left = {state: max(0, time - taken.get(state, 0)) for state, time in whole.budget.items()}
    length = max(0, total_ns(whole.budget) - total_ns(taken))
    scaled = share_out(list(left.values()), length)
    budget = {state: time for state, time in zip(left, scaled, strict=True) if time}
    if sum(scaled) < length:
        budget[State.UNKNOWN] = budget.get(State.UNKNOWN, 0) + length - sum(scaled)
    elsewhere = {wait_key(wait): wait.duration_ns for part in parts for wait in part.waits}
    waits = (wait._replace(duration_ns=wait.duration_ns - elsewhere.get(wait_key(wait), 0)) for wait in whole.waits)
    return whole._replace(budget=budget, waits=tuple(wait for wait in waits if wait.duration_ns > 0))


def _by_clocks(stretch: Stretch) -> Budget:
    cpu = min(stretch.cpu_ns or 0, stretch.wall_ns)
    budget = {State.CPU_PYTHON: cpu, State.UNKNOWN: stretch.wall_ns - cpu}
    return {state: time for state, time in budget.items() if time}


def tests(times: Sequence[PhaseTime], period_ns: int) -> tuple[TimedTest, ...]:
    """The tests of a suite, longest first.

    Args:
        times: All phases that were run.
        period_ns: Between looks: what is off the CPU in one phase is divided to within so much.
    """
    of_test: dict[str, list[PhaseTime]] = {}
    for time in times:
        of_test.setdefault(time.phase.test, []).append(time)
    found = [_test(name, phases, period_ns) for name, phases in of_test.items()]
    found.sort(key=lambda test: (-test.wall_ns, test.test))
    return tuple(found)


def _test(name: str, times: Sequence[PhaseTime], period_ns: int) -> TimedTest:
    by_phase = dict.fromkeys(Phase, 0)
    cpu_ns = shared_cpu = loose = runs = 0
    waits: list[StretchWait] = []
    blocks: list[LoopBlock] = []
    for time in times:
        phase, _, shared, own = time
        by_phase[phase.phase] += total_ns(own.budget)
        cpu_ns += phase.stretch.cpu_ns or 0
        for fixture, _ in shared:
            shared_cpu += min(fixture.cpu_ns, fixture.wall_ns)
        loose += _loose(phase.stretch, period_ns) ** 2
        runs += phase.phase is Phase.SETUP
        waits += own.waits
        blocks += own.blocks
    return TimedTest(
        test=name,
        by_phase=by_phase,
        cpu_ns=max(0, cpu_ns - shared_cpu),
        budget=added([time.own.budget for time in times]),
        waits=joined(waits) if waits else (),
        blocks=tuple(blocks),
        uncertain_ns=round(loose**0.5),
        runs=max(1, runs),
    )


def _loose(stretch: Stretch, period_ns: int) -> int:
    """How far the division of a stretch may be off: computing is exact, waits by a period at their ends."""
    off_cpu = stretch.end_ns - stretch.start_ns - (stretch.cpu_ns or 0)
    return 0 if off_cpu < 0 else min(period_ns, off_cpu)


def added(budgets: Iterable[Budget]) -> dict[State, int]:
    """The sum of budgets."""
    whole: dict[State, int] = {}
    for budget in budgets:
        for state, time in budget.items():
            whole[state] = whole.get(state, 0) + time
    return whole


def fixtures(times: Sequence[PhaseTime]) -> tuple[FixtureCost, ...]:
    """The fixtures of a suite by name and scope, dearest first."""
    costs: dict[tuple[str, str], FixtureCost] = {}
    waits: dict[tuple[str, str], list[StretchWait]] = {}
    for time in times:
        for each in time.phase.fixtures:
            known = costs.get((each.name, each.scope)) or FixtureCost(each.name, each.scope, 0, 0, 0, 0)
            costs[each.name, each.scope] = FixtureCost(
                each.name,
                each.scope,
                known.count + (not each.tear_down),
                known.wall_ns + each.wall_ns,
                known.cpu_ns + each.cpu_ns,
                known.tear_down_ns + (each.wall_ns if each.tear_down else 0),
            )
        for each, budget in time.shared:
            waits.setdefault((each.name, each.scope), []).extend(budget.waits)
    found = (cost._replace(waits=joined(waits.get(key, ()))) for key, cost in costs.items())
    return tuple(sorted(found, key=lambda cost: (-cost.wall_ns, cost.name, cost.scope)))


def intervals(budget: Mapping[State, int], phases: Sequence[PhaseRun], period_ns: int) -> dict[State, Interval]:
    """90 % intervals of the shares: phases err independently of one another, computing does not err.

    Assumes:
        The error of a phase is even between a period too little and a period too much.
    """
    whole = total_ns(budget) or 1
    variance = sum(_loose(phase.stretch, period_ns) ** 2 for phase in phases) / 3
    loose = _Z90 * variance**0.5 / whole + _FLOOR
    return {
        state: Interval(max(0.0, share - off), min(1.0, share + off))
        for state in State
        for share in (budget.get(state, 0) / whole,)
        for off in (_FLOOR if state in COMPUTING else loose,)
    }


def by_phase(times: Iterable[PhaseTime]) -> dict[Phase, int]:
    """Wall time of all tests by phase, shared fixtures included."""
    found = dict.fromkeys(Phase, 0)
    for time in times:
        found[time.phase.phase] += time.phase.stretch.wall_ns
    return found
