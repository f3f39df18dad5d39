# rules: IOB1
import fcntl
import os
import select
import socket
import subprocess
from concurrent import futures

import httpx
import pandas
import requests


# case: a child is asked for, whether it has ended or not
def reap():
    while True:
        pid, _ = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return


async def reaping():
    reap()


# case: with another flag
async def reaped(pid):
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG)


# case: until it ends
async def ended(pid):
    return os.waitpid(pid, 0)  # expect: IOB105


# case: a lock of a file, if nobody has it
async def locked(file):
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


# case: a lock of a file, as soon as nobody has it
def lock(file):
    fcntl.flock(file, fcntl.LOCK_EX)


async def locking(file):
    lock(file)  # expect: IOB110


# case: what a connection has brought so far
async def received(connection: socket.socket):
    return connection.recv(4096, socket.MSG_DONTWAIT)


# case: what it brings next
async def receiving(connection: socket.socket):
    return connection.recv(4096)  # expect: IOB102


# case: those of several futures that are done
async def done(pending: list):
    return futures.wait(pending, 0)


# case: all of them, or one second
async def all_done(pending: list):
    return futures.wait(pending, 1)  # expect: IOB108


# case: nothing is waited for
async def ready(connection):
    return select.select([connection], [], [], 0)


# case: what nobody reads
def quiet(command):
    with open(os.devnull, "w") as nowhere:
        nowhere.write("")
        return subprocess.Popen(command, stdout=nowhere)


async def quietly(command):
    return quiet(command)


# case: what somebody may read
def noted(command, path):
    with open(path, "w") as log:
        return subprocess.Popen(command, stdout=log)


async def noting(command, path):
    return noted(command, path)  # expect: IOB110~


# case: the body of an answer that has been read
def size(response: httpx.Response):
    return sum(len(part) for part in response.iter_bytes())


async def sized(client: httpx.AsyncClient, url):
    return size(await client.get(url))


# case: the body of an answer that is still coming
def fetched(client: httpx.Client, url):
    with client.stream("GET", url) as response:
        return sum(len(part) for part in response.iter_bytes())


async def fetching(client: httpx.Client, url):
    return fetched(client, url)  # expect: IOB110


# case: likewise
def sent(client: httpx.Client, request, path):
    response = client.send(request, stream=True)
    with open(path, "wb") as file:
        for part in response.iter_raw():
            file.write(part)


async def sending(client: httpx.Client, request, path):
    sent(client, request, path)  # expect: IOB110


# case: an answer that was not asked for as a stream
def counted(response: requests.Response):
    return sum(1 for _ in response.iter_content(4096))


async def counting(response: requests.Response):
    return counted(response)


# case: one that was
def streamed(session: requests.Session, url):
    return sum(1 for _ in session.get(url, stream=True).iter_content(4096))


async def streaming(session: requests.Session, url):
    return streamed(session, url)  # expect: IOB110


# case: a descriptor that never waits
async def opened(path):
    return os.open(path, os.O_RDWR | os.O_NONBLOCK)


# case: one of a file
async def opened_file(path):
    return os.open(path, os.O_RDONLY)  # expect: IOB104


# case: a table as text
async def as_text(rows):
    table = pandas.DataFrame(rows)
    return table.to_csv(index=False) + table.to_json(None, orient="records")


# case: a table in a file
async def as_file(rows, path):
    table = pandas.DataFrame(rows)
    table.to_csv(path, index=False)  # expect: IOB104
