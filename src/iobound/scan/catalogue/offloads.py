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
_FUTURES = {"ThreadPoolExecutor": "thread", "ProcessPoolExecutor": "process", "Executor": "executor"}

OFFLOADS: dict[str, Offload] = {
    "asyncio.to_thread": Offload(0, "func", "thread"),
    "asyncio.AbstractEventLoop.run_in_executor": Offload(1, "func", "executor"),
    "tornado.ioloop.IOLoop.run_in_executor": Offload(1, "func", "executor"),
    "anyio.to_thread.run_sync": Offload(0, "func", "thread"),
    "anyio.to_process.run_sync": Offload(0, "func", "process"),
    "trio.to_thread.run_sync": Offload(0, "sync_fn", "thread"),
    "starlette.concurrency.run_in_threadpool": Offload(0, "func", "thread"),
    "fastapi.concurrency.run_in_threadpool": Offload(0, "func", "thread"),
    "asgiref.sync.sync_to_async": Offload(0, "func", "thread"),
    "twisted.internet.threads.deferToThread": Offload(0, "f", "thread"),
    "twisted.internet.reactor.callInThread": Offload(0, "callable", "thread"),
    "threading.Thread": Offload(1, "target", "thread"),
    "threading.Timer": Offload(1, "function", "thread"),
    "_thread.start_new_thread": Offload(0, "function", "thread"),
    "multiprocessing.Process": Offload(1, "target", "process"),
    "joblib.delayed": Offload(0, "function", "process", True),
    "tqdm.contrib.concurrent.thread_map": Offload(0, "fn", "thread", True),
    "tqdm.contrib.concurrent.process_map": Offload(0, "fn", "process", True),
    "loky.ProcessPoolExecutor.submit": Offload(0, "fn", "process"),
    "loky.ProcessPoolExecutor.map": Offload(0, "fn", "process", True),
    **{f"concurrent.futures.{name}.submit": Offload(0, "fn", where) for name, where in _FUTURES.items()},
    **{f"concurrent.futures.{name}.map": Offload(0, "fn", where, True) for name, where in _FUTURES.items()},
    **{f"multiprocessing.pool.Pool.{name}": Offload(0, "func", "process", "map" in name) for name in _POOL},
    **{f"multiprocessing.pool.ThreadPool.{name}": Offload(0, "func", "thread", "map" in name) for name in _POOL},
}
"""By canonical name."""

WORKERS: dict[str, str] = {
    "concurrent.futures.ThreadPoolExecutor": "max_workers",
    "concurrent.futures.ProcessPoolExecutor": "max_workers",
    "concurrent.futures.InterpreterPoolExecutor": "max_workers",
    "loky.ProcessPoolExecutor": "max_workers",
    "multiprocessing.pool.Pool": "processes",
    "multiprocessing.pool.ThreadPool": "processes",
    "joblib.Parallel": "n_jobs",
}
"""What makes a pool: the argument, always the first one, that says how many workers it has."""
