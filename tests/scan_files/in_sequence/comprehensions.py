# rules: IOB2
import functools
import subprocess

import requests

SESSION = requests.Session()


def fetch(url):
    return SESSION.get(url, timeout=5).text


# case: a list of what a function of the file gives
def pages(urls):
    return [fetch(url) for url in urls]  # expect: IOB202


# case: a dictionary
def by_url(urls):
    return {url: fetch(url) for url in urls}  # expect: IOB202


# case: a generator that is drained
def total(urls):
    return sum(len(fetch(url)) for url in urls)  # expect: IOB202


# case: a set
def kinds(urls):
    return {SESSION.head(url, timeout=5).headers["Content-Type"] for url in urls}  # expect: IOB202


# case: with a filter
def some(urls):
    return [fetch(url) for url in urls if url]  # expect: IOB202


# case: a child process per element
def versions(tools):
    return [subprocess.check_output([tool, "--version"]) for tool in tools]  # expect: IOB211


# case: a literal of two
def two():
    return [fetch(url) for url in ("https://a.example", "https://b.example")]


# case: what the comprehension runs over is asked for once
def names(url):
    return [item["name"] for item in SESSION.get(url, timeout=5).json()]


# case: the function is remembered
@functools.lru_cache
def remembered(url):
    return SESSION.get(url, timeout=5).text


def all_remembered(urls):
    return [remembered(url) for url in urls]


# case: only functions are made
def later(urls):
    return [lambda url=url: fetch(url) for url in urls]


# case: pure
def lengths(texts):
    return [len(text.strip()) for text in texts]


# case: a function that is defined in the comprehension's function and waits for nothing
def local(texts):
    def fetch(text):
        return text.upper()

    return [fetch(text) for text in texts]


# case: `map`, drained
def mapped(urls):
    return list(map(fetch, urls))  # expect: IOB202


# case: `map` in the head of a loop
def shown(urls):
    for text in map(fetch, urls):  # expect: IOB202
        print(text)


# case: `map` that nothing drains
def handed_on(urls):
    return map(fetch, urls)


# case: `map` of an executor
def in_threads(pool, urls):
    return list(pool.map(fetch, urls))


# case: `map` of something pure
def upper(texts):
    return list(map(str.upper, texts))


# case: the first that fits is enough
def any_good(urls):
    return any(SESSION.get(url, timeout=5).ok for url in urls)  # expect: IOB212


# case: the first that there is
def first_page(urls):
    return next((fetch(url) for url in urls), None)  # expect: IOB212~
