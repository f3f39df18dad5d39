"""Loops and pool functions that could run their items at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from iobound.model.breakdown import Site
from iobound.model.recording import Gil, Kind, LoopLooks
from iobound.model.source_facts import CallFact
from iobound.model.state import State
from iobound.verbs.attribute import breakdown, timeline

MS = 1_000_000
Rows = list[tuple[int, int, int, int]]
Running = Callable[[int, int, int], Rows]


def sites(desk: Any) -> tuple[Site, ...]:
    recording = desk.recording()
    return breakdown(recording, timeline(recording)).sites


def downloads(desk: Any, count: int, each: int, loops: LoopLooks | None = None, line: int = 2) -> int:
    """A loop that fetches; its stack."""
    recv = desk.channel("recvfrom", Kind.INTERNET, "h:80")
    fetch = desk.place("main", 3, call=CallFact("app.fetch", "fetch(url)"))
    desk.loop(fetch, line=line)
    stack = desk.stack(fetch, desk.place("fetch", 9, call=CallFact("requests.get", "requests.get(url)")))
    rows = [(turn * each, turn * each + each - 4, recv, 0) for turn in range(count)]
    desk.process(desk.thread(rows, [stack] * count, end=count * each, cpu=count, loops=loops))
    return int(stack)


def test_a_loop_of_downloads(desk: Any) -> None:
    """The callee is what the loop calls, the items are the waits, the loop's independence is the source's word."""
    downloads(desk, 20, 100)
    (site,) = sites(desk)
    assert (site.callee, site.line, site.function) == ("app.fetch", 3, "main")
    assert (site.items, site.items_low, site.independent) == (20.0, 20, "yes")
    assert site.budget[State.WAIT_NETWORK] > 0.95 * site.wall_ns
    assert site.share > 0.98
    assert site.share_interval.low <= site.share <= site.share_interval.high
    assert (site.strategy_now, site.workers_now, site.serial_target) == ("sequential", 1, "h:80 (http)")


def test_a_call_in_an_inner_loop_is_no_callee_of_the_outer_one(desk: Any) -> None:
    """It runs more often than the outer loop's items, and with names that the outer loop does not bind."""
    recv = desk.channel("recvfrom", Kind.INTERNET, "h:80")
    fetch = desk.place("main", 3, call=CallFact("app.fetch", "fetch(feed, page)"))
    outer, inner = desk.loop(fetch, line=1, trip_count=40), desk.loop(fetch, line=2)
    stack = desk.stack(fetch, desk.place("fetch", 9, call=CallFact("requests.get", "requests.get(url)")))
    rows = [(turn * 20, turn * 20 + 16, recv, 0) for turn in range(120)]
    desk.process(desk.thread(rows, [stack] * 120, end=2400, cpu=120))
    callees = {site.loop.line: site.callee for site in sites(desk) if site.loop}
    assert (outer, inner) == (0, 1)
    assert callees == {1: "", 2: "app.fetch"}


def test_iterators_count_items(desk: Any) -> None:
    """What the loop's own iterator says goes before what was seen of waits."""
    looks = LoopLooks()
    for turn in range(20):
        looks.append(turn * 100 * MS, 1, 0, 77, 1 + turn * 3, 60)
    stack = downloads(desk, 20, 100, looks)
    assert desk.stacks[stack].caller == 1
    (site,) = sites(desk)
    assert site.items == 60.0
    assert site.items_low == 58
    assert len(site.item_ns) == 57
    assert site.item_ns[0] == pytest.approx(100 * MS / 3, rel=0.01)


def test_a_generators_items_are_not_those_of_the_loop_around_it(desk: Any) -> None:
    """A generator expression has a frame of its own: its first loop is not the first of the function."""
    recv = desk.channel("recvfrom", Kind.INTERNET, "h:80")
    fetch = desk.place("main", 3, call=CallFact("app.fetch", "fetch(url)"))
    total = desk.place("main", 4, call=CallFact("builtins.sum", "sum(n for n in numbers)"))
    inside = desk.place("main.<locals>.<genexpr>", 4)
    whole = desk.place("main.<locals>.<genexpr>", 5)
    desk.loop(fetch, total, inside, whole, line=2)
    desk.loop(inside, line=4, kind="comprehension")
    looks = LoopLooks()
    outer = desk.stack(fetch)
    looks.append(1, outer, 0, 1, 1, 5)
    for place in (inside, whole):
        looks.append(2, desk.stack(total, place), 0, 2, 1000, 1_000_000)
    looks.append(3, outer, 0, 1, 5, 5)
    rows = [(turn * 20, turn * 20 + 16, recv, 0) for turn in range(20)]
    desk.process(desk.thread(rows, [outer] * 20, end=400, cpu=20, loops=looks))
    assert {site.loop.line: site.items for site in sites(desk) if site.loop}[2] == 5.0


def test_an_item_that_many_looks_saw_took_all_that_time(desk: Any) -> None:
    """A giant among small ones is not hidden in the mean of what passed after it."""
    looks = LoopLooks()
    for time, position in ((0, 1), (20, 11), (1720, 11), (1800, 27), (1900, 37)):
        looks.append(time * MS, 1, 0, 77, position, 41)
    downloads(desk, 20, 100, looks)
    (site,) = sites(desk)
    assert max(site.item_ns) == 1700 * MS
    assert sorted(site.item_ns)[-2] < 11 * MS
    assert sum(site.item_ns) == pytest.approx(1900 * MS, rel=0.01)


def test_the_last_item_that_was_seen_has_a_length(desk: Any) -> None:
    """One giant item that the loop ends with leaves no later look, but a long stay at one position."""
    looks = LoopLooks()
    for time, position in ((0, 1), (100, 11), (200, 21), (300, 21), (1900, 21)):
        looks.append(time * MS, 1, 0, 77, position, 41)
    downloads(desk, 20, 100, looks)
    (site,) = sites(desk)
    assert max(site.item_ns) == 1700 * MS
    assert len(site.item_ns) == 21


def test_executions_of_a_loop_add_up(desk: Any) -> None:
    """Each run over an iterator counts; where no early exit is possible it has come to its end, seen or not."""
    looks = LoopLooks()
    for number, position in ((1, 4), (1, 8), (2, 3), (2, 5)):
        looks.append((number * 10 + position) * MS, 1, 0, number, position, 10)
    downloads(desk, 20, 100, looks)
    (site,) = sites(desk)
    assert site.items_low == 13
    assert site.items == 10 + 10


def test_nested_iterators_are_told_apart_by_depth(desk: Any) -> None:
    """Each loop of a frame has its own iterator."""
    looks = LoopLooks()
    for turn in range(20):
        looks.append(turn * 100 * MS, 1, 0, 1, 1 + turn // 10, 2)
        looks.append(turn * 100 * MS, 1, 1, 2 + turn // 10, 1 + turn % 10, 10)
    downloads(desk, 20, 100, looks)
    desk.loop(0, line=3)
    outer, inner = sorted(sites(desk), key=lambda site: site.loop.line if site.loop else 0)
    assert (outer.items, inner.items) == (2.0, 20.0)


def test_a_tight_loop_has_no_callee(desk: Any, running: Running) -> None:
    """A loop that computes by itself is a site too; how many items it ran cannot be seen."""
    body = desk.place("total", 5)
    desk.loop(body, line=4)
    rows = running(0, 1000, Gil.MINE)
    desk.process(desk.thread(rows, [desk.stack(body)] * len(rows), end=1000))
    (site,) = sites(desk)
    assert (site.callee, site.items, site.line) == ("", None, 5)


def test_nested_loops_name_the_inner_one(desk: Any, running: Running) -> None:
    """The outer loop comes first and points to the inner, never the other way."""
    body = desk.place("total", 5)
    outer, inner = desk.loop(body, line=3, trip_count=50), desk.loop(body, line=4, trip_count=1000)
    rows = running(0, 1000, Gil.MINE)
    desk.process(desk.thread(rows, [desk.stack(body)] * len(rows), end=1000))
    found = {desk.loops.index(site.loop): (number, site) for number, site in enumerate(sites(desk))}
    assert found[outer][1].inner == found[inner][0]
    assert found[inner][1].inner is None
    assert (found[outer][1].items, found[inner][1].items) == (50.0, None)
    assert (found[inner][1].around, found[outer][1].around) == ((found[outer][0],), ())


def test_a_loop_lies_inside_of_those_that_call_its_function_and_of_no_other(desk: Any, running: Running) -> None:
    """Two loops that call functions of one name are told apart by the stacks."""
    call, body = desk.place("main", 3, call=CallFact("app.run", "run(x)")), desk.place("run", 9)
    other = desk.place("main", 20, call=CallFact("subprocess.run", "subprocess.run(x)"))
    outer, inner, beside = desk.loop(call, line=2), desk.loop(body, line=8), desk.loop(other, line=19)
    rows = running(0, 1000, Gil.MINE)
    half = len(rows) // 2
    stacks = [desk.stack(call, body)] * half + [desk.stack(other)] * (len(rows) - half)
    desk.process(desk.thread(rows, stacks, end=1000))
    found = {desk.loops.index(site.loop): (number, site) for number, site in enumerate(sites(desk))}
    assert found[inner][1].around == (found[outer][0],)
    assert found[outer][1].around == found[beside][1].around == ()


def pool(desk: Any, workers: int, *, processes: bool) -> None:
    """Workers of a pool that all run `task`."""
    timer = desk.channel("clock_nanosleep", Kind.TIMER)
    if processes:
        frames = [
            ("multiprocessing/process.py", "BaseProcess.run"),
            ("concurrent/futures/process.py", "_process_worker"),
        ]
    else:
        frames = [("threading.py", "Thread.run"), ("concurrent/futures/thread.py", "_worker")]
    task = desk.place("task", 7, call=CallFact("time.sleep", "time.sleep(0.1)"))
    stack = desk.stack(*(desk.place(function, 1, file) for file, function in frames), task)
    futex = desk.channel("futex", Kind.FUTEX)
    main = desk.thread([(0, 994, futex, 0)], [desk.stack(desk.place("<module>", 20))], end=1000, cpu=0)
    rows = [(turn * 100, turn * 100 + 95, timer, 0) for turn in range(10)]
    threads = [desk.thread(rows, [stack] * 10, name=f"w{n}", end=1000, cpu=5) for n in range(workers)]
    if processes:
        desk.process(main)
        for thread in threads:
            desk.process(thread)
    else:
        desk.process(main, *threads)


@pytest.mark.parametrize(("processes", "strategy"), [(False, "threads"), (True, "processes")])
def test_pools_are_sites(desk: Any, processes: bool, strategy: str) -> None:
    """What a pool's workers run is a site, with its workers and items, whoever submitted it."""
    pool(desk, 4, processes=processes)
    (site,) = sites(desk)
    assert (site.callee, site.strategy_now, site.workers_now) == ("task", strategy, 4)
    assert site.concurrency == pytest.approx(4.0, abs=0.1)
    assert site.items == 40.0
    assert site.budget[State.WAIT_SLEEP] > 0.95 * site.wall_ns
    assert site.independent == "yes"


def test_a_thread_that_runs_one_function_once_is_no_site(desk: Any, running: Running) -> None:
    """Nothing is repeated there."""
    stack = desk.stack(desk.place("Thread.run", 1, "threading.py"), desk.place("work", 7))
    rows = running(0, 500, Gil.MINE)
    desk.process(desk.thread(rows, [stack] * len(rows), end=500))
    assert sites(desk) == ()


def test_few_and_large_sites_only(desk: Any, running: Running) -> None:
    """At most ten sites, each at least a hundredth of the run, the largest first."""
    rows = running(0, 7000, Gil.MINE)
    stacks = []
    for number in range(len(rows)):
        body = desk.place(f"f{number % 15 if number > 5 else 99}", 5)
        if body not in desk.enclosing:
            desk.loop(body, line=number)
        stacks.append(desk.stack(body))
    desk.process(desk.thread(rows, stacks, end=7000))
    found = sites(desk)
    assert len(found) == 10
    assert all(site.share >= 0.01 for site in found)
    assert [site.share for site in found] == sorted((site.share for site in found), reverse=True)


def test_a_look_without_a_line_belongs_to_the_loop_of_its_function(desk: Any) -> None:
    """The jump back to a loop's head has no line in CPython 3.11."""
    inside, jump = desk.place("main", 3), desk.place("main", 0)
    desk.loop(inside, line=2)
    stacks = [desk.stack(inside), desk.stack(jump)]
    rows = [(turn * 50, turn * 50, 0, int(Gil.MINE)) for turn in range(20)]
    desk.process(desk.thread(rows, [stacks[turn % 2] for turn in range(20)], end=1000, cpu=1000))
    (site,) = sites(desk)
    assert site.share > 0.95
    assert site.line == 3


def test_looks_at_files_are_told_from_long_native_calls(desk: Any) -> None:
    """Each lets go of the GIL for a moment only."""
    size = desk.place("main", 3, call=CallFact("os.path.getsize", "os.path.getsize(path)", category="disk"))
    pack = desk.place("main", 4, call=CallFact("zlib.compress", "zlib.compress(data)", category="cpu-native"))
    desk.loop(size, pack, line=2)
    stacks = [desk.stack(size), desk.stack(pack)]
    rows = [(turn * 50, turn * 50, 0, int(Gil.FREE)) for turn in range(20)]
    desk.process(desk.thread(rows, [stacks[turn // 15] for turn in range(20)], end=1000, cpu=1000))
    (site,) = sites(desk)
    assert site.short_calls_ns == pytest.approx(750 * MS, rel=0.1)
    assert site.calls["os.path.getsize"] == pytest.approx(750 * MS, rel=0.1)
    assert site.calls["zlib.compress"] == pytest.approx(250 * MS, rel=0.2)


@pytest.mark.parametrize(
    ("name", "text", "changes"),
    [
        ("builtins.open", 'open(path, "w")', True),
        ("builtins.open", "open(path + '.new', mode='wb')", True),
        ("os.open", "os.open(path, os.O_WRONLY | os.O_CREAT)", True),
        ("builtins.open", "open(path)", False),
        ("builtins.open", 'open(path, "rb")', False),
        ("os.rename", "os.rename(a, b)", True),
        ("io.IOBase.read", "file.read()", False),
    ],
)
def test_making_files_is_told_by_call_and_mode(desk: Any, name: str, text: str, changes: bool) -> None:
    """Opening to read changes nothing."""
    make = desk.place("main", 3, call=CallFact(name, text, category="disk"))
    desk.loop(make, line=2)
    rows = [(turn * 50, turn * 50, 0, int(Gil.FREE)) for turn in range(20)]
    desk.process(desk.thread(rows, [desk.stack(make)] * 20, end=1000, cpu=1000))
    (site,) = sites(desk)
    assert (site.file_changes_ns > 900 * MS) is changes


def test_fresh_memory_is_kernel_time_that_no_system_call_explains(desk: Any) -> None:
    """A read copies in the kernel, too, but says so."""
    read = desk.place("main", 3, call=CallFact("io.IOBase.read", "file.read()", category="disk"))
    add = desk.place("main", 4, call=CallFact("numpy.add", "numpy.add(a, b)", category="cpu-native"))
    desk.loop(read, add, line=2)
    stacks = [desk.stack(read), desk.stack(add)]
    rows = [(turn * 50, turn * 50, 0, int(Gil.FREE)) for turn in range(20)]
    desk.process(desk.thread(rows, [stacks[turn // 10] for turn in range(20)], end=1000, cpu=1000))
    desk.processes[0] = desk.processes[0]._replace(system_ns=600 * MS)
    (site,) = sites(desk)
    assert site.page_filling_ns == pytest.approx(300 * MS, rel=0.15)


def test_threads_that_ran_for_a_moment_do_not_make_the_run_unknown(desk: Any) -> None:
    """A single look at a short thread stands for as much as its counters say, not for all of its life."""
    join = desk.stack(desk.place("main", 3, call=CallFact("threading.Thread.join", "thread.join()")))
    lock = desk.channel("futex", Kind.FUTEX)
    recv = desk.channel("recvfrom", Kind.INTERNET, "h:80")
    main = desk.thread([(turn * 100 + 1, turn * 100 + 95, lock, 0) for turn in range(10)], [join] * 10, end=1000, cpu=2)
    turns = [(100 * turn, 100 * turn + 5, 100 * turn + 90, 100 * turn + 99) for turn in range(9)]
    waiting = [desk.thread([(a, b, recv, 0)], [], start=start, end=end, cpu=1) for start, a, b, end in turns]
    moment = desk.thread([(950, 950, 0, 0)], [], start=900, end=999, cpu=1)
    moment.marks.cpu[0] = MS // 5
    desk.process(main, *waiting, moment)
    recording = desk.recording()
    shares = breakdown(recording, timeline(recording)).shares
    assert shares[State.WAIT_NETWORK] > 0.75
    assert shares[State.UNKNOWN] < 0.15


def test_a_program_waits_for_its_workers_rather_than_for_its_server(desk: Any) -> None:
    """Both wait on the network at the same looks; the server was started first."""
    recv = desk.channel("recvfrom", Kind.INTERNET, "h:80")
    pipe = desk.channel("read", Kind.PIPE)
    main = desk.stack(desk.place("main", 3, call=CallFact("multiprocessing.pool.Pool.map", "pool.map(get, urls)")))
    server = desk.stack(desk.place("serve", 30))
    entrance = desk.place("BaseProcess.run", 100, "multiprocessing/process.py")
    get = desk.stack(entrance, desk.place("worker", 5, "multiprocessing/pool.py"), desk.place("get", 9))
    rows = [(turn * 100 + 2, turn * 100 + 90, recv, 0) for turn in range(10)]
    desk.process(desk.thread([(5, 995, pipe, 0)], [main], end=1000, cpu=1))
    for stack in (server, get, get):
        desk.process(desk.thread(rows, [stack] * 10, end=1000, cpu=10))
    recording = desk.recording()
    (site,) = breakdown(recording, timeline(recording)).sites
    assert (site.function, site.strategy_now) == ("get", "processes")
    assert site.share > 0.8


def tools(desk: Any, count: int, each: int) -> None:
    """A loop that runs a program that computes, one time after another: the program's thread has no stack."""
    waiting = desk.channel("wait4", Kind.CHILD)
    run = desk.place("main", 3, call=CallFact("subprocess.run", "subprocess.run(command)"))
    desk.loop(run)
    stack = desk.stack(run, desk.place("Popen.wait", 1200, "subprocess.py"))
    rows = [(turn * each + 2, (turn + 1) * each - 2, waiting, 0) for turn in range(count)]
    desk.process(desk.thread(rows, [stack] * count, end=count * each, cpu=4 * count))
    for turn in range(count):
        begin, end = turn * each + 2, (turn + 1) * each - 2
        times = [(time, time, 0, 0) for time in range(begin, end, 7)]
        desk.process(desk.thread(times, start=begin, end=end, cpu=end - begin), python=False, agent=False)


def test_a_loop_of_programs_has_their_time(desk: Any) -> None:
    """While a call waits for a program that computes, the instant is the program's and the call's."""
    tools(desk, 10, 200)
    recording = desk.recording()
    result = breakdown(recording, timeline(recording))
    (site,) = result.sites
    assert site.callee == "subprocess.run"
    assert site.share > 0.95
    assert site.share_interval.low > 0.9
    assert site.budget[State.CPU_NATIVE] > 0.95 * site.wall_ns
    assert sum(site.budget.values()) == site.wall_ns
    assert site.thread_budget[State.WAIT_CHILD] > 0.95 * site.wall_ns
    assert site.children_ns > 0.95 * site.wall_ns
    assert site.items == 10.0
    assert result.hotspots[0].line == 3
    assert result.hotspots[0].wall_ns > 0.95 * recording.wall_ns


def test_a_loop_of_python_programs_has_their_time(desk: Any) -> None:
    """The stacks of a Python program that was started are its own; the loop that started it has the time as well."""
    waiting = desk.channel("wait4", Kind.CHILD)
    run = desk.place("main", 3, call=CallFact("subprocess.run", "subprocess.run(command)"))
    desk.loop(run)
    stack = desk.stack(run, desk.place("Popen.wait", 1200, "subprocess.py"))
    desk.process(desk.thread([(0, 990, waiting, 0)], [stack], end=1000, cpu=10))
    inner = desk.stack(desk.place("<module>", 5, "/home/me/tool.py"))
    times = [(time, time, 0, 0) for time in range(10, 980, 7)]
    desk.process(desk.thread(times, [inner] * len(times), start=10, end=985, cpu=975))
    recording = desk.recording()
    result = breakdown(recording, timeline(recording))
    (site,) = result.sites
    assert site.share > 0.95
    assert sum(site.budget.values()) == site.wall_ns
    assert site.thread_budget.get(State.CPU_PYTHON, 0) < 0.05 * site.wall_ns
    assert result.hotspots[0].file == "/home/me/tool.py"


def test_what_children_used_that_nobody_saw_is_the_rest(desk: Any) -> None:
    """The kernel's sum over all children that were waited for, without those that were observed."""
    tools(desk, 5, 100)
    assert breakdown(desk.recording(), timeline(desk.recording())).totals.unseen_children_ns is None
    desk.processes[0] = desk.processes[0]._replace(children_cpu_ns=1000 * MS)
    assert breakdown(desk.recording(), timeline(desk.recording())).totals.unseen_children_ns == 520 * MS
