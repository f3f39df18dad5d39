# rules: IOB2
import os
import sqlite3

import psycopg2
import redis
from django.db import models, transaction

CONNECTION = psycopg2.connect("dbname=shop")


# case: a row for each order
def customers(orders):
    cursor = CONNECTION.cursor()
    found = []
    for order in orders:
        cursor.execute("SELECT * FROM customer WHERE id = %s", (order.customer,))  # expect: IOB206
        found.append(cursor.fetchone())
    return found


# case: through a helper
def customer(number):
    with CONNECTION.cursor() as cursor:
        cursor.execute("SELECT * FROM customer WHERE id = %s", (number,))
        return cursor.fetchone()


def names(numbers):
    return [customer(number) for number in numbers]  # expect: IOB206


# case: a key for each name
def values(names):
    store = redis.Redis()
    return [store.get(name) for name in names]  # expect: IOB206


# case: rows are added one by one
def adds(rows):
    with sqlite3.connect("shop.db") as shop:
        for row in rows:
            shop.execute("INSERT INTO item VALUES (?, ?)", row)  # expect: IOB206


# case: committed one by one
def commits(rows):
    shop = sqlite3.connect("shop.db")
    for row in rows:
        shop.execute("INSERT INTO item VALUES (?, ?)", row)
        shop.commit()  # expect: IOB210


# case: flushed to the disk one by one
def durable(records, path):
    with open(path, "ab") as journal:
        for record in records:
            journal.write(record)
            os.fsync(journal.fileno())  # expect: IOB210


# case: statement and item come from the loop
def by_name(names):
    query = "SELECT price FROM item WHERE name = ?"
    shop = sqlite3.connect("shop.db")
    prices = {}
    for name in names:
        prices[name] = shop.execute(query, (name,)).fetchone()  # expect: IOB206
    return prices


# case: many at once
def adds_many(rows):
    shop = sqlite3.connect("shop.db")
    shop.executemany("INSERT INTO item VALUES (?, ?)", rows)
    shop.commit()


# case: already in batches
def in_batches(batches):
    shop = sqlite3.connect("shop.db")
    for batch in batches:
        shop.executemany("INSERT INTO item VALUES (?, ?)", batch)
        shop.commit()


# case: a script of statements
def script(statements):
    shop = sqlite3.connect("shop.db")
    for statement in statements:
        shop.execute(statement)


# case: tables are made
def tables(names):
    shop = sqlite3.connect("shop.db")
    for name in names:
        shop.execute(f"CREATE TABLE {name} (id INTEGER)")


# case: another table each time
def counts(tables):
    shop = sqlite3.connect("shop.db")
    return [shop.execute(f"SELECT COUNT(*) FROM {table}").fetchone() for table in tables]


# case: now and then a commit
def now_and_then(rows):
    shop = sqlite3.connect("shop.db")
    for number, row in enumerate(rows):
        if number % 1000 == 0:
            shop.commit()
        print(row)


# case: rows of one query
def one_query():
    shop = sqlite3.connect("shop.db")
    for row in shop.execute("SELECT * FROM item"):
        print(row)


# case: fetched in parts
def parts(cursor: psycopg2.extensions.cursor):
    while rows := cursor.fetchmany(1000):
        print(len(rows))


# case: a pipeline
def piped(names):
    store = redis.Redis()
    with store.pipeline() as pipe:
        for name in names:
            pipe.get(name)
        return pipe.execute()


# case: a transaction that is made by a decorator, no query
class Item(models.Model):
    name = models.TextField()


@transaction.atomic
def renames(items):
    for item in items:
        item.name = item.name.strip()
    Item.objects.bulk_update(items, ["name"])


# case: the manager of a model
def looked_up(numbers):
    return [Item.objects.get(pk=number) for number in numbers]  # expect: IOB206


# case: a filter, then the first
def first_of(names):
    found = []
    for name in names:
        found.append(Item.objects.filter(name=name).first())  # expect: IOB206
    return found


# case: saved one by one
def saves(items: list[Item], names):
    for name in names:
        Item(name=name).save()  # expect: IOB206


# case: a filter that nothing asks yet
def filters(names):
    return [Item.objects.filter(name=name) for name in names]


# case: documents of a collection
def documents(numbers):
    import pymongo

    users = pymongo.MongoClient().shop.users
    return [users.find_one({"_id": number}) for number in numbers]  # expect: IOB206


# case: documents at once
def all_documents(rows):
    import pymongo

    pymongo.MongoClient().shop.users.insert_many(rows)


# case: what is committed cannot be seen: each item may have to be
def hands_back(shop: sqlite3.Connection, orders, worker):
    for order in orders:
        worker.take_back(order)
        shop.commit()  # expect: IOB210~


# case: those that are there already are passed over one by one
def adds_new(rows):
    cursor = CONNECTION.cursor()
    for row in rows:
        try:
            cursor.execute("INSERT INTO item VALUES (%s, %s)", row)  # expect: IOB206~
        except psycopg2.IntegrityError:
            print(row)


# case: likewise in a function that the loop calls
def add_new(row):
    try:
        with CONNECTION.cursor() as cursor:
            cursor.execute("INSERT INTO item VALUES (%s, %s)", row)
    except psycopg2.IntegrityError:
        return


def adds_all_new(rows):
    for row in rows:
        add_new(row)  # expect: IOB206~


# case: the first that fails ends all
def add(row):
    with CONNECTION.cursor() as cursor:
        cursor.execute("INSERT INTO item VALUES (%s, %s)", row)


def adds_all(rows):
    try:
        for row in rows:
            add(row)  # expect: IOB206
    except psycopg2.IntegrityError:
        print("there already")
