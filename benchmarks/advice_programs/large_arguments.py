"""A pool of processes that is handed tens of megabytes per item for a short computation."""

from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pool

import numpy as np
from _ways import run


def peak(image):
    return float(image[::16, ::16].max())


def frames():
    return [np.full((2000, 2000), float(number)) for number in range(16)]


def main(workers=2):
    with Pool(workers) as pool:
        print(sum(pool.map(peak, frames(), chunksize=1)))


def in_threads(workers):
    with ThreadPoolExecutor(workers) as pool:
        print(sum(pool.map(peak, frames())))


if __name__ == "__main__":
    run(main, {"threads": in_threads, "processes": main, "one": lambda _: print(sum(map(peak, frames())))})
