"""Tasks of one event loop: waits overlap, all computing takes turns in one thread."""

from __future__ import annotations

from iobound.verbs.predict.costs import ASYNCIO_ITEM_S, ASYNCIO_S, Outlook
from iobound.verbs.predict.plan import Plan, cpu_loss, stretched
from iobound.verbs.predict.queueing import Network
from iobound.verbs.predict.workload import Work

WORTH_AWAITING = 0.3
"""Share of the time in waits that asyncio can overlap, below which it is no candidate."""


def suits(work: Work) -> bool:
    """Whether the site's waiting has an asynchronous way to wait."""
    return work.async_s >= WORTH_AWAITING * work.total_s


def plan(work: Work, workers: int, outlook: Outlook) -> Plan:
    """Plan tasks, so many at a time: at most n/T1, 1/(g+u) and 1/d items per second."""
    demand = work.demand(outlook)
    children_s = work.children_s / work.item_count(outlook)
    loop_s = demand.cpu_python_s + demand.cpu_native_s - children_s + ASYNCIO_ITEM_S.at(outlook)
    network = Network(
        delay_s=stretched(demand.wait_s, work.item_count(outlook), workers, outlook),
        single_s={"event_loop": loop_s, "serial": demand.serial_s},
        cpu_s=children_s,
        cpus=work.cpus_at(outlook),
        cpu_total_s=loop_s + children_s,
    )
    return Plan(
        workers=workers,
        items=work.item_count(outlook),
        network=network,
        start_up_s=ASYNCIO_S.at(outlook),
        loss=cpu_loss(work, outlook),
        restart_s=ASYNCIO_ITEM_S.at(outlook),
        executions=work.executions,
        longest_s=work.longest_s,
    )
