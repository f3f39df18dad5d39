"""Native work that touches fresh memory all the time: memory is a resource that serves one at a time."""

from __future__ import annotations

from iobound.predict.costs import MEMORY_FAULTS_PER_S, MEMORY_SERIAL, Outlook
from iobound.predict.workload import Work


def memory_s(work: Work, native_s: float, outlook: Outlook) -> float:
    """Seconds per item at the memory, told by page faults per CPU second; 0 where they are few or not known.

    Under the worst outlook it may be more than the native time: workers that share the memory get in each other's way.
    """
    if work.faults_per_s <= MEMORY_FAULTS_PER_S.at(outlook):
        return 0.0
    return native_s * MEMORY_SERIAL.at(outlook)
