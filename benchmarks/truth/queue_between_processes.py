"""Three processes that take one item at a time from a queue and compute; the parent feeds and collects."""

import multiprocessing
import time

from _ledger import compute, settle

ITEMS, PERIOD, COMPUTING = 90, 0.05, 0.015


def work(inbox, outbox):  # type: ignore[no-untyped-def]
    while (item := inbox.get()) is not None:
        compute(COMPUTING)
        outbox.put(item)


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    inbox, outbox = context.Queue(), context.Queue()
    workers = [context.Process(target=work, args=(inbox, outbox)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for number in range(ITEMS):
        inbox.put(number)
        outbox.get()
        time.sleep(PERIOD - COMPUTING)
    for _ in workers:
        inbox.put(None)
    for worker in workers:
        worker.join()
    settle({"wait_sleep": PERIOD - COMPUTING, "cpu_python": COMPUTING}, ["sleep", "mixed"], tolerance=0.12)
