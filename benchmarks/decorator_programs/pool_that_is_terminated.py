"""Workers that are sent SIGTERM while they work, as `with Pool` does."""

import multiprocessing
import time

import iobound


@iobound.advise
def work(number):
    time.sleep(0.001)
    return number


if __name__ == "__main__":
    with multiprocessing.Pool(3) as pool:
        assert pool.map(work, range(60)) == list(range(60))
        pool.map_async(work, range(10_000))
        time.sleep(0.05)
    print('expect {"calls": {"work": 60}, "at_least": ["work"]}')
