"""Downloads on a pool of six, in waves; between them the main thread sleeps and the workers have nothing to do."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait

from _ledger import answering_after, ask, settle

WORKERS, WAVES, DOWNLOAD, LULL = 6, 3, 0.8, 0.9

with answering_after(itertools.repeat(DOWNLOAD), count=WORKERS) as clients:
    together = threading.Barrier(WORKERS)
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="worker", initializer=together.wait) as pool:
        for _ in range(WAVES):
            wait([pool.submit(ask, client) for client in clients])
            time.sleep(LULL)
settle({"wait_network": DOWNLOAD, "wait_sleep": LULL}, ["mixed", "sleep", "io"], tolerance=0.08)
