"""A producer fills a queue quickly; its one consumer waits for the network at each item."""

import queue
import threading
import urllib.request

from _server import serving
from _ways import run

SENTINEL = object()


def produce(tasks, base):
    for number in range(50):
        tasks.put(f"{base}/task/{number}?delay=50")


def consume(tasks, results):
    while True:
        url = tasks.get()
        if url is SENTINEL:
            break
        with urllib.request.urlopen(url) as answer:
            results.append(len(answer.read()))


def main(consumers=1):
    tasks, results = queue.Queue(), []
    with serving() as base:
        threads = [threading.Thread(target=consume, args=(tasks, results)) for _ in range(consumers)]
        for thread in threads:
            thread.start()
        produce(tasks, base)
        for _ in threads:
            tasks.put(SENTINEL)
        for thread in threads:
            thread.join()
    print(len(results))


if __name__ == "__main__":
    run(main, {"threads": main}, {"threads": (4, 16)})
