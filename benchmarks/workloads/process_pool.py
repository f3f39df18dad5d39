"""A pool of two processes with chunks of computing."""

import multiprocessing

from _measured import measured_work
from _work import fibonacci

if __name__ == "__main__":
    with measured_work():
        context = multiprocessing.get_context("fork")
        with context.Pool(2) as pool:
            pool.map(fibonacci, [23] * 660, chunksize=15)
            pool.close()
            pool.join()
