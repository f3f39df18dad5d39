# rules: IOB401, IOB402, IOB403
import threading
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import requests

count = 0
total = 0
done = []
stats = {"ok": 0, "bad": 0}
cache = {}
LOCK = threading.Lock()
local = threading.local()


# case: a global that threads count in
def work(item):
    global count
    count += 1  # expect: IOB401
    return item


def run(items):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(work, items))


# case: the same with a lock
def careful(item):
    global total
    with LOCK:
        total += 1
    return item


def run_carefully(items):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(careful, items))


# case: spelled out
def spelled_out(item):
    global total
    total = total + item  # expect: IOB401


def run_spelled_out(items):
    for item in items:
        threading.Thread(target=spelled_out, args=(item,)).start()


# case: processes have globals of their own
def alone(item):
    global total
    total += item
    return total


def run_in_processes(items):
    with ProcessPoolExecutor() as pool:
        return list(pool.map(alone, items))


# case: a single thread
def ticks():
    global total
    total += 1


def run_one():
    threading.Thread(target=ticks).start()


# case: through a function that the worker calls
def note(item):
    global total
    total += len(item)  # expect: IOB401


def outer(item):
    note(item)
    return item


def run_outer(items):
    with ThreadPoolExecutor() as pool:
        list(pool.map(outer, items))


# case: a variable of the enclosing function
def closure(items):
    number = 0

    def step(item):
        nonlocal number
        number += item  # expect: IOB401

    with ThreadPoolExecutor() as pool:
        list(pool.map(step, items))
    return number


# case: a name of the call's own
def own(item):
    number = 0
    number += item
    return number


def run_own(items):
    with ThreadPoolExecutor() as pool:
        return sum(pool.map(own, items))


# case: two threads of one function
def step():
    global total
    total -= 1  # expect: IOB401


def run_two():
    first = threading.Thread(target=step)
    second = threading.Thread(target=step)
    first.start()
    second.start()


# case: one thread after another
def slow():
    global total
    total *= 2


def run_in_turn(items):
    for _ in items:
        thread = threading.Thread(target=slow)
        thread.start()
        thread.join()


# case: an item of a dictionary that all see
def tally(url):
    if requests.get(url).ok:
        stats["ok"] += 1  # expect: IOB402
    else:
        stats["bad"] += 1  # expect: IOB402


def run_tally(urls):
    with ThreadPoolExecutor() as pool:
        list(pool.map(tally, urls))


# case: a list that grows takes one step
def collect(item):
    done.append(item)


def run_collect(items):
    with ThreadPoolExecutor() as pool:
        list(pool.map(collect, items))


# case: a list that grows by an operator
def collect_more(item):
    global done
    done += [item]


def run_collect_more(items):
    with ThreadPoolExecutor() as pool:
        list(pool.map(collect_more, items))


# case: a value of each thread
def count_locally(item):
    local.number += 1
    return item


def run_count_locally(items):
    with ThreadPoolExecutor() as pool:
        list(pool.map(count_locally, items))


# case: an attribute of the object whose method is handed over
class Crawler:
    def __init__(self):
        self.pages = 0
        self.lock = threading.Lock()
        self.seen = set()
        self.safe = 0

    def fetch(self, url):
        text = requests.get(url).text
        self.pages += 1  # expect: IOB402
        return text

    def crawl(self, urls):
        with ThreadPoolExecutor() as pool:
            return list(pool.map(self.fetch, urls))

    # case: under the object's lock
    def fetch_safely(self, url):
        text = requests.get(url).text
        with self.lock:
            self.safe += 1
        return text

    def crawl_safely(self, urls):
        with ThreadPoolExecutor() as pool:
            return list(pool.map(self.fetch_safely, urls))

    # case: a method that the method calls
    def visit(self, url):
        self._count(url)

    def _count(self, url):
        self.pages += len(url)  # expect: IOB402

    def visits(self, urls):
        for url in urls:
            threading.Thread(target=self.visit, args=(url,)).start()

    # case: acquired by hand
    def by_hand(self, url):
        self.lock.acquire()
        self.safe += 1
        self.lock.release()

    def by_hands(self, urls):
        for url in urls:
            threading.Thread(target=self.by_hand, args=(url,)).start()

    # case: looks whether it has been there
    def once(self, url):
        if url not in self.seen:  # expect: IOB403
            self.seen.add(url)
            return requests.get(url).text
        return None

    def all_once(self, urls):
        with ThreadPoolExecutor() as pool:
            return list(pool.map(self.once, urls))

    # case: a method that no thread runs
    def add(self):
        self.pages += 1


# case: each thread has an object of its own
class Job(threading.Thread):
    def __init__(self, url):
        super().__init__()
        self.url = url
        self.size = 0

    def run(self):
        self.size += len(requests.get(self.url).content)


def start_jobs(urls):
    jobs = [Job(url) for url in urls]
    for job in jobs:
        job.start()


# case: an object for each thread
class Task:
    def __init__(self, url):
        self.tries = 0

    def perform(self):
        self.tries += 1


def perform_all(urls):
    for url in urls:
        task = Task(url)
        threading.Thread(target=task.perform).start()


# case: a cache that threads look into and fill
def cached(key):
    if key not in cache:  # expect: IOB403
        cache[key] = requests.get(key).text
    return cache[key]


def all_cached(keys):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(cached, keys))


# case: one step
def cached_in_one_step(key):
    return cache.setdefault(key, key.upper())


def all_in_one_step(keys):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(cached_in_one_step, keys))


# case: look-up under a lock
def cached_under_lock(key):
    with LOCK:
        if key not in cache:
            cache[key] = key.upper()
    return cache[key]


def all_under_lock(keys):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(cached_under_lock, keys))


# case: a dictionary of the call's own
def frequencies(words):
    found = {}
    for word in words:
        if word not in found:
            found[word] = 0
        found[word] += 1
    return found


def all_frequencies(texts):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(frequencies, texts))


# case: the lock is held by who calls
def locked_inside(item):
    with LOCK:
        bump(item)


def bump(item):
    global total
    total += item


def run_locked(items):
    with ThreadPoolExecutor() as pool:
        list(pool.map(locked_inside, items))


# case: a counter that the function makes
def letters(text):
    counted = Counter()
    counted["all"] += len(text)
    return counted


def all_letters(texts):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(letters, texts))


# case: looks only
def known(key):
    return key in cache


def all_known(keys):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(known, keys))


# case: a message that is given once
def warned(key):
    if key not in cache:
        text = f"{key} is deprecated"
        if text:
            cache.update({key: True})
            print(text)


def all_warned(keys):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(warned, keys))


# case: a global that only functions make
def start_count(items):
    global made_here
    made_here = 0
    with ThreadPoolExecutor() as pool:
        list(pool.map(count_here, items))
    return made_here


def count_here(item):
    global made_here
    made_here += item  # expect: IOB401
