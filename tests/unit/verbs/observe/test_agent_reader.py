"""What an agent writes, understood: numbers of one agent become numbers of the run."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from iobound.model.recording import Place
from iobound.verbs.observe.agent_reader import AgentReader
from iobound.verbs.observe.collector import Collector

GREETING = "H\t2\t500\t502\t7001\t500\t5000\tcpython\t3.13.0\t1\t0"
DEFINITIONS = """
N\t7002\t501\tworker \\xe4
C\t1\t/home/a\\tb.py\tmain\t3
C\t2\tb.py\tcrawl.<locals>.fetch\t10
P\t1\t1\t5\t4\t5\t20
P\t2\t2\t11\t-1\t0\t-1
S\t1\t0\t1
S\t2\t1\t2
"""


class Written:
    """A channel whose agent has written these lines already."""

    def __init__(self) -> None:
        self.waiting: list[list[str]] = []

    def write(self, text: str) -> None:
        self.waiting += [line.split("\t") for line in text.splitlines() if line]

    def lines(self) -> Iterator[list[str]]:
        while self.waiting:
            yield self.waiting.pop(0)

    def dropped(self) -> int:
        return 0

    def dismiss(self) -> None:
        pass

    def close(self) -> None:
        self.waiting.clear()


@pytest.fixture
def run():
    """A process of two threads, its agent's channel, and the reader of that."""

    run = SimpleNamespace(collector=Collector(), channel=Written())
    process = run.collector.start_process(500, 1, "", 0)
    run.threads = {native: run.collector.start_thread(process, native, "?", 0) for native in (500, 501)}
    run.reader = AgentReader(run.channel, run.collector, run.threads.get)

    def hear(text: str) -> None:
        run.channel.write(text)
        run.reader.read()

    run.hear = hear
    return run


def stack_of(collector: Collector, number: int) -> list[str]:
    nodes, places, functions = list(collector._stacks), collector.places(), []
    while number:
        functions.append(places[nodes[number].place].function)
        number = nodes[number].caller
    return functions[::-1]


def test_the_greeting(run):
    run.hear(GREETING)
    greeting = run.reader.greeting
    assert (greeting.pid, greeting.agent_thread, greeting.main_ident, greeting.main_thread) == (500, 502, 7001, 500)
    assert (greeting.implementation, greeting.switch_interval_us, greeting.version) == ("cpython", 5000, "3.13.0")
    assert greeting.gil_enabled and not greeting.free_threaded
    assert run.reader.agent_thread == 502
    assert run.reader.native_ids == {7001: 500}


def test_a_look_puts_stacks_on_threads(run):
    run.hear(GREETING + DEFINITIONS + "L\t100\t103\t7001:1:9\t7002:2:9\n")
    main, worker = run.threads[500].stacks, run.threads[501].stacks
    assert (list(main.wanted), list(main.taken), list(main.waited)) == ([100], [103], [-1])
    assert stack_of(run.collector, main.stack[0]) == ["main"]
    assert stack_of(run.collector, worker.stack[0]) == ["main", "crawl.<locals>.fetch"]
    assert run.threads[501].name == "worker ä"
    assert run.collector.places()[1] == Place("/home/a\tb.py", "main", 3, 5, 4, 5, 20)
    assert run.collector.places()[2] == Place("b.py", "crawl.<locals>.fetch", 10, 11, -1, 0, -1)
    assert run.reader.looks == 1


def test_a_look_at_no_thread_is_a_look(run):
    run.hear(GREETING + "\nL\t100\t103\t\n")
    assert run.reader.looks == 1


def test_two_agents_may_use_the_same_numbers(run):
    """Equal places of two processes are one place of the run."""
    run.hear(GREETING + DEFINITIONS)
    places = run.collector.places()
    other = Written()
    other.write("C\t2\t/home/a\\tb.py\tmain\t3\nP\t7\t2\t5\t4\t5\t20\nS\t9\t0\t7\nL\t1\t1\t7001:9:9\n")
    reader = AgentReader(other, run.collector, run.threads.get)
    reader.know(7001, 500)
    reader.read()
    assert run.collector.places() == places
    assert stack_of(run.collector, run.threads[500].stacks.stack[-1]) == ["main"]


def test_after_a_loss_old_numbers_mean_nothing(run):
    run.hear(GREETING + DEFINITIONS + "R\nL\t100\t103\t7001:2:9\n")
    assert len(run.threads[500].stacks) == 0
    run.hear("C\t8\tf.py\tlater\t1\nP\t8\t8\t1\t0\t1\t1\nS\t8\t0\t8\nL\t200\t203\t7001:8:9\n")
    assert list(run.threads[500].stacks.wanted) == [200]
    assert stack_of(run.collector, run.threads[500].stacks.stack[0]) == ["later"]


@pytest.mark.parametrize(
    "garbled",
    [
        "", "\t", "Z\t1", "L", "L\t1", "L\tx\ty\tz", "L\t1\t2\tabc", "L\t1\t2\t7001:1", "L\t1\t2\t7001:99:9",
        "S\t5\t99\t1", "S\t5",
        "P\t1\t99\t1\t1\t1\t1", "C\t1", "C\tx\tf\tg\t1", "N\t1", "N\tq\tr\ts",
        "H\t1", "H\t1\tx\ty\tz\tw\tv\tu\tt\ts\tr\tq", "A", "A\tx", "E", "\ufffd\ufffd\t\ufffd",
    ],
)  # fmt: skip
def test_a_garbled_line_is_skipped_and_the_next_is_understood(run, garbled):
    run.hear(f"{GREETING}\n{DEFINITIONS}")
    run.channel.waiting.append(garbled.split("\t"))
    run.hear("L\t100\t103\t7001:1:9\n")
    assert list(run.threads[500].stacks.wanted) == [100]


def test_threads_that_are_not_observed_are_left_out(run):
    run.hear(GREETING + DEFINITIONS + "N\t7003\t999\tstranger\nL\t100\t103\t7003:1:9\t7004:1:9\t7001:1:9\n")
    assert list(run.threads[500].stacks.wanted) == [100]


def test_an_agent_that_goes_on_in_another_thread_or_stops_itself(run):
    run.hear(GREETING + "\nA\t777\nE\tMemoryError\n")
    assert run.reader.agent_thread == 777
    assert run.reader.stopped == "MemoryError"


def test_clocks_come_with_looks(run):
    clocks = []
    run.reader.cpu_of = lambda *said: clocks.append(said)
    run.hear(GREETING + DEFINITIONS + "L\t100\t103\t7001:1:55000\t7002:2:-1\n")
    assert clocks == [(7001, 500, 100, 55000), (7002, 501, 100, -1)]


@pytest.mark.parametrize(("gil", "free_threaded", "sees"), [(1, 0, True), (0, 1, False), (1, 1, True)])
def test_without_a_gil_an_agent_sees_no_frames(run, gil, free_threaded, sees):
    run.channel.write(GREETING.removesuffix("1\t0") + f"{gil}\t{free_threaded}")
    run.reader.read()
    assert run.reader.sees_frames is sees
