# rules: IOB709
import sqlite3

import psycopg2


# case: all rows first
def items():
    shop = sqlite3.connect("shop.db")
    for row in shop.execute("SELECT * FROM item").fetchall():  # expect: IOB709
        print(row)


# case: of a server
def orders():
    cursor = psycopg2.connect("dbname=shop").cursor()
    cursor.execute("SELECT * FROM orders")
    for row in cursor.fetchall():  # expect: IOB709
        print(row)


# case: row by row
def rows():
    shop = sqlite3.connect("shop.db")
    for row in shop.execute("SELECT * FROM item"):
        print(row)


# case: all rows are wanted
def all_rows():
    shop = sqlite3.connect("shop.db")
    return shop.execute("SELECT * FROM item").fetchall()


# case: something else has a method of that name
def other(source):
    for row in source.fetchall():
        print(row)


# case: in parts
def parts():
    cursor = psycopg2.connect("dbname=shop").cursor()
    while rows := cursor.fetchmany(100):
        print(rows)
