# rules: IOB1
import asyncio

from app import fetch
from app.net import Client, fetch_well
from app.net import _read as read

from . import net
from .store import Store, store


# case: a re-export, three functions away from the network
async def first(host):
    return fetch(host)  # expect: IOB110


# case: through the module
async def second(host):
    return net.fetch(host)  # expect: IOB110


# case: another name
async def third(host):
    return read(host)  # expect: IOB110


# case: a class of another file
async def fourth(host):
    return Client(host).get()  # expect: IOB110


# case: a class of another file in an attribute
class Service:
    def __init__(self, client: Client):
        self.client = client
        self.store = Store("b.db")

    async def get(self):
        return self.client.get()  # expect: IOB110

    # case: a generator of it
    async def rows(self):
        return list(self.store.rows())  # expect: IOB118


# case: an object of another file
async def fifth():
    for row in store.rows():  # expect: IOB118
        print(row)


# case: a coroutine of another file
async def sixth(host):
    return await fetch_well(host)


# case: handed over
async def seventh(host):
    return await asyncio.to_thread(fetch, host)


# case: only mentioned
async def eighth():
    return fetch
