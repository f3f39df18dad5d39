"""Two threads by turns in one long native call each and in bytecode; what each had of the GIL its own counters say."""

import hashlib
import threading
import time
from collections.abc import Callable

from _ledger import compute, now, queued_s, settle, shares

ROUNDS, COMPUTING = 60, 0.012


def on_cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this thread in it."""
    begun = time.thread_time()
    work()
    return time.thread_time() - begun


def work(book: dict[str, float]) -> None:
    begun, queued, native, python = now(), queued_s(), 0.0, 0.0
    for _ in range(ROUNDS):
        native += on_cpu(lambda: hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 90_000))
        python += on_cpu(lambda: compute(COMPUTING))
    queued = queued_s() - queued
    # Nothing else is waited for than the GIL, and while another has that, a CPU would be of no use.
    book |= {"cpu_native": native, "cpu_python": python, "wait_gil": now() - begun - native - python - queued}
    book["wait_cpu"] = queued


books: list[dict[str, float]] = [{}, {}]
threads = [threading.Thread(target=work, args=(book,), name=f"hasher {n}") for n, book in enumerate(books)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
settle(
    books[0],
    ["cpu", "mixed"],
    scope=threads[0].name,
    threads={thread.name: shares(book) for thread, book in zip(threads, books, strict=True)},
    tolerance=0.06,
)
