"""Empties a queue of addresses in a `while` loop, one after another."""

import urllib.request
from queue import Queue

from _server import serving
from _ways import WAITING, pooled, run


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        return len(response.read())


def main(urls):
    todo = Queue()
    for url in urls:
        todo.put(url)
    sizes = {}
    while not todo.empty():
        url = todo.get()
        try:
            sizes[url] = fetch(url)
        except OSError as error:
            print(url, error)
    print(len(sizes), sum(sizes.values()))


if __name__ == "__main__":
    with serving() as base:
        urls = [f"{base}/item/{number}?delay=60" for number in range(45)]
        run(lambda: main(urls), pooled(fetch, urls), WAITING)
