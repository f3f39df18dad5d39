# rules: IOB201, IOB202, IOB203, IOB204, IOB212
import concurrent.futures
import multiprocessing.pool
import time
import zipfile
from io import BytesIO

import pandas
import requests

SERIAL = False


def price(region):
    return requests.get(f"https://prices.test/{region}").json()


# case: the same with a pool in the other branch
def prices(regions):
    if SERIAL:
        found = [price(region) for region in regions]
    else:
        with multiprocessing.pool.ThreadPool() as pool:
            found = pool.map_async(price, regions).get()
    return found


# case: the same with a pool, which returns
def returned(regions, workers: int):
    if workers > 1:
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            return list(pool.map(price, regions))
    found = []
    for region in regions:
        found.append(price(region))
    return found


# case: other items with a pool
def others(regions, days):
    if SERIAL:
        found = [price(region) for region in regions]  # expect: IOB202
    else:
        with multiprocessing.pool.ThreadPool() as pool:
            found = pool.map(price, days)
    return found


# case: the same items with a pool in the same branch, for something else
def mapped(regions):
    with multiprocessing.pool.ThreadPool() as pool:
        names = pool.map(str, regions)
    return names, [price(region) for region in regions]  # expect: IOB202


# case: whatever happens, the call is the last of the loop
def failed(job, session: requests.Session):
    for condition in job.conditions:
        if condition.kind == "complete":
            return True
        if condition.kind == "failed":
            why = None
            try:
                why = session.get(job.url).text
            except Exception:
                pass
            return why
    return None


# case: one attempt after another
def first(urls, session: requests.Session):
    for url in urls:
        try:
            answer = session.get(url)
            return answer.text
        except requests.ConnectionError:
            pass
    return None


# case: one that is left by what comes after it
def until(urls, session: requests.Session):
    for url in urls:  # expect: IOB212
        answer = session.get(url)
        if answer.ok:
            break


# case: some go on with the next
def some(urls, session: requests.Session):
    for url in urls:  # expect: IOB212
        if url:
            answer = session.get(url)
            if not answer.ok:
                continue
            return answer.text
    return None


# case: parts of one session that the loop waits with
def close_all(driver, session: requests.Session):
    for dialog in driver.find_elements("dialog"):  # expect: IOB201~
        dialog.click()
        session.get("https://pages.test", params={"title": driver.title})


# case: names that a session gives
def load_all(api, session: requests.Session):
    for name in api.names():  # expect: IOB201
        session.get(name.strip(), headers={"key": api.key})


# case: posts to one place, in the order in which they are read there
def report(files, channel, session: requests.Session):
    for file in files:  # expect: IOB201~
        post_file(session, file, channel=channel)


def post_file(session: requests.Session, file, channel):
    session.post(f"https://chat.test/{channel}", data=file)


# case: to a place of each
def report_each(files, session: requests.Session):
    for file in files:  # expect: IOB201
        post_file(session, file, channel=file.channel)


# case: something that all share is another meanwhile
class Connection:
    timeout = 5


def guarded(url, session: requests.Session):
    before = Connection.timeout
    Connection.timeout = 1
    try:
        return session.get(url)
    finally:
        Connection.timeout = before


def guarded_all(urls, session: requests.Session):
    return [guarded(url, session) for url in urls]  # expect: IOB212


# case: something of its own is
def timed(url, session: requests.Session):
    connection = Connection()
    connection.timeout = 1
    try:
        return session.get(url)
    finally:
        connection.timeout = time.monotonic()


def timed_all(urls, session: requests.Session):
    return [timed(url, session) for url in urls]  # expect: IOB202


# case: files in memory, or one
def parts(file):
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as packed:
            for name in packed.namelist():
                yield BytesIO(packed.read(name))
    else:
        yield file


def tables(file):
    return [pandas.read_parquet(part) for part in parts(file)]


# case: paths
def paths(folder):
    for path in folder.iterdir():
        yield path


def tables_of(folder):
    return [pandas.read_parquet(path) for path in paths(folder)]  # expect: IOB202
