# rules: IOB607, IOB608, IOB609, IOB610
import asyncio
import os
import random
import subprocess
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import Pool, Process
from multiprocessing.pool import ThreadPool

import numpy as np


def work(item):
    return item


# case: a pool in a worker of a pool
def inner_pool(item):
    with Pool(2) as pool:  # expect: IOB607
        return pool.map(work, [item])


def outer_pool(items):
    with Pool() as pool:
        return pool.map(inner_pool, items)


# case: a process in a function that a worker calls
def start_one():
    process = Process(target=work)
    process.start()  # expect: IOB607
    process.join()


def starting(item):
    start_one()
    return item


def start_all(items):
    with Pool() as pool:
        return pool.map(starting, items)


# case: workers of an executor may have children
def in_executor(item):
    with ProcessPoolExecutor(2) as executor:
        return list(executor.map(work, [item]))


def executors(items):
    with ProcessPoolExecutor() as executor:
        return list(executor.map(in_executor, items))


# case: threads in a worker of a pool
def with_threads(item):
    with ThreadPool(2) as threads:
        return threads.map(work, [item])


def threads_in_pool(items):
    with Pool() as pool:
        return pool.map(with_threads, items)


# case: child programs in a worker of a pool
def with_program(item):
    return subprocess.run(["true", item], check=True)


def programs_in_pool(items):
    with Pool() as pool:
        return pool.map(with_program, items)


# case: preexec_fn
def session(command):
    subprocess.Popen(command, preexec_fn=os.setsid)  # expect: IOB608
    return subprocess.run(command, check=True, preexec_fn=lambda: os.nice(5))  # expect: IOB608


async def async_session(command):
    return await asyncio.create_subprocess_exec(command, preexec_fn=os.setpgrp)  # expect: IOB608


# case: preexec_fn in some cases only
def sometimes(command, wanted):
    return subprocess.Popen(command, preexec_fn=os.setsid if wanted else None)  # expect: IOB608~


def either(command, wanted):
    return subprocess.Popen(command, preexec_fn=os.setsid if wanted else os.setpgrp)  # expect: IOB608


# case: what does without preexec_fn
def sessions(command, options):
    subprocess.Popen(command, start_new_session=True)
    subprocess.run(command, check=True, preexec_fn=None)
    return subprocess.Popen(command, **options)


# case: somebody else's preexec_fn
def run(command, preexec_fn):
    return command, preexec_fn


def other(command):
    return run(command, preexec_fn=os.setsid)


# case: a pool that nobody closes
def leaking(items):
    pool = Pool(4)  # expect: IOB609
    return pool.map(work, items)


# case: a pool that has no name
def nameless(items):
    return Pool(4).map(work, items)  # expect: IOB609


# case: a pool that an object keeps and nobody closes
class Keeper:
    def __init__(self):
        self.helpers = Pool(4)  # expect: IOB609

    def run(self, items):
        return self.helpers.map(work, items)


# case: a pool that is closed
def closed(items):
    workers = Pool(4)
    try:
        return workers.map(work, items)
    finally:
        workers.close()
        workers.join()


# case: a pool in a with statement, or in closing
def entered(items):
    with Pool(4) as first, closing(Pool(4)) as second:
        return first.map(work, items), second.map(work, items)


# case: a pool that is given back
def given():
    fresh = Pool(4)
    return fresh


# case: a pool that an object closes
class Tidy:
    def __init__(self):
        self.crew = Pool(4)

    def stop(self):
        self.crew.terminate()


# case: an executor is shut down when the program ends
def executor_kept(items):
    executor = ProcessPoolExecutor()
    return list(executor.map(work, items))


# case: the same numbers in every forked worker
def draw(count):
    return np.random.rand(count)  # expect: IOB610


def draws():
    with Pool() as pool:
        return pool.map(draw, [3, 3])


# case: the same numbers, further down
def noise(count):
    return np.random.normal(size=count)  # expect: IOB610


def noisy(count):
    return noise(count)


def noises():
    with ProcessPoolExecutor() as executor:
        return list(executor.map(noisy, [3, 3]))


# case: a generator per task
def seeded(seed):
    return np.random.default_rng(seed).normal()


def seeds():
    with Pool() as pool:
        return pool.map(seeded, [1, 2])


# case: seeded by the worker
def reseeded(seed):
    np.random.seed(seed)
    return np.random.rand()


def reseeds():
    with Pool() as pool:
        return pool.map(reseeded, [1, 2])


# case: the generator of the standard library is seeded anew after a fork
def rolled(item):
    return random.random()


def rolls():
    with Pool() as pool:
        return pool.map(rolled, [1, 2])


# case: numbers that the parent draws
def parent():
    drawn = np.random.rand(10)
    with Pool() as pool:
        return pool.map(work, drawn)


# case: a global pool that another function closes
SHARED = None


def open_shared():
    global SHARED
    SHARED = Pool(4)


def close_shared():
    SHARED.close()
    SHARED.join()
