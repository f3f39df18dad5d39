"""A pipeline: one thread fetches, one counts letters, one writes; queues connect them.

Shows:    three stages that overlap, of which one is far slower than the others.
Expected: verdict `io` (waiting on the network); the advice is more hands for the slow stage: `more_workers` or
          `threads`.
"""

import collections
import pathlib
import queue
import tempfile
import threading
import urllib.request

from _local_server import local_server

PAGES = 24
END = None


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def fetch_stage(urls, texts):
    for url in urls:
        texts.put(fetch(url))
    texts.put(END)


def count_stage(texts, counts):
    while (text := texts.get()) is not END:
        letters = collections.Counter(letter for letter in text if letter != ".")
        counts.put(sorted(letters.items()))
    counts.put(END)


def write_stage(counts, path):
    with path.open("w") as file:
        while (letters := counts.get()) is not END:
            print(letters, file=file)


def main():
    texts, counts = queue.Queue(), queue.Queue()
    with local_server() as address, tempfile.TemporaryDirectory() as folder:
        urls = [f"{address}/page-{number:02}" for number in range(PAGES)]
        path = pathlib.Path(folder, "counts.txt")
        stages = [
            threading.Thread(target=fetch_stage, args=(urls, texts), name="fetch"),
            threading.Thread(target=count_stage, args=(texts, counts), name="count"),
            threading.Thread(target=write_stage, args=(counts, path), name="write"),
        ]
        for stage in stages:
            stage.start()
        for stage in stages:
            stage.join()
        print(len(path.read_text().splitlines()), "pages counted")


if __name__ == "__main__":
    main()
