"""One producer and two consumers that share a bounded queue; each consumer fetches pages.

Shows:    threads that wait for the network with too few hands: the producer waits for room in the queue.
Expected: verdict `io` (waiting on the network); the advice is `more_workers` (or `threads`, with more of them).
"""

import queue
import threading
import urllib.request

from _local_server import local_server

CONSUMERS = 2
PAGES = 48
DONE = object()


def produce(address, pages):
    for number in range(PAGES):
        pages.put(f"{address}/page-{number:02}")
    for _ in range(CONSUMERS):
        pages.put(DONE)


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return len(answer.read())


def consume(pages, sizes):
    while (url := pages.get()) is not DONE:
        sizes.append(fetch(url))


def main():
    pages, sizes = queue.Queue(maxsize=4), []
    with local_server() as address:
        threads = [threading.Thread(target=produce, args=(address, pages), name="producer")]
        threads += [
            threading.Thread(target=consume, args=(pages, sizes), name=f"consumer-{n}") for n in range(CONSUMERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(len(sizes), "pages,", sum(sizes), "bytes")


if __name__ == "__main__":
    main()
