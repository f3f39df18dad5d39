# rules: IOB1
"""What begins or ends the life of something: short waits matter little then."""

import asyncio
import hashlib
import shutil
import time

import requests
from aiohttp import web
from fastapi import FastAPI

app = FastAPI()


def load(path):
    with open(path) as file:
        return file.read()


def empty(folder):
    shutil.rmtree(folder)


class Bot:
    # case: start
    async def initialize(self):
        await asyncio.sleep(0)
        self.state = load("state")  # expect: IOB110~
        await self._restore()

    # case: what only that calls
    async def _restore(self):
        with open("more") as file:  # expect: IOB104~
            self.more = file.read()
        empty("old")  # expect: IOB110~

    # case: stop
    async def shutdown(self):
        shutil.rmtree("work")  # expect: IOB104~
        await self._flush()

    # case: what that and something else calls
    async def _flush(self):
        empty("more")  # expect: IOB110

    async def answer(self, message):
        await self._flush()
        empty("answers")  # expect: IOB110

    # case: waiting for the network is long even there
    async def setup(self):
        self.page = requests.get("https://a.example/")  # expect: IOB102
        time.sleep(3)  # expect: IOB101

    # case: entering and leaving
    async def __aenter__(self):
        empty("old")  # expect: IOB110~
        return self

    async def __aexit__(self, *why):
        empty("old")  # expect: IOB110~

    # case: a name that only begins like one
    async def initialize_order(self, folder):
        empty(folder)  # expect: IOB110

    async def closest(self, folder):
        empty(folder)  # expect: IOB110


# case: a route that is called so
@app.post("/setup")
async def setup(folder: str):
    await asyncio.sleep(0)
    empty(folder)  # expect: IOB110


# case: before it serves, even after an `await`, and after that
async def serves(folder, answer):
    await asyncio.sleep(1)
    shutil.rmtree(folder)  # expect: IOB104~
    runner = web.AppRunner(answer)
    await runner.setup()
    await web.TCPSite(runner).start()
    while True:
        await asyncio.sleep(60)
        shutil.rmtree(folder)  # expect: IOB104


async def serves_a_site(site, folder):
    await asyncio.sleep(1)
    empty(folder)  # expect: IOB110~
    await site.start()
    empty(folder)  # expect: IOB110


# case: computing for a moment
class Vault:
    async def startup(self, word):
        return hashlib.pbkdf2_hmac("sha256", word, b"salt", 100_000)  # expect: IOB112~

    async def open(self, word):
        return hashlib.pbkdf2_hmac("sha256", word, b"salt", 100_000)  # expect: IOB112


# case: awaited right before it says that it is ready
class Module:
    async def run(self):
        await asyncio.sleep(0)
        empty("old")  # expect: IOB110~


class Metrics(Module):
    async def run(self):
        await super().run()
        empty("metrics")  # expect: IOB110~

    async def collect(self):
        await asyncio.sleep(1)
        empty("metrics")  # expect: IOB110


async def run_module(made, connection):
    await made.run()
    connection.send(None)


# case: awaited before something else is said, or again and again
class Sender:
    async def start_sending(self, folder):
        empty(folder)  # expect: IOB110

    async def load_one(self, folder):
        empty(folder)  # expect: IOB110


async def send_all(sender, channel, ready, folders):
    await sender.start_sending("a")
    channel.publish(None)
    for folder in folders:  # expect: IOB114~
        await sender.load_one(folder)
        ready.set()


# case: a task that is started with an object and waited for before anything else
class Proxy:
    async def start(self):
        await asyncio.sleep(1)
        empty("proxy")  # expect: IOB110~

    # case: a task that nobody waits for
    async def start_watching(self):
        await asyncio.sleep(1)
        empty("proxy")  # expect: IOB110


class Manager:
    def __init__(self):
        self.proxy = Proxy()
        self.starting = asyncio.create_task(self.proxy.start())
        self.watching = asyncio.create_task(self.proxy.start_watching())

    async def ready(self):
        await self.starting
        return True
