"""What the rules of the event loop say to do instead: in the words of the library whose loop runs."""

from __future__ import annotations

import pytest

from iobound.verbs.scan import scanning

SOURCE = """\
{imports}
import socket
import subprocess
import time
from pathlib import Path

import requests


async def sleeps():
    time.sleep(1)


async def runs(command):
    subprocess.run(command)


async def resolves(host):
    return socket.getaddrinfo(host, 80)


async def reads(path: Path):
    return path.read_text()


async def asks(session: requests.Session, url):
    return session.get(url)
"""


def hints(imports: str) -> dict[str, str]:
    """The hint of each function, by its name."""
    files = {"app.py": SOURCE.format(imports=imports).encode()}
    facts = {file: scanning.read_facts(file, data) for file, data in files.items()}
    found = scanning.findings(facts, files.get)
    return {each.function: each.hint for each in found if each.rule.startswith("IOB1")}


@pytest.mark.parametrize(
    ("imports", "expected"),
    [
        ("import asyncio", ("asyncio.sleep", "asyncio.create_subprocess_exec", "loop.getaddrinfo", "anyio.Path")),
        ("import trio", ("trio.sleep", "trio.run_process", "trio.socket.getaddrinfo", "trio.Path")),
        ("import anyio", ("anyio.sleep", "anyio.run_process", "anyio.getaddrinfo", "anyio.Path")),
        ("from anyio import to_thread", ("anyio.sleep", "anyio.run_process", "anyio.getaddrinfo", "anyio.Path")),
        ("", ("asyncio.sleep", "asyncio.create_subprocess_exec", "loop.getaddrinfo", "anyio.Path")),
    ],
)
def test_hints_speak_of_the_library_that_is_used(imports, expected):
    found = hints(imports)
    told = dict(zip(("sleeps", "runs", "resolves", "reads"), expected, strict=True))
    assert {name: word for name, word in told.items() if word not in found[name]} == {}


@pytest.mark.parametrize(
    ("imports", "thread"),
    [
        ("import asyncio", "asyncio.to_thread"),
        ("import trio", "trio.to_thread.run_sync"),
        ("import anyio", "anyio.to_thread.run_sync"),
    ],
)
def test_what_has_no_twin_goes_to_a_thread_of_that_library(imports, thread):
    assert f"await {thread}(session.get, …)" in hints(imports)["asks"]


def test_twisted_has_threads_of_its_own_and_no_running_loop_of_asyncio():
    found = hints("from twisted.internet import defer")
    told = [found[name] for name in ("sleeps", "runs", "resolves", "reads", "asks")]
    assert all("twisted.internet.threads.deferToThread(" in hint for hint in told), told
    assert not any(word in hint for hint in told for word in ("asyncio", "anyio", "loop.", "httpx", "aiohttp"))


def test_a_context_manager_is_not_handed_over_by_itself():
    source = """\
from contextlib import contextmanager


@contextmanager
def opened(path):
    with open(path) as file:
        yield file


async def reads(path):
    with opened(path) as file:
        return file.name
"""
    facts = {"app.py": scanning.read_facts("app.py", source.encode())}
    (found,) = (each for each in scanning.findings(facts, {"app.py": source.encode()}.get) if each.rule == "IOB110")
    assert "a function that does the whole `with`: `await asyncio.to_thread(function, …)`" in found.hint


STORE = """\
import asyncio
import pickle
from pathlib import Path


class Store:
    def __init__(self):
        self.kept = {}
        self.whole = {}

    def dump(self, path, data):
        with Path(path).open("wb") as file:
            pickle.dump(data, file)

    async def keep(self, key, value):
        self.kept[key] = value
        self.dump("kept", self.kept)

    async def replace(self, whole):
        self.whole = whole
        self.dump("whole", self.whole)


async def both(store: Store):
    await asyncio.gather(store.keep(1, 2), store.replace({}))
"""


def test_what_others_change_in_place_is_handed_over_as_a_copy():
    files = {"store.py": STORE.encode()}
    facts = {file: scanning.read_facts(file, data) for file, data in files.items()}
    found = {each.function: each.hint for each in scanning.findings(facts, files.get) if each.rule == "IOB110"}
    assert "copy of `self.kept`" in found["Store.keep"] and "`asyncio.Lock`" in found["Store.keep"]
    assert found["Store.replace"] == "hand over the whole of it: `await asyncio.to_thread(self.dump, …)`"
