"""How a program with a known time budget keeps its books, and the small servers that it talks to.

The truth is a JSON document: `states` are shares of the run's wall time, `bound` the verdicts that are right,
`threads` the shares of single threads by name. `scope` names the one thread that `states` is about instead of the whole
run; states in `loose` are judged by their sum only; `tolerance` is the limit where construction is less exact.
"""

import contextlib
import functools
import json
import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

now = time.perf_counter


class Ledger:
    """Seconds by state, booked by the program that spends them."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def book(self, state: str, seconds: float) -> None:
        """Add seconds that were measured by other means."""
        self.seconds[state] = self.seconds.get(state, 0.0) + seconds

    @contextlib.contextmanager
    def spend(self, state: str) -> Iterator[None]:
        """Book the wall time of the block to `state`, but for what this thread queued for a CPU in it."""
        start, queue = now(), queued_s()
        yield
        queued = queued_s() - queue
        self.book("wait_cpu", queued)
        self.book(state, now() - start - queued)

    @contextlib.contextmanager
    def spend_blocked(self, state: str, computing: str = "cpu_native") -> Iterator[None]:
        """The same, and what this thread computed in the block goes to `computing`."""
        cpu = time.thread_time()
        with self.spend(state):
            yield
        used = time.thread_time() - cpu
        self.book(computing, used)
        self.book(state, -used)

    def settle(self, bound: Iterable[str], **more: object) -> None:
        """Write the truth at the end of the program."""
        settle(self.seconds, bound, **more)


def settle(weights: Mapping[str, float], bound: Iterable[str], **more: object) -> None:
    """Write a truth that follows from how the program is made; weights need not add up to 1."""
    document = {"states": shares(weights), "bound": list(bound), **more}
    text = json.dumps(document, indent=1)
    if path := os.environ.get("TRUTH_OUT"):
        Path(path).write_text(text, encoding="utf-8")
    else:
        print(text)


def shares(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights scaled to add up to 1."""
    total = sum(weights.values())
    return {state: weight / total for state, weight in weights.items()}


def queued_s() -> float:
    """Seconds that this thread was ready to run without a CPU so far; 0 where the kernel does not tell.

    A machine is never quite quiet: this is what other programs take from a program, and no error of who reports it.
    """
    try:
        with open("/proc/thread-self/schedstat", encoding="ascii") as counters:
            return int(counters.read().split()[1]) / 1e9
    except OSError:
        return 0.0


def compute(seconds: float) -> int:
    """Bytecode that keeps the GIL for that long."""
    end, total = now() + seconds, 1
    while now() < end:
        for step in range(150):
            total = total * 31 % 65521 + step
    return total


def in_child(serve: Callable[[], object]) -> int:
    """Fork a process that serves and then vanishes without clean-up; returns its pid."""
    pid = os.fork()
    if pid == 0:
        try:
            serve()
        finally:
            os._exit(0)
    return pid


@contextlib.contextmanager
def answering_after(delays: Iterable[float], count: int = 1) -> Iterator[list[socket.socket]]:
    """TCP connections whose far sides, a process each, answer every message after the next of `delays`."""
    clients, pids = [], []
    for _ in range(count):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            pids.append(in_child(functools.partial(_answer, listener, delays)))
            clients.append(socket.create_connection(listener.getsockname()))
    try:
        yield clients
    finally:
        for client in clients:
            client.shutdown(socket.SHUT_RDWR)
            client.close()
        for pid in pids:
            os.waitpid(pid, 0)


def _answer(listener: socket.socket, delays: Iterable[float]) -> None:
    connection, _ = listener.accept()
    with connection:
        for delay in delays:
            if not connection.recv(256):
                return
            time.sleep(delay)
            connection.sendall(b"here you are")


def ask(client: socket.socket) -> None:
    """One message there and one back."""
    client.sendall(b"please")
    client.recv(256)
