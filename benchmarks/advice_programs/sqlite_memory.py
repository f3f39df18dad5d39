"""Queries of a database in memory, rows fetched one by one."""

import sqlite3
import threading

from _ways import pooled, run

QUERIES = list(range(48))
local = threading.local()


def database():
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect(":memory:")
        local.connection.execute("CREATE TABLE sale (shop INTEGER, amount INTEGER)")
        local.connection.executemany("INSERT INTO sale VALUES (?, ?)", ((n % 48, n % 1009) for n in range(60_000)))
    return local.connection


def turnover(shop):
    total = 0
    for low, high in database().execute(
        "SELECT amount, amount * 2 FROM sale WHERE shop >= ? ORDER BY amount", (shop % 9,)
    ):
        total += high - low
    return total


def main():
    totals = {}
    for shop in QUERIES:
        totals[shop] = turnover(shop)
    print(sum(totals.values()))


if __name__ == "__main__":
    run(main, pooled(turnover, QUERIES))
