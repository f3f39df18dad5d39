"""aiohttp with a semaphore of two, where many more would do."""

import asyncio

import aiohttp
from _server import serving
from _ways import run

COUNT = 70


async def fetch(session, url, gate):
    async with gate, session.get(url) as response:
        return await response.text()


async def main(base, at_once=2):
    gate = asyncio.Semaphore(at_once)
    async with aiohttp.ClientSession() as session:
        tasks = [asyncio.create_task(fetch(session, f"{base}/p/{n}?delay=60", gate)) for n in range(COUNT)]
        pages = await asyncio.gather(*tasks)
    print(len(pages))


if __name__ == "__main__":
    with serving() as base:
        ways = {"asyncio": lambda workers: asyncio.run(main(base, workers))}
        run(lambda: asyncio.run(main(base)), ways, {"asyncio": (8, 16)})
