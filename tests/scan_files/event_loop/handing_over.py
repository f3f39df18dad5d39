# rules: IOB1
import asyncio
from pathlib import Path

import requests


def load(path):
    return Path(path).read_text()


# case: only the last call is handed over
async def half(path):
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, open(path).read)  # expect: IOB115


# case: an argument waits for the network
async def argument(url):
    return await asyncio.to_thread(len, requests.get(url))  # expect: IOB115


# case: the function is called, not handed over
async def called(path):
    return await asyncio.to_thread(load(path))  # expect: IOB110


# case: a lambda that does it all
async def whole(path):
    return await asyncio.to_thread(lambda: open(path).read())


# case: a function and its arguments
async def function(path):
    return await asyncio.to_thread(load, path)


# case: a method of what costs nothing to make
async def method(path):
    return await asyncio.to_thread(Path(path).read_text)


# case: an argument that is awaited
async def awaited(client, url):
    return await asyncio.to_thread(len, await client.get(url))
