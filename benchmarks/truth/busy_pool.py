"""A pool of two processes that compute all the time: the parent waits, the run computes."""

import multiprocessing

from _ledger import compute, settle

if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        pool.map(compute, [0.25] * 36, chunksize=1)
    settle({"cpu_python": 1}, ["cpu", "mixed", "starved"], loose=["cpu_python", "wait_cpu"], tolerance=0.12)
