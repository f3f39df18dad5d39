"""An httpx AsyncClient whose requests are awaited one by one in a comprehension."""

import asyncio

import httpx
from _server import serving
from _ways import run

COUNT = 40


async def get_user(client, number):
    response = await client.get(f"/users/{number}", params={"delay": 60})
    response.raise_for_status()
    return response.text


async def main(base):
    async with httpx.AsyncClient(base_url=base) as client:
        users = [await get_user(client, number) for number in range(COUNT)]
    print(len(users))


async def together(base, workers):
    gate = asyncio.Semaphore(workers)
    async with httpx.AsyncClient(base_url=base) as client:

        async def one(number):
            async with gate:
                return await get_user(client, number)

        print(len(await asyncio.gather(*(one(number) for number in range(COUNT)))))


if __name__ == "__main__":
    with serving() as base:
        ways = {"asyncio": lambda workers: asyncio.run(together(base, workers))}
        run(lambda: asyncio.run(main(base)), ways, {"asyncio": (8, 16)})
