# rules: IOB2
import socket
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import httpx
import requests

SESSION = requests.Session()
LOCK = threading.Lock()


# case: results are collected in order
def collects(urls):
    out = []
    for url in urls:  # expect: IOB201
        out.append(SESSION.get(url, timeout=5).text)
    return out


# case: nothing is collected
def only_posts(records):
    for record in records:  # expect: IOB201
        SESSION.post("https://api.example/", json=record, timeout=5)


# case: results by key
def keyed(urls):
    pages = {}
    for url in urls:  # expect: IOB201
        pages[url] = SESSION.get(url, timeout=5).text
    return pages


# case: two names per item
def pairs(targets):
    found = []
    for name, url in targets.items():  # expect: IOB201
        reply = SESSION.get(url, timeout=5)
        found.append((name, reply.status_code))
    return found


# case: through a function of the same file
def load(url):
    with urllib.request.urlopen(url, timeout=5) as reply:
        return reply.read()


def through_helper(urls):
    bodies = []
    for url in urls:  # expect: IOB201
        bodies.append(load(url))
    return bodies


# case: through three functions
def first(url):
    return second(url)


def second(url):
    return load(url)


def through_three(urls):
    for url in urls:  # expect: IOB201
        first(url)


# case: a failure of one item does not concern the others
def tolerant(urls):
    out, failed = [], []
    for url in urls:  # expect: IOB201
        try:
            out.append(SESSION.get(url, timeout=5).text)
        except requests.RequestException:
            failed.append(url)
    return out, failed


# case: attempts inside, items outside
def attempts(urls):
    out = []
    for url in urls:  # expect: IOB201
        for _attempt in range(3):
            try:
                out.append(SESSION.get(url, timeout=5).text)
                break
            except requests.ConnectionError:
                continue
    return out


# case: names are looked up one after another
def addresses(hosts):
    known = []
    for host in hosts:  # expect: IOB201
        known.append(socket.gethostbyname(host))
    return known


# case: a client as an attribute
class Crawler:
    def __init__(self):
        self.client = httpx.Client()

    def crawl(self, urls):
        pages = []
        for url in urls:  # expect: IOB201
            pages.append(self.client.get(url).text)
        return pages


# case: a client that is annotated
def annotated(client: httpx.Client, urls: list[str]):
    pages = []
    for url in urls:  # expect: IOB201
        pages.append(client.get(url).text)
    return pages


# case: a connection of its own for each port
def open_ports(host):
    found = []
    for port in range(1, 1024):  # expect: IOB201
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                found.append(port)
    return found


# case: the items are filtered first
def filtered(urls):
    out = []
    for url in urls:  # expect: IOB201
        if url.endswith(".pdf"):
            continue
        out.append(SESSION.get(url, timeout=5).text)
    return out


# case: three items only
def few():
    out = []
    for url in ("https://a.example", "https://b.example", "https://c.example"):
        out.append(SESSION.get(url, timeout=5).text)
    return out


# case: a range of two
def twice(url):
    for _ in range(2):
        SESSION.get(url, timeout=5)


# case: attempts at the same
def persistent(url):
    for attempt in range(5):
        try:
            return SESSION.get(url, timeout=5)
        except requests.ConnectionError:
            if attempt == 4:
                raise
    return None


# case: alternatives until one of them answers
def any_mirror(mirrors, path):
    for mirror in mirrors:
        try:
            return SESSION.get(f"{mirror}/{path}", timeout=5)
        except requests.RequestException:
            continue
    return None


# case: a pool in the function already
def pooled(urls):
    with ThreadPoolExecutor(8) as pool:
        futures = []
        for url in urls:
            futures.append(pool.submit(SESSION.get, url, timeout=5))
    return [future.result() for future in futures]


# case: the function itself runs in a pool
def worker(urls):
    out = []
    for url in urls:
        out.append(SESSION.get(url, timeout=5).text)
    return out


def start(groups):
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(worker, groups))


# case: under a lock
def locked(urls):
    out = []
    for url in urls:
        with LOCK:
            out.append(SESSION.get(url, timeout=5).text)
    return out


# case: the whole loop under a lock
def all_locked(urls):
    out = []
    with LOCK:
        for url in urls:
            out.append(SESSION.get(url, timeout=5).text)
    return out


# case: hands results out one at a time
def lazily(urls):
    for url in urls:
        yield SESSION.get(url, timeout=5).text


# case: parameters and values in memory are called like clients
def lookalikes(requests, names):
    out = []
    for name in names:
        out.append(requests.get(name))
    return out


# case: dictionaries have `get`, too
def dictionaries(table: dict, names):
    out = []
    for name in names:
        out.append(table.get(name))
    return out


# case: one connection is used by all
def stream(host, pieces):
    with socket.create_connection((host, 80), timeout=5) as connection:
        for piece in pieces:
            connection.sendall(piece)


# case: only closes
def closes(sessions: list[requests.Session]):
    for session in sessions:
        session.close()


# case: hands work to a queue that others wait for
def hands_over(tasks, urls):
    for url in urls:
        tasks.put(url)


# case: a lambda asks for each item
def texts(urls):
    return list(map(lambda url: requests.get(url, timeout=5).text, urls))  # expect: IOB202, IOB205


# case: a lambda that nothing drains yet
def lazy_texts(urls):
    return map(lambda url: url.strip(), urls), map(lambda url: requests.get(url, timeout=5).text, urls)


# case: a lambda that waits for nothing worth a word
def upper(names):
    return list(map(lambda name: name.upper(), names))
