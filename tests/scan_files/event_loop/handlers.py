# rules: IOB1
import functools
import json
import os
import shutil
from contextlib import asynccontextmanager

import requests
from fastapi import APIRouter, FastAPI
from limits import limited

app = FastAPI()
router = APIRouter()


# case: a handler that only blocks
@app.get("/")
async def index():  # expect: IOB117
    return requests.get("http://backend").json()  # expect: IOB102


# case: through a helper
def backend():
    return requests.get("http://backend")


@router.post("/item")
async def item():  # expect: IOB117
    return backend()  # expect: IOB110


# case: a handler that awaits, too
@app.get("/both")
async def both(client):
    await client.ping()
    return requests.get("http://backend")  # expect: IOB102


# case: a handler that waits for nothing
@app.get("/quick")
async def quick():
    return {"a": 1}


# case: a handler that is no coroutine
@app.get("/plain")
def plain():
    return requests.get("http://backend")


# case: before anything is served
@asynccontextmanager
async def lifespan(app):
    with open("settings.json") as file:  # expect: IOB104~
        app.settings = json.load(file)
    yield


# case: at start
@app.on_event("startup")
async def load():
    app.page = requests.get("http://backend")  # expect: IOB102~


# case: no handler
async def helper():
    return requests.get("http://backend")  # expect: IOB102


# case: a decorator that awaits what the handler gives
def translated(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        try:
            return await function(*args, **kwargs)
        except ValueError as error:
            raise RuntimeError from error

    return wrapper


@router.get("/translated")
@translated
async def wrapped():
    return backend()  # expect: IOB110


# case: a decorator that gives the handler back
def policy(name):
    def decorator(function):
        function.policy = name
        return function

    return decorator


@router.get("/marked")
@policy("admin")
async def marked():  # expect: IOB117
    return backend()  # expect: IOB110


# case: a decorator of which nothing is known
@router.get("/limited")
@limited("5/minute")
async def limited_one():
    return backend()  # expect: IOB110


# case: a handler that reads nothing but a file of the program
@router.get("/names")
async def names():
    path: str = os.path.join(os.path.dirname(__file__), "names.json")
    with open(path) as file:  # expect: IOB104~
        return json.load(file)


# case: and one that reads another, too: told once
@router.get("/more")
async def more(path: str):  # expect: IOB117
    with open(path) as file:
        return json.load(file)


# case: files of any size are told themselves
@router.post("/copy")
async def copy(source: str, target: str):
    shutil.copytree(source, target)  # expect: IOB104


# case: one small file of a name that the program gives
SETTINGS = os.environ["SETTINGS"]


@router.get("/settings")
async def settings():  # expect: IOB117~
    with open(SETTINGS) as file:
        return json.load(file)


# case: the network counts, whatever else there is
@router.post("/settings")
async def fetch_settings():  # expect: IOB117
    with open(SETTINGS, "w") as file:
        file.write(requests.get("http://backend").text)  # expect: IOB102
