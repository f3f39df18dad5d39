"""The strategies that are predicted, and what each would gain.

A new strategy is one file with a `plan` and one line in `PLANNERS`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial

from iobound.errors import UsageError
from iobound.model.breakdown import Breakdown, Site
from iobound.model.prediction import Demand, Estimate, Prediction, Strategy
from iobound.model.recording import Interpreter, Machine
from iobound.model.state import State
from iobound.verbs.predict import asyncio_tasks, free_threading, processes, threads
from iobound.verbs.predict.costs import CORNER, MODEL_ERROR, OUTLOOKS, Outlook
from iobound.verbs.predict.plan import Plan, Planner
from iobound.verbs.predict.program import whole_program
from iobound.verbs.predict.workload import LEAST_S, SECOND_NS, Work, version_of, work_of

PLANNERS: Mapping[Strategy, Planner] = {
    Strategy.THREADS: threads.plan,
    Strategy.PROCESSES: processes.plan,
    Strategy.ASYNCIO: asyncio_tasks.plan,
    Strategy.FREE_THREADING: free_threading.plan,
}

BOTTLENECKS: Mapping[str, str] = {"event_loop": "cpus", "memory": "serial"}
"""Resources of the model that go by another name in a prediction."""

TOGETHER = 1.2
"""Workers at once on average from which a pool runs its items side by side, and not one after another."""

LARGEST_KNEE = 10_000
MANY_ITEMS = 1e6


def curve(
    site: Site,
    breakdown: Breakdown,
    machine: Machine,
    interpreter: Interpreter,
    workers: Sequence[int] = (2, 4, 8, 16, 32),
    *,
    number: int | None = None,
) -> tuple[Prediction, ...]:
    """Predict the whole program's speed-up if one site ran by each strategy that suits it.

    Args:
        site: One of `breakdown.sites`.
        breakdown: The run that it belongs to.
        machine: Where it ran; its effective CPUs bind.
        interpreter: What ran it; its version decides how pools of processes start.
        workers: Pool sizes; those below 2 are left out, since one worker is the program as it is.
        number: The site's place in `breakdown.sites`, looked up when it is not given.

    Returns:
        One prediction per strategy and pool size, in that order; empty when the site took no time.
    """
    if site.wall_ns <= 0 or not any(site.budget.values()):
        return ()
    work = work_of(site, breakdown, machine, interpreter)
    place = breakdown.sites.index(site) if number is None else number
    sizes = sorted({count for count in workers if count >= 2})
    return tuple(
        _prediction(site, place, work, strategy, count)
        for strategy in PLANNERS
        if _suits(strategy, work, interpreter)
        for count in sizes
    )


def predict(
    *,
    cpu_python_s: float,
    cpu_native_s: float = 0.0,
    wait_s: float = 0.0,
    items: float,
    strategy: Strategy | str = Strategy.THREADS,
    workers: int = 8,
    effective_cpus: float | None = None,
    serial_s: float = 0.0,
    chunk: int = 1,
) -> Estimate:
    """Speed-up that a strategy gives for known items, over running them one after another.

    Args:
        cpu_python_s: CPU seconds of one item that hold the GIL.
        cpu_native_s: CPU seconds of one item with the GIL released.
        wait_s: Seconds that one item waits for something that serves many at once.
        items: Number of items, at least 1.
        strategy: `threads`, `processes`, `asyncio` or `free_threading`.
        workers: Size of the pool, or tasks at a time.
        effective_cpus: CPUs that the program may use; None for as many as workers.
        serial_s: Seconds of one item at something that serves one at a time.
        chunk: Items handed over at once, for processes.

    Raises:
        UsageError: A number is out of range, or the strategy is none that can be predicted.

    Example:
        >>> gain = predict(cpu_python_s=0.001, wait_s=0.1, items=200, strategy="threads", workers=8)
        >>> 4 < gain.low <= gain.estimate <= gain.high <= 8
        True
    """
    work = _work_of_items(Demand(cpu_python_s, cpu_native_s, wait_s, serial_s), items, workers, effective_cpus)
    if chunk < 1:
        raise UsageError(f"chunk of {chunk} items", hint="give 1 or more")
    known = _known(strategy)
    if workers == 1:
        return Estimate(1.0, 1.0, 1.0)
    planner = partial(processes.plan_with_chunks, chunk=chunk) if known is Strategy.PROCESSES else PLANNERS[known]
    return speed_up(work, planner, workers, cap=most(work, known, workers))


def speed_up(work: Work, planner: Planner, workers: int, *, cap: float) -> Estimate:
    """Speed-up of some work over one worker, at most `cap`, with the interval of the costs that are not known."""
    whole_s = work.total_s * work.executions
    gains = [whole_s / planner(work, workers, outlook).seconds() for outlook in OUTLOOKS]
    return _spread(gains, cap=cap)


def most(work: Work, strategy: Strategy, workers: int) -> float:
    """Largest speed-up that any costs allow: workers, items that do not divide, CPUs, and what takes turns.

    Computing takes turns at the GIL on threads and at the event loop with asyncio.
    """
    count = work.item_count(Outlook.BEST)
    by_workers = count / math.ceil(count / workers) if count < MANY_ITEMS else float(workers)
    turns_s = work.serial_s + {
        Strategy.THREADS: work.python_s if work.gil else 0.0,
        Strategy.ASYNCIO: work.computing_s,
    }.get(strategy, 0.0)
    slowest_s = max(turns_s, (work.computing_s + work.children_s) / max(1.0, work.cpus))
    return min(by_workers, work.total_s / slowest_s if slowest_s > 0 else math.inf)


def _prediction(site: Site, place: int, work: Work, strategy: Strategy, workers: int) -> Prediction:
    planner = PLANNERS[strategy]
    plan = planner(work, workers, Outlook.LIKELY)
    gain = _gain_now(site, work, strategy, workers)
    program = whole_program(site.share, site.share_interval, gain)
    return Prediction(
        site=place,
        strategy=strategy,
        workers=workers,
        speed_up=program,
        site_speed_up=gain.estimate,
        bottleneck=_bottleneck(plan, workers, site.share, gain.estimate),
        saturates_at=_saturates_at(work, strategy),
        chunk=plan.chunk,
        demand=work.demand(Outlook.LIKELY),
    )


def _saturates_at(work: Work, strategy: Strategy) -> int | None:
    """n* of the items by a strategy, however many workers there are: of a small pool, with waits as long as alone."""
    network = PLANNERS[strategy](work, 2, Outlook.LIKELY).network
    knee = network._replace(delay_s=work.demand(Outlook.LIKELY).wait_s).knee()
    return math.ceil(knee - 1e-9) if knee <= LARGEST_KNEE else None


def _gain_now(site: Site, work: Work, strategy: Strategy, workers: int) -> Estimate:
    """Speed-up of the site over how it runs today.

    Where it runs by the same strategy today, the model is asked for both, so that its errors cancel; a pool that is
    asked for one result at a time is no pool.
    """
    planner = PLANNERS[strategy]
    if site.strategy_now == "sequential":
        return speed_up(work, planner, workers, cap=most(work, strategy, workers))
    seconds = [planner(work, workers, outlook).seconds() for outlook in OUTLOOKS]
    if site.strategy_now == strategy.value and site.workers_now >= 2 and site.concurrency >= TOGETHER:
        now = [planner(work, site.workers_now, outlook).seconds() for outlook in OUTLOOKS]
    else:
        # What the machine gave to others it would give to others again.
        now = [_seconds_now(site, work)] * len(OUTLOOKS)
    gains = [before / max(LEAST_S, after) for before, after in zip(now, seconds, strict=True)]
    most_s = work.total_s * work.executions / most(work, strategy, workers)
    return _spread(gains, cap=now[Outlook.LIKELY] / most_s)


def _seconds_now(site: Site, work: Work) -> float:
    """Seconds of a site today, without those in which others kept it from the CPUs.

    Children that ran at once and were queued for a CPU lost their time to one another, too.
    """
    wall_s = (site.wall_ns - site.budget.get(State.WAIT_CPU, 0)) / SECOND_NS
    least_s = min(wall_s, (work.computing_s + work.children_s) / max(1.0, work.cpus))
    return max(wall_s - work.queued_s / max(1.0, site.concurrency), least_s)


def _spread(gains: Sequence[float], *, cap: float) -> Estimate:
    likely = gains[Outlook.LIKELY]
    if likely <= 0:  # it takes no time today, as far as can be told
        return Estimate(estimate=1.0, low=1.0, high=1.0)
    low = likely * (min(gains) / likely) ** CORNER * MODEL_ERROR.worst
    high = max(likely, min(cap, likely * (max(gains) / likely) ** CORNER * MODEL_ERROR.best))
    return Estimate(estimate=likely, low=min(low, likely), high=high)


def _bottleneck(plan: Plan, workers: int, share: float, gain: float) -> str:
    if gain > 1 and (1 - share) > share / gain:
        return "rest_of_program"
    name = plan.bottleneck()
    if plan.workers < workers and name in ("workers", "items", "start_up"):
        return "memory"
    return BOTTLENECKS.get(name, name)


def _suits(strategy: Strategy, work: Work, interpreter: Interpreter) -> bool:
    if strategy is Strategy.ASYNCIO:
        return asyncio_tasks.suits(work)
    if strategy is Strategy.FREE_THREADING:
        return (
            interpreter.implementation == "cpython" and version_of(interpreter.version) >= free_threading.FIRST_VERSION
        )
    return True


def _known(strategy: Strategy | str) -> Strategy:
    try:
        known = Strategy(strategy)
    except ValueError:
        known = Strategy.SEQUENTIAL
    if known not in PLANNERS:
        raise UsageError(f"strategy {strategy!r} cannot be predicted", hint=f"one of {', '.join(PLANNERS)}")
    return known


def _work_of_items(demand: Demand, items: float, workers: int, cpus: float | None) -> Work:
    parts = (demand.cpu_python_s, demand.cpu_native_s, demand.wait_s, demand.serial_s)
    if any(part < 0 or not math.isfinite(part) for part in parts) or demand.total_s <= 0:
        raise UsageError(f"an item of {demand.total_s} s", hint="give seconds of one item, 0 or more, not all 0")
    if items < 1 or workers < 1 or (cpus is not None and cpus <= 0):
        raise UsageError(f"{items} items, {workers} workers, {cpus} CPUs", hint="give at least 1 item and 1 worker")
    return Work(
        python_s=demand.cpu_python_s * items,
        native_s=demand.cpu_native_s * items,
        wait_s=demand.wait_s * items,
        serial_s=demand.serial_s * items,
        async_s=demand.wait_s * items,
        items=items,
        cpus=float(workers) if cpus is None else cpus,
    )
