"""Calls that hand a function over to run elsewhere."""

from __future__ import annotations

from typing import NamedTuple


class Offload(NamedTuple):
    """Which argument runs where.

    Attributes:
        position: Of the argument that is the function.
        keyword: By which it may be given, too.
        where: `thread`, `process` or `executor` (as the program sets it).
        many: Whether it is called for each of many items.
    """

    position: int
    keyword: str
    where: str
    many: bool = False


_POOL = ("apply", "apply_async", "map", "map_async", "imap", "imap_unordered", "starmap", "starmap_async")

OFFLOADS: dict[str, Offload] = {
    "asyncio.to_thread": Offload(0, "func", "thread"),
    "asyncio.AbstractEventLoop.run_in_executor": Offload(1, "func", "executor"),
    "anyio.to_thread.run_sync": Offload(0, "func", "thread"),
    "anyio.to_process.run_sync": Offload(0, "func", "process"),
    "trio.to_thread.run_sync": Offload(0, "sync_fn", "thread"),
    "starlette.concurrency.run_in_threadpool": Offload(0, "func", "thread"),
    "fastapi.concurrency.run_in_threadpool": Offload(0, "func", "thread"),
    "asgiref.sync.sync_to_async": Offload(0, "func", "thread"),
    "threading.Thread": Offload(1, "target", "thread"),
    "threading.Timer": Offload(1, "function", "thread"),
    "_thread.start_new_thread": Offload(0, "function", "thread"),
    "multiprocessing.Process": Offload(1, "target", "process"),
    "concurrent.futures.ThreadPoolExecutor.submit": Offload(0, "fn", "thread"),
    "concurrent.futures.ThreadPoolExecutor.map": Offload(0, "fn", "thread", True),
    "concurrent.futures.ProcessPoolExecutor.submit": Offload(0, "fn", "process"),
    "concurrent.futures.ProcessPoolExecutor.map": Offload(0, "fn", "process", True),
    "concurrent.futures.Executor.submit": Offload(0, "fn", "executor"),
    "concurrent.futures.Executor.map": Offload(0, "fn", "executor", True),
    **{f"multiprocessing.pool.Pool.{name}": Offload(0, "func", "process", "map" in name) for name in _POOL},
    **{f"multiprocessing.pool.ThreadPool.{name}": Offload(0, "func", "thread", "map" in name) for name in _POOL},
}
"""By canonical name."""
