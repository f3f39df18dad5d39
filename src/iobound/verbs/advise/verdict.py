"""What a program is bound by: rules that act on intervals, the first that holds decides."""

from __future__ import annotations

import math
from collections.abc import Callable

from iobound.model.breakdown import Breakdown
from iobound.model.diagnosis import Bound, Verdict
from iobound.model.recording import Recording
from iobound.model.state import COMPUTING, State
from iobound.verbs.advise import crowd, groups
from iobound.verbs.advise.groups import Group
from iobound.verbs.advise.wording import NOUN, NS, count_of, duration, percent, seconds

DOMINATES = 0.6
"""Share of the time that was not idle from which a group decides."""

CERTAINLY = 0.5
"""Lower end of its interval that the group must reach too."""

RULED_OUT = 0.35
"""Upper end of the interval below which a group is no rival."""

SHORTEST_NS, LONG_ENOUGH_NS = 100_000_000, 1_000_000_000
FEWEST_LOOKS = 20
"""Below the shortest wall time nothing is told, between it and the longer one so many looks are needed; in longer runs
the counters alone tell much, and the intervals say how much."""

FEWEST_INDEPENDENT = 50
WIDEST = 0.5
"""Width of an interval beyond which few independent looks decide nothing."""

MOST_UNKNOWN = 0.3
MOSTLY_IDLE = 0.7
STARVED, CERTAINLY_STARVED = 0.4, 0.3
"""Share of the time that wanted a CPU and got none; some of it is normal on a machine that does other things too."""

BY_OTHERS = 0.6
"""The same where no cap explains it, but a busy machine: what else it does changes from run to run."""

CROWDED = 0.6
"""The same over all threads, where a quota or affinity caps the CPUs."""

WORTH_TELLING = 0.1
QUEUES_FOR_GIL = 0.3
QUEUES_FOR_LOCK = 0.3
Z90 = 1.645
"""Standard errors to each side of a 90 % interval."""

Rule = Callable[[Breakdown, Recording], Verdict | None]


def verdict(breakdown: Breakdown, recording: Recording) -> Verdict:
    """Say what a run is bound by.

    Args:
        breakdown: The run by state.
        recording: What it was made from; tells quotas and the names of calls.

    Returns:
        The bound with the share that supports it. `inconclusive` and some `mixed` verdicts say in `settle` how much
        more would decide.
    """
    for rule in (_too_little, _idle, _starved, _for_gil, _for_lock, _largest, _too_few):
        found = rule(breakdown, recording)
        if found is not None:
            return found
    return _mixed(breakdown)


def _too_little(breakdown: Breakdown, recording: Recording) -> Verdict | None:
    unknown = groups.group(breakdown, [State.UNKNOWN])
    known = max(
        (state for state in State if state is not State.UNKNOWN), key=lambda key: breakdown.shares.get(key, 0.0)
    )
    best = groups.group(breakdown, [known])
    short = breakdown.wall_ns < LONG_ENOUGH_NS and breakdown.looks < FEWEST_LOOKS
    if breakdown.wall_ns < SHORTEST_NS or short:
        summary = (
            f"too short to tell: {duration(breakdown.wall_ns)} of wall time and {count_of(breakdown.looks, 'look')}"
        )
        return _told(Bound.INCONCLUSIVE, best, summary, _more_looks(breakdown))
    if unknown.share > MOST_UNKNOWN:
        summary = f"{percent(unknown.share)} of the wall time could not be seen, so no group of states can decide"
        return _told(Bound.INCONCLUSIVE, unknown, summary, "`iobound env` says which sources are missing, and why")
    return None


def _idle(breakdown: Breakdown, recording: Recording) -> Verdict | None:
    idle = groups.group(breakdown, [State.IDLE])
    if idle.share < MOSTLY_IDLE:
        return None
    summary = f"idle: it had nothing to do for {percent(idle.share)} of its wall time"
    return _told(Bound.IO, idle, summary)


def _starved(breakdown: Breakdown, recording: Recording) -> Verdict | None:
    denied, busy = groups.group(breakdown, [State.WAIT_CPU]), groups.computing(breakdown)
    wanted = denied.share + busy.share
    if wanted < 0.4 * _active(breakdown):
        return None
    capped = recording.machine.limited_by != "machine" or bool(breakdown.totals.throttled_ns)
    share = _part(denied.share, busy.share)
    low, high = _part(denied.low, busy.high), _part(denied.high, busy.low)
    least = STARVED if capped or crowd.is_pinned(recording) else BY_OTHERS
    if share >= least and low >= CERTAINLY_STARVED:
        return _starved_by(breakdown, recording, Group(share, low, high, State.WAIT_CPU))
    if capped and crowd.denied(breakdown) >= CROWDED:
        return _starved_by(breakdown, recording, _sampled(crowd.denied(breakdown), breakdown, State.WAIT_CPU))
    return None


def _starved_by(breakdown: Breakdown, recording: Recording, denied: Group) -> Verdict:
    machine, throttled_ns = recording.machine, breakdown.totals.throttled_ns
    summary = f"it got no CPU for {percent(denied.share)} of the time in which it could have computed"
    if throttled_ns:
        summary += f"; its quota of {machine.effective_cpus:g} CPUs held it back for {duration(throttled_ns)}"
    elif machine.limited_by != "machine":
        summary += f" ({machine.effective_cpus:g} CPUs, limited by {machine.limited_by})"
    else:
        summary += f"; {_who_takes_them(breakdown, recording)}"
    return _told(Bound.STARVED, denied, summary)


def _who_takes_them(breakdown: Breakdown, recording: Recording) -> str:
    """Where no limit is set."""
    cpus = f"{recording.machine.effective_cpus:g} CPUs"
    if crowd.is_pinned(recording):
        return "others of the machine's CPUs were free"
    if crowd.is_own(breakdown, recording):
        return f"{crowd.busy_threads(breakdown, recording)} threads and processes of its own share {cpus}"
    return f"nothing limits it, but other programs keep the machine's {cpus} busy"


def _for_gil(breakdown: Breakdown, recording: Recording) -> Verdict | None:
    held = groups.group(breakdown, [State.CPU_PYTHON, State.WAIT_GIL])
    queued = breakdown.gil_wait_share
    if (
        queued is None
        or breakdown.most_threads < 2
        or queued < QUEUES_FOR_GIL
        or held.share < CERTAINLY * _active(breakdown)
    ):
        return None
    summary = (
        f"threads queue for the GIL: of the time in which they wanted to compute, another one held it for "
        f"{percent(queued)}"
    )
    return _told(Bound.GIL, _sampled(queued, breakdown, State.WAIT_GIL), summary)


def _for_lock(breakdown: Breakdown, recording: Recording) -> Verdict | None:
    whole_s = groups.thread_seconds(breakdown.processes)
    queued = groups.queued_for_locks_ns(breakdown, recording) * NS / whole_s if whole_s > 0 else 0.0
    busy = groups.computing(breakdown)
    if breakdown.most_threads < 2 or queued < QUEUES_FOR_LOCK or busy.share >= CERTAINLY * _active(breakdown):
        return None
    summary = f"threads queue for a lock of the program: {percent(queued)} of their time"
    return _told(Bound.LOCK, _sampled(queued, breakdown, State.WAIT_LOCK), summary)


def _largest(breakdown: Breakdown, recording: Recording) -> Verdict | None:
    active = _doing(breakdown)
    rivals = _rivals(breakdown)
    for bound, candidate in rivals.items():
        others = [group for other, group in rivals.items() if other is not bound]
        sure = candidate.low >= CERTAINLY * active or all(other.high < RULED_OUT * active for other in others)
        if candidate.share >= DOMINATES * active and sure:
            return _told(bound, candidate, _summary_of(bound, candidate, breakdown))
    return None


def _too_few(breakdown: Breakdown, recording: Recording) -> Verdict | None:
    first = max(_rivals(breakdown).values(), key=lambda group: group.share)
    if breakdown.independent_looks >= FEWEST_INDEPENDENT or first.high - first.low <= WIDEST:
        return None
    summary = f"too few independent looks to tell: {breakdown.independent_looks:.0f}"
    return _told(Bound.INCONCLUSIVE, first, summary, _more_looks(breakdown))


def _mixed(breakdown: Breakdown) -> Verdict:
    rivals = [*_rivals(breakdown).values(), groups.group(breakdown, [State.WAIT_CPU])]
    first, second = sorted(rivals, key=lambda group: group.share, reverse=True)[:2]
    summary = (
        f"{_doing_what(first)} and {_doing_what(second)} share the wall time: "
        f"{percent(first.share)} against {percent(second.share)}"
    )
    edge = DOMINATES * _doing(breakdown)
    settle = _narrower(breakdown, first, edge) if first.low < edge < first.high else ""
    return _told(Bound.MIXED, first, summary, settle)


def _doing_what(found: Group) -> str:
    return "computing" if found.dominant in COMPUTING else NOUN[found.dominant]


def _rivals(breakdown: Breakdown) -> dict[Bound, Group]:
    return {
        Bound.IO: groups.outside(breakdown),
        Bound.CPU: groups.group(breakdown, [*COMPUTING, State.WAIT_GIL]),
        Bound.SLEEP: groups.group(breakdown, [State.WAIT_SLEEP]),
        Bound.LOCK: groups.group(breakdown, [State.WAIT_LOCK]),
    }


def _summary_of(bound: Bound, found: Group, breakdown: Breakdown) -> str:
    if bound is Bound.CPU:
        shares = breakdown.shares
        computing = sum(shares.get(state, 0.0) for state in COMPUTING)
        held = _part(shares.get(State.CPU_PYTHON, 0.0), shares.get(State.CPU_NATIVE, 0.0))
        told = f"it computes for {percent(computing)} of its wall time, with the GIL held for {percent(held)} of that"
        denied, queued = shares.get(State.WAIT_CPU, 0.0), shares.get(State.WAIT_GIL, 0.0)
        told += f"; for {percent(queued)} it waits for the GIL" if queued >= WORTH_TELLING else ""
        return f"{told}; for {percent(denied)} it got no CPU" if denied >= WORTH_TELLING else told
    targets = [wait for wait in breakdown.waits if wait.state is found.dominant and wait.target]
    largest = max(targets, key=lambda wait: wait.wall_ns, default=None)
    where = f", most of it for {largest.target}" if largest and bound is Bound.IO else ""
    doing = NOUN[found.dominant]
    return f"{doing} takes {percent(breakdown.shares.get(found.dominant, 0.0))} of its wall time{where}"


def _told(bound: Bound, found: Group, summary: str, settle: str = "") -> Verdict:
    return Verdict(bound, found.dominant, found.share, found.low, found.high, summary, settle)


def _active(breakdown: Breakdown) -> float:
    """Share of the wall time in which the program had something to do."""
    return max(1e-9, 1 - breakdown.shares.get(State.IDLE, 0.0))


def _doing(breakdown: Breakdown) -> float:
    """Share in which it did it: what else runs on a machine must not turn a computing program into a mixed one."""
    return max(1e-9, _active(breakdown) - breakdown.shares.get(State.WAIT_CPU, 0.0))


def _part(one: float, other: float) -> float:
    return one / (one + other) if one + other > 0 else 0.0


def _sampled(share: float, breakdown: Breakdown, state: State) -> Group:
    """A share over threads, which has no interval of its own: that of a proportion over the independent looks."""
    half = Z90 * math.sqrt(share * (1 - share) / max(1.0, breakdown.independent_looks))
    return Group(share, max(0.0, share - half), min(1.0, share + half), state)


def _more_looks(breakdown: Breakdown) -> str:
    have = max(1.0, breakdown.independent_looks)
    more_s = max(1.0, breakdown.wall_ns * NS * (FEWEST_INDEPENDENT / have - 1))
    return f"about {seconds(min(more_s, 600))} more of the same work would settle it"


def _narrower(breakdown: Breakdown, found: Group, edge: float) -> str:
    """Intervals shrink with the square root of the time."""
    half, distance = (found.high - found.low) / 2, max(0.01, abs(found.share - edge))
    more_s = breakdown.wall_ns * NS * max(0.0, (half / distance) ** 2 - 1)
    return f"about {seconds(max(1.0, min(more_s, 600)))} more of the same work would settle it"
