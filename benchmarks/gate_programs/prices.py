"""An asyncio client: for each item three queries at once, over three connections, and some work on what they gave."""

import asyncio
import json
import os
from collections import Counter

ITEMS = 18
QUERY_MS = 60


class Database:
    """A connection that stays open."""

    @classmethod
    async def connected(cls, port):
        database = cls()
        database.reader, database.writer = await asyncio.open_connection("127.0.0.1", port)
        return database

    async def query(self, name, milliseconds=QUERY_MS):
        self.writer.write(f"{milliseconds} {name}\n".encode())
        return json.loads(await self.reader.readline())


def work(rows):
    """Count words as long as a page may take: some 20 ms."""
    counted = Counter()
    for turn in range(220):
        for row in rows[:40]:
            counted.update(word for word in row["words"].split() if len(word) > turn % 7)
    return counted.most_common(3)


async def page(databases, number):
    names = [f"price-{number}", f"stock-{number}", f"rating-{number}"]
    queries = [database.query(name) for database, name in zip(databases, names)]
    answers = await asyncio.gather(*queries)
    return work(answers[0])


async def main():
    databases = [await Database.connected(int(os.environ["DATABASE_PORT"])) for _ in range(3)]
    done = [await page(databases, number) for number in range(ITEMS)]
    print(len(done), "pages")


asyncio.run(main())
