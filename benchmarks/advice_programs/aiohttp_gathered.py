"""aiohttp with gather and a semaphore: concurrent already."""

import asyncio

import aiohttp
from _server import serving
from _ways import run

COUNT = 600


async def fetch(session, gate, url):
    async with gate, session.get(url) as answer:
        return len(await answer.read())


async def main(base, at_once=16):
    gate = asyncio.Semaphore(at_once)
    async with aiohttp.ClientSession() as session:
        urls = [f"{base}/page/{number}?delay=60" for number in range(COUNT)]
        lengths = await asyncio.gather(*(fetch(session, gate, url) for url in urls))
    print(sum(lengths), "bytes")


if __name__ == "__main__":
    with serving() as base:
        ways = {"asyncio": lambda workers: asyncio.run(main(base, workers))}
        run(lambda: asyncio.run(main(base)), ways, {"asyncio": (32, 64)})
