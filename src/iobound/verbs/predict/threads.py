"""A pool of threads: waits overlap, native code runs side by side, Python code takes turns at the GIL."""

from __future__ import annotations

from iobound.verbs.predict.costs import PAGES_TOGETHER, THREAD_ITEM_S, THREAD_POOL_S, THREAD_RESTART_S, Outlook
from iobound.verbs.predict.memory import memory_s
from iobound.verbs.predict.plan import Plan, hand_overs_s, shared_loss, stretched
from iobound.verbs.predict.queueing import Network
from iobound.verbs.predict.workload import Work


def plan(work: Work, workers: int, outlook: Outlook) -> Plan:
    """Plan a thread pool: at most n/T1, 1/g, C/(g+u) and 1/d items per second."""
    demand = work.demand(outlook)
    computing_s = demand.cpu_python_s + demand.cpu_native_s
    pool_s = THREAD_ITEM_S.at(outlook)
    held_s = demand.cpu_python_s + pool_s + hand_overs_s(work, computing_s, outlook)
    beside_s = demand.cpu_native_s
    if not work.gil:
        held_s, beside_s = pool_s, beside_s + demand.cpu_python_s
    network = Network(
        delay_s=stretched(demand.wait_s, work.item_count(outlook), workers, outlook),
        single_s={"gil": held_s, "serial": demand.serial_s},
        cpu_s=beside_s,
        cpus=work.cpus_at(outlook),
        cpu_total_s=held_s + beside_s,
        memory_s=memory_s(work, outlook, PAGES_TOGETHER),
    )
    return Plan(
        workers=workers,
        items=work.item_count(outlook),
        network=network,
        start_up_s=THREAD_POOL_S.at(outlook),
        loss=shared_loss(work, outlook),
        restart_s=THREAD_RESTART_S.at(outlook),
        executions=work.executions,
        longest_s=work.longest_s,
    )
