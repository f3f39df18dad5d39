"""A synchronous client: for each order four queries, one after the other, and some work on what they gave."""

import json
import os
from collections import Counter
from urllib.request import urlopen

BACKEND = f"http://127.0.0.1:{os.environ['BACKEND_PORT']}"
ORDERS = 16
DELAY_MS = 20


def query(what):
    with urlopen(f"{BACKEND}/{what}?delay={DELAY_MS}") as answer:
        return json.load(answer)


def count_words(rows):
    counted = Counter()
    for turn in range(80):
        for row in rows:
            counted.update(word for word in row["words"].split() if len(word) > turn % 7)
    return counted.most_common(3)


def order(number):
    rows = query(f"order-{number}")
    rows += query(f"customer-{number}")
    rows += query(f"prices-{number}")
    rows += query(f"stock-{number}")
    return count_words(rows)


def main():
    done = [order(number) for number in range(ORDERS)]
    print(len(done), "orders")


main()
