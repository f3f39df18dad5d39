"""A pool of processes: everything runs side by side, but workers must be started and items carried over."""

from __future__ import annotations

import math

from iobound.model.prediction import CHUNK_S
from iobound.verbs.predict.costs import (
    FORK_S,
    MOST_PICKLING_S,
    PAGES_APART,
    PARENT_PART,
    PICKLING_IN_CHUNK_S,
    PICKLING_S,
    PICKLING_SHARE,
    PICKLING_SHARE_IN_CHUNK,
    PROCESS_CHUNK_S,
    PROCESS_POOL_S,
    PROCESS_RESTART_S,
    SPAWN_S,
    Outlook,
)
from iobound.verbs.predict.memory import memory_s
from iobound.verbs.predict.plan import Plan, cpu_loss, stretched
from iobound.verbs.predict.queueing import Network
from iobound.verbs.predict.workload import Work

CHUNKS_PER_WORKER = 4
"""At least as many, so that no worker is left with the last one for long."""


def chunk_of(work: Work, workers: int) -> int:
    """Items to hand over at once: many where they are short, one where they are few or long.

    Where they were too short to be told apart, as many as leave each worker a few chunks.

    Example:
        >>> chunk_of(Work(python_s=1.0, native_s=0.0, wait_s=0.0, items=10_000), 4)
        200
        >>> chunk_of(Work(python_s=1.0, native_s=0.0, wait_s=0.0, items=10), 4)
        1
    """
    count = work.item_count(Outlook.LIKELY)
    untold = work.items is None and work.computing_s >= work.total_s / 2
    enough = math.inf if untold else CHUNK_S * count / work.total_s
    return max(1, int(min(enough, math.ceil(count / (CHUNKS_PER_WORKER * workers)))))


def plan(work: Work, workers: int, outlook: Outlook) -> Plan:
    """Plan a process pool with chunks of `chunk_of`; a part of all items where their number is not known."""
    workers = work.processes_at(workers, outlook)
    chunk = chunk_of(work, workers)
    if chunk > 1 and work.items is None:
        chunk = math.ceil(work.item_count(outlook) / (CHUNKS_PER_WORKER * workers))
    return plan_with_chunks(work, workers, outlook, chunk)


def plan_with_chunks(work: Work, workers: int, outlook: Outlook, chunk: int) -> Plan:
    """Plan a process pool: at most n/(T1+s), C/(g+u+s), 1/d and 1/s_parent items per second, after its start-up.

    There are no more workers than the memory has room for.
    """
    workers = work.processes_at(workers, outlook)
    demand = work.demand(outlook)
    carried_s = PROCESS_CHUNK_S.at(outlook) / chunk + _pickling_s(work, demand.total_s, chunk, outlook)
    beside_s = demand.cpu_python_s + demand.cpu_native_s + (1 - PARENT_PART) * carried_s
    network = Network(
        delay_s=stretched(demand.wait_s, work.item_count(outlook), workers, outlook),
        single_s={"pickling": PARENT_PART * carried_s, "serial": demand.serial_s},
        cpu_s=beside_s,
        cpus=work.cpus_at(outlook),
        cpu_total_s=beside_s + PARENT_PART * carried_s,
        memory_s=memory_s(work, outlook, PAGES_APART),
    )
    return Plan(
        workers=workers,
        items=work.item_count(outlook),
        network=network,
        start_up_s=start_up_s(work, workers, outlook),
        loss=cpu_loss(work, outlook),
        restart_s=PROCESS_RESTART_S.at(outlook),
        executions=work.executions,
        chunk=chunk,
        longest_s=work.longest_s,
    )


def _pickling_s(work: Work, item_s: float, chunk: int, outlook: Outlook) -> float:
    if chunk == 1:
        return PICKLING_S.at(outlook) + min(MOST_PICKLING_S, item_s * PICKLING_SHARE.at(outlook))
    least_s = PICKLING_IN_CHUNK_S.at(outlook)
    return least_s / chunk if work.divisible else least_s + item_s * PICKLING_SHARE_IN_CHUNK.at(outlook)


def start_up_s(work: Work, workers: int, outlook: Outlook) -> float:
    """Seconds, once: workers are forked one after another, or are new interpreters that repeat the imports.

    Workers that have no item are not started.
    """
    started = min(workers, math.ceil(work.item_count(outlook)))
    if work.fork:
        return PROCESS_POOL_S.at(outlook) + started * FORK_S.at(outlook)
    one_s = SPAWN_S.at(outlook) + work.imports_s
    return PROCESS_POOL_S.at(outlook) + one_s * max(1.0, started / max(1.0, work.cpus))
