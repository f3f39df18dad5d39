"""A closed network of one kind of customer: workers that wait, take the GIL, compute and queue for serial resources."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

MOST_WORKERS = 512
"""Beyond that many workers a curve is flat or the limit lies outside; the calculation stops there."""

NEVER = -math.inf


class Network(NamedTuple):
    """What one item asks of each resource, in seconds.

    Attributes:
        delay_s: Waiting that overlaps freely.
        single_s: Demand at each resource that serves one worker at a time, by its name in a prediction.
        cpu_s: CPU time that any CPU can serve while other workers run beside it.
        cpus: CPUs that serve it, at least 1; may be a fraction above.
        cpu_total_s: All CPU time of the item, that at single resources such as the GIL included.
        memory_s: Part of the CPU time that takes turns at the memory: a limit, but no queue of its own.
    """

    delay_s: float
    single_s: Mapping[str, float]
    cpu_s: float
    cpus: float
    cpu_total_s: float
    memory_s: float = 0.0

    @property
    def alone_s(self) -> float:
        """T1: one item with nobody beside it."""
        return self.delay_s + sum(self.single_s.values()) + self.cpu_s

    def ceilings(self) -> dict[str, float]:
        """Seconds per item below which each resource cannot go, however many workers there are."""
        return {**self.single_s, "cpus": self.cpu_total_s / self.cpus, "memory": self.memory_s}

    def knee(self) -> float:
        """n* = T1 / largest ceiling: workers after which more cannot help; infinite when nothing saturates.

        **Source**: asymptotic bounds of operational analysis (Denning and Buzen, 1978).
        """
        largest = max(self.ceilings().values())
        return self.alone_s / largest if largest > 0 else math.inf


def throughputs(network: Network, most: int) -> list[float]:
    """Items per second with 1, 2 … `most` workers; element 0 belongs to no worker and is 0.

    **Assumes** items are alike and independent, and queues are served in any order that does not look at their length.

    **Source**: the normalisation constant of a product-form network (Buzen, 1973), X(n) = G(n-1) / G(n), which is what
    exact mean value analysis gives; logarithms, so that hundreds of workers do not overflow. A CPU is one of `cpus`
    servers of one queue. The result is cut at the bounds, because the CPU time at the GIL also takes a CPU.

    Example:
        >>> waiting = Network(delay_s=0.9, single_s={"gil": 0.1}, cpu_s=0.0, cpus=2.0, cpu_total_s=0.1)
        >>> [round(rate, 2) for rate in throughputs(waiting, 3)]
        [0.0, 1.0, 1.98, 2.94]
    """
    most = min(most, MOST_WORKERS)
    weights = _delay(network.delay_s, most)
    if network.cpu_s > 0:
        weights = _convolved(weights, _servers(network.cpu_s, network.cpus, most))
    for demand in network.single_s.values():
        weights = _behind_single(weights, demand)
    slowest = max(network.ceilings().values())
    limit = 1 / slowest if slowest > 0 else math.inf
    grown = (math.exp(weights[n - 1] - weights[n]) for n in range(1, most + 1))
    return [0.0, *(min(rate, limit, n / network.alone_s) for n, rate in enumerate(grown, 1))]


def _delay(seconds: float, most: int) -> list[float]:
    if seconds <= 0:
        return [0.0] + [NEVER] * most
    return [k * math.log(seconds) - math.lgamma(k + 1) for k in range(most + 1)]


def _servers(seconds: float, servers: float, most: int) -> list[float]:
    weights = [0.0]
    for k in range(1, most + 1):
        weights.append(weights[-1] + math.log(seconds / min(k, servers)))
    return weights


def _behind_single(weights: list[float], demand: float) -> list[float]:
    if demand <= 0:
        return weights
    added = weights[:1]
    for weight in weights[1:]:
        added.append(_log_sum([weight, added[-1] + math.log(demand)]))
    return added


def _convolved(left: list[float], right: list[float]) -> list[float]:
    return [_log_sum([left[k] + right[n - k] for k in range(n + 1)]) for n in range(len(left))]


def _log_sum(terms: list[float]) -> float:
    largest = max(terms)
    if largest == NEVER:
        return NEVER
    return largest + math.log(math.fsum(math.exp(term - largest) for term in terms))
