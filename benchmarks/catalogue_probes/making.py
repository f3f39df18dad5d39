"""Calls that only make an object: whether they really reach for nobody."""

import http.client
import importlib
import select
import socket
import sys
import threading
import time
import xmlrpc.client
from collections.abc import Callable
from functools import cache
from typing import Any

REACHING = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen", "os.posix_spawn")
_seen: list[tuple[int, str]] = []


def _note(event: str, _: object) -> None:
    if event in REACHING:
        _seen.append((threading.get_ident(), event))


def _made(module: str, name: str, *arguments: object, **named: object) -> Callable[[], object]:
    """A call of a package that may be missing."""

    def make() -> object:
        value: Any = importlib.import_module(module)
        for part in name.split("."):
            value = getattr(value, part)
        return value(*arguments, **named)

    return make


_AWS = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-west-1"}
MAKERS: dict[str, Callable[[], object]] = {
    "socket.socket": socket.socket,
    "select.epoll": getattr(select, "epoll", socket.socket),
    "select.poll": getattr(select, "poll", socket.socket),
    "http.client.HTTPConnection": lambda: http.client.HTTPConnection("127.0.0.1", 1),
    "xmlrpc.client.ServerProxy": lambda: xmlrpc.client.ServerProxy("http://127.0.0.1:1"),
    "requests.Session": _made("requests", "Session"),
    "requests.session": _made("requests", "session"),
    "httpx.Client": _made("httpx", "Client"),
    "httpx.AsyncClient": _made("httpx", "AsyncClient"),
    "redis.Redis": _made("redis", "Redis", port=1),
    "redis.from_url": _made("redis", "from_url", "redis://127.0.0.1:1"),
    "redis.asyncio.Redis": _made("redis.asyncio", "Redis", port=1),
    "pymongo.MongoClient": _made("pymongo", "MongoClient", "mongodb://127.0.0.1:1"),
    "pymongo.AsyncMongoClient": _made("pymongo", "AsyncMongoClient", "mongodb://127.0.0.1:1"),
    "sqlalchemy.create_engine": _made("sqlalchemy", "create_engine", "sqlite://"),
    "elasticsearch.Elasticsearch": _made("elasticsearch", "Elasticsearch", "http://127.0.0.1:1"),
    "grpc.insecure_channel": _made("grpc", "insecure_channel", "127.0.0.1:1"),
    "neo4j.GraphDatabase.driver": _made("neo4j", "GraphDatabase.driver", "bolt://127.0.0.1:1"),
    "boto3.client": _made("boto3", "client", "s3", **_AWS),
    "openai.OpenAI": _made("openai", "OpenAI", api_key="x"),
    "openai.AsyncOpenAI": _made("openai", "AsyncOpenAI", api_key="x"),
    "anthropic.Anthropic": _made("anthropic", "Anthropic", api_key="x"),
    "anthropic.AsyncAnthropic": _made("anthropic", "AsyncAnthropic", api_key="x"),
}


@cache
def _listen() -> None:
    """Hear of every reach. A hook stays for good, and would run Python code in calls that are under the probe."""
    sys.addaudithook(_note)


def made(name: str) -> tuple[float, list[str]]:
    """Seconds that the second making takes, and what its thread reached for; the first one imports.

    Raises:
        Exception: Whatever making it raises; a package that is not installed, for one.
    """
    _listen()
    MAKERS[name]()
    here = len(_seen)
    begin = time.perf_counter()
    MAKERS[name]()
    took = time.perf_counter() - begin
    return took, [event for thread, event in _seen[here:] if thread == threading.get_ident()]
