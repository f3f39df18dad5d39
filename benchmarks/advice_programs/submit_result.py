"""Submits to a pool and asks for the result at once: a pool that runs one at a time."""

from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

from _server import serving
from _ways import WAITING, pooled, run


def load(url):
    with urlopen(url) as response:
        return response.read()


def main(urls):
    total = 0
    with ThreadPoolExecutor(max_workers=8) as executor:
        for url in urls:
            future = executor.submit(load, url)
            total += len(future.result())
    print(total)


if __name__ == "__main__":
    with serving() as base:
        urls = [f"{base}/page/{number}?delay=60" for number in range(40)]
        run(lambda: main(urls), pooled(load, urls), WAITING)
