# rules: IOB301, IOB302, IOB306, IOB307
import copy
import hashlib
import json
import re
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.dummy import Pool as DummyPool
from multiprocessing.pool import ThreadPool

import numpy as np
import requests
from joblib import Parallel, delayed


def count_primes(limit):
    found = 0
    for number in range(2, limit):
        divisor = 2
        while divisor * divisor <= number:
            if number % divisor == 0:
                break
            divisor += 1
        else:
            found += 1
    return found


# case: a loop of arithmetic, mapped over threads
def primes(limits):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(count_primes, limits))  # expect: IOB301


# case: the same in processes
def primes_in_processes(limits):
    with ProcessPoolExecutor() as pool:
        return list(pool.map(count_primes, limits))


# case: submitted in a loop
def submitted(limits):
    pool = ThreadPoolExecutor(8)
    futures = []
    for limit in limits:
        futures.append(pool.submit(count_primes, limit))  # expect: IOB301
    return [future.result() for future in futures]


# case: a thread for each item
def threads_of_their_own(limits):
    threads = [threading.Thread(target=count_primes, args=(limit,)) for limit in limits]  # expect: IOB301
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# case: through a function that it calls
def summary(limit):
    return {"limit": limit, "primes": count_primes(limit)}


def summaries(limits):
    with ThreadPool(4) as pool:
        return pool.map(summary, limits)  # expect: IOB301


# case: the pool of threads of multiprocessing under another name
def dummy(limits):
    pool = DummyPool(4)
    return pool.map(count_primes, limits)  # expect: IOB301


# case: joblib told to use threads
def with_joblib(limits):
    return Parallel(n_jobs=4, prefer="threads")(delayed(count_primes)(limit) for limit in limits)  # expect: IOB301


# case: joblib with its processes
def with_joblib_processes(limits):
    return Parallel(n_jobs=4)(delayed(count_primes)(limit) for limit in limits)


# case: an executor that the constructor keeps
class Counter:
    def __init__(self):
        self.pool = ThreadPoolExecutor(4)

    def run(self, limits):
        return list(self.pool.map(count_primes, limits))  # expect: IOB301


# case: an executor that is given, with an annotation
def given(pool: ThreadPoolExecutor, limits):
    return list(pool.map(count_primes, limits))  # expect: IOB301


# case: the program chooses the kind of pool when it runs
def chosen(limits, threads):
    pool = ThreadPoolExecutor() if threads else ProcessPoolExecutor()
    return list(pool.map(count_primes, limits))


# case: a function of which it cannot be told what it does
def opaque(item):
    total = 0
    for part in range(item.size):
        total += item.read_block(part) * 2
    return total


def opaque_ones(items):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(opaque, items))


# case: arithmetic on arrays leaves the interpreter
def smooth(row):
    weights = np.ones(5)
    for _ in range(10_000):
        weights = weights * row + 0.5
    return weights


def smoothed(rows):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(smooth, rows))


# case: a loop that runs three times is no work
def thrice(item):
    total = 0
    for step in range(3):
        total += item * step
    return total


def few(items):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(thrice, items))


# case: joining texts is no arithmetic
def joined(parts):
    text = ""
    for number in range(len(parts)):
        text += "part " + parts[number]
    return text


def texts(items):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(joined, items))


# case: waiting for the network is what threads are for
def fetch(url):
    return requests.get(url).status_code


def fetched(urls):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(fetch, urls))


# case: one thread for long work, so that the rest stays responsive
def in_the_background(limit):
    thread = threading.Thread(target=count_primes, args=(limit,))
    thread.start()
    return thread


# case: a pool of one worker keeps order, nothing else
def one_after_another(limits):
    with ThreadPoolExecutor(max_workers=1) as pool:
        return list(pool.map(count_primes, limits))


# case: a library function that is Python
def copies(items):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(copy.deepcopy, items))  # expect: IOB301


# case: recursion
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def fibs(numbers):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(fib, numbers))  # expect: IOB301


# case: a parser in C that keeps the GIL
def parsed(blobs):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(json.loads, blobs))  # expect: IOB302


# case: through a function and a compiled pattern
def words(text):
    return re.findall(r"\w+", text)


def all_words(texts):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(words, texts))  # expect: IOB302


# case: native code that releases the GIL
def decompositions(arrays):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(np.linalg.svd, arrays))


# case: hashes of what may be short
def digests(keys):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(hashlib.sha256, keys))  # expect: IOB306


# case: key derivation is long and releases the GIL
def derive(password):
    return hashlib.pbkdf2_hmac("sha256", password, b"salt", 100_000)


def derived(passwords):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(derive, passwords))


# case: a worker that waits and computes
def fetch_and_count(url):
    size = len(requests.get(url).content)
    return count_primes(size)


def fetched_and_counted(urls):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(fetch_and_count, urls))  # expect: IOB307


# case: a method that others override
class Reader:
    def parts(self, item):
        raise NotImplementedError

    def count(self, item):
        total = 0
        for part in range(item):
            total += part * len(self.parts(item))
        return total

    def counts(self, items):
        with ThreadPoolExecutor() as pool:
            return list(pool.map(self.count, items))


# case: adding up takes no time
def added(numbers):
    return sum(numbers)


def all_added(several):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(added, several))


# case: a worker that waits only
def nap(seconds):
    time.sleep(seconds)


def naps(numbers):
    with ThreadPoolExecutor() as pool:
        list(pool.map(nap, numbers))
