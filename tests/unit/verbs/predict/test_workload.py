"""What a site's items cost beyond its own budget: children, other programs, rates that are kept, loops run again."""

from __future__ import annotations

import pytest

from iobound.model.breakdown import Breakdown, Interval, ProcessBudget, Site, ThreadBudget, Totals
from iobound.model.prediction import Prediction, Strategy
from iobound.model.recording import Interpreter, Machine
from iobound.model.source_facts import LoopFact
from iobound.model.state import State, shares_of
from iobound.verbs import predict
from iobound.verbs.predict.costs import Outlook
from iobound.verbs.predict.workload import executions_of, work_of

NS = 1_000_000_000
TWO_CPUS = Machine("Linux", 2, 2.0, "machine", 8 << 30)
PYTHON = Interpreter("cpython", "3.12.1", gil_enabled=True, free_threaded_build=False)
PY, NATIVE, NET = State.CPU_PYTHON, State.CPU_NATIVE, State.WAIT_NETWORK
CHILD, SLEEP = State.WAIT_CHILD, State.WAIT_SLEEP
LOOP = LoopFact("app.py", "main", 3, 5, 0, "for", "item", "items", "yes")


def site(seconds: dict[State, float], items: float | None, **more: object) -> Site:
    budget = {state: round(value * NS) for state, value in seconds.items()}
    made = Site(
        file="app.py", line=4, column=4, function="main", callee="work", loop=LOOP, items=items, items_low=1,
        wall_ns=sum(budget.values()), share=0.98, share_interval=Interval(0.96, 0.99), budget=budget, independent="yes",
    )  # fmt: skip
    return made._replace(**more)  # type: ignore[arg-type]


def run(
    *sites: Site,
    cpu_s: float = 0.0,
    busy: float | None = None,
    children_s: float | None = None,
    peak: int | None = None,
) -> Breakdown:
    return Breakdown(
        wall_ns=max(each.wall_ns for each in sites), shares=shares_of(sites[0].budget), intervals={}, processes=(),
        phases=(), hotspots=(), functions=(), waits=(), sites=sites, event_loops=(),
        totals=Totals(
            cpu_ns=round(cpu_s * NS), host_busy=busy, peak_rss_bytes=peak,
            unseen_children_ns=None if children_s is None else round(children_s * NS),
        ),
        looks=100, independent_looks=50.0,
    )  # fmt: skip


def best(one: Site, strategy: Strategy, workers: int, **more: float) -> Prediction:
    (found,) = [
        each
        for each in predict.curve(one, run(one, **more), TWO_CPUS, PYTHON, (workers,))  # type: ignore[arg-type]
        if each.strategy is strategy
    ]
    return found


def test_threads_whose_children_keep_all_cpus_busy_gain_nothing_by_more() -> None:
    """Two at a time on two CPUs: a child that is queued for a CPU is a cost of the other one, and no wait."""
    pool = site(
        {NATIVE: 5.0}, 16, children_ns=5 * NS, thread_budget={CHILD: 20 * NS}, strategy_now="threads",
        workers_now=4, concurrency=4.0,
    )  # fmt: skip
    crew = [({CHILD: 20 * NS}, 0), *(({NATIVE: 10 * NS // 16, State.WAIT_CPU: 10 * NS // 16}, n) for n in range(1, 17))]
    processes = tuple(
        ProcessBudget(number, sum(budget.values()), budget, (ThreadBudget("", 1, sum(budget.values()), budget),))
        for budget, number in crew
    )
    whole = run(pool)._replace(processes=processes)
    work = work_of(pool, whole, TWO_CPUS, PYTHON)
    assert work.children_s == pytest.approx(10.0)
    assert work.total_s == pytest.approx(10.0)
    found = predict.curve(pool, whole, TWO_CPUS, PYTHON, (16,))
    assert all(each.speed_up.estimate < 1.1 for each in found)


def test_children_that_nobody_saw_computing_are_told_by_the_kernel() -> None:
    """It adds up the CPU time of all children that were waited for: CPUs limit, not workers."""
    waiting = site({CHILD: 10.0}, 100)
    idle, busy = (best(waiting, Strategy.THREADS, 16, children_s=seconds) for seconds in (0.1, 10.0))
    assert idle.speed_up.estimate > 8
    assert 1.5 < busy.speed_up.estimate < 2.5
    assert busy.bottleneck in ("cpus", "rest_of_program")


def test_children_that_wait_do_so_on_a_busy_machine_too() -> None:
    """What other programs compute is nothing that children do."""
    waiting = site({CHILD: 10.0}, 100)
    idle, beside = (best(waiting, Strategy.THREADS, 16, busy=share, children_s=0.1) for share in (0.02, 0.9))
    assert beside.speed_up.estimate == pytest.approx(idle.speed_up.estimate, rel=0.05)


def test_children_that_were_seen_computing_are_limited_by_cpus() -> None:
    """A loop of a tool that computes gains what the CPUs give, by threads or tasks, and no more."""
    tools = site({CHILD: 9.9, PY: 0.1}, 100, budget={NATIVE: round(9.9 * NS), PY: NS // 10})
    tools = tools._replace(thread_budget={CHILD: round(9.9 * NS), PY: NS // 10}, children_ns=round(9.9 * NS))
    for strategy in (Strategy.THREADS, Strategy.PROCESSES, Strategy.ASYNCIO):
        gain = best(tools, strategy, 4, cpu_s=10.0).speed_up
        assert 1.4 < gain.estimate < 2
        assert gain.high <= 2


def test_children_do_not_compute_in_the_event_loop() -> None:
    """Tasks that wait for children use all CPUs, as threads do."""
    waiting = site({CHILD: 10.0}, 100)
    tasks, threads = (best(waiting, strategy, 4, children_s=9.9) for strategy in (Strategy.ASYNCIO, Strategy.THREADS))
    assert tasks.speed_up.estimate == pytest.approx(threads.speed_up.estimate, rel=0.1)


def test_what_other_programs_take_widens_downwards() -> None:
    """A CPU that somebody else used may be used again: the low end goes down, the high end stays."""
    computing = site({PY: 10.0}, 100)
    free, shared = (best(computing, Strategy.PROCESSES, 2, cpu_s=10.0, busy=busy) for busy in (0.5, 0.95))
    assert shared.speed_up.low < free.speed_up.low - 0.05
    assert shared.speed_up.high == pytest.approx(free.speed_up.high, rel=0.02)


def test_what_other_programs_take_of_a_large_machine_is_not_taken_off_a_quota() -> None:
    """Half of 64 CPUs busy leaves 32, of which a quota lets the program have four."""
    computing, machine = site({PY: 10.0}, 400), Machine("Linux", 64, 4.0, "cgroup", 8 << 30)
    gains = []
    for busy in (1 / 64, 0.5):
        found = predict.curve(computing, run(computing, cpu_s=10.0, busy=busy), machine, PYTHON, (4,))
        gains.extend(each.speed_up for each in found if each.strategy is Strategy.PROCESSES)
    assert gains[0] == gains[1]
    assert gains[0].estimate > 2.5


def test_processes_are_no_more_than_the_memory_has_room_for() -> None:
    """Two processes of 3 GB fit into 8: more gain no more, and threads, which share it, are not limited."""
    waiting = site({NET: 20.0}, 400)
    small, large = (
        {
            (each.strategy, each.workers): each
            for each in predict.curve(waiting, run(waiting, peak=peak), TWO_CPUS, PYTHON, (2, 32))
        }
        for peak in (30 << 20, 3 << 30)
    )
    crowd = large[Strategy.PROCESSES, 32]
    assert crowd.speed_up.estimate < 2 < 8 < small[Strategy.PROCESSES, 32].speed_up.estimate
    assert crowd.speed_up.high > 4  # forked workers may share most of it
    assert crowd.bottleneck == "memory"
    assert large[Strategy.PROCESSES, 2] == small[Strategy.PROCESSES, 2]
    assert large[Strategy.THREADS, 32] == small[Strategy.THREADS, 32]
    assert small[Strategy.PROCESSES, 32].bottleneck != "memory"


def test_processes_that_fitted_today_fit_again() -> None:
    """A pool that ran is proof that there is memory for as many."""
    pool = site({PY: 1.0, NET: 9.0}, 400, strategy_now="processes", workers_now=4, concurrency=3.9)
    found = predict.curve(pool, run(pool, peak=3 << 30), TWO_CPUS, PYTHON, (4,))
    assert all(each.bottleneck != "memory" for each in found)


def test_a_rate_that_is_kept_leaves_nothing_to_gain() -> None:
    """Sleep in every iteration beside the network is serial; the same sleep after a failure overlaps."""
    seconds = {SLEEP: 7.0, NET: 3.0}
    kept = site(seconds, 100, loop=LOOP._replace(throttled=True))
    assert best(kept, Strategy.THREADS, 16).speed_up.estimate < 1.05
    assert best(site(seconds, 100), Strategy.THREADS, 16).speed_up.estimate > 8


def test_sleep_that_stands_for_a_wait_overlaps() -> None:
    """An example that sleeps in place of a request keeps to no rate."""
    example = site({SLEEP: 10.0}, 100, loop=LOOP._replace(throttled=True))
    assert best(example, Strategy.THREADS, 16).speed_up.estimate > 8


def test_numbers_of_a_range_are_not_carried_over() -> None:
    """A part of a range is two numbers, however many items it has; a list is pickled."""
    whole = {PY: 4.0}
    listed = best(site(whole, 8_000_000), Strategy.PROCESSES, 2)
    ranged = best(site(whole, 8_000_000, loop=LOOP._replace(iterable="range(n)")), Strategy.PROCESSES, 2)
    assert listed.speed_up.estimate < 1 < 1.5 < ranged.speed_up.estimate


@pytest.mark.parametrize(
    ("iterable", "ranges"),
    [
        ("range(9)", True),
        ("(n for n in range(9) if n % 2)", True),
        ("(n for n in primes if n in range(9))", False),
        ("items", False),
    ],
)
def test_a_range_is_told_by_what_is_run_over(iterable: str, ranges: bool) -> None:
    """With or without a filter."""
    assert LOOP._replace(iterable=iterable).over_range is ranges


def test_looks_at_files_make_threads_doubtful_and_leave_processes() -> None:
    """Thousands of short calls let go of the GIL: worst of all for threads, and nothing for processes."""
    long = site({PY: 2.0, NATIVE: 8.0}, 60)
    short = long._replace(short_calls_ns=8 * NS)
    threads, same = best(short, Strategy.THREADS, 2), best(long, Strategy.THREADS, 2)
    assert threads.speed_up.low < 0.5 < 0.9 < same.speed_up.low
    processes = [best(each, Strategy.PROCESSES, 2).speed_up.estimate for each in (short, long)]
    assert processes[0] == pytest.approx(processes[1])


def test_fresh_memory_takes_turns_more_in_threads_than_in_processes() -> None:
    """One process has one table of pages."""
    filling = site({NATIVE: 10.0}, 40, page_filling_ns=8 * NS)
    threads, processes = (best(filling, strategy, 2).speed_up for strategy in (Strategy.THREADS, Strategy.PROCESSES))
    assert threads.estimate < processes.estimate - 0.2
    assert threads.low < 1.0


def test_faults_that_cost_the_kernel_little_do_not_make_work_bound_by_memory() -> None:
    """Their number says nothing where the kernel's time is known to be small."""
    many = site({NATIVE: 10.0}, 40, minor_faults_per_s=200_000.0)
    unknown, cheap, costly = (
        best(many._replace(page_filling_ns=filling), Strategy.PROCESSES, 2).speed_up.estimate
        for filling in (None, NS, 5 * NS)
    )
    assert unknown < 1.3
    assert cheap > 1.6
    assert costly < 1.3


def test_making_files_promises_nothing_by_any_pool() -> None:
    """The file system keeps one journal: a gain is possible and so is a loss."""
    making = site({NATIVE: 8.0, PY: 2.0}, 12_000, file_changes_ns=7 * NS)
    for strategy in (Strategy.THREADS, Strategy.PROCESSES):
        gain = best(making, strategy, 2).speed_up
        assert gain.low < 0.8
        assert gain.high > 1.4


def nested(times: float, inner_items: float | None) -> tuple[Site, Breakdown]:
    outer = site({PY: 10.0}, times, inner=1, independent="no")
    inner = site({PY: 10.0}, inner_items, function="work", line=9, loop=LOOP._replace(line=8), around=(0,))
    return inner, run(outer, inner)


def test_an_inner_loop_is_run_as_often_as_its_outer_one_turns() -> None:
    """By the stacks, and not by the name of a function, which a library may have, too."""
    inner, whole = nested(130_000, None)
    assert executions_of(inner, whole) == 130_000
    unrelated = inner._replace(function="run", around=())
    tools = whole.sites[0]._replace(callee="subprocess.run", inner=None)
    assert executions_of(unrelated, whole._replace(sites=(tools, unrelated))) == 1


def test_workers_after_which_more_cannot_help_are_the_same_for_every_pool() -> None:
    """n* belongs to the work: how long its items take alone, and what of them takes turns."""
    working = site({NET: 9.0, PY: 1.0}, 100)
    found = predict.curve(working, run(working), TWO_CPUS, PYTHON)
    for strategy in (Strategy.THREADS, Strategy.PROCESSES, Strategy.ASYNCIO):
        assert len({each.saturates_at for each in found if each.strategy is strategy}) == 1
    assert {each.saturates_at for each in found if each.strategy is Strategy.THREADS} == {10}


def test_time_at_a_lock_is_taken_off_everything_else() -> None:
    """What is part of a part shrinks with it: nothing that is done at the lock is done beside it."""
    spent = {PY: 2.0, NATIVE: 4.0, NET: 2.0, CHILD: 2.0, State.WAIT_LOCK: 10.0}
    pool = site(
        spent, 100, wall_ns=5 * NS, strategy_now="threads", workers_now=4, concurrency=4.0,
        short_calls_ns=2 * NS, file_changes_ns=NS, page_filling_ns=NS, children_ns=NS,
    )  # fmt: skip
    pool = pool._replace(thread_budget=pool.budget)
    work = work_of(pool, run(pool, children_s=1.0), TWO_CPUS, PYTHON)
    factor = work.python_s / 2.0
    assert 0 < factor < 0.8
    assert work.total_s == pytest.approx(10.0)
    parts = (work.async_s, work.short_calls_s, work.file_changes_s, work.page_filling_s, work.children_s)
    assert parts == pytest.approx((4 * factor, 2 * factor, factor, factor, factor))


def test_a_pool_for_a_loop_that_turns_in_a_moment_gains_nothing() -> None:
    """Each time, all workers must be done: 77 microseconds of work are not worth it, a second is."""
    gains = []
    for times in (130_000.0, 10.0):
        inner, whole = nested(times, None)
        found = predict.curve(inner, whole, TWO_CPUS, PYTHON, (2,))
        gains.append(next(each for each in found if each.strategy is Strategy.PROCESSES).speed_up.estimate)
    assert gains[0] < 0.5
    assert gains[1] > 1.5


def test_work_of_one_execution_adds_up_to_all() -> None:
    """Times and items of one time, times how often, are what was observed."""
    inner, whole = nested(20.0, 400)
    work = work_of(inner, whole, TWO_CPUS, PYTHON)
    assert work.executions == 20
    assert work.total_s * work.executions == pytest.approx(10.0)
    assert work.item_count(Outlook.LIKELY) * work.executions == pytest.approx(400)


def test_a_pool_that_runs_one_at_a_time_is_compared_with_one_worker() -> None:
    """Asking each result at once makes a pool of two a pool of one; two at once would gain."""
    seconds = {PY: 10.0}
    waiting = site(seconds, 100, strategy_now="processes", workers_now=2, concurrency=1.02)
    together = waiting._replace(concurrency=1.9)
    assert best(waiting, Strategy.PROCESSES, 2).speed_up.estimate > 1.4
    assert best(together, Strategy.PROCESSES, 2).speed_up.estimate == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("held", "awaited_s", "in_turns_s"),
    [
        ({}, 4.0, 0.0),
        ({NET: 3 * NS}, 1.0, 3.0),
        ({SLEEP: NS}, 4.0, 0.0),  # there was none
        ({NET: 9 * NS}, 0.0, 4.0),  # looks may say more than there was
    ],
)
def test_waits_that_hold_an_event_loop_up_take_turns(
    held: dict[State, int], awaited_s: float, in_turns_s: float
) -> None:
    """The others of the same kind do not."""
    calls = site({NET: 4.0, PY: 0.1}, 10, awaited=True, loop_held=held)
    work = work_of(calls, run(calls), TWO_CPUS, PYTHON)
    assert (work.wait_s, work.async_s, work.serial_s) == pytest.approx((awaited_s, awaited_s, in_turns_s))
    assert work.total_s == pytest.approx(4.1)


def test_a_child_that_is_waited_for_on_the_loop_is_counted_once() -> None:
    """What it computes is in the time that takes turns."""
    calls = site({CHILD: 4.0, NET: 0.5, PY: 0.1}, 10, awaited=True, loop_held={CHILD: 4 * NS}, children_ns=3 * NS)
    work = work_of(calls, run(calls, children_s=3.0), TWO_CPUS, PYTHON)
    demand = work.demand(Outlook.LIKELY)
    each = demand.cpu_python_s + demand.cpu_native_s + demand.wait_s + demand.serial_s
    assert 10 * each == pytest.approx(work.total_s) == pytest.approx(4.6)
    assert 10 * demand.wait_s == pytest.approx(0.5)
