"""pytest-xdist's default distribution, `--dist load`, played on CPUs that the workers share."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from iobound.verbs.predict.suite_demand import ItemNeed

_LONG_TEST_S = 0.1
"""A worker that has just run a longer test is not sent more as long as it has two."""

_NOTHING = 1e-9


class Played(NamedTuple):
    """How a distribution went.

    Attributes:
        seconds: Until the last result was passed on.
        set_up: By the key of a shared fixture: how many workers set it up.
        cpu_s: CPU time of all.
    """

    seconds: float
    set_up: Mapping[str, int]
    cpu_s: float


class _Worker:
    def __init__(self) -> None:
        self.queue: deque[int] = deque()
        self.known: set[str] = set()
        self.left: list[float] = [0.0, 0.0]  # seconds of CPU, then of waiting, of what it does now
        self.at: int | None = None
        self.took_s = 0.0


class Play:
    """One simulation.

    Args:
        tests: In the order of collection.
        costs: CPU and waiting of each shared fixture, by key.
        workers: How many.
        cpus: How many of them and of the controller can compute at once.
        loss: Part of its speed that a CPU loses when all are busy.
        passing_s: CPU time of the controller for one result.

    Source:
        pytest-xdist 3.8, `xdist/scheduler/load.py`.

    Assumes:
        The workers are there and have collected; a test computes first and waits then; all who compute share the
        CPUs evenly.
    """

    def __init__(
        self,
        tests: Sequence[ItemNeed],
        costs: Mapping[str, tuple[float, float]],
        own: Sequence[tuple[float, float]],
        *,
        workers: int,
        cpus: float,
        loss: float,
        passing_s: float,
    ) -> None:
        self._tests, self._costs, self._own = tests, costs, own
        self._workers = [_Worker() for _ in range(workers)]
        self._cpus, self._loss, self._passing_s = cpus, loss, passing_s
        self._pending = deque(range(len(tests)))
        self._controller_s = 0.0
        self._now = 0.0
        self._cpu_s = 0.0

    def run(self) -> Played:
        """Play it to the end."""
        self._deal()
        for worker in self._workers:
            self._begin(worker)
        while any(worker.at is not None for worker in self._workers) or self._controller_s > _NOTHING:
            self._step()
        counts: dict[str, int] = {}
        for worker in self._workers:
            for key in worker.known:
                counts[key] = counts.get(key, 0) + 1
        return Played(self._now, counts, self._cpu_s)

    def _deal(self) -> None:
        """The first batches."""
        count = len(self._workers)
        if len(self._pending) < 2 * count:
            for turn in range(len(self._pending)):
                self._send(self._workers[turn % count], 1)
            return
        size = max(2, len(self._pending) // count // 4)
        for worker in self._workers:
            self._send(worker, size)

    def _send(self, worker: _Worker, count: int) -> None:
        for _ in range(min(count, len(self._pending))):
            worker.queue.append(self._pending.popleft())

    def _refill(self, worker: _Worker) -> None:
        """What the scheduler does when it is told that a test has ended."""
        count = len(self._workers)
        has = len(worker.queue)
        if not self._pending or has >= max(2, len(self._pending) // count // 4):
            return
        if worker.took_s >= _LONG_TEST_S and has >= 2:
            return
        self._send(worker, max(2, len(self._pending) // count // 2) - has)

    def _begin(self, worker: _Worker) -> None:
        if not worker.queue:
            worker.at = None
            return
        worker.at = worker.queue.popleft()
        cpu, wait = self._own[worker.at]
        for key in self._tests[worker.at].uses:
            if key not in worker.known:
                worker.known.add(key)
                cpu, wait = cpu + self._costs[key][0], wait + self._costs[key][1]
        worker.left = [cpu, wait]
        worker.took_s = cpu + wait

    def _step(self) -> None:
        """Go on to when the next one has done computing or waiting."""
        computing = [worker for worker in self._workers if worker.at is not None and worker.left[0] > _NOTHING]
        waiting = [worker for worker in self._workers if worker.at is not None and worker.left[0] <= _NOTHING]
        busy = len(computing) + (self._controller_s > _NOTHING)
        rate = self._rate(busy)
        ends = [worker.left[0] / rate for worker in computing] + [worker.left[1] for worker in waiting]
        if self._controller_s > _NOTHING:
            ends.append(self._controller_s / rate)
        step = max(0.0, min(ends))
        self._now += step
        self._cpu_s += step * rate * busy
        self._controller_s = max(0.0, self._controller_s - step * rate) if self._controller_s else 0.0
        for worker in computing:
            worker.left[0] -= step * rate
        for worker in waiting:
            worker.left[1] -= step
        for worker in self._workers:
            if worker.at is not None and worker.left[0] <= _NOTHING and worker.left[1] <= _NOTHING:
                self._controller_s += self._passing_s * self._tests[worker.at].tests
                self._refill(worker)
                self._begin(worker)

    def _rate(self, busy: int) -> float:
        if busy <= 1:
            return min(1.0, self._cpus)
        crowded = min(1.0, busy / max(1.0, self._cpus)) if self._cpus > 1 else 0.0
        return min(1.0, self._cpus / busy) * (1 - self._loss * crowded)
