"""A coroutine that awaits one answer after another."""

import asyncio

import aiohttp
from _server import serving
from _ways import run

COUNT = 50


async def price(session, base, item):
    async with session.get(f"{base}/price/{item}?delay=50") as answer:
        return len(await answer.text())


async def main(base):
    total = 0
    async with aiohttp.ClientSession() as session:
        for item in range(COUNT):
            total += await price(session, base, item)
    print("total", total)


async def gathered(base, at_once):
    gate = asyncio.Semaphore(at_once)

    async def one(session, item):
        async with gate:
            return await price(session, base, item)

    async with aiohttp.ClientSession() as session:
        print("total", sum(await asyncio.gather(*(one(session, item) for item in range(COUNT)))))


if __name__ == "__main__":
    with serving() as base:
        ways = {"asyncio": lambda workers: asyncio.run(gathered(base, workers))}
        run(lambda: asyncio.run(main(base)), ways, {"asyncio": (4, 16)})
