"""Two threads ask for reports while others call."""

import threading

import iobound

over = threading.Event()
counts = [0, 0, 0]


@iobound.advise
def work(number):
    return sum(range(number))


def calls(number):
    while not over.is_set():
        work(100)
        counts[number] += 1


def asks():
    try:
        for _ in range(3):
            report = work.report().as_dict()
            assert report["functions"][0]["calls"] > 0
    finally:
        over.set()


work(1)
threads = [threading.Thread(target=calls, args=(number,)) for number in range(3)]
threads += [threading.Thread(target=asks) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f'expect {{"calls": {{"work": {sum(counts) + 1}}}}}')
