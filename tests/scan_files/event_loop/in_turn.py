# rules: IOB1
import asyncio

import aiohttp
import asyncpg
import httpx


# case: requests one after another
async def in_turn(urls):
    pages = []
    async with aiohttp.ClientSession() as session:
        for url in urls:  # expect: IOB114
            response = await session.get(url)
            pages.append(response)
    return pages


# case: in a comprehension
async def comprehended(client: httpx.AsyncClient, urls):
    return [await client.get(url) for url in urls]  # expect: IOB114


# case: an own coroutine
async def fetch(session, url):
    async with session.get(url) as response:
        return await response.text()


async def of_our_own(session, urls):
    texts = []
    for url in urls:  # expect: IOB114
        texts.append(await fetch(session, url))
    return texts


# case: something that asks somebody
async def unknown_client(client, urls):
    found = {}
    for url in urls:  # expect: IOB114
        found[url] = await client.fetch(url)
    return found


# case: something unknown
async def unknown(things):
    for thing in things:  # expect: IOB114~
        await thing.settle()


# case: each needs the one before
async def chained(client: httpx.AsyncClient, url):
    for _ in range(10):
        response = await client.get(url)
        url = response.headers["next"]
    return url


# case: until it works
async def retried(client: httpx.AsyncClient, url):
    for _ in range(5):
        response = await client.get(url)
        if response.status_code == 200:
            return response
    return None


# case: page by page
async def paged(client: httpx.AsyncClient, url):
    while url:
        response = await client.get(url)
        url = response.json()["next"]


# case: a rate that is kept to
async def slowly(client: httpx.AsyncClient, urls):
    for url in urls:
        await client.get(url)
        await asyncio.sleep(1)


# case: only sleeping
async def sleeping(times):
    for each in times:
        await asyncio.sleep(each)


# case: two of them
async def two(client: httpx.AsyncClient):
    for url in ("a", "b"):
        await client.get(url)


# case: side by side
async def gathered(client: httpx.AsyncClient, urls):
    return await asyncio.gather(*(client.get(url) for url in urls))


# case: tasks that run already
async def started(client: httpx.AsyncClient, urls):
    tasks = [asyncio.create_task(client.get(url)) for url in urls]
    return [await task for task in tasks]


# case: one connection
async def one_connection(connection: asyncpg.Connection, rows):
    for row in rows:  # expect: IOB114~
        await connection.execute("insert", row)


# case: a queue
async def queued(jobs: asyncio.Queue, items):
    for item in items:
        await jobs.put(item)


# case: a worker of many
async def worker(client: httpx.AsyncClient, urls):
    for url in urls:
        await client.get(url)


async def workers(client, parts):
    await asyncio.gather(*(worker(client, part) for part in parts))


# case: a stream
async def streamed(stream):
    async for line in stream:
        await stream.send(line)


# case: of a loop in a loop the inner one is told
async def all_of_all(client: httpx.AsyncClient, groups):
    for group in groups:
        await client.get(group.url)
        for url in group.urls:  # expect: IOB114
            await client.get(url)
