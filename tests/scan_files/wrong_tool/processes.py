# rules: IOB303, IOB304, IOB305
import multiprocessing
import subprocess
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import Pool

import numpy as np
import requests
from sklearn.ensemble import RandomForestClassifier


# case: a library function that waits
def pages(urls):
    with Pool() as pool:
        return pool.map(requests.get, urls)  # expect: IOB303


# case: a function that waits
def status(url):
    return requests.get(url, timeout=5).status_code


def statuses(urls):
    with ProcessPoolExecutor() as pool:
        return list(pool.map(status, urls))  # expect: IOB303


# case: the same in threads
def statuses_in_threads(urls):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(status, urls))


# case: through a function that it calls, submitted in a loop
def report(url):
    return f"{url}: {status(url)}"


def reports(urls):
    with ProcessPoolExecutor(4) as pool:
        futures = [pool.submit(report, url) for url in urls]  # expect: IOB303
        return [future.result() for future in futures]


# case: children that do the work
def convert(file):
    subprocess.run(["convert", file, file + ".png"], check=True)


def converted(files):
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        pool.map(convert, files)  # expect: IOB303


# case: waits and computes as well
def digest(url):
    data = requests.get(url).content
    total = 0
    for number in range(len(data)):
        total = (total * 31 + data[number]) % 65521
    return total


def digests(urls):
    with Pool() as pool:
        return pool.map(digest, urls)


# case: what it does besides cannot be told
def page_title(url):
    text = requests.get(url).text
    return extract(text).title


def titles(urls):
    with Pool() as pool:
        return pool.map(page_title, urls)


# case: one process for a server
def serve():
    while True:
        time.sleep(1)


def start():
    multiprocessing.Process(target=serve).start()


# case: native code that releases the GIL
def sort_rows(array):
    return np.sort(array)


def sorted_rows(arrays):
    with ProcessPoolExecutor() as pool:
        return list(pool.map(sort_rows, arrays))  # expect: IOB304


# case: the library function itself
def sorts(arrays):
    with ProcessPoolExecutor() as pool:
        return list(pool.map(np.sort, arrays))  # expect: IOB304


# case: threads for that
def sorts_in_threads(arrays):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(np.sort, arrays))


# case: linear algebra has threads of its own
def decompositions(arrays):
    with ProcessPoolExecutor() as pool:
        return list(pool.map(np.linalg.svd, arrays))  # expect: IOB304, IOB305


# case: each worker trains with all CPUs
def train(data):
    model = RandomForestClassifier(n_jobs=-1)
    return model.fit(data.x, data.y)


def trained(sets):
    with Pool(8) as pool:
        return pool.map(train, sets)  # expect: IOB305


# case: in threads it is as bad
def trained_in_threads(sets):
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(train, sets))  # expect: IOB305


# case: each worker trains with one CPU
def train_alone(data):
    model = RandomForestClassifier(n_jobs=1)
    return model.fit(data.x, data.y)


def trained_alone(sets):
    with Pool(8) as pool:
        return pool.map(train_alone, sets)


# case: not in a worker
def train_all(data):
    return RandomForestClassifier(n_jobs=-1).fit(data.x, data.y)


# case: starts processes of its own, and what those do is not known here
def spread(items):
    with Pool() as pool:
        return pool.map(print, items)


def spread_all(groups):
    with ProcessPoolExecutor() as pool:
        return list(pool.map(spread, groups))
