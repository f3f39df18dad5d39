"""How long a site takes by some strategy: one plan per strategy, number of workers and outlook."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from iobound.verbs.predict.costs import (
    CPU_INTERFERENCE,
    GIL_CONTENTION,
    GIL_HAND_OVER_S,
    SHORT_CALL_S,
    UNTOLD_RELEASES_PER_S,
    WAIT_STRETCH,
    Outlook,
)
from iobound.verbs.predict.queueing import Network, throughputs
from iobound.verbs.predict.workload import LEAST_S, Work


class Plan(NamedTuple):
    """A strategy with a number of workers, as the model sees it.

    Attributes:
        workers: At least 2; one worker is the sequential program.
        items: How many items there are.
        network: What one item asks of each resource, costs of the strategy included.
        start_up_s: Seconds, once, before the first item.
        loss: Share of throughput that is lost when a resource is wanted all the time, by resource.
        chunk: Items that are handed over at once.
        longest_s: Seconds of the longest single item; nothing is ready before it is.
        executions: How often all of this is run, one time after another, by the same workers.
        restart_s: Seconds that each time costs, when it is more than one.
    """

    workers: int
    items: float
    network: Network
    start_up_s: float
    loss: Mapping[str, float] = MappingProxyType({})
    chunk: int = 1
    longest_s: float = 0.0
    executions: float = 1.0
    restart_s: float = 0.0

    def seconds(self) -> float:
        """Seconds from the first worker's start to the last item's end, of all executions."""
        once_s = max(self.items / self.rate(), self.ragged_s(), self.longest_s)
        again_s = self.restart_s if self.executions > 1 else 0.0
        return self.start_up_s + self.executions * (once_s + again_s)

    def rate(self) -> float:
        """Items per second once all workers are busy, losses taken off."""
        busy = max(1, min(self.workers, math.ceil(self.items / self.chunk)))
        rate = throughputs(self.network, busy)[-1]
        kept = 1.0
        for resource, ceiling_s in self.network.ceilings().items():
            kept *= 1 - self.loss.get(resource, 0.0) * self._crowding(resource, min(1.0, rate * ceiling_s))
        return rate * kept

    def _crowding(self, resource: str, utilisation: float) -> float:
        """Part of a loss that a utilisation brings: CPUs get in each other's way from the second one on."""
        alone = 1 / self.network.cpus if resource == "cpus" else 0.0
        return max(0.0, utilisation - alone) / (1 - alone) if alone < 1 else 0.0

    def ragged_s(self) -> float:
        """Seconds of the busiest worker: items do not divide, and the last round leaves workers without one."""
        chunks = math.ceil(self.items / self.chunk)
        return min(self.items, math.ceil(chunks / self.workers) * self.chunk) * self.network.alone_s

    def bottleneck(self) -> str:
        """Name of the largest lower bound on the time."""
        evenly_s = self.items * self.network.alone_s / self.workers
        bounds = {name: self.items * seconds for name, seconds in self.network.ceilings().items()}
        again_s = self.restart_s if self.executions > 1 else 0.0
        bounds |= {"workers": evenly_s, "start_up": self.start_up_s / self.executions + again_s}
        if max(self.ragged_s(), self.longest_s) > 1.1 * evenly_s:
            bounds["items"] = max(self.ragged_s(), self.longest_s)
        return max(bounds, key=lambda name: bounds[name])


Planner = Callable[[Work, int, Outlook], Plan]
"""A strategy: how some work would run with some workers under an outlook."""


def stretched(wait_s: float, items: float, workers: int, outlook: Outlook) -> float:
    """Seconds of a wait beside the waits of other workers, as many as have an item on average."""
    beside = max(1.0, items / math.ceil(items / workers))
    return wait_s * (1 + WAIT_STRETCH.at(outlook) * (1 - 1 / beside))


def hand_overs_s(work: Work, computing_s: float, outlook: Outlook) -> float:
    """Seconds that taking the GIL back costs per item: once per release, when another thread has it by then."""
    rate = work.releases_per_s
    if rate is None:
        held = work.python_s / max(LEAST_S, work.computing_s)
        short = min(1.0, work.short_calls_s / max(LEAST_S, work.computing_s))
        rate = UNTOLD_RELEASES_PER_S.at(outlook) * 4 * held * (1 - held)
        rate = max(rate, short / SHORT_CALL_S.at(outlook))
    return computing_s * rate * GIL_HAND_OVER_S.at(outlook)


def shared_loss(work: Work, outlook: Outlook) -> dict[str, float]:
    """Loss of threads that share one GIL and of workers that share a machine's CPUs."""
    return {"gil": GIL_CONTENTION.at(outlook), **cpu_loss(work, outlook)}


def cpu_loss(work: Work, outlook: Outlook) -> dict[str, float]:
    """Loss of workers that share a machine's CPUs; none where there is one CPU."""
    return {"cpus": CPU_INTERFERENCE.at(outlook) * (1 - 1 / max(1.0, work.cpus))}
