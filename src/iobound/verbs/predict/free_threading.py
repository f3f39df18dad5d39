"""A pool of threads on a free-threaded build: no GIL, but every step costs more and some sharing stays."""

from __future__ import annotations

from iobound.verbs.predict import threads
from iobound.verbs.predict.costs import FREE_THREADED_COST, FREE_THREADED_SHARING, Outlook
from iobound.verbs.predict.plan import Plan
from iobound.verbs.predict.workload import Work

FIRST_VERSION = (3, 13)


def plan(work: Work, workers: int, outlook: Outlook) -> Plan:
    """Plan threads with 1/g replaced by C/(f·g), where a part of the Python code still takes turns."""
    python_s = work.python_s * FREE_THREADED_COST.at(outlook)
    shared_s = python_s * FREE_THREADED_SHARING.at(outlook)
    free = work._replace(python_s=python_s - shared_s, serial_s=work.serial_s + shared_s, gil=False)
    planned = threads.plan(free, workers, outlook)
    cpu_total_s = planned.network.cpu_total_s + shared_s / free.item_count(outlook)
    return planned._replace(network=planned.network._replace(cpu_total_s=cpu_total_s))
