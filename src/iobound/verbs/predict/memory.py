"""Native work that touches fresh memory, or makes files, all the time: the kernel serves these one at a time."""

from __future__ import annotations

from iobound.verbs.predict.costs import FILE_CHANGES_SERIAL, MEMORY_FAULTS_PER_S, MEMORY_SERIAL, Cost, Outlook
from iobound.verbs.predict.workload import Work

COSTLY = 0.25
"""Part of native time that the kernel must spend on fresh pages for their number to count."""


def memory_s(work: Work, outlook: Outlook, filling: Cost) -> float:
    """Seconds per item at the memory, or at the journal of the file system.

    Memory is told by page faults per CPU second, or by the kernel's time for fresh pages.

    Under the worst outlook it may be more than the native time: workers that share the memory get in each other's way.

    Args:
        work: What there is to run.
        outlook: How unknown costs are taken.
        filling: Part of making fresh pages that takes turns: more in one address space than in several.
    """
    count = work.item_count(outlook)
    filling_s = filling.at(outlook) * (work.page_filling_s or 0.0) / count
    filling_s = max(filling_s, FILE_CHANGES_SERIAL.at(outlook) * work.file_changes_s / count)
    cheap = work.page_filling_s is not None and work.page_filling_s < COSTLY * work.native_s
    if cheap or work.faults_per_s <= MEMORY_FAULTS_PER_S.at(outlook):
        return filling_s
    return max(filling_s, work.native_s / count * MEMORY_SERIAL.at(outlook))
