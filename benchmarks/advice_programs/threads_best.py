"""Thirty-two threads that download: as good as it gets already."""

import urllib.request
from concurrent.futures import ThreadPoolExecutor, as_completed

from _server import serving
from _ways import pooled, run


def load_url(url, timeout):
    with urllib.request.urlopen(url, timeout=timeout) as connection:
        return connection.read()


def one(url):
    return load_url(url, 60)


def main(urls):
    with ThreadPoolExecutor(max_workers=32) as executor:
        future_to_url = {executor.submit(load_url, url, 60): url for url in urls}
        for future in as_completed(future_to_url):
            url = future_to_url[future]
            print(url, len(future.result()))


if __name__ == "__main__":
    with serving() as base:
        urls = [f"{base}/{number}?delay=150" for number in range(320)]
        run(lambda: main(urls), pooled(one, urls), {"threads": (16,), "processes": (8,)})
