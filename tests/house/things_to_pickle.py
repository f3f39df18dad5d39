"""One thing per function; a test asks `pickle` and the scan about each.

Functions that begin with `takes_` give what can be pickled, those with `refuses_` what cannot.
"""

# ruff: noqa: B905, E731, PYI024, SIM115

import asyncio
import collections
import concurrent.futures
import contextvars
import csv
import functools
import hashlib
import io
import itertools
import logging
import multiprocessing
import os
import pathlib
import queue
import random
import re
import socket
import sqlite3
import ssl
import sys
import tempfile
import threading
import types
import weakref
import zlib
from collections import defaultdict, namedtuple
from dataclasses import dataclass, field


def work(item):
    return item


def bare(function):
    def wrapper(*args):
        return function(*args)

    return wrapper


def wrapping(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


def updating(function):
    def wrapper(*args):
        return function(*args)

    return functools.update_wrapper(wrapper, function)


def numbered(number):
    def decorator(function):
        def wrapper(*args):
            return number, function(*args)

        return wrapper

    return decorator


class Calling:
    def __init__(self, function):
        self.function = function

    def __call__(self, *args):
        return self.function(*args)


@bare
def unwrapped(item):
    return item


@wrapping
def wrapped(item):
    return item


@updating
def updated(item):
    return item


@numbered(3)
def with_number(item):
    return item


@Calling
def called(item):
    return item


@functools.lru_cache
def cached(item):
    return item


double = lambda item: item * 2
Pair = namedtuple("Pair", "a b")


class Plain:
    def __init__(self):
        self.factor = 3

    def method(self, item):
        return item * self.factor

    @staticmethod
    def static(item):
        return item

    @classmethod
    def made(cls, item):
        return item


class Locked(Plain):
    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()


class Careful:
    def __init__(self):
        self.lock = threading.Lock()

    def __getstate__(self):
        return {}

    def method(self):
        return 1


@dataclass
class Job:
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Order:
    name: str = "a"


def generate():
    yield 1


async def coroutine():
    return 1


def takes_function():
    return work


def takes_partial():
    return functools.partial(work, 3)


def takes_wrapped():
    return wrapped


def takes_updated():
    return updated


def takes_cached():
    return cached


def takes_instance():
    return Plain()


def takes_bound_method():
    plain = Plain()
    return plain.method


def takes_static_method():
    plain = Locked()
    return plain.static


def takes_class_method():
    plain = Locked()
    return plain.made


def takes_careful():
    return Careful()


def takes_careful_method():
    careful = Careful()
    return careful.method


def takes_dataclass():
    return Order()


def takes_named_tuple():
    return Pair(1, 2)


def takes_default_dict():
    return defaultdict(int)


def takes_pattern():
    return re.compile("a")


def takes_logger():
    return logging.getLogger("a")


def takes_bytes_io():
    return io.BytesIO(b"a")


def takes_path():
    return pathlib.Path("a")


def takes_iterators():
    return [iter([1]), enumerate([1]), zip([1], [2]), map(str, [1]), reversed([1])]


def takes_random():
    return random.Random(1)


def takes_ordered_dict():
    return collections.OrderedDict(a=1)


def takes_name_of_file():
    with tempfile.NamedTemporaryFile() as lines:
        return lines.name


def refuses_lambda():
    return lambda: 1


def refuses_named_lambda():
    return double


def refuses_nested():
    def inner():
        return 1

    return inner


def refuses_partial_of_nested():
    def inner():
        return 1

    return functools.partial(inner)


def refuses_unwrapped():
    return unwrapped


def refuses_decorated_with_arguments():
    return with_number


def refuses_decorated_by_class():
    return called


def refuses_local_class():
    class Local:
        pass

    return Local


def refuses_local_instance():
    class Local:
        pass

    return Local()


def refuses_local_tuple():
    Point = namedtuple("Point", "x y")
    return Point(1, 2)


def refuses_locked():
    return Locked()


def refuses_locked_method():
    locked = Locked()
    return locked.method


def refuses_locked_dataclass():
    return Job()


def refuses_lambda_factory():
    return defaultdict(lambda: 0)


def refuses_generator():
    return generate()


def refuses_generator_expression():
    return (item for item in "abc")


def refuses_coroutine():
    given = coroutine()
    given.close()
    return given


def refuses_dict_view():
    ages = {"a": 1}
    return ages.items()


def refuses_module():
    return os


def refuses_file():
    lines = tempfile.TemporaryFile()
    lines.close()
    return lines


def refuses_standard_output():
    return sys.stdout


def takes_socket():
    return socket.socket()  # multiprocessing hands over its descriptor


def refuses_connection():
    return sqlite3.connect(":memory:")


def refuses_cursor():
    return sqlite3.connect(":memory:").cursor()


def refuses_lock():
    return threading.Lock()


def refuses_reentrant_lock():
    return threading.RLock()


def refuses_event():
    return threading.Event()


def refuses_condition():
    return threading.Condition()


def refuses_local():
    return threading.local()


def refuses_thread():
    return threading.Thread()


def refuses_queue():
    return queue.Queue()


def refuses_simple_queue():
    return queue.SimpleQueue()


def refuses_executor():
    return concurrent.futures.ThreadPoolExecutor()


def refuses_future():
    return concurrent.futures.Future()


def refuses_match():
    return re.match("a", "a")


def refuses_hash():
    return hashlib.sha256()


def refuses_compressor():
    return zlib.compressobj()


def refuses_reader():
    return csv.reader([])


def refuses_context():
    return ssl.create_default_context()


def refuses_context_variable():
    return contextvars.ContextVar("a")


def refuses_handler():
    return logging.StreamHandler()


def refuses_weak_dictionary():
    return weakref.WeakValueDictionary()


def refuses_weak_set():
    return weakref.WeakSet()


def refuses_memory():
    return memoryview(b"a")


def refuses_proxy():
    return types.MappingProxyType({})


def refuses_system_random():
    return random.SystemRandom()


def refuses_loop():
    loop = asyncio.new_event_loop()
    loop.close()
    return loop


def refuses_process_lock():
    return multiprocessing.Lock()


def refuses_process_queue():
    return multiprocessing.Queue()


def refuses_simple_process_queue():
    return multiprocessing.SimpleQueue()


def refuses_value():
    return multiprocessing.Value("i")


def refuses_array():
    return multiprocessing.Array("i", 2)


def refuses_process_event():
    return multiprocessing.Event()


def refuses_barrier():
    return multiprocessing.Barrier(2)


def refuses_process_semaphore():
    return multiprocessing.Semaphore()


def refuses_inside():
    return [1, {"a": (2, threading.Lock())}]


def takes_repeated():
    return list(itertools.repeat(1, 3))
