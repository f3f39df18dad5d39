# rules: IOB5
import collections
import io
import itertools
import logging
import multiprocessing
import os
import queue
import re
import socket
import sqlite3
import sys
import threading
from collections import OrderedDict, defaultdict, namedtuple
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import Lock, Manager, Pool, Process, Queue
from pathlib import Path

import numpy as np
import pandas as pd


def work(*items):
    return len(items)


# case: an open file
def open_file(executor: ProcessPoolExecutor, path):
    return executor.submit(work, open(path))  # expect: IOB505


# case: a file that a with statement opened
def entered_file(executor: ProcessPoolExecutor, path):
    with open(path) as lines:
        return executor.submit(work, lines)  # expect: IOB505


# case: open files in a list
def open_files(pool: multiprocessing.pool.Pool, paths):
    return pool.map(work, [open(path) for path in paths])  # expect: IOB505


# case: a connection in rows
def rows(pool: multiprocessing.pool.Pool, names):
    connection = sqlite3.connect("a.db")
    return pool.starmap(work, [(connection, name) for name in names])  # expect: IOB505


# case: a typed parameter
def typed(executor: ProcessPoolExecutor, connection: sqlite3.Connection):
    return executor.submit(work, connection)  # expect: IOB505


# case: threads' lock and queue
def thread_things(pool: multiprocessing.pool.Pool):
    found = pool.apply(work, (threading.Lock(),))  # expect: IOB505
    waiting = queue.Queue()
    return found, pool.apply_async(work, args=(waiting,))  # expect: IOB505


# case: a method of a connection
def method_of_connection(executor: ProcessPoolExecutor, names):
    cursor = sqlite3.connect("a.db").cursor()
    return list(executor.map(cursor.execute, names))  # expect: IOB505


# case: a module, and the standard output
def modules(executor: ProcessPoolExecutor):
    executor.submit(work, os)  # expect: IOB505
    return executor.submit(work, sys.stdout)  # expect: IOB505


# case: a connection in a list that grows
def growing(pool: multiprocessing.pool.Pool, paths):
    tasks = []
    for path in paths:
        tasks.append((sqlite3.connect(path), path))
    return pool.starmap(work, tasks)  # expect: IOB505


# case: multiprocessing hands sockets over
def sockets(pool: multiprocessing.pool.Pool, host):
    return pool.apply(work, (socket.create_connection((host, 80)),))


# case: a match
def match(executor: ProcessPoolExecutor, text):
    return executor.submit(work, re.match("a", text))  # expect: IOB505


# case: the path of a file, and its name
def path_of(executor: ProcessPoolExecutor, path):
    with open(path) as lines:
        executor.submit(work, Path(path))
        return executor.submit(work, lines.name, lines.read())


# case: what pickle takes
def plain(executor: ProcessPoolExecutor, text):
    executor.submit(work, re.compile("a"), logging.getLogger("a"), io.BytesIO(b""), OrderedDict(), range(3))
    executor.submit(work, iter([1]), enumerate([1]), zip([1], [2]), np.zeros(3))
    return executor.submit(work, text, (1, 2), {"a": [None]})


# case: a file that was read
def read_file(executor: ProcessPoolExecutor, path):
    data = open(path)
    data = data.read()
    return executor.submit(work, data)


# case: a generator expression
def generator(executor: ProcessPoolExecutor, items):
    return executor.submit(sum, (item for item in items))  # expect: IOB506


# case: a generator
def numbers():
    yield 1


def generator_call(executor: ProcessPoolExecutor):
    return executor.submit(sum, numbers())  # expect: IOB506


# case: generators as elements
def chunks(pool: multiprocessing.pool.Pool, lists):
    return pool.map(sum, [(item for item in each) for each in lists])  # expect: IOB506


# case: a coroutine
async def fetch():
    return 1


def coroutine(executor: ProcessPoolExecutor):
    return executor.submit(work, fetch())  # expect: IOB506


# case: a view of a dict
def view(executor: ProcessPoolExecutor):
    ages = {"a": 1}
    return executor.submit(work, ages.items())  # expect: IOB506


# case: a generator that is put into a queue of processes
def put(items):
    waiting = multiprocessing.Queue()
    waiting.put(item for item in items)  # expect: IOB506


# case: a generator as the iterable is drawn from here
def iterable(pool: multiprocessing.pool.Pool, executor: ProcessPoolExecutor, items):
    executor.map(work, (item for item in items))
    return pool.imap(work, (item + 1 for item in numbers()))


# case: a view as the iterable
def view_iterable(pool: multiprocessing.pool.Pool):
    ages = {"a": 1}
    return pool.map(work, ages.items())


# case: a list of a generator
def listed(executor: ProcessPoolExecutor, items):
    return executor.submit(sum, list(item for item in items))


# case: a large table for every task
def table(executor: ProcessPoolExecutor, path, names):
    frame = pd.read_csv(path)
    return [executor.submit(work, frame, name) for name in names]  # expect: IOB510


# case: a large table in a partial, and repeated
def repeated(pool: multiprocessing.pool.Pool, path, names):
    frame = pd.read_csv(path)
    first = pool.map(partial(work, frame), names)  # expect: IOB510
    second = pool.map(work, [frame] * 4)  # expect: IOB510
    return first, second, pool.starmap(work, zip(itertools.repeat(frame), names))  # expect: IOB510


# case: parts of a large table
def parts(pool: multiprocessing.pool.Pool, path):
    frame = pd.read_csv(path)
    return pool.map(work, np.array_split(frame, 4))


# case: a large table once
def once(executor: ProcessPoolExecutor, path):
    frame = pd.read_csv(path)
    return executor.submit(work, frame)


# case: the table of each iteration
def each_table(executor: ProcessPoolExecutor, paths):
    found = []
    for path in paths:
        frame = pd.read_csv(path)
        found.append(executor.submit(work, frame))
    return found


# case: a lock of multiprocessing in a pool's arguments
def lock_to_pool(items):
    lock = Lock()
    with Pool() as pool:
        return pool.starmap(work, [(item, lock) for item in items])  # expect: IOB511


# case: a queue of multiprocessing in an executor's arguments
def queue_to_executor(executor: ProcessPoolExecutor):
    waiting = Queue()
    return executor.submit(work, waiting)  # expect: IOB511


# case: a lock of multiprocessing in a partial
def lock_in_partial(items):
    with Pool() as pool:
        return pool.map(partial(work, multiprocessing.Event()), items)  # expect: IOB511


# case: by the initializer
def by_initializer(items):
    lock = Lock()
    with Pool(2, initializer=work, initargs=(lock,)) as pool:
        return pool.map(work, items)


# case: with a process
def with_process():
    waiting = Queue()
    process = Process(target=work, args=(waiting, Lock()))
    process.start()
    process.join()


# case: proxies of a manager
def proxies(items):
    with Manager() as manager, Pool() as pool:
        lock = manager.Lock()
        return pool.starmap(work, [(item, lock, manager.Queue()) for item in items])


# case: an instance of a class that is defined here
def local_instance(executor: ProcessPoolExecutor):
    class Point:
        pass

    return executor.submit(work, Point())  # expect: IOB512


# case: a named tuple that is defined here
def local_tuple(executor: ProcessPoolExecutor):
    Point = namedtuple("Point", "x y")
    return executor.submit(work, Point(1, 2))  # expect: IOB512


# case: a class and a named tuple at the top
class Place:
    pass


Pair = collections.namedtuple("Pair", "a b")


def top_instances(executor: ProcessPoolExecutor):
    return executor.submit(work, Place(), Pair(1, 2))


# case: a defaultdict that makes its values by a lambda
def lambda_factory(executor: ProcessPoolExecutor):
    counts = defaultdict(lambda: 0)
    return executor.submit(work, counts)  # expect: IOB513


# case: a defaultdict in a defaultdict
def nested_factory(executor: ProcessPoolExecutor):
    return executor.submit(work, collections.defaultdict(lambda: defaultdict(int)))  # expect: IOB513


# case: a defaultdict with a type
def type_factory(executor: ProcessPoolExecutor):
    counts = defaultdict(int)
    return executor.submit(work, counts, dict(defaultdict(lambda: 0)))


# case: a lambda in a dict of arguments
def keyword_dict(pool: multiprocessing.pool.Pool):
    return pool.apply_async(sorted, ([1],), {"key": lambda item: item})  # expect: IOB501
