# rules: IOB1
from __future__ import annotations

import socket
import urllib.request
from typing import TYPE_CHECKING, Optional, Union

import aiohttp
import httpx
import requests

if TYPE_CHECKING:
    from requests import Session

SHARED = requests.Session()
plain = requests.get


# case: a function of requests
async def fetch(url):
    return requests.get(url)  # expect: IOB102


# case: an alias at the top of the module
async def through_alias(url):
    return plain(url)  # expect: IOB102


# case: a session of the module
async def shared(url):
    return SHARED.get(url)  # expect: IOB102


# case: an annotated parameter
async def annotated(session: requests.Session, url):
    return session.post(url)  # expect: IOB102


# case: an optional parameter
async def optional(session: Optional[requests.Session], url):
    return session.get(url)  # expect: IOB102


# case: a union with None
async def united(session: requests.Session | None, url):
    return session.get(url)  # expect: IOB102


# case: an old union
async def old_union(session: Union[requests.Session, None], url):
    return session.get(url)  # expect: IOB102


# case: an annotation as a string, imported for types only
async def quoted(session: "Session", url):
    return session.get(url)  # expect: IOB102


# case: a context manager
async def managed(url):
    with requests.Session() as session:
        return session.get(url)  # expect: IOB102


# case: a walrus
async def walrus(url):
    if (session := requests.Session()) is not None:
        return session.get(url)  # expect: IOB102


# case: an attribute that the constructor sets
class Client:
    def __init__(self):
        self.session = requests.Session()
        self.http = httpx.AsyncClient()
        self.maybe: httpx.Client | None = None

    async def get(self, url):
        return self.session.get(url)  # expect: IOB102

    # case: an attribute with an annotation
    async def optionally(self, url):
        return self.maybe.get(url)  # expect: IOB102

    # case: an attribute that is a client for coroutines
    async def get_well(self, url):
        return await self.http.get(url)


# case: urllib
async def with_urllib(url):
    return urllib.request.urlopen(url)  # expect: IOB102


# case: a client that is not for coroutines
async def sync_httpx(url):
    with httpx.Client() as client:
        return client.get(url)  # expect: IOB102


# case: a socket
async def by_socket(host):
    sock = socket.create_connection((host, 80))  # expect: IOB102
    sock.sendall(b"GET /")  # expect: IOB102
    return sock.recv(100)  # expect: IOB102


# case: a name server
async def resolve(host):
    return socket.getaddrinfo(host, 80)  # expect: IOB103


# case: the loop's own resolver
async def resolve_well(loop, host):
    return await loop.getaddrinfo(host, 80)


# case: a socket that was told not to wait
async def not_blocking(loop, data):
    sock = socket.socket()
    sock.setblocking(False)
    sock.send(data)
    await loop.sock_recv(sock, 100)


# case: a socket with a time-out of zero
class Line:
    def __init__(self):
        self.sock = socket.socket()
        self.sock.settimeout(0)

    async def read(self):
        return self.sock.recv(10)


# case: aiohttp
async def asynchronous(url):
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            return await response.text()


# case: httpx for coroutines
async def asynchronous_httpx(url):
    async with httpx.AsyncClient() as client:
        return await client.get(url)


# case: a dictionary
async def looked_up(table: dict[str, int], key):
    return table.get(key)


# case: a parameter of that name
async def shadowed(requests, url):
    return requests.get(url)


# case: made, not used
async def only_made():
    return requests.Session()


# case: a socket without a connection
async def own_address():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("10.0.0.1", 1))
        return sock.getsockname()


# case: a number is looked up nowhere
async def numeric(host):
    return socket.getaddrinfo(host, 80, flags=socket.AI_NUMERICHOST)


_SHARED = None


def shared():
    global _SHARED
    if _SHARED is None:
        _SHARED = requests.Session()
    return _SHARED


# case: a client of the module that is made when it is first asked for
async def from_module(url):
    _SHARED.get(url, timeout=5)  # expect: IOB102
    shared().get(url, timeout=5)  # expect: IOB102


def with_client():
    client = None

    def connect():
        nonlocal client
        client = requests.Session()

    # case: a client that a function beside it makes
    async def ask(url):
        client.get(url, timeout=5)  # expect: IOB102

    return connect, ask


def with_its_own():
    def connect():
        client = requests.Session()
        return client

    # case: the name of another function's client
    async def ask(client, url):
        client.get(url, timeout=5)

    return connect, ask


class Opened:
    def __init__(self):
        self.session = requests.Session()

    def __enter__(self):
        return self.session

    def __exit__(self, *why):
        self.session.close()

    def get(self, url):
        return url


# case: what entering gives, not what is entered
async def entered(url):
    with Opened() as session:
        session.get(url, timeout=5)  # expect: IOB102


# case: what is entered has a method of that name
async def not_entered(url):
    opened = Opened()
    return opened.get(url)
