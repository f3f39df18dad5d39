# rules: IOB507, IOB508
import multiprocessing
import re
import sqlite3
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import Pool, Process


# case: a match comes back
def find(text):
    return re.search("a", text)  # expect: IOB507


def matches(texts):
    with Pool() as pool:
        return pool.map(find, texts)


# case: a connection or a lambda comes back
def connect(path):
    if not path:
        return lambda: None  # expect: IOB507
    connection = sqlite3.connect(path)
    return connection  # expect: IOB507


def connections(paths):
    with ProcessPoolExecutor() as executor:
        return list(executor.map(connect, paths))


# case: a generator function
def generate(item):
    yield item


def generators(executor: ProcessPoolExecutor, items):
    return list(executor.map(generate, items))  # expect: IOB507


# case: a coroutine function
async def fetch(item):
    return item


def coroutines(executor: ProcessPoolExecutor):
    return executor.submit(fetch, 1)  # expect: IOB507


# case: a generator expression comes back
def lazily(items):
    return (item for item in items)  # expect: IOB507


def lazy(pool: multiprocessing.pool.Pool, lists):
    return pool.map(lazily, lists)


# case: plain data come back
def text_of(text):
    found = re.search("a", text)
    if found is None:
        return None
    return found.group(), re.search("b", text) is not None


def texts_of(texts):
    with Pool() as pool:
        return pool.map(text_of, texts)


# case: a process gives nothing back
def served():
    return sqlite3.connect("a.db")


def serve():
    process = Process(target=served)
    process.start()
    process.join()


# case: threads give anything back
def threaded(text):
    return re.search("a", text)


def in_threads(texts):
    with ThreadPoolExecutor() as executor:
        return list(executor.map(threaded, texts))


# case: an exception whose arguments are gone
class Lost(Exception):
    def __init__(self, code, place):  # expect: IOB508
        super().__init__(f"{code} at {place}")


def raising(item):
    raise Lost(3, item)


def lost(items):
    with Pool() as pool:
        return pool.map(raising, items)


# case: an exception that a function further down raises
class Deep(ValueError):
    def __init__(self, code, *, place):  # expect: IOB508
        super().__init__(code, place)


def deeper(item):
    if item:
        raise Deep(3, place=item)


def calling(item):
    deeper(item)


def deep(executor: ProcessPoolExecutor, items):
    return list(executor.map(calling, items))


# case: an exception that passes everything on
class Kept(Exception):
    def __init__(self, code, place):
        super().__init__(code, place)


# case: an exception without a constructor of its own, or that calls no other
class Bare(Exception):
    pass


class Silent(Exception):
    def __init__(self, code, place):
        self.code, self.place = code, place


# case: an exception that says how it is rebuilt
class Rebuilt(Exception):
    def __init__(self, code, place):
        super().__init__(f"{code} at {place}")
        self.code, self.place = code, place

    def __reduce__(self):
        return Rebuilt, (self.code, self.place)


# case: an exception with defaults
class Defaulted(Exception):
    def __init__(self, code, place="here"):
        super().__init__(f"{code} at {place}")


def well(item):
    if item == 1:
        raise Kept(1, item)
    if item == 2:
        raise Bare(2)
    if item == 3:
        raise Silent(1, item)
    if item == 4:
        raise Rebuilt(1, item)
    raise Defaulted(1)


def all_well(items):
    with Pool() as pool:
        return pool.map(well, items)


# case: an exception that stays in its process
class Here(Exception):
    def __init__(self, code, place):
        super().__init__(f"{code} at {place}")


def here(item):
    raise Here(1, item)
