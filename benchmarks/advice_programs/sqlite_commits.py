"""Rows into a database file, committed one by one."""

import sqlite3
import tempfile

from _ways import run

COUNT = 2500


def save(connection, number):
    connection.execute("INSERT INTO event VALUES (?, ?)", (number, f"event {number}"))
    connection.commit()


def main():
    with tempfile.TemporaryDirectory(dir=".") as folder:
        connection = sqlite3.connect(f"{folder}/events.db")
        connection.execute("CREATE TABLE event (id INTEGER, name TEXT)")
        for number in range(COUNT):
            save(connection, number)
        print(connection.execute("SELECT count(*) FROM event").fetchone())
        connection.close()


def in_one(_):
    with tempfile.TemporaryDirectory(dir=".") as folder:
        connection = sqlite3.connect(f"{folder}/events.db")
        connection.execute("CREATE TABLE event (id INTEGER, name TEXT)")
        with connection:
            connection.executemany("INSERT INTO event VALUES (?, ?)", ((n, f"event {n}") for n in range(COUNT)))
        connection.close()


if __name__ == "__main__":
    run(main, {"batch": in_one}, {"batch": (1,)})
