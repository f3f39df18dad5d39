"""An asyncio client: page after page, three queries at once for each, and some work on what they gave."""

import asyncio
import json
import os
from collections import Counter

PORT = int(os.environ["BACKEND_PORT"])
PAGES = 18
DELAY_MS = 60


async def query(what):
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(f"GET /{what}?delay={DELAY_MS} HTTP/1.0\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def count_words(rows):
    counted = Counter()
    for turn in range(80):
        for row in rows:
            counted.update(word for word in row["words"].split() if len(word) > turn % 7)
    return counted.most_common(3)


async def page(number, kinds):
    parts = [f"{kind}-{number}" for kind in kinds]
    answers = await asyncio.gather(*(query(part) for part in parts))
    count_words([row for answer in answers for row in answer])
    return number + 1  # which page comes next is only known when this one is


async def main():
    number = 0
    kinds = os.environ.get("KINDS", "text prices rating").split()
    while number < PAGES:
        number = await page(number, kinds)
    print(number, "pages")


asyncio.run(main())
