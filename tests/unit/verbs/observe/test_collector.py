"""Increments put together again are the whole, however often they were made."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iobound.model.increment import Closing, Opening, assemble
from iobound.model.recording import (
    Channel,
    Effort,
    HostLook,
    Interpreter,
    Kind,
    Machine,
    Place,
    Recording,
    StackNode,
)
from iobound.verbs.observe.collector import Collector

OPENING = Opening(
    iobound="0",
    created="",
    command=("x",),
    cwd="/",
    interpreter=Interpreter("cpython", "3.13.0", True, False),
    machine=Machine("Linux", 2, 2.0, "machine", 0),
    capabilities=(),
    start_ns=0,
    source="linux",
)
CLOSING = Closing(10**9, 0, None, ())
EFFORT = Effort(0, 5, 1, 1, 0, 0)

steps = st.lists(
    st.one_of(
        st.tuples(st.just("mark"), st.integers(0, 3), st.integers(0, 4)),
        st.tuples(st.just("still"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("stack"), st.integers(0, 3), st.integers(0, 9)),
        st.tuples(st.just("loop"), st.integers(0, 3), st.integers(0, 9)),
        st.tuples(st.just("name"), st.integers(0, 3), st.integers(0, 9)),
        st.tuples(st.just("over"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("host"), st.just(0), st.just(0)),
        st.tuples(st.just("flush"), st.just(0), st.just(0)),
    ),
    max_size=80,
)


def observed(todo, *, flushing: bool) -> Recording:
    """A run of two processes with two threads each in which these steps happened."""
    collector = Collector()
    processes = [collector.start_process(pid, 1, f"command {pid}", 0) for pid in (10, 11)]
    threads = [collector.start_thread(process, 10 + one, "t", 0) for process in processes for one in range(2)]
    increments = []
    for now, (what, which, value) in enumerate(todo, 1):
        thread = threads[which]
        if thread.over:
            continue
        thread.end_ns = now
        if what == "mark":
            channel = collector.channel(Channel("read", Kind.PIPE, str(value))) if value else 0
            thread.marks.append(now, now, 0, channel, 1)
        elif what == "still" and thread.marks.time:
            thread.marks.still[-1] = now
            thread.marks.looks[-1] += 1
        elif what in ("stack", "loop"):
            place = collector.place(Place("f.py", f"f{value}", 1, value))
            stack = collector.stack(StackNode(0, place))
            if what == "stack":
                thread.stacks.append(now, now, stack, 0)
            else:
                thread.loops.append(now, stack, 0, value, now, -1)
        elif what == "name":
            thread.name = f"thread {value}"
        elif what == "over":
            thread.over = True
            thread.process.over = all(other.over for other in threads if other.process is thread.process)
        elif what == "host":
            collector.host(HostLook(now, busy=0.5))
        elif what == "flush" and flushing:
            increments.append(collector.increment(now, EFFORT))
    increments.append(collector.increment(len(todo) + 1, EFFORT, whole=True))
    return assemble(OPENING, increments, CLOSING)


@given(steps)
def test_many_increments_say_the_same_as_one(todo):
    """Including the last mark of a thread, which still grows after it was handed on once."""
    assert observed(todo, flushing=True) == observed(todo, flushing=False)


@given(steps)
def test_every_number_points_into_its_table(todo):
    recording = observed(todo, flushing=True)
    for process in recording.processes:
        for thread in process.threads:
            assert all(channel < len(recording.channels) for channel in thread.marks.channel)
            assert all(stack < len(recording.stacks) for stack in [*thread.stacks.stack, *thread.loops.stack])
    assert all(node.caller < len(recording.stacks) and node.place < len(recording.places) for node in recording.stacks)


def test_what_is_handed_on_is_forgotten_but_for_the_last_mark():
    """Memory stays bounded however long the run is."""
    collector = Collector()
    thread = collector.start_thread(collector.start_process(1, 0, "", 0), 1, "t", 0)
    for flush in range(20):
        for now in range(100):
            thread.marks.append(flush * 100 + now, 0, 0, 0, 0)
            thread.stacks.append(now, now, 0, 0)
        increment = collector.increment(flush, EFFORT)
        assert len(increment.threads[0].record.stacks) == 100
        assert len(thread.marks) == 1
        assert len(thread.stacks) == 0
    assert thread.handed_on == 1999


def test_a_thread_that_did_nothing_new_is_not_handed_on_before_the_end():
    collector = Collector()
    collector.start_thread(collector.start_process(1, 0, "", 0), 1, "t", 0)
    assert collector.increment(1, EFFORT).threads == ()
    assert len(collector.increment(2, EFFORT, whole=True).threads) == 1


def test_the_same_thing_has_the_same_number():
    collector = Collector()
    pipe = Channel("read", Kind.PIPE)
    assert collector.channel(pipe) == collector.channel(Channel("read", Kind.PIPE)) == 1
    assert collector.place(Place("f", "g", 1, 2)) == collector.place(Place("f", "g", 1, 2)) == 1
    assert collector.stack(StackNode(0, 1)) == collector.stack(StackNode(0, 1)) == 1
    assert collector.places()[1] == Place("f", "g", 1, 2)


def test_targets_beyond_so_many_are_not_told_apart():
    """A crawler of a million hosts does not fill the memory."""
    collector = Collector()
    numbers = [collector.channel(Channel("recvfrom", Kind.INTERNET, f"host:{port}")) for port in range(25_000)]
    assert len(set(numbers)) <= 20_001
    assert len(collector.increment(1, EFFORT).channels) <= 20_001
    assert numbers[-1] == numbers[-2] != numbers[100]


def test_code_that_is_made_all_the_time_does_not_fill_the_memory():
    """What is new beyond the limits ends where it is still known."""
    collector = Collector()
    main = collector.stack(StackNode(0, collector.place(Place("main.py", "<module>", 1, 1))))
    for number in range(400_000):
        made = collector.stack(StackNode(main, collector.place(Place("<string>", f"f{number}", 1, 1))))
    assert made == main
    deep = main
    for number in range(400_000):
        deep = collector.stack(StackNode(deep, 1 + number % 2))
    increment = collector.increment(1, EFFORT)
    assert len(increment.places) <= 100_000
    assert len(increment.stacks) <= 300_000


def test_an_increment_costs_what_is_alive_and_not_what_has_been():
    """A program that starts children or threads for hours: each is handed on and forgotten."""
    collector = Collector()
    pool = collector.start_process(1, 0, "", 0)
    collector.start_thread(pool, 1, "MainThread", 0)
    for number in range(50):
        child = collector.start_process(2 + number, 1, "", 0)
        for process in (pool, child):
            collector.start_thread(process, number, "t", 0).over = True
        child.over = True
        increment = collector.increment(number, EFFORT)
        assert [part.thread for part in increment.threads] == [number + 1, 0]
        assert len(increment.processes) == 2
    assert len(pool.threads) == 1
    assert len(collector.increment(99, EFFORT).processes) == 1


def test_the_first_process_is_handed_on_last_of_all_since_its_exit_code_is_known_then():
    collector = Collector()
    main = collector.start_process(1, 0, "", 0)
    main.over = True
    collector.increment(1, EFFORT)
    main.exit_code = 3
    ((index, record),) = collector.increment(2, EFFORT, whole=True).processes
    assert (index, record.exit_code) == (0, 3)
