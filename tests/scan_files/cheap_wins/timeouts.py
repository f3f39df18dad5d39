# rules: IOB704
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import requests


# case: the library's function itself
def direct(urls):
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(requests.get, urls))  # expect: IOB704


# case: in a function that workers run
def load(url):
    return requests.get(url).text  # expect: IOB704


def loads(urls):
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(load, urls))


# case: in a thread
def ping():
    urllib.request.urlopen("https://api.example/")  # expect: IOB704


def background():
    threading.Thread(target=ping).start()


# case: submitted
def submitted(urls):
    pool = ThreadPoolExecutor(8)
    return [pool.submit(requests.post, url) for url in urls]  # expect: IOB704


# case: with a limit
def limited(url):
    return requests.get(url, timeout=10).text


def all_limited(urls):
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(limited, urls))


# case: a limit that is handed on
def handed_on(urls):
    with ThreadPoolExecutor(8) as pool:
        return [pool.submit(requests.get, url, timeout=10) for url in urls]


# case: a partial with a limit
def partly(urls):
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(partial(requests.get, timeout=10), urls))


# case: a limit among other options
OPTIONS = {"timeout": 10}


def with_options(url):
    return requests.get(url, **OPTIONS)


def all_with_options(urls):
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(with_options, urls))


# case: a library that has a limit of its own
def own_limit(urls):
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(httpx.get, urls))


# case: no pool
def alone(url):
    return requests.get(url)
