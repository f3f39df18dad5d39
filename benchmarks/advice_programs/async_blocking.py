"""Coroutines that are gathered but call a blocking client: nothing happens at once."""

import asyncio
import urllib.request

from _server import serving
from _ways import run

COUNT = 50


def read(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()


async def page(url):
    data = read(url)
    return len(data)


async def main(base):
    urls = [f"{base}/a/{number}?delay=50" for number in range(COUNT)]
    sizes = await asyncio.gather(*(page(url) for url in urls))
    print(sum(sizes))


async def beside(base, workers):
    gate = asyncio.Semaphore(workers)

    async def one(url):
        async with gate:
            return len(await asyncio.to_thread(read, url))

    print(sum(await asyncio.gather(*(one(f"{base}/a/{number}?delay=50") for number in range(COUNT)))))


if __name__ == "__main__":
    with serving() as base:
        ways = {"unblock_event_loop": lambda workers: asyncio.run(beside(base, workers))}
        ways["threads"] = ways["asyncio"] = ways["unblock_event_loop"]
        run(lambda: asyncio.run(main(base)), ways, {"unblock_event_loop": (8,)})
