"""A pool whose workers were started by forkserver, while the program itself calls nothing."""

import multiprocessing
import time

import iobound


@iobound.advise
def work(number):
    time.sleep(0.002)
    return number


if __name__ == "__main__":
    with multiprocessing.get_context("forkserver").Pool(3) as pool:
        assert pool.map(work, range(60)) == list(range(60))
        pool.close()
        pool.join()
    print('expect {"calls": {"work": 60}}')
