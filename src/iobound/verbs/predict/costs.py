"""What a pool costs by itself: constants of the model, each with the range that measurements gave.

A prediction is worked out three times: with the costs that are likely, with the worst and with the best of each
range. The last two make its interval.

**Source**: some sixty programs, each run sequentially, on threads, on processes and with asyncio on two CPUs
(CPython 3.11 to 3.14, Linux); `docs/models.md` says which observation each range covers.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Outlook(IntEnum):
    """How the unknown costs are taken."""

    WORST = 0
    LIKELY = 1
    BEST = 2


OUTLOOKS = (Outlook.WORST, Outlook.LIKELY, Outlook.BEST)


class Cost(NamedTuple):
    """A quantity that was not measured on this program: what it is at worst, likely and at best."""

    worst: float
    likely: float
    best: float

    def at(self, outlook: Outlook) -> float:
        """The value under an outlook."""
        return (self.worst, self.likely, self.best)[outlook]


THREAD_ITEM_S = Cost(110e-6, 40e-6, 12e-6)
"""Seconds with the GIL held that a thread pool spends on one item: future, queue, two wake-ups."""

THREAD_POOL_S = Cost(0.02, 0.008, 0.003)
"""Seconds, once: import of the pool's module and starting its threads."""

GIL_CONTENTION = Cost(0.3, 0.12, 0.02)
"""Share of the work that is lost to hand-over of the GIL when it is wanted all the time by several threads."""

GIL_HAND_OVER_S = Cost(30e-6, 10e-6, 4e-6)
"""Seconds by which one release of the GIL delays a thread when another one wants it."""

UNTOLD_RELEASES_PER_S = Cost(12_000.0, 500.0, 0.0)
"""Releases of the GIL per second of computing that is half Python and half native, where they were not counted: one
thread alone does not show whether it lets go of the GIL once per long call or at every row of a cursor."""

SHORT_CALL_S = Cost(3e-6, 10e-6, 100e-6)
"""Seconds for which a look at the entry of a file, or one row of a database, lets go of the GIL."""

WAIT_STRETCH = Cost(0.4, 0.12, 0.0)
"""Share by which a wait gets longer when many are under way at once."""

CPU_INTERFERENCE = Cost(0.5, 0.12, 0.0)
"""Share of speed that a CPU loses when all are busy: shared caches, sibling hyper-threads, lower clock."""

BY_OTHERS = Cost(0.35, 0.1, 0.0)
"""Part of the CPUs that other programs kept busy while this one was observed, which they keep from it again; never all,
for the scheduler shares out fairly: two workers beside one other program get two thirds of the machine."""

DISK_SERIAL = Cost(1.0, 0.5, 0.1)
"""Share of disk waiting that is served one request at a time."""

IPC_SERIAL = Cost(1.0, 0.4, 0.0)
"""Share of waiting on pipes and local sockets that is served one request at a time."""

UNSEEN_SERIAL = Cost(1.0, 0.5, 0.0)
"""Share of unknown time that cannot overlap."""

UNTOLD_ITEM_S = Cost(0.5e-3, 3e-3, 20e-3)
"""Seconds of an item where items were too short to be told apart."""

FORK_S = Cost(0.012, 0.004, 0.002)
"""Seconds of the parent for one worker that is forked."""

SPAWN_S = Cost(0.16, 0.06, 0.03)
"""CPU seconds for one worker that is started as a new interpreter, before the program's own imports."""

PROCESS_POOL_S = Cost(0.08, 0.03, 0.015)
"""Seconds, once: import of the pool's module, its queues and threads, and winding it up."""

PROCESS_CHUNK_S = Cost(700e-6, 200e-6, 90e-6)
"""Seconds to hand one chunk to a worker process and its results back: two pipes, three wake-ups."""

THREAD_RESTART_S = Cost(400e-6, 120e-6, 40e-6)
"""Seconds that a loop which is run again and again loses each time: all wait until the last worker is done."""

PROCESS_RESTART_S = Cost(2e-3, 0.6e-3, 0.25e-3)
"""The same for a pool of processes."""

PICKLING_S = Cost(12e-6, 5e-6, 2e-6)
"""Seconds to pickle and unpickle the smallest arguments and results of one item."""

PICKLING_IN_CHUNK_S = Cost(3e-6, 0.8e-6, 0.2e-6)
"""The same for one item of a chunk, which is pickled as one list."""

PICKLING_SHARE = Cost(0.25, 0.02, 0.0)
"""Seconds of pickling per second of an item: long items tend to have large arguments. It is not measured; arguments of
tens of megabytes cost more than the worst that is assumed here."""

PICKLING_SHARE_IN_CHUNK = Cost(0.1, 0.02, 0.0)
"""The same for items that are handed over in chunks, for they are short: their arguments are small."""

MOST_PICKLING_S = 0.02
"""Seconds of pickling per item beyond which nothing is assumed."""

PARENT_PART = 0.5
"""Part of the costs of handing over that the parent pays itself, one item after another."""

ASYNCIO_ITEM_S = Cost(200e-6, 70e-6, 30e-6)
"""Seconds of the loop's thread for one task: creating it, waking it, its transport."""

ASYNCIO_S = Cost(0.12, 0.05, 0.02)
"""Seconds, once: import of asyncio and making a loop."""

FREE_THREADED_COST = Cost(1.5, 1.2, 1.02)
"""CPU time of a free-threaded build over that of the usual build, for the same Python code."""

FREE_THREADED_SHARING = Cost(0.5, 0.15, 0.0)
"""Share of Python code that still runs one at a time on a free-threaded build: locks and shared counts."""

MODEL_ERROR = Cost(0.88, 1.0, 1.15)
"""Factor on the speed-up for what no term of the model explains."""

REST_VARIES = Cost(1.2, 1.0, 0.7)
"""How long the rest of the program takes in another run, as a part of now; being observed takes a tenth of a second."""

CORNER = 0.75
"""How far the 90 % interval reaches from the likely result to that with all costs at their worst (or best) at once,
which is rarer than one in twenty: errors that are independent partly cancel."""

FILE_CHANGES_SERIAL = Cost(2.0, 0.6, 0.0)
"""Part of making, renaming and removing files that takes turns, at the journal of the file system; more than 1 where
several at once get in each other's way."""

PAGES_TOGETHER = Cost(1.5, 1.1, 0.5)
"""Part of the kernel's work on fresh memory that takes turns when threads of one process ask for it."""

PAGES_APART = Cost(0.9, 0.4, 0.0)
"""The same for processes, which have tables of their own but share the memory."""

MEMORY_FAULTS_PER_S = Cost(40_000.0, 80_000.0, 160_000.0)
"""Page faults per CPU second from which native work is taken to be bound by memory."""

MEMORY_SERIAL = Cost(1.25, 0.85, 0.4)
"""Share of native work that is serial when memory binds it; more than 1 where sharing memory costs extra."""
