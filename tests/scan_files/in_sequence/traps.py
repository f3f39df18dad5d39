# rules: IOB2, IOB7
import functools
import os
import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from io import BytesIO, StringIO
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import requests

try:
    import ujson as json
except ImportError:
    import json

if TYPE_CHECKING:
    from collections.abc import Iterator

SESSION = requests.Session()
URLS = ["https://a.example", "https://b.example", "https://c.example", "https://d.example", "https://e.example"]
FEW = ["https://a.example", "https://b.example"]


# case: at the top of a module
for known in URLS:  # expect: IOB201
    SESSION.get(known, timeout=5)

# case: a constant of two
for known in FEW:
    SESSION.get(known, timeout=5)

if __name__ == "__main__":
    # case: in the main part, through `enumerate`
    for number, known in enumerate(URLS):  # expect: IOB201
        SESSION.post(known, data=str(number), timeout=5)


# case: metadata
def newest(paths):
    found = []
    for path in paths:
        if os.path.exists(path):
            found.append(os.path.getmtime(path))
    return max(found)


# case: paths that are only text
def names(paths):
    return [PurePath(path).with_suffix(".txt").name for path in paths]


# case: removes, makes and renames
def tidy(paths):
    for path in paths:
        os.makedirs(path, exist_ok=True)
        os.rename(path, f"{path}.old")
        os.remove(f"{path}.old")


# case: files in memory
def in_memory(texts):
    found = []
    for text in texts:
        found.append(StringIO(text).read())
        BytesIO(text.encode()).read()
    return found


# case: a short critical section
class Counter:
    def __init__(self):
        self._lock = threading.Lock()
        self.counts = {}

    def count(self, words):
        for word in words:
            with self._lock:
                self.counts[word] = self.counts.get(word, 0) + 1


# case: a stub that others fill
class Source(ABC):
    @abstractmethod
    def fetch(self, url): ...


def all_of(source: Source, urls):
    return [source.fetch(url) for url in urls]


# case: remembered by a property
class Lazy:
    @functools.cached_property
    def settings(self):
        return SESSION.get("https://settings.example", timeout=5).json()


def uses(lazy: Lazy, names):
    return [lazy.settings[name] for name in names]


# case: a generator is only made
def pages(urls) -> "Iterator[str]":
    for url in urls:
        yield SESSION.get(url, timeout=5).text


def generators(groups):
    return [pages(group) for group in groups]


# case: an error that asks a server is made only when there is one
class Failed(Exception):
    def __init__(self, word):
        super().__init__(SESSION.get("https://words.example", timeout=5).text + word)


def check(word):
    if not word:
        if word is None:
            raise Failed("none")
        raise Failed("empty")
    return word


def checked(words):
    return [check(word) for word in words]


# case: alternatives of one library
def parsed(texts):
    return [json.loads(text) for text in texts]


# case: many children of an executor that is made in each iteration belong to another rule
def rounds(batches, work):
    from concurrent.futures import ThreadPoolExecutor

    for batch in batches:
        with ThreadPoolExecutor() as pool:
            list(pool.map(work, batch))


# case: a transaction of an own manager
def in_transaction(rows):
    shop = sqlite3.connect("shop.db")
    with shop:
        for batch in rows:
            shop.executemany("INSERT INTO item VALUES (?)", batch)


# case: measures time
def measures(function):
    times = []
    for _ in range(1000):
        begun = time.perf_counter()
        function()
        times.append(time.perf_counter() - begun)
    return times


# case: coroutines of one event loop
async def asynchronous(client, urls):
    return [await client.get(url) for url in urls]


# case: a name of the program that is called like a library
class Requests:
    def get(self, key):
        return self.__dict__.get(key)


def own_class(keys):
    requests = Requests()
    return [requests.get(key) for key in keys]


# case: a client as a default, shared by all
def by_default(urls, client=SESSION):
    out = []
    for url in urls:  # expect: IOB201
        out.append(client.get(url, timeout=5).text)
    return out


# case: two loops, the inner one waits for each pair
def pairs(hosts, paths):
    out = []
    for host in hosts:
        for path in paths:  # expect: IOB201
            out.append(SESSION.get(f"{host}/{path}", timeout=5).text)
    return out


# case: the inner loop has two items, the outer one many
def two_each(hosts):
    out = []
    for host in hosts:  # expect: IOB201
        for path in ("robots.txt", "sitemap.xml"):
            out.append(SESSION.get(f"{host}/{path}", timeout=5).text)
    return out


# case: large files, read as they are
def copies(paths: list[Path], folder: Path):
    for path in paths:  # expect: IOB201~
        (folder / path.name).write_bytes(path.read_bytes())
