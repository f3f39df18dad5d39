# rules: IOB1
"""What has the event loop for itself: every caller awaits it, from `asyncio.run` on, and nothing was started."""

import asyncio
import shutil
import subprocess
import time
from pathlib import Path

import requests


def clean(folder):
    shutil.rmtree(folder)


def ask(url):
    return requests.get(url)


# case: what a loop is started with
async def main(folder):
    Path(folder, "log").write_text("begun")  # expect: IOB104~
    await work(folder)
    clean(folder)  # expect: IOB110~


# case: what it awaits
async def work(folder):
    await asyncio.sleep(1)
    shutil.rmtree(folder)  # expect: IOB104~
    async for name in names(folder):
        ask(name)  # expect: IOB110~


# case: an async generator that it runs over
async def names(folder):
    clean(folder)  # expect: IOB110~
    yield "a"


# case: a call that waits for long is worth a change even there
async def long_calls(url):
    await asyncio.sleep(1)
    time.sleep(1)  # expect: IOB101
    subprocess.run(["ls"])  # expect: IOB105
    return requests.get(url)  # expect: IOB102


def start():
    asyncio.run(main("a"))
    asyncio.run(asyncio_main())


async def asyncio_main():
    await long_calls("https://a.example/")
    await asyncio.wait_for(limited("a"), 5)


# case: with a limit of time
async def limited(folder):
    await asyncio.sleep(1)
    clean(folder)  # expect: IOB110~


# case: members of `gather`
async def gathering(folders):
    await asyncio.gather(*(member(folder) for folder in folders))
    await asyncio.gather(one(folders[0]), two(folders[1]))
    # case: when they have ended
    clean(folders[0])  # expect: IOB110~


async def member(folder):
    await asyncio.sleep(1)
    clean(folder)  # expect: IOB110


async def one(folder):
    await deeper(folder)


async def two(folder):
    await asyncio.sleep(1)
    shutil.rmtree(folder)  # expect: IOB104


# case: what a member awaits
async def deeper(folder):
    await asyncio.sleep(1)
    clean(folder)  # expect: IOB110


# case: before a task is created, and after that
async def creating(folder):
    await asyncio.sleep(1)
    clean(folder)  # expect: IOB110~
    task = asyncio.create_task(asyncio.sleep(1))
    clean(folder)  # expect: IOB110
    await task


# case: another function creates it
async def begins_other(folder):
    await background()
    await asyncio.sleep(1)
    clean(folder)  # expect: IOB110


async def background():
    asyncio.get_running_loop().create_task(asyncio.sleep(1))


# case: in a loop that creates tasks further down
async def in_rounds(folders):
    tasks = []
    for folder in folders:
        clean(folder)  # expect: IOB110
        tasks.append(asyncio.ensure_future(asyncio.sleep(1)))
    for task in tasks:
        await task


def run_all(folders):
    asyncio.run(gathering(folders))
    asyncio.run(creating(folders[0]))
    asyncio.run(begins_other(folders[0]))
    asyncio.run(in_rounds(folders))
    asyncio.run(grouped(folders[0]))


# case: a group of tasks, and when they have ended
async def grouped(folder):
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(1))
        clean(folder)  # expect: IOB110
        await in_group(folder)
    clean(folder)  # expect: IOB110~
    await after_group(folder)


async def in_group(folder):
    clean(folder)  # expect: IOB110


async def after_group(folder):
    clean(folder)  # expect: IOB110~


# case: methods that are called by way of something unknown
class Work:
    async def prepare(self, folder):
        await asyncio.sleep(1)
        clean(folder)  # expect: IOB110~

    async def perform(self, folder):
        await asyncio.sleep(1)
        clean(folder)  # expect: IOB110


def through_unknown(items):
    for item in items:
        asyncio.run(item.prepare("a"))


def performed(items, loop: asyncio.AbstractEventLoop):
    for item in items:
        loop.create_task(item.perform("a"))


# case: nobody is known to call it
async def unknown(folder):
    await asyncio.sleep(1)
    clean(folder)  # expect: IOB110


# case: it is registered somewhere, too
async def both(folder):
    await asyncio.sleep(1)
    clean(folder)  # expect: IOB110


HANDLERS = {"both": both}
asyncio.run(both("a"))


# case: a function that runs the loop with what it is given
class Runner:
    def __init__(self):
        self.runner = asyncio.Runner()

    def run_here(self, coroutine):
        return self.runner.run(coroutine)


class Job:
    async def tidy(self, folder):
        await asyncio.sleep(1)
        clean(folder)  # expect: IOB110~

    # case: a function that does something else with it
    async def later(self, folder):
        await asyncio.sleep(1)
        clean(folder)  # expect: IOB110


def through(runner, queue, folder):
    runner.run_here(Job().tidy(folder))
    queue.put_nowait(Job().later(folder))


# case: a method of what is made there and then
class Settings:
    async def read(self, folder):
        await asyncio.sleep(1)
        clean(folder)  # expect: IOB110~


asyncio.run(Settings().read("a"))


# case: a server answers others meanwhile
async def serving(folder):
    clean(folder)  # expect: IOB110~
    server = await asyncio.start_server(answer, port=80)
    clean(folder)  # expect: IOB110
    await server.serve_forever()


async def answer(reader, writer):
    clean("a")  # expect: IOB110


asyncio.run(serving("a"))
