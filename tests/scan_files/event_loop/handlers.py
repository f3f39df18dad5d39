# rules: IOB1
import json
from contextlib import asynccontextmanager

import requests
from fastapi import APIRouter, FastAPI

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
        app.settings = json.load(file)  # expect: IOB104~
    yield


# case: at start
@app.on_event("startup")
async def load():
    app.page = requests.get("http://backend")  # expect: IOB102~


# case: no handler
async def helper():
    return requests.get("http://backend")  # expect: IOB102
