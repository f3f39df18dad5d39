# rules: IOB114
import contextlib

import httpx


class Transport:
    connect = None


@contextlib.contextmanager
def safe():
    before = Transport.connect
    Transport.connect = print
    try:
        yield
    finally:
        Transport.connect = before


# case: what all share is another while one waits
async def fetch_safely(client: httpx.AsyncClient, urls):
    for url in urls:
        with safe():
            await client.get(url)


# case: nothing is shared
async def fetch(client: httpx.AsyncClient, urls):
    for url in urls:  # expect: IOB114
        await client.get(url)


# case: it is left after the call
async def one(client: httpx.AsyncClient, urls):
    for url in urls:
        if url.startswith("https"):
            answer = await client.get(url)
            return answer.text
    return None
