"""Time by place, wait, phase and thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from iobound.model.breakdown import Breakdown
from iobound.model.recording import Gil, HostLook, Kind
from iobound.model.source_facts import CallFact
from iobound.model.state import State
from iobound.verbs.attribute import breakdown, timeline
from iobound.verbs.attribute.services import with_service
from iobound.verbs.attribute.sites import MOST_SITES
from iobound.verbs.attribute.tally import MOST_HOTSPOTS, MOST_WAITS
from iobound.verbs.attribute.totals import most_threads

MS = 1_000_000
Rows = list[tuple[int, int, int, int]]
Running = Callable[[int, int, int], Rows]


def done(desk: Any) -> Breakdown:
    recording = desk.recording()
    return breakdown(recording, timeline(recording))


def test_a_wait_is_counted_and_named(desk: Any) -> None:
    """Two requests to one server: two waits for it, at the line that makes them."""
    recv = desk.channel("recvfrom", Kind.INTERNET, "10.0.0.1:5432")
    stack = desk.stack(
        desk.place("main", 5, call=CallFact("socket.recv", "s.recv()")), desk.place("read", 1, "socket.py")
    )
    desk.process(desk.thread([(0, 400, recv, 0), (410, 990, recv, 0)], [stack, stack], end=1000, cpu=10))
    (wait,) = done(desk).waits
    assert (wait.state, wait.target, wait.count) == (State.WAIT_NETWORK, "10.0.0.1:5432 (postgresql)", 2)
    assert (wait.file, wait.line) == ("/home/me/app.py", 5)
    assert wait.thread_ns == 990 * MS
    assert wait.wall_ns == pytest.approx(990 * MS, rel=1e-3)


def test_locks_go_by_the_place_that_waits(desk: Any) -> None:
    """A lock's address says nothing to anybody."""
    futex = desk.channel("futex", Kind.FUTEX, "0x7f00")
    stack = desk.stack(desk.place("main", 31))
    desk.process(desk.thread([(0, 990, futex, 0)], [stack], end=1000, cpu=0))
    result = done(desk)
    assert [wait.target for wait in result.waits] == ["lock at app.py:31"]
    assert result.lock_wait_share == pytest.approx(1.0)


def test_hotspots_are_the_users_calls(desk: Any, running: Running) -> None:
    """Time inside a library counts at the call in the user's code; hotspots add up to the wall time."""
    call = desk.place("main", 7, call=CallFact("json.dumps", "json.dumps(x)"))
    stack = desk.stack(call, desk.place("JSONEncoder.encode", 3, "json/encoder.py"))
    rows = running(0, 1000, Gil.MINE)
    desk.process(desk.thread(rows, [stack] * len(rows), end=1000))
    result = done(desk)
    (spot,) = result.hotspots
    assert (spot.call, spot.line, spot.wall_ns, spot.thread_ns) == ("json.dumps", 7, 1000 * MS, 1000 * MS)
    by_name = {function.function: function for function in result.functions}
    assert by_name["main"].self_budget == {}
    assert by_name["main"].total_budget == by_name["JSONEncoder.encode"].self_budget


def test_a_place_without_a_line_goes_by_its_function(desk: Any, running: Running) -> None:
    """The compiler gives some instructions no line; nothing is at line 0."""
    rows = running(0, 700, Gil.MINE)
    desk.process(desk.thread(rows, [desk.stack(desk.place("main", 0))] * len(rows), end=700))
    assert [spot.line for spot in done(desk).hotspots] == [1]


def test_methods_that_dataclasses_write_are_no_code_of_the_user(desk: Any, running: Running) -> None:
    """They have the file name of code that somebody typed, but nobody can look it up."""
    made = desk.place("__create_fn__.<locals>.__init__", 2, "<string>")
    inside, alone = desk.stack(desk.place("main", 8), made), desk.stack(desk.place("visit", 5, "ast.py"), made)
    for stack, line in ((inside, 8), (alone, 5)):
        desk.processes.clear()
        rows = running(0, 700, Gil.MINE)
        desk.process(desk.thread(rows, [stack] * len(rows), end=700))
        assert [spot.line for spot in done(desk).hotspots] == [line]
    typed = desk.stack(desk.place("<module>", 3, "<string>"))
    assert desk.table().has_users_code(typed)


def test_system_calls_are_told_by_what_the_kernel_says(desk: Any) -> None:
    """A pool's worker idles, whatever its futex is for; time in no call is told, too."""
    futex, recv = desk.channel("futex", Kind.FUTEX, "0x7f00"), desk.channel("recvfrom", Kind.INTERNET, "h:80")
    worker = desk.stack(desk.place("_worker", 81, "concurrent/futures/thread.py"))
    desk.process(desk.thread([(0, 400, futex, 0), (500, 990, recv, 0)], [worker, worker], end=1000, cpu=100))
    calls = {(call.call, call.target): call for call in done(desk).system_calls}
    assert calls["futex", ""].state is State.WAIT_LOCK
    assert calls["recvfrom", "h:80"].wall_ns == pytest.approx(495 * MS, abs=10 * MS)
    assert calls["", ""].wall_ns == pytest.approx(100 * MS, abs=10 * MS)
    assert sum(call.wall_ns for call in calls.values()) == 1000 * MS


def test_rows_that_there_is_no_room_for_are_counted(desk: Any) -> None:
    """Those with the least time; a sum over the rest is not that over all."""
    rows, stacks = [], []
    for number in range(MOST_WAITS + 7):
        recv = desk.channel("recvfrom", Kind.INTERNET, f"10.0.{number // 250}.{number % 250}:80")
        rows.append((10 * number, 10 * number + 9, recv, 0))
        stacks.append(desk.stack(desk.place("main", number + 1)))
    desk.process(desk.thread(rows, stacks, end=10 * len(rows), cpu=len(rows)))
    found = done(desk)
    assert (len(found.waits), found.left_out["waits"]) == (MOST_WAITS, 7)
    assert (len(found.hotspots), found.left_out["hotspots"]) == (MOST_HOTSPOTS, len(rows) - MOST_HOTSPOTS)
    assert found.left_out["sites"] == 0


def test_loops_that_there_is_no_room_for_are_counted(desk: Any) -> None:
    """There are ten sites at most."""
    recv = desk.channel("recvfrom", Kind.INTERNET, "h:80")
    rows, stacks = [], []
    for number in range(MOST_SITES + 3):
        fetch = desk.place(f"step{number}", 3, call=CallFact("app.fetch", "fetch(url)"))
        desk.loop(fetch, line=2)
        rows.append((100 * number, 100 * number + 96, recv, 0))
        stacks.append(desk.stack(fetch))
    desk.process(desk.thread(rows, stacks, end=100 * len(rows), cpu=len(rows)))
    found = done(desk)
    assert (len(found.sites), found.left_out["sites"]) == (MOST_SITES, 3)


@pytest.mark.parametrize(("long", "known"), [(10, True), (5, True), (4, False), (0, False)])
def test_the_count_of_waits_is_known_where_most_last_for_several_looks(desk: Any, long: int, known: bool) -> None:
    """Of those that are over before the next look, any number is missed."""
    recv = desk.channel("recvfrom", Kind.INTERNET, "h:80")
    stack = desk.stack(desk.place("main", 5))
    rows = [(100 * turn, 100 * turn + (60 if turn < long else 0), recv, 0) for turn in range(10)]
    thread = desk.thread(rows, [stack] * 10, end=1000, cpu=100)
    for row in range(10):
        thread.marks.looks[row] = 3 if row < long else 1
    desk.process(thread)
    (wait,) = done(desk).waits
    assert (wait.count, wait.count_known) == (10, known)


def test_looks_by_clocks_that_find_the_same_wait_are_one(desk: Any) -> None:
    """Where nothing but CPU clocks is known each look makes a mark; a wait is over when the clock has moved."""
    blocked = desk.channel("blocked", Kind.UNKNOWN)
    stack = desk.stack(desk.place("main", 5, call=CallFact("requests.get", "requests.get(u)", category="network")))
    rows = [(time, time, blocked, 0) for time in range(0, 280, 7)]
    thread = desk.thread(rows, [stack] * len(rows), end=280, cpu=4)
    for row in range(len(rows)):
        thread.marks.cpu[row] = row // 10 * MS
    desk.process(thread)
    counts = []
    for source in ("portable", "linux"):
        recording = desk.recording()._replace(source=source)
        (wait,) = breakdown(recording, timeline(recording)).waits
        counts.append(wait.count)
    assert counts == [4, 40]


def test_recursion_counts_once(desk: Any, running: Running) -> None:
    """A function's total time is at most the wall time however deep it calls itself."""
    fib = desk.place("fib", 3)
    rows = running(0, 700, Gil.MINE)
    desk.process(desk.thread(rows, [desk.stack(fib, fib, fib)] * len(rows), end=700))
    (function,) = done(desk).functions
    assert sum(function.total_budget.values()) == 700 * MS


def test_phases_are_where_shares_change(desk: Any, running: Running) -> None:
    """A second of imports, then waiting, then computing: three phases in order."""
    imports = desk.stack(desk.place("<module>", 1), desk.place("_find_and_load", 9, "<frozen importlib._bootstrap>"))
    main = desk.stack(desk.place("main", 9))
    timer = desk.channel("clock_nanosleep", Kind.TIMER)
    first, last = running(0, 1000, Gil.MINE), running(3000, 6000, Gil.MINE)
    stacks = [imports] * len(first) + [main] * (1 + len(last))
    desk.process(desk.thread([*first, (1001, 2994, timer, 0), *last], stacks, end=6000))
    phases = done(desk).phases
    assert [phase.name for phase in phases] == ["imports", "", ""]
    assert phases[1].shares[State.WAIT_SLEEP] > 0.95
    assert phases[2].shares[State.CPU_PYTHON] > 0.95
    assert phases[2].start_ns == pytest.approx(3000 * MS, abs=60 * MS)
    assert [a.end_ns for a in phases[:-1]] == [b.start_ns for b in phases[1:]]
    assert (phases[0].start_ns, phases[-1].end_ns) == (0, 6000 * MS)


def test_a_steady_alternation_is_one_phase(desk: Any) -> None:
    """Waiting and computing by turns of 60 ms is what the program does, not ten phases."""
    timer = desk.channel("clock_nanosleep", Kind.TIMER)
    rows: Rows = []
    for start in range(0, 6000, 120):
        rows += [(start + time, start + time, 0, Gil.MINE) for time in range(0, 60, 7)]
        rows += [(start + 61, start + 115, timer, 0)]
    desk.process(desk.thread(rows, end=6000))
    assert len(done(desk).phases) == 1


def test_the_main_process_speaks_for_the_run(desk: Any, running: Running) -> None:
    """A child that computes counts while the main process waits for it, not while it waits for the network."""
    child, recv = desk.channel("wait4", Kind.CHILD, "worker"), desk.channel("recvfrom", Kind.INTERNET, "h:80")
    desk.process(desk.thread([(0, 497, child, 0), (501, 994, recv, 0)], end=1000, cpu=0))
    desk.process(desk.thread(running(0, 1000, Gil.MINE), end=1000))
    result = done(desk)
    assert result.shares[State.CPU_PYTHON] == pytest.approx(0.5, abs=0.01)
    assert result.shares[State.WAIT_NETWORK] == pytest.approx(0.5, abs=0.01)
    assert result.processes[0].budget[State.WAIT_CHILD] == pytest.approx(500 * MS, abs=5 * MS)


def test_a_foreign_child_that_sleeps_is_waited_for(desk: Any) -> None:
    """`subprocess.run(["sleep", "1"])` is a wait for a child, a worker of ours that sleeps is a sleep."""
    child, timer = desk.channel("wait4", Kind.CHILD, "sleep 1"), desk.channel("clock_nanosleep", Kind.TIMER)
    for python, expected in ((False, State.WAIT_CHILD), (True, State.WAIT_SLEEP)):
        desk.processes.clear()
        desk.process(desk.thread([(0, 994, child, 0)], end=1000, cpu=0))
        desk.process(desk.thread([(0, 994, timer, 0)], end=1000, cpu=0), python=python)
        assert done(desk).shares[expected] == pytest.approx(1.0)


def test_intervals_hold_the_share_and_narrow_with_looks(desk: Any, running: Running) -> None:
    """More looks, narrower intervals; a wait seen whole is nearly certain."""
    widths = []
    for end in (500, 50_000):
        desk.processes.clear()
        rows = [(t, t, 0, Gil.MINE if t % 2 else Gil.FREE) for t, *_ in running(0, end, 0)]
        desk.process(desk.thread(rows, end=end))
        interval = done(desk).intervals[State.CPU_PYTHON]
        assert interval.low < 0.5 < interval.high
        widths.append(interval.high - interval.low)
    assert widths[0] > 3 * widths[1]
    desk.processes.clear()
    timer = desk.channel("clock_nanosleep", Kind.TIMER)
    desk.process(desk.thread([(0, 50_000, timer, 0)], end=50_007, cpu=0))
    sure = done(desk)
    assert sure.intervals[State.WAIT_SLEEP].low > 0.99
    assert sure.independent_looks == 1


def test_totals_average_over_time_and_add_over_processes(desk: Any) -> None:
    """What the machine does not offer stays None."""
    desk.host = (HostLook(250 * MS, iowait=0.4, throttled_ns=5), HostLook(1000 * MS, iowait=0.0, throttled_ns=7))
    desk.process(desk.thread(end=1000, cpu=300), read_bytes=5, minor_faults=10, peak_rss_bytes=70)
    desk.process(desk.thread(end=900, cpu=200), read_bytes=6, peak_rss_bytes=50)
    totals = done(desk).totals
    assert (totals.cpu_ns, totals.read_bytes, totals.minor_faults) == (500 * MS, 11, 10)
    assert (totals.iowait, totals.throttled_ns, totals.steal, totals.write_bytes) == (
        pytest.approx(0.1),
        12,
        None,
        None,
    )
    assert totals.peak_rss_bytes == 70


def test_most_threads_at_once(desk: Any) -> None:
    """Threads that follow one another are not there at once."""
    desk.process(
        desk.thread(end=1000), desk.thread(start=100, end=300), desk.thread(start=300, end=500), agent=False
    )  # fmt: skip
    assert most_threads(desk.recording().processes[0]) == 2


def test_a_run_without_looks_is_unknown(desk: Any) -> None:
    """A process that ended before it was looked at has its CPU time, the rest is unknown and said so."""
    desk.process(desk.thread(end=10, cpu=4))
    result = done(desk)
    assert result.shares[State.UNKNOWN] == 1.0
    assert result.processes[0].threads[0].budget == {State.CPU_PYTHON: 4 * MS, State.UNKNOWN: 6 * MS}


@pytest.mark.parametrize(
    ("target", "named"),
    [("[::1]:6379", "[::1]:6379 (redis)"), ("h:99999", "h:99999"), ("/data/x", "/data/x"), ("", "")],
)
def test_services(target: str, named: str) -> None:
    """Well-known ports are named, all else is left as it is."""
    assert with_service(target) == named
