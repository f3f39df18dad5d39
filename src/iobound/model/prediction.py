"""What another way to run a site would gain."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from iobound.errors import LawBroken
from iobound.model.lawful import lawful

CHUNK_S = 0.02
"""Seconds of work in a chunk, so that handing it over costs a hundredth of it."""


class Strategy(StrEnum):
    """A way to run the work; the values are the keys of the JSON report."""

    THREADS = "threads"
    ASYNCIO = "asyncio"
    PROCESSES = "processes"
    FREE_THREADING = "free_threading"
    NATIVE_THREADS = "native_threads"
    SEQUENTIAL = "sequential"
    FEWER_WORKERS = "fewer_workers"
    MORE_WORKERS = "more_workers"
    BATCH = "batch"
    UNBLOCK_EVENT_LOOP = "unblock_event_loop"
    LIMIT_NATIVE_THREADS = "limit_native_threads"
    RAISE_CPU_LIMIT = "raise_cpu_limit"
    DISTRIBUTE = "distribute"


@lawful
class Estimate(NamedTuple):
    """A speed-up with its 90 % interval."""

    estimate: float
    low: float
    high: float

    def _check(self) -> None:
        if not self.low <= self.estimate <= self.high:
            raise LawBroken(f"estimate {self.estimate} lies outside {self.low}..{self.high}")


class Demand(NamedTuple):
    """Mean service demands of one item, in seconds.

    Attributes:
        cpu_python_s: CPU time that holds the GIL (g).
        cpu_native_s: CPU time with the GIL released (u).
        wait_s: Waiting that overlaps freely (w).
        serial_s: Demand at a resource that serves one at a time (d): a lock, a disk.
    """

    cpu_python_s: float
    cpu_native_s: float
    wait_s: float
    serial_s: float = 0.0

    @property
    def total_s(self) -> float:
        """T1: one item alone."""
        return self.cpu_python_s + self.cpu_native_s + self.wait_s + self.serial_s


class Prediction(NamedTuple):
    """Speed-up of the whole program if one site ran by `strategy` with `workers`.

    Attributes:
        site: Index into `Breakdown.sites`.
        bottleneck: What binds: `gil`, `cpus`, `workers`, `start_up`, `pickling`, `serial`, `items`, `memory`,
            `rest_of_program`.
        saturates_at: Workers after which more cannot help (n*), None when nothing saturates.
        site_speed_up: Of the site alone, before Amdahl.
        chunk: Items that are handed to a worker at once; more than 1 only for processes.
        demand: What one item was taken to cost, None when it is not told.
    """

    site: int
    strategy: Strategy
    workers: int
    speed_up: Estimate
    site_speed_up: float
    bottleneck: str
    saturates_at: int | None
    chunk: int = 1
    demand: Demand | None = None
