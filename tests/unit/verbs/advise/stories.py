"""Small runs as values: what a breakdown and a recording of a typical program look like, and what must be said of it.

Times are written in seconds; `told` makes a whole run of the few numbers that a story is about.
"""

from __future__ import annotations

from dataclasses import dataclass

from iobound.model.breakdown import (
    Breakdown,
    EventLoop,
    FunctionTime,
    Hotspot,
    Interval,
    LoopBlock,
    Phase,
    ProcessBudget,
    Site,
    ThreadBudget,
    Totals,
    Wait,
)
from iobound.model.diagnosis import Bound
from iobound.model.prediction import Strategy
from iobound.model.recording import (
    Capability,
    Channel,
    Effort,
    HostLook,
    Interpreter,
    Kind,
    Machine,
    Marks,
    Place,
    ProcessRecord,
    Recording,
    StackLooks,
    StackNode,
    ThreadRecord,
)
from iobound.model.source_facts import CallFact, LoopFact, SourceFacts
from iobound.model.state import Budget, State, shares_of

NS = 1_000_000_000
FILE = "/home/ann/app.py"
PY, NATIVE = State.CPU_PYTHON, State.CPU_NATIVE
NET, DISK, IPC, CHILD = State.WAIT_NETWORK, State.WAIT_DISK, State.WAIT_IPC, State.WAIT_CHILD
SLEEP, LOCK, GIL, NOCPU, IDLE, UNKNOWN = (
    State.WAIT_SLEEP,
    State.WAIT_LOCK,
    State.WAIT_GIL,
    State.WAIT_CPU,
    State.IDLE,
    State.UNKNOWN,
)
Seconds = dict[State, float]


def ns(budget: Seconds) -> Budget:
    """Seconds by state as a budget."""
    return {state: round(seconds * NS) for state, seconds in budget.items()}


def loop_of(target="url", iterable="urls", kind="for", independent="yes", line=30, source="", obstacles=()):
    """What the source says of the loop of a site."""
    return LoopFact(FILE, "main", line, line + 2, 4, kind, target, iterable, independent, obstacles, source)


def site_of(callee, budget: Seconds, wall_s: float, *, items=None, line=31, loop=None, **more) -> Site:
    """A site that takes all of `budget`, in a run of `wall_s` seconds."""
    share = min(1.0, sum(budget.values()) / wall_s)
    spread = Interval(max(0.0, share - 0.02), min(1.0, share + 0.02))
    site = Site(
        file=FILE, line=line, column=8, function="main", callee=callee, loop=loop or loop_of(line=line - 1),
        items=items, items_low=int(items or 1), wall_ns=sum(ns(budget).values()), share=share, share_interval=spread,
        budget=ns(budget), independent=(loop or loop_of()).independent, obstacles=(loop or loop_of()).obstacles,
    )  # fmt: skip
    return site._replace(**more)


def threads_of(*budgets: Seconds, names=()) -> tuple[ThreadBudget, ...]:
    """Threads of a process by what each did."""
    return tuple(
        ThreadBudget(names[number] if names else f"thread-{number}", number + 1, sum(ns(budget).values()), ns(budget))
        for number, budget in enumerate(budgets)
    )


def process_of(number: int, threads: tuple[ThreadBudget, ...]) -> ProcessBudget:
    """A process that lived as long as its first thread."""
    return ProcessBudget(number, threads[0].lifetime_ns, threads[0].budget, threads)


def told(whole: Seconds, *, sites=(), looks=1500, independent=300.0, width=0.02, processes=None, **more) -> Breakdown:
    """A breakdown of a run whose wall time is what `whole` adds up to."""
    shares = shares_of(ns(whole))
    wall_ns = sum(ns(whole).values())
    spread = {state: Interval(max(0.0, share - width), min(1.0, share + width)) for state, share in shares.items()}
    cpu_ns = round((whole.get(PY, 0.0) + whole.get(NATIVE, 0.0)) * NS)
    made = Breakdown(
        wall_ns=wall_ns, shares=shares, intervals=spread,
        processes=processes or (process_of(0, threads_of(whole, names=("MainThread",))),), phases=(), hotspots=(),
        functions=(), waits=(), sites=tuple(sites), event_loops=(), totals=Totals(cpu_ns=cpu_ns), looks=looks,
        independent_looks=independent,
    )  # fmt: skip
    return made._replace(**more)


def heard(
    *, cpus=2.0, machine_cpus=2, limited_by="machine", version="3.12.1", calls=None, loops=(), enclosing=None, busy=None
) -> Recording:
    """The recording beside a breakdown; `calls` are call facts by line, each at a place of `main`."""
    facts = calls or {}
    places = tuple(Place(FILE, "main", 20, line, 8, line, 40) for line in facts)
    host = (HostLook(0, busy=busy),) if busy is not None else ()
    return Recording(
        iobound="0.1.0", created="2026-11-22T10:00:00Z", command=("app.py",), cwd="/home/ann",
        interpreter=Interpreter("cpython", version, gil_enabled=True, free_threaded_build=False),
        machine=Machine("Linux", machine_cpus, cpus, limited_by, 8 << 30),
        capabilities=(Capability("syscalls", "procfs", True),), start_ns=0, end_ns=NS, exit_code=0, signal=None,
        processes=(), channels=(Channel("", Kind.UNKNOWN),), places=places, stacks=(StackNode(0, 0),), host=host,
        effort=Effort(0, 0, 0, 0, 0, 0),
        facts=SourceFacts(dict(enumerate(facts.values())), tuple(loops), enclosing or {}),
    )  # fmt: skip


@dataclass(frozen=True)
class Story:
    """A run and what must be said of it."""

    breakdown: Breakdown
    recording: Recording
    bounds: frozenset[Bound]
    first: frozenset[Strategy]
    reason: str = ""


def story(breakdown, recording, bounds, first, reason="") -> Story:
    """A story with one or several allowed answers."""
    allowed = frozenset({bounds} if isinstance(bounds, Bound) else bounds)
    return Story(breakdown, recording, allowed, frozenset({first} if isinstance(first, Strategy) else first), reason)


def sequential_downloads() -> Story:
    wall = {NET: 9.0, PY: 0.3, NATIVE: 0.1}
    site = site_of("download", {NET: 9.0, PY: 0.2}, 9.4, items=100, serial_target="127.0.0.1:80")
    return story(told(wall, sites=[site]), heard(), Bound.IO, Strategy.THREADS, "Waits overlap")


def pure_python_list() -> Story:
    site = site_of("score", {PY: 7.9}, 8.0, items=400, loop=loop_of("row", "rows"))
    return story(told({PY: 8.0}, sites=[site]), heard(), Bound.CPU, Strategy.PROCESSES, "share one GIL")


def pure_python_of_untold_items() -> Story:
    site = site_of("score", {PY: 7.9}, 8.0, items=None, loop=loop_of("row", "rows"))
    return story(told({PY: 8.0}, sites=[site]), heard(), Bound.CPU, Strategy.PROCESSES)


def native_hashes() -> Story:
    site = site_of("digest", {NATIVE: 4.7, PY: 0.1}, 5.0, items=100, loop=loop_of("path", "paths"))
    return story(told({NATIVE: 4.8, PY: 0.2}, sites=[site]), heard(), Bound.CPU, Strategy.NATIVE_THREADS)


def one_cpu() -> Story:
    site = site_of("score", {PY: 7.9}, 8.0, items=400)
    return story(told({PY: 8.0}, sites=[site]), heard(cpus=1.0), Bound.CPU, Strategy.SEQUENTIAL, "Nothing promises")


def sleeper() -> Story:
    site = site_of("time.sleep", {SLEEP: 9.5}, 10.0, items=10, loop=loop_of("", "not ready()", kind="while"))
    return story(told({SLEEP: 9.5, PY: 0.5}, sites=[site]), heard(), Bound.SLEEP, Strategy.SEQUENTIAL, "on purpose")


def tiny_factorials() -> Story:
    site = site_of("factorial", {PY: 0.02}, 0.03, items=5)
    run = told({PY: 0.03}, sites=[site], looks=4, independent=4.0)
    return story(run, heard(), {Bound.INCONCLUSIVE, Bound.CPU}, Strategy.SEQUENTIAL, "starting workers costs more")


def short_downloads() -> Story:
    """Half of 0.3 s could be saved, which nobody would notice."""
    site = site_of("download", {NET: 0.25}, 0.32, items=5)
    return story(told({NET: 0.25, PY: 0.07}, sites=[site], looks=40), heard(), Bound.IO, Strategy.SEQUENTIAL)


def gil_threads_at_a_site() -> Story:
    mine = {PY: 2.0, GIL: 6.0}
    pool = process_of(0, threads_of({LOCK: 8.0}, mine, mine, mine, mine))
    site = site_of(
        "score", {PY: 7.9}, 8.0, items=400, strategy_now="threads", workers_now=4, concurrency=4.0,
        thread_budget=ns({PY: 7.9, GIL: 23.7}),
    )  # fmt: skip
    run = told({PY: 8.0}, sites=[site], processes=(pool,), most_threads=5, gil_wait_share=0.75)
    return story(run, heard(), Bound.GIL, Strategy.PROCESSES, "share one GIL")


def gil_threads_without_site() -> Story:
    mine = {PY: 2.0, GIL: 4.0}
    pool = process_of(0, threads_of({LOCK: 6.0}, mine, mine, mine))
    run = told({PY: 6.0}, processes=(pool,), most_threads=4, gil_wait_share=0.67)
    return story(run, heard(), Bound.GIL, Strategy.PROCESSES, "3 threads compute in Python")


def gil_threads_on_one_cpu() -> Story:
    made = gil_threads_at_a_site()
    return story(made.breakdown, heard(cpus=1.0), Bound.GIL, Strategy.FEWER_WORKERS, "handing over")


def lock_convoy() -> Story:
    mine = {SLEEP: 1.0, LOCK: 3.0}
    pool = process_of(0, threads_of({LOCK: 4.0}, mine, mine, mine, mine))
    site = site_of(
        "work", {SLEEP: 4.0}, 4.0, items=200, strategy_now="threads", workers_now=4, concurrency=4.0,
        thread_budget=ns({SLEEP: 4.0, LOCK: 12.0}),
    )  # fmt: skip
    waits = (
        Wait(LOCK, "app.py:12", 0, 12 * NS, 196, FILE, 12),
        Wait(LOCK, "app.py:40", 0, 4 * NS, 4, FILE, 40),
        Wait(SLEEP, "", 4 * NS, 4 * NS, 200, FILE, 13),
    )
    run = told({SLEEP: 4.0}, sites=[site], processes=(pool,), most_threads=5, lock_wait_share=0.8, waits=waits)
    calls = {12: CallFact("lock", "lock"), 40: CallFact("threading.Thread.join", "thread.join()")}
    return story(run, heard(calls=calls), Bound.LOCK, Strategy.SEQUENTIAL, "in line for a lock")


def starved_by_quota() -> Story:
    run = told({PY: 2.0, NOCPU: 6.0}, totals=Totals(cpu_ns=2 * NS, throttled_ns=5 * NS))
    recording = heard(cpus=0.25, machine_cpus=8, limited_by="cgroup")
    return story(run, recording, Bound.STARVED, Strategy.RAISE_CPU_LIMIT, "5.0 s")


def crowded_cpu() -> Story:
    """Four processes that pinned themselves to one CPU of two."""
    mine = {PY: 4.0, NOCPU: 12.0}
    crowd = tuple(process_of(number, threads_of(mine)) for number in range(4))
    run = told(mine, processes=crowd, totals=Totals(cpu_ns=16 * NS))
    return story(run, heard(busy=0.55), Bound.STARVED, Strategy.RAISE_CPU_LIMIT, "bound itself")


def busy_neighbours() -> Story:
    """A machine that others use must not change what a computing program is."""
    wall = {PY: 4.0, NOCPU: 3.6}
    site = site_of("score", wall, 7.6, items=400, loop=loop_of("row", "rows"))
    return story(told(wall, sites=[site]), heard(busy=0.99), Bound.CPU, Strategy.PROCESSES)


def queue_of_tiny_items() -> Story:
    main, worker = {PY: 1.6, NOCPU: 0.4, IPC: 1.0}, {PY: 1.5, IPC: 1.5}
    crew = (process_of(0, threads_of(main)), process_of(1, threads_of(worker)), process_of(2, threads_of(worker)))
    spot = Hotspot(FILE, 40, 8, "main", "multiprocessing.Queue.put", round(1.8 * NS), ns({PY: 1.5, NOCPU: 0.3}), 2 * NS)
    run = told(main, processes=crew, hotspots=(spot,))
    return story(run, heard(), {Bound.CPU, Bound.MIXED, Bound.IO}, Strategy.BATCH, "pickled")


def pool_of_large_items() -> Story:
    """Tens of megabytes each: copying them is the work."""
    main, worker = {PY: 1.6, NATIVE: 0.4, IPC: 1.0}, {PY: 1.5, IPC: 1.5}
    crew = (process_of(0, threads_of(main)), process_of(1, threads_of(worker)), process_of(2, threads_of(worker)))
    file, call = "/usr/lib/python3.12/multiprocessing/reduction.py", "multiprocessing.reduction.dump"
    spot = Hotspot(file, 51, 8, "dumps", call, round(1.8 * NS), ns({PY: 1.8}), 2 * NS)
    totals = Totals(cpu_ns=3 * NS, system_ns=2 * NS, minor_faults=600_000)
    run = told(main, processes=crew, hotspots=(spot,), totals=totals)
    return story(run, heard(), {Bound.CPU, Bound.MIXED, Bound.IO}, Strategy.THREADS, "copying large items")


def queue_that_switches_all_the_time() -> Story:
    main, worker = {IPC: 2.4, PY: 0.6}, {IPC: 2.6, PY: 0.4}
    crew = (process_of(0, threads_of(main)), process_of(1, threads_of(worker)))
    run = told(main, processes=crew, totals=Totals(cpu_ns=NS, voluntary=40_000, involuntary=100))
    return story(run, heard(), Bound.IO, Strategy.BATCH, "costs more than the work on it")


def small_writes() -> Story:
    wait = Wait(DISK, "/data/log", 4 * NS, 4 * NS, 1500, FILE, 50)
    site = site_of("os.fsync", {DISK: 4.0, PY: 0.5}, 5.0, items=1500, line=50)
    recording = heard(calls={50: CallFact("os.fsync", "os.fsync(fd)")})
    return story(told({DISK: 4.0, PY: 1.0}, sites=[site], waits=(wait,)), recording, Bound.IO, Strategy.BATCH)


def blocked_event_loop() -> Story:
    block = LoopBlock(NS, NS // 4, NET, FILE, 18, "crawl", "requests.get")
    loop = EventLoop(
        "MainThread", round(1.9 * NS), NS // 4, (block,) * 8, selecting_ns=NS // 10, waiting_ns=round(1.9 * NS)
    )
    recording = heard(calls={18: CallFact("requests.get", "requests.get(url, timeout=3)")})
    run = told({NET: 1.9, PY: 0.2}, event_loops=(loop,))
    return story(run, recording, Bound.IO, Strategy.UNBLOCK_EVENT_LOOP, "no other task runs")


def pool_of_tiny_items() -> Story:
    site = site_of(
        "square", {PY: 3.8}, 4.0, items=40_000, strategy_now="processes", workers_now=2, concurrency=2.0,
        thread_budget=ns({PY: 7.4}),
    )  # fmt: skip
    site = site._replace(loop=None)
    return story(told({PY: 4.0}, sites=[site]), heard(), Bound.CPU, Strategy.BATCH, "costs about as much")


def pool_of_unknown_items() -> Story:
    """How many there were is not known, but more than its four threads can have had at once."""
    site = site_of(
        "download", {NET: 2.5}, 2.6, items=None, strategy_now="threads", workers_now=4, concurrency=3.9,
        thread_budget=ns({NET: 9.7}), items_low=40,
    )  # fmt: skip
    return story(told({NET: 2.6}, sites=[site]), heard(), Bound.IO, Strategy.MORE_WORKERS, "4 at a time")


def pool_whose_items_loop() -> Story:
    """The rounds of a loop inside an item are short, but nobody hands them over."""
    site = site_of(
        "square", {PY: 3.8}, 4.0, items=40_000, strategy_now="processes", workers_now=2, concurrency=2.0,
        thread_budget=ns({PY: 7.4}), loop=loop_of("number", "numbers"),
    )  # fmt: skip
    return story(told({PY: 4.0}, sites=[site]), heard(), Bound.CPU, Strategy.SEQUENTIAL, "already runs")


def sequential_awaits() -> Story:
    loop = EventLoop("MainThread", 0, 0, (), selecting_ns=round(4.7 * NS))
    recording = heard(
        calls={31: CallFact("fetch", "fetch(url)", awaited=True)}, loops=(loop_of(),), enclosing={0: (0,)}
    )
    return story(told({NET: 4.7, PY: 0.3}, event_loops=(loop,)), recording, Bound.IO, Strategy.ASYNCIO, "`fetch`")


def pool_of_five_downloads() -> Story:
    site = site_of(
        "download", {NET: 9.0, PY: 0.2}, 9.4, items=500, strategy_now="threads", workers_now=5, concurrency=4.9,
        thread_budget=ns({NET: 44.0, PY: 0.6}),
    )  # fmt: skip
    run = told({NET: 9.2, PY: 0.2}, sites=[site], most_threads=6)
    return story(run, heard(), Bound.IO, Strategy.MORE_WORKERS, "5 at a time")


def three_threads_for_three_downloads() -> Story:
    site = site_of(
        "download", {NET: 1.7}, 2.0, items=None, strategy_now="threads", workers_now=3, concurrency=3.0,
        thread_budget=ns({NET: 5.0}),
    )  # fmt: skip
    run = told({NET: 1.8, PY: 0.2}, sites=[site], most_threads=4)
    return story(run, heard(), Bound.IO, Strategy.SEQUENTIAL, "already runs")


def threads_that_each_download_once() -> Story:
    """Many waits of a thread may be parts of one item."""
    site = site_of(
        "download", {NET: 1.7}, 2.0, items=60, strategy_now="threads", workers_now=3, concurrency=3.0,
        thread_budget=ns({NET: 5.0}),
    )  # fmt: skip
    run = told({NET: 1.8, PY: 0.2}, sites=[site._replace(loop=None)], most_threads=4)
    return story(run, heard(), Bound.IO, Strategy.SEQUENTIAL, "already runs")


def pool_that_is_large_enough() -> Story:
    site = site_of(
        "download", {NET: 9.0, PY: 0.2}, 9.4, items=2000, strategy_now="threads", workers_now=24, concurrency=23.0,
        thread_budget=ns({NET: 205.0, PY: 1.5}),
    )  # fmt: skip
    run = told({NET: 9.2, PY: 0.2}, sites=[site], most_threads=25)
    return story(run, heard(), Bound.IO, Strategy.SEQUENTIAL, "already runs")


def native_pool_on_all_cpus() -> Story:
    site = site_of(
        "digest", {NATIVE: 4.8}, 5.0, items=100, strategy_now="threads", workers_now=2, concurrency=2.0,
        thread_budget=ns({NATIVE: 9.5}),
    )  # fmt: skip
    run = told({NATIVE: 5.0}, sites=[site], most_threads=3, totals=Totals(cpu_ns=10 * NS))
    return story(run, heard(), Bound.CPU, Strategy.SEQUENTIAL, "already runs")


def process_pool_on_all_cpus() -> Story:
    site = site_of(
        "score", {PY: 4.8}, 5.0, items=100, strategy_now="processes", workers_now=2, concurrency=2.0,
        thread_budget=ns({PY: 9.5}),
    )  # fmt: skip
    return story(told({PY: 5.0}, sites=[site]), heard(), Bound.CPU, Strategy.SEQUENTIAL, "already runs")


def dependent_loop() -> Story:
    loop = loop_of("row", "rows", independent="no", obstacles=("`total` is carried from one pass to the next",))
    site = site_of("step", {PY: 7.9}, 8.0, items=400, loop=loop)
    return story(told({PY: 8.0}, sites=[site]), heard(), Bound.CPU, Strategy.SEQUENTIAL, "`total` is carried")


def unsure_loop() -> Story:
    loop = loop_of(independent="unknown", obstacles=("writes to `cache`",))
    site = site_of("download", {NET: 9.0}, 9.4, items=100, loop=loop)
    return story(told({NET: 9.2, PY: 0.2}, sites=[site]), heard(), Bound.IO, Strategy.THREADS)


def two_phases() -> Story:
    """Computing, then downloads that take longer: the larger gain comes first."""
    sites = [
        site_of("download", {NET: 6.0, PY: 0.1}, 11.0, items=60, line=60),
        site_of("parse", {PY: 4.7}, 11.0, items=100, line=31),
    ]
    phases = (Phase(0, 5 * NS, shares_of({PY: 1})), Phase(5 * NS, 11 * NS, shares_of({NET: 1})))
    run = told({PY: 4.9, NET: 6.1}, sites=sites, phases=phases)
    return story(run, heard(), {Bound.IO, Bound.MIXED}, Strategy.THREADS, "`download`")


def memory_bound_native() -> Story:
    site = site_of("fill", {NATIVE: 4.8}, 5.0, items=40, minor_faults_per_s=250_000.0)
    return story(told({NATIVE: 5.0}, sites=[site]), heard(), Bound.CPU, Strategy.SEQUENTIAL)


def tiny_items_in_python() -> Story:
    """50 µs each: threads would halve the speed; with chunks processes gain."""
    site = site_of("score", {PY: 7.9}, 8.0, items=160_000, loop=loop_of("row", "rows"))
    return story(told({PY: 8.0}, sites=[site]), heard(), Bound.CPU, Strategy.PROCESSES)


def mixed_work() -> Story:
    wall = {PY: 4.0, NATIVE: 3.0, NET: 5.0, SLEEP: 2.0}
    site = site_of("handle", wall, 14.0, items=400)
    return story(told(wall, sites=[site]), heard(), {Bound.MIXED, Bound.IO}, {Strategy.THREADS, Strategy.PROCESSES})


def idle_server() -> Story:
    return story(told({IDLE: 9.5, PY: 0.5}), heard(), Bound.IO, Strategy.SEQUENTIAL, "nothing to do")


def blind_run() -> Story:
    return story(told({UNKNOWN: 4.0, PY: 6.0}), heard(), Bound.INCONCLUSIVE, Strategy.SEQUENTIAL)


def short_and_uncertain() -> Story:
    run = told({NET: 1.1, PY: 0.9}, looks=60, independent=6.0, width=0.3)
    return story(run, heard(), Bound.INCONCLUSIVE, Strategy.SEQUENTIAL)


def children_one_after_another() -> Story:
    """Children that wait for the network themselves: the computing of children needs no GIL of ours."""
    main = {CHILD: 8.0, PY: 0.2}
    run = told(main, sites=[site_of("convert", {CHILD: 8.0}, 8.2, items=40)])
    return story(run, heard(), Bound.IO, Strategy.THREADS)


def nested_loops() -> Story:
    loops = [
        site_of("chapter", {NET: 9.0}, 9.2, items=40, line=31, inner=1),
        site_of("download", {NET: 8.9}, 9.2, items=800, line=51, function="chapter"),
    ]
    return story(told({NET: 9.0, PY: 0.2}, sites=loops), heard(), Bound.IO, Strategy.THREADS)


def native_crew(workers: int, each: int, *, python=True, own=1) -> tuple[Breakdown, Recording]:
    """Processes with native threads that crowd two CPUs; `own` threads of each run Python and call the library."""
    life = 2.0 * workers * each / 2
    mine = {NATIVE: 2.0, NOCPU: life - 2.0}
    crew = [process_of(number, threads_of(*[mine] * each)) for number in range(workers)]
    records = tuple(record_of(process, python=python, own=own) for process in crew)
    run = told(mine, processes=tuple(crew), totals=Totals(cpu_ns=2 * workers * each * NS))
    return run, heard(busy=0.99)._replace(processes=records)


def record_of(process: ProcessBudget, *, python: bool, own: int) -> ProcessRecord:
    """What was recorded of a process of which `own` threads had a stack."""
    seen = StackLooks()
    seen.append(1, 1, 0, 0)
    threads = tuple(
        ThreadRecord(
            thread.native_id,
            thread.name,
            0,
            NS,
            0,
            0,
            Marks(),
            seen if number < own else StackLooks(),
            recording_loops(),
        )
        for number, thread in enumerate(process.threads)
    )
    return ProcessRecord(process.process + 1, 0, "python" if python else "xz", python, python, 0, NS, threads)


def too_many_native_threads() -> Story:
    run, recording = native_crew(1, 8)
    return story(run, recording, {Bound.STARVED, Bound.CPU}, Strategy.LIMIT_NATIVE_THREADS, "8 native threads")


def workers_with_a_library_each() -> Story:
    run, recording = native_crew(4, 2)
    return story(run, recording, {Bound.STARVED, Bound.CPU}, Strategy.LIMIT_NATIVE_THREADS, "8 native threads")


STORIES = {
    made.__name__: made
    for made in (
        sequential_downloads, pure_python_list, pure_python_of_untold_items, native_hashes, one_cpu, sleeper,
        tiny_factorials, short_downloads, gil_threads_at_a_site, gil_threads_without_site, gil_threads_on_one_cpu,
        lock_convoy, starved_by_quota, crowded_cpu, busy_neighbours, queue_of_tiny_items, pool_of_large_items,
        queue_that_switches_all_the_time, small_writes, blocked_event_loop, sequential_awaits, pool_of_five_downloads,
        pool_of_tiny_items, pool_whose_items_loop, pool_of_unknown_items, three_threads_for_three_downloads,
        threads_that_each_download_once,
        pool_that_is_large_enough, native_pool_on_all_cpus, process_pool_on_all_cpus, dependent_loop, unsure_loop,
        two_phases, memory_bound_native, tiny_items_in_python, mixed_work, idle_server, blind_run, short_and_uncertain,
        children_one_after_another, nested_loops, too_many_native_threads, workers_with_a_library_each,
    )
}  # fmt: skip


def with_stacks(recording: Recording, functions: tuple[str, ...], line: int) -> Recording:
    """The recording with one thread whose only stack has these functions, outermost first, the last at `line`."""
    places = tuple(Place(FILE, name, 1, line if name == functions[-1] else 5, 8, line, 40) for name in functions)
    nodes = (StackNode(0, 0), *(StackNode(number, number) for number in range(len(functions))))
    looks = StackLooks()
    looks.append(1, 1, len(functions), 0)
    marks = Marks()
    marks.append(0, 0, 0, 1, 0, still=2 * NS, looks=9)
    thread = ThreadRecord(1, "MainThread", 0, NS, 0, 0, marks, looks, recording_loops())
    process = ProcessRecord(1, 0, "app.py", True, True, 0, NS, (thread,))
    channels = (Channel("", Kind.UNKNOWN), Channel("recvfrom", Kind.INTERNET, "10.0.0.1:80"))
    return recording._replace(places=places, stacks=nodes, processes=(process,), channels=channels)


def recording_loops():
    """No looks at loops."""
    from iobound.model.recording import LoopLooks

    return LoopLooks()


def function_time(name: str, budget: Seconds) -> FunctionTime:
    """A function that spent all its time itself."""
    return FunctionTime(FILE, name, 1, ns(budget), ns(budget))


def pooled(recording: Recording, site: Site) -> Recording:
    """The recording with a stack in which a pool of threads calls the site."""
    places = (
        Place("/usr/lib/python3.12/concurrent/futures/thread.py", "_worker", 80, 90),
        Place(site.file, site.callee, site.line, site.line),
    )
    return recording._replace(places=places, stacks=(StackNode(0, 0), StackNode(0, 0), StackNode(1, 1)))
