"""Two worker processes take tiny items from a queue and put the answers into another, until a None tells them to stop.

Shows:    an in-queue, an out-queue and a sentinel per worker; carrying an item costs far more than working on it.
Expected: verdict `cpu`, `io`, `lock` or `mixed` (`starved` on few CPUs): the time goes into pickling and pipes. The
          advice is `batch`: put lists of many items into the queue.
"""

import multiprocessing

WORKERS = 2
ITEMS = 150_000


def square(number):
    return number * number


def work(inbox, outbox):
    for number in iter(inbox.get, None):
        outbox.put(square(number))
    outbox.put(None)


def answers(outbox):
    for _ in range(WORKERS):
        yield from iter(outbox.get, None)


def main():
    inbox, outbox = multiprocessing.Queue(), multiprocessing.Queue()
    workers = [multiprocessing.Process(target=work, args=(inbox, outbox)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for number in range(ITEMS):
        inbox.put(number)
    for _ in workers:
        inbox.put(None)
    print("sum of squares:", sum(answers(outbox)))
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main()
