# rules: IOB603, IOB605
import sqlite3
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Pool

import sqlalchemy

# case: a global that the parent fills before it starts the pool
RATES = None


def convert(amount):
    return amount * RATES["EUR"]  # expect: IOB603


def convert_all(amounts):
    global RATES
    RATES = {"EUR": 2}
    with Pool() as pool:
        return pool.map(convert, amounts)


# case: a global that a function fills which the main program calls
MODEL = None


def load():
    global MODEL
    MODEL = [1, 2]


def predict(item):
    return MODEL[item]  # expect: IOB603


def predict_all(items):
    with ProcessPoolExecutor() as executor:
        return list(executor.map(predict, items))


# case: an initializer fills it
WORDS = None


def prepare():
    global WORDS
    WORDS = {"a": 1}


def count(word):
    return WORDS[word]


def count_all(words):
    prepare()
    with Pool(2, initializer=prepare) as pool:
        return pool.map(count, words)


# case: the worker fills it itself
CACHE = None


def cached(item):
    global CACHE
    if CACHE is None:
        CACHE = {}
    return CACHE.setdefault(item, item)


def cached_all(items):
    with Pool() as pool:
        return pool.map(cached, items)


# case: a constant
LIMIT = 10


def limited(item):
    return min(item, LIMIT)


def limited_all(items):
    with Pool() as pool:
        return pool.map(limited, items)


# case: a parameter of the same name
def shadowed(RATES):
    return RATES


def shadowed_all(items):
    with Pool() as pool:
        return pool.map(shadowed, items)


# case: a connection that is made before the fork
DATABASE = sqlite3.connect("a.db")


def look_up(name):
    return DATABASE.execute("select 1 where ? = name", (name,)).fetchall()  # expect: IOB605


def look_up_all(names):
    with Pool() as pool:
        return pool.map(look_up, names)


# case: an engine, in a function further down
ENGINE = sqlalchemy.create_engine("sqlite://")


def ask(text):
    with ENGINE.connect() as connection:  # expect: IOB605
        return connection.execute(text)


def asking(text):
    return ask(text)


def ask_all(texts):
    with ProcessPoolExecutor() as executor:
        return list(executor.map(asking, texts))


# case: a connection of the worker's own
def own(name):
    connection = sqlite3.connect("a.db")
    return connection.execute(name)


def own_all(names):
    with Pool() as pool:
        return pool.map(own, names)


# case: a connection that the parent alone uses
REPORTS = sqlite3.connect("b.db")


def report(names):
    found = own_all(names)
    REPORTS.execute("insert", found)


# case: a global that is set under the main guard
def scaled(item):
    return item * FACTOR  # expect: IOB603


def scale_all(items):
    with Pool() as pool:
        return pool.map(scaled, items)


if __name__ == "__main__":
    FACTOR = 3
    load()
    print(predict_all([0]), scale_all([1]))
