"""How much a quantity differs between two runs of the same program: noise floors, by kind of quantity.

Measured by `benchmarks/compare_noise.py`, which `docs/compare.md` quotes. Each is the standard deviation of one run: of
the logarithm of seconds, counts and bytes, of shares themselves. What a report says of its own uncertainty is added.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from iobound.verbs.compare.facts import PlaceFacts, Run, WaitFacts

WAITING = 0.025
"""Of time that is waited for the outside or slept: what is waited for answers much alike from run to run."""

COMPUTING = 0.15
"""Of CPU time, and of the part of the wall time that depends on it: caches, clock rates and neighbours differ."""

STARVED = 0.5
"""How much of the time that the machine gave no CPU is in doubt: added to the floor of all seconds. What one side was
starved more than the other is in doubt however many runs there are, see `starving`."""

SHARE = 0.06
"""Of a share, times sqrt(p (1 - p)): one of a half moves more than one of nothing or all."""

LEAST_SHARE = 0.005
COUNT = 0.02
"""Of waits that are long enough to be counted."""

SWITCHES = 0.05
LOOPED_SWITCHES = 0.2
"""Of context switches where an event loop ran: one wake-up answers one request or several."""

FEW_SWITCHES = 1.5
"""Start-up and shut-down give and take as many context switches, whatever the program does."""

MEMORY = 0.03
SPEED_UP = 0.05

ELSEWHERE = 0.25
"""Of waits that the run did not wait for, times their part: those of helpers, whose short threads may be missed."""

ENDS = 0.3
"""How much of a look the time of one wait is off by, where it begins and where it ends."""

COUNTED_FROM = 2.0
"""A wait is counted if it lasts for two looks on average; of shorter ones the count says how often was looked."""

_NINETY = 1.6449  # half a 90 % interval in standard deviations


def wall(run: Run) -> float:
    """Of the wall time."""
    own = WAITING * (1 - run.unsteady) + COMPUTING * run.unsteady
    return _root(own, STARVED * run.starved, 1 / looks_at(run, run.wall_s))


def cpu(run: Run) -> float:
    """Of the CPU time."""
    return _root(COMPUTING, STARVED * run.starved)


def share(run: Run, state: str) -> float:
    """Of the share of a state; its own interval included."""
    value = run.share(state)
    interval = run.document["intervals"][state]
    own = (interval[1] - interval[0]) / 2 / _NINETY if interval else 0.0
    spread = math.sqrt(max(0.0, value * (1 - value)))
    return _root(LEAST_SHARE + SHARE * spread, own, STARVED * run.starved * spread)


def state_seconds(run: Run, state: str) -> float:
    """Of the seconds in a state: those of the run, and its share of them."""
    value = run.share(state)
    return _root(wall(run), min(3.0, share(run, state) / value) if value > 0 else 0.0)


def waited(run: Run, wait: WaitFacts) -> float:
    """Of the time that was waited for something: each wait begins and ends between two looks."""
    ends = ENDS / (max(1.0, length_in_looks(run, wait)) * math.sqrt(max(1, wait.count)))
    return _root(WAITING, ELSEWHERE * elsewhere(wait), ends, STARVED * run.starved)


def of_the_run(run: Run, wait: WaitFacts) -> float:
    """Of the time of the run that was waited for something: where others waited, too, looks say whose time it was."""
    return _root(waited(run, wait), elsewhere(wait) / math.sqrt(looks_at(run, wait.wall_s)))


def counted(run: Run, wait: WaitFacts, brief_share: float) -> float:
    """Of the number of waits: looks miss some of those that are hardly longer than the time between two.

    Where a run has more of those that one look alone has seen than is usual, half of how much these make of the number
    is in doubt: somebody else's thread that got no CPU may have been waited for.

    Args:
        brief_share: Their usual part, of all waits of the side that has fewer.
    """
    more = max(0.0, wait.brief - brief_share * wait.count)
    brief = math.log(wait.count / max(0.5, wait.count - more)) / 2 if more else 0.0
    seen = 1 - math.exp(-length_in_looks(run, wait))
    effort = run.document["overhead"]
    lost = STARVED * min(1.0, run.starved + (effort["missed"] + effort["late"]) / max(1, effort["samples"]))
    return _root(COUNT, lost, brief, ELSEWHERE * elsewhere(wait), math.sqrt((1 - seen) / max(1, wait.count)))


def each(run: Run, wait: WaitFacts, brief_share: float) -> float:
    """Of the time of one wait."""
    return _root(waited(run, wait), counted(run, wait, brief_share))


def spot(run: Run, place: PlaceFacts) -> float:
    """Of the time in a call of a function."""
    computing = place.computing / place.wall_s if place.wall_s > 0 else 1.0
    own = WAITING * (1 - computing) + COMPUTING * computing
    return _root(own, 1 / math.sqrt(looks_at(run, place.wall_s)), STARVED * run.starved)


def blocked(run: Run, seconds: float) -> float:
    """Of the time in which event loops were blocked."""
    return _root(COMPUTING, 1 / math.sqrt(looks_at(run, seconds)), STARVED * run.starved)


def blocks(count: int) -> float:
    """Of how often event loops were blocked: a block near the shortest that counts may or may not be one."""
    return 1 / math.sqrt(1 + count)


def switches(count: int, *, looped: bool = False) -> float:
    """Of voluntary context switches."""
    return _root(LOOPED_SWITCHES if looped else SWITCHES, FEW_SWITCHES / (1 + count))


def speed_up(low: float, high: float) -> float:
    """Of a predicted speed-up with its 90 % interval."""
    own = math.log(high / low) / 2 / _NINETY if 0 < low < high else 0.0
    return _root(SPEED_UP, own)


def starving(base: Sequence[tuple[Run, float]], head: Sequence[tuple[Run, float]]) -> float:
    """How much more time one side took than the other, at most, for want of a CPU: a logarithm, in doubt as a whole.

    Args:
        base, head: Runs, each with how much it counts.
    """
    stretched = [
        math.fsum(sorted(-math.log(1 - min(0.99, run.starved)) * weight for run, weight in side))
        / math.fsum(sorted(weight for _, weight in side))
        for side in (base, head)
    ]
    return STARVED * abs(stretched[1] - stretched[0])


def elsewhere(wait: WaitFacts) -> float:
    """The part of the time that only other threads than those that the run belonged to waited."""
    return min(1.0, max(0.0, 1 - wait.wall_s / wait.thread_s)) if wait.thread_s > 0 else 0.0


def looks_at(run: Run, seconds: float) -> float:
    """How many looks fell into so much time."""
    return max(1.0, seconds / run.look_s)


def length_in_looks(run: Run, wait: WaitFacts) -> float:
    """How many looks a wait that was seen lasted for."""
    return wait.thread_s / max(1, wait.count) / run.look_s


def _root(*parts: float) -> float:
    return math.sqrt(sum(part * part for part in parts))
