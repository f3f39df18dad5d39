# rules: IOB114
import asyncio

import aiohttp


# case: what an iteration is told may end all
async def ship(session: aiohttp.ClientSession, chunks):
    for chunk in chunks:  # expect: IOB114~
        response = await session.post("https://logs.test", data=chunk)
        if response.status == 503:
            raise ConnectionError(chunk)


# case: what is wrong with an item is known before
async def ship_checked(session: aiohttp.ClientSession, chunks):
    for chunk in chunks:  # expect: IOB114
        if not chunk:
            raise ValueError(chunk)
        await session.post("https://logs.test", data=chunk)


# case: what comes before the one that failed is done
async def resume(session: aiohttp.ClientSession, chunks, keep):
    for number, chunk in enumerate(chunks):  # expect: IOB114~
        response = await session.post("https://logs.test", data=chunk)
        if response.status == 503:
            keep(chunks[number:])


# case: the number is only that of the item
async def numbered(session: aiohttp.ClientSession, chunks):
    for number, chunk in enumerate(chunks):  # expect: IOB114
        await session.post(f"https://logs.test/{number}", data=chunk)


# case: after a failure
async def undo(session: aiohttp.ClientSession, make, urls):
    try:
        await make()
    except OSError:
        for url in urls:  # expect: IOB114~
            await session.delete(url)


# case: in any case
async def delete_all(session: aiohttp.ClientSession, urls):
    for url in urls:  # expect: IOB114
        await session.delete(url)


# case: asking for each in a task is no wait in turn
async def at_once(session: aiohttp.ClientSession, urls):
    return await asyncio.gather(*(session.get(url) for url in urls))
