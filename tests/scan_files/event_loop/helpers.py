# rules: IOB1
import asyncio
import contextlib
import functools
import io
import threading
import time
from abc import abstractmethod

import requests
from asgiref.sync import sync_to_async


def parse(path):
    return open(path).read()


def load(path):
    return parse(path)


# case: through two functions
async def deep(path):
    return load(path)  # expect: IOB110~


# case: told where the plain function is called, not above
async def above(path):
    return await deep(path)


# case: a method of the object
class Crawler:
    def __init__(self):
        self.session = requests.Session()

    def fetch(self, url):
        return self.session.get(url)

    async def crawl(self, url):
        return self.fetch(url)  # expect: IOB110

    # case: a method that is handed over
    async def crawl_well(self, url):
        return await asyncio.to_thread(self.fetch, url)


# case: an object whose constructor waits
class Settings:
    def __init__(self, path):
        self.text = open(path).read()


async def constructed(path):
    return Settings(path)  # expect: IOB110~


# case: a method of an object that is made here
async def other_object(url):
    crawler = Crawler()
    return crawler.fetch(url)  # expect: IOB110


# case: a method of an annotated parameter
async def annotated(crawler: "Crawler | None", url):
    return crawler.fetch(url)  # expect: IOB110


# case: what is remembered
@functools.lru_cache
def settings():
    return open("settings").read()


async def remembered():
    return settings()


# case: a decorator makes it a coroutine
@sync_to_async
def in_a_thread():
    time.sleep(1)


async def decorated():
    await in_a_thread()


# case: nothing but a promise
class Store:
    @abstractmethod
    def load(self): ...

    async def use(self):
        return self.load()


# case: only computes
def double(number):
    return number * 2


async def computes(number):
    return double(number)


# case: a generator that is not run
def lines(path):
    yield from open(path)


async def unused(path):
    return lines(path)


# case: a context manager of the program
@contextlib.contextmanager
def opened(path):
    with open(path) as file:
        yield file


async def enters(path):
    with opened(path) as file:  # expect: IOB110~
        return file


# case: what is kept the first time
_kept = None


def kept():
    global _kept
    if _kept is None:
        _kept = open("kept").read()
    return _kept


async def keeps():
    return kept()


# case: a line for a log
class Logger:
    def info(self, text):
        with open("log", "a") as file:
            file.write(text)


async def tells(logger: Logger):
    logger.info("done")  # expect: IOB110~


# case: a plain lock far away
def counts(lock: threading.Lock):
    lock.acquire()
    try:
        return 1
    finally:
        lock.release()


async def counted(lock):
    return counts(lock)


# case: a decorator that lets few calls through
def throttle(function):
    return function


class Gateway:
    @throttle
    def update(self):
        return requests.get("https://gateway.example/")

    def refresh(self):
        return requests.get("https://gateway.example/")


async def looks(gateway: Gateway):
    gateway.update()
    gateway.refresh()  # expect: IOB110


class Account:
    def __init__(self, url):
        self.url = url

    @property
    def balance(self):
        return requests.get(self.url, timeout=5).json()

    @property
    def name(self):
        return self.url.rpartition("/")[2]

    def __enter__(self):
        return self

    def __exit__(self, *why):
        requests.delete(self.url, timeout=5)


class Savings(Account):
    # case: a property of the class it is derived from
    async def report(self):
        print(self.name)
        return self.balance  # expect: IOB110


# case: properties of what is annotated
async def of_another(account: Account):
    account.balance = 3
    return account.name, account.balance  # expect: IOB110


# case: leaving a context that the program wrote
async def leaves(url):
    with Account(url) as account:  # expect: IOB110
        return account.name


# case: leaving one that was made before
async def leaves_known(account: Account):
    with account:  # expect: IOB110
        return account.name


# case: a lambda with a name
async def by_name(url):
    ask = lambda: requests.get(url, timeout=5)  # noqa: E731
    length = lambda: len(url)  # noqa: E731
    length()
    return ask()  # expect: IOB110


# case: a lambda that is handed over
async def handed_by_name(url):
    ask = lambda: requests.get(url, timeout=5)  # noqa: E731
    return await asyncio.to_thread(ask)


# case: what the call refuses may be the wait
def stop(worker: threading.Thread, join=True):
    if join:
        worker.join()


async def stops(worker: threading.Thread):
    stop(worker, join=False)  # expect: IOB110~


async def stops_and_waits(worker: threading.Thread):
    stop(worker)  # expect: IOB110


# case: a helper that opens a file unless it is given one, which is in memory
class Upload:
    def __init__(self, source):
        if isinstance(source, io.IOBase):
            self.file = source
        else:
            self.file = open(source, "rb")


async def upload_of_bytes(data):
    return Upload(io.BytesIO(data))  # expect: IOB110~


# case: the same helper is given a path
async def upload_of_file(path):
    return Upload(path)  # expect: IOB110~
