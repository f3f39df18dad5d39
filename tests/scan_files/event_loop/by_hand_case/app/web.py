import shutil

import aiohttp
from .shared import shared


# case: its module uses an asynchronous library
async def fetch(path):
    async with aiohttp.ClientSession() as session:
        await session.get(path)
    shutil.rmtree(path)  # expect: IOB104
    await shared(path)
