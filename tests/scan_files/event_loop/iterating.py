# rules: IOB1
import asyncio
from pathlib import Path

import requests


# case: lines as they come
async def lines(response: requests.Response):
    for line in response.iter_lines():  # expect: IOB118
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
