"""From a timeline to a breakdown."""

from __future__ import annotations

from collections.abc import Sequence

from iobound.model.breakdown import Breakdown, Interval, ProcessBudget, ThreadBudget
from iobound.model.recording import Recording
from iobound.model.state import Budget, Shares, State, shares_of
from iobound.model.timeline import Instant, Timeline
from iobound.verbs.attribute.calibration import budget_of
from iobound.verbs.attribute.event_loops import event_loops
from iobound.verbs.attribute.findings import finding_times
from iobound.verbs.attribute.frames import StackTable
from iobound.verbs.attribute.intervals import Bootstrap, independent_looks
from iobound.verbs.attribute.looks import ThreadLooks
from iobound.verbs.attribute.phases import phases
from iobound.verbs.attribute.separate_waits import separate_waits
from iobound.verbs.attribute.sites import find_sites
from iobound.verbs.attribute.system_calls import system_calls
from iobound.verbs.attribute.tally import functions, hotspots, sums_of, waits
from iobound.verbs.attribute.totals import gil_wait_share, lock_wait_share, most_threads, sees_gil_waits, totals


def summarised(recording: Recording, table: StackTable, looks: Sequence[ThreadLooks], timeline: Timeline) -> Breakdown:
    """Add a timeline up by thread, phase, place and wait, with 90 % intervals of the shares.

    Args:
        recording: What was observed.
        table: Its stacks.
        looks: Its looks, with what is inferred of each.
        timeline: What was made of these.
    """
    budgets = [budget_of(thread.episodes) for thread in timeline.threads]
    python = [budget for thread, budget in zip(looks, budgets, strict=True) if thread.python]
    shares = shares_of(_whole_budget(timeline.whole))
    independent = independent_looks(looks, timeline.whole)
    bootstrap = Bootstrap(timeline.whole, recording.effort.period_ns, independent)
    sums = sums_of(timeline.whole, timeline.threads)
    seen = separate_waits(looks)
    spots, waited = hotspots(sums, table), waits(sums, seen, recording, table)
    sites = find_sites(recording, timeline, seen, table, sums, bootstrap)
    return Breakdown(
        wall_ns=recording.wall_ns,
        shares=shares,
        intervals=_intervals(bootstrap, shares),
        processes=_processes(recording, timeline, budgets),
        phases=phases(timeline.whole, recording.start_ns, recording.end_ns, table),
        hotspots=spots.rows,
        functions=functions(sums, table),
        waits=waited.rows,
        sites=sites.rows,
        event_loops=event_loops(recording, timeline, looks, table),
        totals=totals(recording),
        looks=_looks(looks),
        system_calls=system_calls(sums, recording),
        independent_looks=independent,
        most_threads=most_threads(recording.processes[0]) if recording.processes else 1,
        gil_wait_share=gil_wait_share(python) if sees_gil_waits(recording) else None,
        lock_wait_share=lock_wait_share(python),
        notes=(recording.facts.unscanned,) if recording.facts.unscanned else (),
        left_out={"hotspots": spots.left_out, "waits": waited.left_out, "sites": sites.left_out},
        finding_ns=finding_times(sums, table, recording.cwd),
    )


def _whole_budget(whole: tuple[Instant, ...]) -> Budget:
    budget: dict[State, int] = {}
    for instant in whole:
        budget[instant.state] = budget.get(instant.state, 0) + instant.duration_ns
    return budget


def _intervals(bootstrap: Bootstrap, shares: Shares) -> dict[State, Interval]:
    def of(state: State) -> Interval:
        return bootstrap.interval(lambda facet: facet.state is state)

    return {state: of(state) for state in shares}


def _processes(recording: Recording, timeline: Timeline, budgets: list[dict[State, int]]) -> tuple[ProcessBudget, ...]:
    threads: list[list[ThreadBudget]] = [[] for _ in recording.processes]
    for thread, budget in zip(timeline.threads, budgets, strict=True):
        record = recording.processes[thread.process].threads[thread.thread]
        threads[thread.process].append(ThreadBudget(record.name, record.native_id, thread.duration_ns, budget))
    return tuple(
        ProcessBudget(
            process=number,
            lifetime_ns=process.end_ns - process.start_ns,
            budget=timeline.processes[number],
            threads=tuple(threads[number]),
        )
        for number, process in enumerate(recording.processes)
    )


def _looks(looks: Sequence[ThreadLooks]) -> int:
    """Outside looks at the main process, by the thread that was looked at most."""
    return max((sum(thread.marks.looks) for thread in looks if thread.process == 0), default=0)
