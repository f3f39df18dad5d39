# rules: IOB602, IOB605
import os
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import Pool, Process

import polars as pl
import torch


def work(item):
    return item


# case: a pool after a thread was started
def thread_then_pool(items):
    thread = threading.Thread(target=work, args=(1,))
    thread.start()
    with Pool() as pool:  # expect: IOB602
        return pool.map(work, items)


# case: a fork within a pool of threads
def fork_in_threads():
    with ThreadPoolExecutor() as threads:
        threads.submit(work, 1)
        return os.fork()  # expect: IOB602


# case: a function that leaves a thread running
def watch():
    threading.Thread(target=work, daemon=True).start()


def watched(items):
    watch()
    with ProcessPoolExecutor() as executor:
        return list(executor.map(work, items))  # expect: IOB602


# case: a class of threads
class Ticker(threading.Thread):
    def run(self):
        return None


def ticking():
    Ticker().start()
    process = Process(target=work)
    process.start()  # expect: IOB602
    process.join()


# case: the processes come first
def pool_then_thread(items):
    with Pool() as pool:
        thread = threading.Thread(target=work, args=(1,))
        thread.start()
        return pool.map(work, items)


# case: the thread has ended
def joined(items):
    thread = threading.Thread(target=work, args=(1,))
    thread.start()
    thread.join()
    with Pool() as pool:
        return pool.map(work, items)


# case: the pool of threads has ended
def ended(items):
    with ThreadPoolExecutor() as threads:
        threads.map(work, items)
    with Pool() as pool:
        return pool.map(work, items)


# case: a thread that is only made
def only_made(items):
    thread = threading.Thread(target=work)
    with Pool() as pool:
        return thread, pool.map(work, items)


# case: polars and CUDA before a fork
def polars_first(path, items):
    frame = pl.read_csv(path)
    with Pool() as pool:  # expect: IOB605
        return frame, pool.map(work, items)


def cuda_first(items):
    torch.cuda.set_device(0)
    with Pool() as pool:  # expect: IOB605
        return pool.map(work, items)


# case: asking whether there is CUDA
def cuda_asked(items):
    if torch.cuda.is_available():
        return None
    with Pool() as pool:
        return pool.map(work, items)


# case: either a thread or a process
def either(in_thread):
    if in_thread:
        thread = threading.Thread(target=work)
        thread.start()
    else:
        process = Process(target=work)
        process.start()
        process.join()


# case: a branch that leaves
def leaving(in_thread, items):
    if in_thread:
        threading.Thread(target=work).start()
        return None
    with Pool() as pool:
        return pool.map(work, items)


# case: a branch that goes on
def going_on(watched, items):
    if watched:
        threading.Thread(target=work).start()
    with Pool() as pool:  # expect: IOB602
        return pool.map(work, items)
