"""Two phases: computes keys, then downloads what they name."""

import urllib.request
from concurrent.futures import ThreadPoolExecutor

from _server import serving
from _ways import run


def make_key(number):
    value = number
    for _ in range(25_000):
        value = (value * 1103515245 + 12345) & 0x7FFFFFFF
    return value


def download(key):
    with urllib.request.urlopen(f"{base}/{key}?delay=40") as answer:
        return len(answer.read())


def main():
    keys = [make_key(number) for number in range(500)]
    total = 0
    for key in keys[:70]:
        total += download(key)
    print(total)


def downloads_on_threads(workers):
    keys = [make_key(number) for number in range(500)]
    with ThreadPoolExecutor(workers) as pool:
        print(sum(pool.map(download, keys[:70])))


if __name__ == "__main__":
    with serving() as base:
        run(main, {"threads": downloads_on_threads}, {"threads": (4, 16)})
