# rules: IOB412
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial


def get(url):
    return url


# case: a lambda in a loop
def lambdas(urls):
    with ThreadPoolExecutor() as pool:
        for url in urls:
            pool.submit(lambda: get(url))  # expect: IOB412


# case: in a comprehension
def comprehended(urls):
    pool = ThreadPoolExecutor()
    return [pool.submit(lambda: get(url)) for url in urls]  # expect: IOB412


# case: a function that the loop defines
def defined(urls):
    for url in urls:

        def fetch():
            return get(url)

        threading.Thread(target=fetch).start()  # expect: IOB412


# case: another name that the iteration binds
def bound_in_the_body(items):
    pool = ThreadPoolExecutor()
    for item in items:
        url = item.url
        pool.submit(lambda: get(url))  # expect: IOB412


# case: bound as a default
def defaults(urls):
    with ThreadPoolExecutor() as pool:
        for url in urls:
            pool.submit(lambda url=url: get(url))


# case: given as an argument
def arguments(urls):
    with ThreadPoolExecutor() as pool:
        for url in urls:
            pool.submit(lambda each: get(each), url)


# case: a partial
def partials(urls):
    with ThreadPoolExecutor() as pool:
        for url in urls:
            pool.submit(partial(get, url))


# case: a name from outside of the loop
def from_outside(url, times):
    with ThreadPoolExecutor() as pool:
        for _ in times:
            pool.submit(lambda: get(url))


# case: the same iteration waits for it
def waited_for(urls):
    for url in urls:
        thread = threading.Thread(target=lambda: get(url))
        thread.start()
        thread.join()


# case: a pool in each iteration ends with it
def own_pool(urls):
    for url in urls:
        with ThreadPoolExecutor() as pool:
            pool.submit(lambda: get(url))


# case: awaited in the same iteration
async def awaited(urls):
    for url in urls:
        await asyncio.to_thread(lambda: get(url))


# case: map calls it for each item while the caller waits
def mapped(groups):
    pool = ThreadPoolExecutor()
    for group in groups:
        print(list(pool.map(lambda url: get(url), group)))


# case: no loop
def once(url):
    threading.Thread(target=lambda: get(url)).start()


# case: a loop that ends with it
def first(urls):
    pool = ThreadPoolExecutor()
    for url in urls:
        return pool.submit(lambda: get(url))
