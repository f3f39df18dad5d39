# rules: IOB1
import asyncio
import contextlib
import os
import sqlite3
import subprocess

import aiosqlite
import psycopg2
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import scoped_session, sessionmaker

Made = sessionmaker()
Scoped = scoped_session(Made)
AsyncMade = async_sessionmaker()


# case: runs a child
async def run(command):
    subprocess.run(command)  # expect: IOB105


# case: its output
async def output(command):
    return subprocess.check_output(command)  # expect: IOB105


# case: a shell
async def shell(command):
    os.system(command)  # expect: IOB105


# case: waits for a child
async def waits(command):
    child = subprocess.Popen(command)  # expect: IOB105~
    child.wait()  # expect: IOB105


# case: looks whether a child has ended
async def polls(child: subprocess.Popen):
    while child.poll() is None:
        await asyncio.sleep(0.1)


# case: waits no time
async def waits_no_time(child: subprocess.Popen):
    child.wait(timeout=0)


# case: a child of the event loop
async def cooperative(command):
    child = await asyncio.create_subprocess_exec(command)
    await child.wait()


# case: a connection that is made here
async def query(path):
    connection = sqlite3.connect(path)  # expect: IOB106
    return connection.execute("select 1").fetchall()  # expect: IOB106


# case: a connection that is closed
async def closed(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:  # expect: IOB106
        connection.commit()  # expect: IOB106


# case: a connection of the object
class Store:
    def __init__(self, path):
        self.db = sqlite3.connect(path)

    async def all(self):
        return self.db.execute("select 1")  # expect: IOB106


# case: a cursor
async def cursor(dsn):
    with psycopg2.connect(dsn) as connection:  # expect: IOB106
        cursor = connection.cursor()
        cursor.execute("select 1")  # expect: IOB106


# case: a database for coroutines
async def asynchronous(path):
    async with aiosqlite.connect(path) as db:
        await db.execute("select 1")


# case: something with that method
async def unknown(plan):
    plan.execute("now")
    plan.commit()


# case: the terminal
async def asks():
    return input("name? ")  # expect: IOB109


# case: the terminal from a thread
async def asks_in_a_thread():
    return await asyncio.to_thread(input, "name? ")


# case: what a maker of sessions makes
async def of_makers(query):
    session = Made()
    session.execute(query)  # expect: IOB106
    Scoped.execute(query)  # expect: IOB106
    with Made() as other:
        other.commit()  # expect: IOB106


# case: what a maker of asynchronous sessions makes
async def of_async_makers(query):
    async with AsyncMade() as session:
        await session.execute(query)
