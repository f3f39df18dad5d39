# rules: IOB1
"""One file is read in no time: through a helper it is told where something shows that the loop serves others."""

import asyncio
import shutil

from aiohttp import web
from fastapi import FastAPI

app = FastAPI()
routes = web.RouteTableDef()


def load(path):
    with open(path) as file:
        return file.read()


def move(path):
    shutil.move(path, "old")


def load_all(paths):
    return [load(path) for path in paths]


# case: a route
@app.get("/file")
async def route(path: str):
    await asyncio.sleep(0)
    return load(path)  # expect: IOB110


# case: a handler of another framework
@routes.get("/old")
async def old(request):
    move("new")  # expect: IOB110
    return web.Response(text=await shared("a"))


# case: what a handler awaits
async def shared(path):
    return load(path)  # expect: IOB110


# case: nobody is known to call it
async def unknown(path):
    return load(path)  # expect: IOB110~


# case: many files
async def many(paths):
    return load_all(paths)  # expect: IOB110


async def one_by_one(paths):
    for path in paths:
        load(path)  # expect: IOB110


# case: a member of `gather`
async def gathers(paths):
    return await asyncio.gather(*[member(path) for path in paths])


async def member(path):
    return load(path)  # expect: IOB110


# case: a whole tree of files is worth it anyhow
def empty(folder):
    shutil.rmtree(folder)


async def empties(folder):
    empty(folder)  # expect: IOB110


# case: directly in a coroutine of which nobody knows who calls it
async def directly(path):
    with open(path) as file:  # expect: IOB104
        return file.read()
