# rules: IOB308, IOB312
import mmap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests


# case: a lambda that reads a memory map
def blocks(file, offsets):
    data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda offset: data[offset : offset + 4096], offsets))  # expect: IOB308


# case: a method of the map
def searches(file, words):
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data, ThreadPoolExecutor() as pool:
        return list(pool.map(data.find, words))  # expect: IOB308


# case: bytes in memory
def parts(data: bytes, offsets):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda offset: data[offset : offset + 4096], offsets))


# case: a thread that computes beside one that waits
def simulate(steps):
    value = 0.5
    for _ in range(steps):
        value = 3.9 * value * (1 - value)
    return value


def watch(url):
    while True:
        requests.get(url)
        time.sleep(1)


def start(url):
    threading.Thread(target=watch, args=(url,), daemon=True).start()
    threading.Thread(target=simulate, args=(10**8,)).start()  # expect: IOB312
