# rules: IOB1
import asyncio
import sqlite3
from pathlib import Path

import requests


# case: lines as they come
async def lines(session: requests.Session, url):
    response = session.get(url, stream=True)  # expect: IOB102
    for line in response.iter_lines():  # expect: IOB118
        print(line)


# case: lines of an answer of which nothing says that it is still coming
async def lines_there(response: requests.Response):
    for line in response.iter_lines():
        print(line)


# case: a tree of files
async def tree(path: Path):
    return [each.name for each in path.rglob("*.py")]  # expect: IOB118


# case: a generator of the program
def rows(path):
    with open(path) as file:
        for line in file:
            yield line.split(",")


async def generated(path):
    for row in rows(path):  # expect: IOB118
        print(row)


# case: a generator that nobody runs over here
async def made(path):
    return rows(path)


# case: an async generator
async def pages(client):
    while page := await client.next():
        yield page


async def asynchronous(client):
    async for page in pages(client):
        print(page)


# case: what is there already
async def plain(numbers):
    for number in sorted(numbers):
        print(number)


# case: a generator that only computes
def squares(numbers):
    for number in numbers:
        yield number * number


async def computed(numbers):
    for square in squares(numbers):
        print(square)


# case: collected in a thread
async def collected(path: Path):
    return await asyncio.to_thread(lambda: [*path.rglob("*.py")])


# case: rows of a cursor
async def of_a_cursor(cursor: sqlite3.Cursor):
    for row in cursor:  # expect: IOB118
        print(row)


# case: an object of the program whose iterator waits
class Lines:
    def __init__(self, path):
        self.path = path

    def __iter__(self):
        with open(self.path) as file:
            yield file.readline()


async def of_an_object(lines: Lines):
    for line in lines:  # expect: IOB118
        print(line)


# case: an object of the program whose iterator does not
class Numbers:
    def __iter__(self):
        return iter([1, 2, 3])


async def of_numbers(numbers: Numbers, more: list[int]):
    for number in numbers:
        print(number)
    for number in more:
        print(number)
