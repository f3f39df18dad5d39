# rules: IOB405, IOB406, IOB407, IOB409, IOB416
import csv
import itertools
import sqlite3
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial

import pymysql
import requests
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

DB = sqlite3.connect("app.db")
FREE = sqlite3.connect("app.db", check_same_thread=False)
HTTP = requests.Session()
LOCK = threading.Lock()
LOCAL = threading.local()
engine = create_engine("sqlite://")
session = Session(engine)
registry = scoped_session(sessionmaker(engine))
mysql = pymysql.connect(host="db")


# case: a connection of the main thread
def look_up(key):
    return DB.execute("select * from item where id = ?", (key,)).fetchone()  # expect: IOB405


def look_up_all(keys):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(look_up, keys))


# case: a connection that may be shared, with a lock
def look_up_freely(key):
    with LOCK:
        return FREE.execute("select * from item where id = ?", (key,)).fetchone()


def look_up_all_freely(keys):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(look_up_freely, keys))


# case: a connection in each call
def look_up_alone(key):
    connection = sqlite3.connect("app.db")
    return connection.execute("select * from item where id = ?", (key,)).fetchone()


def look_up_all_alone(keys):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(look_up_alone, keys))


# case: given to one thread
def export(connection, path):
    print(path)


def start_export(path):
    connection = sqlite3.connect("app.db")
    threading.Thread(target=export, args=(connection, path)).start()  # expect: IOB405


# case: made in the constructor, used in the thread
class Store(threading.Thread):
    def __init__(self):
        super().__init__()
        self.db = sqlite3.connect("app.db")

    def run(self):
        self.db.execute("select 1")  # expect: IOB405


# case: made in the thread that uses it
class OwnStore(threading.Thread):
    def run(self):
        self.db = sqlite3.connect("app.db")
        self.db.execute("select 1")


# case: one session for all threads
def fetch(url):
    return HTTP.get(url).text  # expect: IOB406


def fetch_all(urls):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(fetch, urls))


# case: its method handed over
def fetch_by_method(urls):
    client = requests.Session()
    with ThreadPoolExecutor() as pool:
        return list(pool.map(client.get, urls))  # expect: IOB406


# case: given by a partial
def fetch_with(client, url):
    return client.get(url).text


def fetch_all_with(urls):
    client = requests.Session()
    with ThreadPoolExecutor() as pool:
        return list(pool.map(partial(fetch_with, client), urls))  # expect: IOB406


# case: given to each
def submit_with(urls):
    client = requests.Session()
    with ThreadPoolExecutor() as pool:
        return [pool.submit(fetch_with, client, url) for url in urls]  # expect: IOB406


# case: a session for each
def submit_with_own(urls):
    with ThreadPoolExecutor() as pool:
        futures = []
        for url in urls:
            client = requests.Session()
            futures.append(pool.submit(fetch_with, client, url))
        return futures


# case: a session for each thread
def thread_session():
    if not hasattr(LOCAL, "client"):
        LOCAL.client = requests.Session()
    return LOCAL.client


def fetch_locally(url):
    return thread_session().get(url).text


def fetch_all_locally(urls):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(fetch_locally, urls))


# case: in one thread
def fetch_in_background(url):
    threading.Thread(target=fetch_alone, args=(url,)).start()


def fetch_alone(url):
    return HTTP.get(url).text


# case: in no thread
def fetch_here(url):
    return HTTP.get(url).text


# case: in processes, which have copies
def fetch_in_process(url):
    return HTTP.get(url).text


def fetch_in_processes(urls):
    with ProcessPoolExecutor() as pool:
        return list(pool.map(fetch_in_process, urls))


# case: kept by the object whose method is handed over
class Client:
    def __init__(self):
        self.http = requests.Session()

    def load(self, url):
        return self.http.get(url).text  # expect: IOB406

    def load_all(self, urls):
        with ThreadPoolExecutor() as pool:
            return list(pool.map(self.load, urls))


# case: a session of SQLAlchemy
def save(item):
    session.add(item)  # expect: IOB407
    session.commit()  # expect: IOB407


def save_all(items):
    with ThreadPoolExecutor() as pool:
        list(pool.map(save, items))


# case: a session for each thread by the registry
def save_safely(item):
    registry.add(item)
    registry.commit()


def save_all_safely(items):
    with ThreadPoolExecutor() as pool:
        list(pool.map(save_safely, items))


# case: a session in each call
def save_alone(item):
    with Session(engine) as own:
        own.add(item)
        own.commit()


def save_all_alone(items):
    with ThreadPoolExecutor() as pool:
        list(pool.map(save_alone, items))


# case: another driver's connection
def query(key):
    mysql.cursor()  # expect: IOB407


def query_all(keys):
    for key in keys:
        threading.Thread(target=query, args=(key,)).start()


# case: one file for all threads
def log_all(urls):
    with open("log.txt", "w") as log, ThreadPoolExecutor() as pool:

        def one(url):
            log.write(requests.get(url).text)  # expect: IOB409

        list(pool.map(one, urls))


# case: a writer of rows
def rows(urls):
    with open("rows.csv", "w") as file, ThreadPoolExecutor() as pool:
        writer = csv.writer(file)

        def one(url):
            writer.writerow([url, requests.get(url).status_code])  # expect: IOB409

        list(pool.map(one, urls))


# case: written under a lock
def log_safely(urls):
    with open("log.txt", "w") as log, ThreadPoolExecutor() as pool:

        def one(url):
            text = requests.get(url).text
            with LOCK:
                log.write(text)

        list(pool.map(one, urls))


# case: a file of its own
def log_alone(paths):
    def one(path):
        with open(path, "w") as file:
            file.write(path)

    with ThreadPoolExecutor() as pool:
        list(pool.map(one, paths))


# case: written by the caller, in order
def log_in_order(urls):
    with open("log.txt", "w") as log, ThreadPoolExecutor() as pool:
        for text in pool.map(requests.get, urls):
            log.write(text.text)


# case: a generator that several threads take from
def numbers():
    number = 0
    while True:
        yield number
        number += 1


def take(urls):
    source = numbers()

    def worker():
        return next(source)  # expect: IOB416

    with ThreadPoolExecutor() as pool:
        for _ in urls:
            pool.submit(worker)


# case: a generator expression that several threads run over
def drain(items):
    squares = (item * item for item in items)

    def worker():
        for square in squares:  # expect: IOB416
            print(square)

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()


# case: a generator handed to several threads
def consume(source):
    return list(source)


def start_consumers(items):
    source = (item for item in items)
    for _ in range(4):
        threading.Thread(target=consume, args=(source,)).start()  # expect: IOB416


# case: a generator handed to one
def start_consumer(items):
    source = (item for item in items)
    threading.Thread(target=consume, args=(source,)).start()


# case: taken from under a lock
def take_safely(urls):
    source = numbers()

    def worker():
        with LOCK:
            return next(source)

    with ThreadPoolExecutor() as pool:
        for _ in urls:
            pool.submit(worker)


# case: an iterator in C takes one step
def take_from_counter(urls):
    source = itertools.count()

    def worker():
        return next(source)

    with ThreadPoolExecutor() as pool:
        for _ in urls:
            pool.submit(worker)


# case: a generator that map runs over is read by the caller only
def mapped(items):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(requests.get, (item.url for item in items)))
