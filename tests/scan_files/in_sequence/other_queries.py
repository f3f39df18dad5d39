# rules: IOB201, IOB206
import sqlite3
import unittest

import neo4j
import psycopg2
import requests
from django.db import models


class Query(models.Model):
    text = models.TextField()


class Test(unittest.TestCase):
    # case: rows that a test makes
    def setUp(self):
        for number in range(50):
            Query.objects.get_or_create(text=str(number))  # expect: IOB206~

    # case: what a test asks for
    def test_pages(self):
        session = requests.Session()
        for page in addresses():  # expect: IOB201~
            self.assertTrue(session.get(page).ok)


class Below(Test):
    # case: a class of tests by another one
    def rows(self, texts):
        for text in texts:
            Query.objects.get(text=text)  # expect: IOB206~


# case: a test that is a function
def test_texts():
    for text in addresses():
        Query.objects.get(text=text)  # expect: IOB206~


# case: the same where the program does it
def texts(found):
    for text in found:
        Query.objects.get(text=text)  # expect: IOB206


# case: rows that are made, or found
def made(found):
    return [Query.objects.get_or_create(text=text) for text in found]  # expect: IOB206


TRIPLES = """
    SELECT * FROM ag_catalog.cypher('{graph}', $$
        MATCH (a)-[e:`{label}`]->(b) RETURN DISTINCT labels(a)
    $$) AS (f agtype);
"""


# case: another label each time
def labels(names):
    with psycopg2.connect("") as connection, connection.cursor() as cursor:
        for label in names:
            text = TRIPLES.format(graph="g", label=label)
            cursor.execute(text)


# case: a label as part of the text
def nodes(names):
    with psycopg2.connect("") as connection, connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"MATCH (n:{name}) RETURN n")


# case: the first few rows of each
def newest(customers):
    with psycopg2.connect("") as connection, connection.cursor() as cursor:
        for customer in customers:
            cursor.execute("SELECT * FROM orders WHERE customer = %s ORDER BY day LIMIT 10", (customer,))


# case: one row of each
def row_of_each(customers):
    with psycopg2.connect("") as connection, connection.cursor() as cursor:
        for customer in customers:
            cursor.execute("SELECT * FROM orders WHERE customer = %s LIMIT 1", (customer,))  # expect: IOB206


# case: a table with its name in quotes, and a row of it for each
def rows_of_each(numbers):
    with psycopg2.connect("") as connection, connection.cursor() as cursor:
        for number in numbers:
            cursor.execute("SELECT `name` FROM orders WHERE number = %s", (number,))  # expect: IOB206


# case: rows that are read while somebody asks for them
def read(path, numbers):
    cursor = sqlite3.connect(path).cursor()
    for number in numbers:
        yield cursor.execute("SELECT * FROM orders WHERE number = ?", (number,))  # expect: IOB206~


# case: an item that is many rows
def imported(driver: neo4j.Driver, documents, query):
    with driver.session() as session:
        for document in documents:
            session.run(query, {"data": [node.name for node in document.nodes]})  # expect: IOB206~


# case: one row for each
def imported_singly(driver: neo4j.Driver, rows, query):
    with driver.session() as session:
        for row in rows:
            session.run(query, {"name": row})  # expect: IOB206
