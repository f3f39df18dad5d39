# rules: IOB5
import sqlite3
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import Pool, Process

import pandas as pd


# case: the pool goes with the object
class Pooled:
    def __init__(self):
        self.pool = Pool(4)

    def work(self, item):
        return item

    def run(self, items):
        return self.pool.map(self.work, items)  # expect: IOB504


# case: a lock goes with the object
class Locked:
    def __init__(self):
        self.lock = threading.Lock()

    def work(self, item):
        return item

    def run(self, items):
        with ProcessPoolExecutor() as executor:
            return list(executor.map(self.work, items))  # expect: IOB504


# case: what a base class holds
class Base:
    def __init__(self):
        self.connection = sqlite3.connect("a.db")


class Derived(Base):
    def work(self, item):
        return item

    def run(self, items):
        with Pool() as pool:
            return pool.map(self.work, items)  # expect: IOB504


# case: much data goes with the object
class Table:
    def __init__(self, path):
        self.frame = pd.read_csv(path)

    def row(self, number):
        return self.frame.iloc[number]

    def run(self, numbers):
        with Pool() as pool:
            return pool.map(self.row, numbers)  # expect: IOB504


# case: nothing much goes with the object
class Small:
    def __init__(self):
        self.factor = 3

    def work(self, item):
        return item * self.factor

    def run(self, items):
        with Pool() as pool:
            return pool.map(self.work, items)


# case: a static method needs no object
class Static:
    def __init__(self):
        self.lock = threading.Lock()

    @staticmethod
    def work(item):
        return item

    @classmethod
    def made(cls, item):
        return item

    def run(self, items):
        with Pool() as pool:
            return pool.map(self.work, items) + pool.map(self.made, items) + pool.map(Static.work, items)


# case: a class that leaves its lock out
class Careful:
    def __init__(self):
        self.lock = threading.Lock()

    def __getstate__(self):
        return {}

    def work(self, item):
        return item

    def run(self, items):
        with Pool() as pool:
            return pool.map(self.work, items)


# case: threads take any method
class Threaded:
    def __init__(self):
        self.lock = threading.Lock()

    def work(self, item):
        return item

    def run(self, items):
        with ThreadPoolExecutor() as executor:
            return list(executor.map(self.work, items))


# case: the object itself among the arguments
def weigh(owner, item):
    return item


class Owner:
    def __init__(self):
        self.log = open("log.txt", "a")

    def run(self, executor: ProcessPoolExecutor, items):
        return [executor.submit(weigh, self, item) for item in items]  # expect: IOB505


# case: a dataclass with a lock
@dataclass
class Job:
    name: str
    lock: threading.Lock = field(default_factory=threading.Lock)


def send(executor: ProcessPoolExecutor):
    return executor.submit(len, Job("a"))  # expect: IOB505


# case: a dataclass of plain data
@dataclass
class Order:
    name: str
    amount: int = 0


def send_order(executor: ProcessPoolExecutor):
    return executor.submit(len, Order("a"))


# case: a process of its own that has a plain method
class Service:
    def __init__(self, port):
        self.port = port

    def serve(self):
        return self.port

    def start(self):
        process = Process(target=self.serve)
        process.start()
        process.join()


# case: a class whose base is not known
class Model(pd.api.Unknown):
    def __init__(self):
        self.lock = threading.Lock()

    def work(self, item):
        return item

    def run(self, items):
        with Pool() as pool:
            return pool.map(self.work, items)


# case: a property that opens a file
class Opened:
    @property
    def lines(self):
        return open("a.txt")

    def send(self, executor: ProcessPoolExecutor):
        return executor.submit(len, self.lines)  # expect: IOB505


# case: a property that gives a text
class Titled:
    @property
    def title(self):
        return "a"

    def send(self, executor: ProcessPoolExecutor):
        return executor.submit(len, self.title)
