"""Laws that every prediction obeys, whatever the demands."""

from __future__ import annotations

import itertools
import math

from hypothesis import assume, given
from hypothesis import strategies as st

from iobound.model.breakdown import Breakdown, Interval, Site, Totals
from iobound.model.prediction import Estimate
from iobound.model.recording import Interpreter, Machine
from iobound.model.state import State, shares_of
from iobound.verbs.predict import curve, predict
from iobound.verbs.predict.costs import OUTLOOKS
from iobound.verbs.predict.program import amdahl, whole_program
from iobound.verbs.predict.queueing import Network, throughputs
from iobound.verbs.predict.rank import PLANNERS
from iobound.verbs.predict.workload import Work

SECONDS = st.one_of(st.just(0.0), st.floats(1e-6, 10.0))
WORKERS = st.integers(1, 64)
CPUS = st.sampled_from([0.5, 1.0, 1.5, 2.0, 4.0, 16.0])
STRATEGIES = st.sampled_from(sorted(PLANNERS))
ITEMS = st.integers(1, 20_000)
DEMANDS = st.tuples(SECONDS, SECONDS, SECONDS, SECONDS).filter(lambda demand: sum(demand) > 0)
SLACK = 1 + 1e-9


def ask(demand, items, strategy, workers, cpus):
    python_s, native_s, wait_s, serial_s = demand
    return predict(
        cpu_python_s=python_s, cpu_native_s=native_s, wait_s=wait_s, serial_s=serial_s, items=items,
        strategy=strategy, workers=workers, effective_cpus=cpus,
    )  # fmt: skip


@given(DEMANDS, ITEMS, STRATEGIES, WORKERS, CPUS)
def test_no_gain_lies_above_its_bounds(demand, items, strategy, workers, cpus):
    """n/T1, C/(g+u), 1/d and the ragged end bind every strategy; 1/g and 1/(g+u) bind threads and asyncio."""
    python_s, native_s, _, serial_s = demand
    total_s = sum(demand)
    gain = ask(demand, items, strategy, workers, cpus)
    slowest = [serial_s, (python_s + native_s) / max(1.0, cpus), total_s / workers]
    slowest += [python_s] if strategy == "threads" else [python_s + native_s] if strategy == "asyncio" else []
    bound = min(total_s / max(slowest), items / math.ceil(items / workers))
    if workers > 1:
        assert gain.estimate <= bound * SLACK
    assert gain.low <= gain.estimate <= gain.high <= max(bound, gain.estimate) * SLACK


@given(
    st.tuples(SECONDS, SECONDS, SECONDS).filter(lambda seconds: sum(seconds) > 1e-3),
    ITEMS, st.sampled_from(["threads", "processes", "asyncio"]), st.integers(2, 16), WORKERS, st.sampled_from([2, 4]),
)  # fmt: skip
def test_no_gain_over_a_pool_lies_above_its_bounds(seconds, items, strategy_now, workers_now, workers, cpus):
    """n/T1, C/(g+u) and the ragged end bind what any strategy gains over how it runs today, too."""
    python_s, native_s, wait_s = seconds
    states = {State.CPU_PYTHON: python_s, State.CPU_NATIVE: native_s, State.WAIT_NETWORK: wait_s}
    spent = {state: round(part * 1e9) for state, part in states.items()}
    wall_s = sum(spent.values()) / 1e9 / min(2, workers_now)
    budget = {state: part // min(2, workers_now) for state, part in spent.items()}
    site = Site(
        file="app.py", line=4, column=4, function="main", callee="work", loop=None, items=items, items_low=1,
        wall_ns=round(wall_s * 1e9), share=1.0, share_interval=Interval(1.0, 1.0), budget=budget, independent="yes",
        strategy_now=strategy_now, workers_now=workers_now, concurrency=1.1, thread_budget=spent,
    )  # fmt: skip
    run = Breakdown(
        wall_ns=site.wall_ns, shares=shares_of(budget), intervals={}, processes=(), phases=(), hotspots=(),
        functions=(), waits=(), sites=(site,), event_loops=(), totals=Totals(cpu_ns=0), looks=100,
        independent_looks=50.0,
    )  # fmt: skip
    machine = Machine("Linux", cpus, float(cpus), "machine", 8 << 30)
    total_s = sum(spent.values()) / 1e9
    for each in curve(site, run, machine, Interpreter("cpython", "3.12.1", True, False), (max(2, workers),)):
        least_s = max((python_s + native_s) / cpus, total_s * math.ceil(items / each.workers) / items)
        assert each.speed_up.high <= max(each.speed_up.estimate, wall_s / least_s) * (1 + 1e-4)


@given(DEMANDS, ITEMS, STRATEGIES, CPUS)
def test_one_worker_takes_as_long_as_today(demand, items, strategy, cpus):
    """With one worker nothing changes."""
    assert ask(demand, items, strategy, 1, cpus) == Estimate(1.0, 1.0, 1.0)


@given(DEMANDS, CPUS, st.integers(2, 40))
def test_throughput_grows_with_workers_and_starts_at_one_item_per_t1(demand, cpus, most):
    """X(1) = 1/T1, X never falls, and never exceeds n/T1 or 1/ceiling."""
    python_s, native_s, wait_s, serial_s = demand
    cpus = max(1.0, cpus)
    network = Network(wait_s, {"gil": python_s, "serial": serial_s}, native_s, cpus, python_s + native_s)
    rates = throughputs(network, most)
    assert math.isclose(rates[1], 1 / network.alone_s, rel_tol=1e-6)
    for n in range(2, most + 1):
        assert rates[n] >= rates[n - 1] * (1 - 1e-9)
        assert rates[n] <= n / network.alone_s * SLACK
    assert rates[most] * max(network.ceilings().values()) <= SLACK


@given(SECONDS, SECONDS, st.integers(2, 30))
def test_single_servers_agree_with_mean_value_analysis(wait_s, gil_s, most):
    """The normalisation constants give what the recursion of exact mean value analysis gives."""
    assume(wait_s + gil_s > 0)
    rates = throughputs(Network(wait_s, {"gil": gil_s}, 0.0, 1.0, gil_s), most)
    queue = 0.0
    for n in range(1, most + 1):
        response_s = gil_s * (1 + queue)
        rate = n / (wait_s + response_s)
        queue = rate * response_s
        assert math.isclose(rates[n], rate, rel_tol=1e-6)


@given(DEMANDS, ITEMS, st.sampled_from(["threads", "asyncio"]), CPUS)
def test_more_workers_gain_more_up_to_the_knee(demand, items, strategy, cpus):
    """Monotone in n up to n*, from a pool of two on."""
    python_s, native_s, _, serial_s = demand
    turns_s = python_s + (native_s if strategy == "asyncio" else 0.0)
    largest = max(turns_s, serial_s, (python_s + native_s) / max(1.0, cpus))
    knee = min(32, int(sum(demand) / largest)) if largest else 32
    gains = [ask(demand, items, strategy, workers, cpus).estimate for workers in range(2, knee + 1)]
    assert all(after >= before * (1 - 1e-6) for before, after in itertools.pairwise(gains))


@given(DEMANDS, ITEMS, st.sampled_from(["threads", "processes", "asyncio"]), st.integers(2, 64), CPUS)
def test_worse_costs_never_make_it_faster(demand, items, strategy, workers, cpus):
    """The time under the worst costs is the longest, under the best the shortest."""
    python_s, native_s, wait_s, serial_s = (part * items for part in demand)
    work = Work(python_s, native_s, wait_s, serial_s=serial_s, items=items, cpus=cpus, faults_per_s=120_000.0)
    worst, likely, best = (PLANNERS[strategy](work, workers, outlook).seconds() for outlook in OUTLOOKS)
    assert best <= likely * SLACK
    assert likely <= worst * SLACK


@given(st.floats(0.0, 1.0), st.floats(0.01, 1000.0))
def test_amdahl_never_exceeds_its_limit(share, gain):
    """A site that takes no time at all leaves 1 / (1 - f)."""
    whole = amdahl(share, gain)
    assert whole <= gain * SLACK or gain < 1
    if share < 1:
        assert whole <= 1 / (1 - share) * SLACK


@given(st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3), st.lists(st.floats(0.05, 50.0), min_size=3, max_size=3))
def test_interval_of_the_program_holds_its_estimate(shares, gains):
    """low <= estimate <= high for any intervals."""
    low, share, high = sorted(shares)
    worst, likely, best = sorted(gains)
    whole = whole_program(share, Interval(low, high), Estimate(likely, worst, best))
    assert whole.low <= whole.estimate <= whole.high
