"""Sources that are missing, foreign, changed or broken."""

from __future__ import annotations

import os
from typing import Any

import pytest

from iobound.model.recording import Place
from iobound.model.source_facts import LimitFact, SourceFacts
from iobound.verbs.scan import examine

FILE = "/home/ann/program.py"
PLACE = Place(FILE, "<module>", 1, 2, 0, 2, 4)
BROKEN = {
    "missing": None,
    "empty": b"",
    "python 2": b"import os\nprint 'x'\n",
    "nul": b"import os\nf(1)\0\n",
    "undecodable": b"\xff\xfe\xff",
    "unknown coding": b"# coding: klingon\nf(1)\n",
    "half a file": b"import os\nf(1",
    "large": b"#" * 2_000_001,
    "deep": b"x\n" + b"(" * 5000 + b")" * 5000,
    "deep chain": b"import os\nx" + b".a" * 20_000 + b"\n",
    "many operands": b"import os\nx = 1" + b" + 1" * 20_000 + b"\n",
    "many branches": b"import os\nif a: pass\n" + b"elif b: pass\n" * 3000,
}


@pytest.mark.parametrize("source", BROKEN.values(), ids=BROKEN)
def test_no_source_is_bad_enough_to_raise(source: bytes | None) -> None:
    facts = examine([PLACE, PLACE._replace(column=-1, end_column=-1)], lambda _: source)
    assert not facts.calls


def test_a_source_that_cannot_be_parsed_still_has_its_line() -> None:
    assert examine([PLACE], lambda _: b"import os\nprint 'x'\n").lines == {0: "print 'x'"}


def test_a_reader_that_fails_counts_as_no_source() -> None:
    def fail(name: str) -> bytes:
        raise OSError(name)

    assert examine([PLACE], fail) == SourceFacts()


def test_a_source_that_changed_since_says_nothing(observe: Any) -> None:
    seen = observe("def f():\n    for x in y:\n        go(x)\n")
    for changed in (
        b"# new\ndef f():\n    for x in y:\n        go(x)\n",
        b"def g():\n    for x in y:\n        go(x)\n",
    ):
        facts = examine([place for place in seen.places if place.function == "f"], lambda _, text=changed: text)
        assert facts == SourceFacts()


def test_places_beyond_the_file_say_nothing() -> None:
    facts = examine([PLACE._replace(line=99, end_line=99)], lambda _: b"f(1)\n")
    assert facts == SourceFacts()


def test_each_file_is_read_once_and_only_so_many(observe: Any) -> None:
    reads: list[str] = []

    def read(name: str) -> bytes:
        reads.append(name)
        return b"f(1)\n"

    places = [Place(f"/home/ann/{number // 2}.py", "<module>", 1, 1, 0, 1, 4) for number in range(10)]
    facts = examine(places, read, files=3)
    assert reads == ["/home/ann/0.py", "/home/ann/1.py", "/home/ann/2.py"]
    assert sorted(facts.calls) == [0, 1, 2, 3, 4, 5]


def test_windows_and_old_line_ends_count_as_lines() -> None:
    for end in (b"\r\n", b"\r"):
        facts = examine([PLACE], lambda _, end=end: end.join([b"import time", b"f(1)", b""]))
        assert facts.calls[0].text == "f(1)"


def test_loops_of_other_peoples_code_are_left_alone(observe: Any) -> None:
    seen = observe("def f():\n    for x in y:\n        go(x)\n", file="/usr/lib/python3.12/foo.py")
    assert seen.name("go(x)") == "go"
    assert not seen.facts.loops


def test_one_function_of_a_library_is_read_as_the_whole_file_would_be(observe: Any) -> None:
    source = '''
        """Text at the margin comes later."""
        from time import (
            monotonic,
            sleep as nap,
        )
        import requests
        class Client(object):
            @decorated(
                1
            )
            def fetch(
                self,
                url,
            ):
                # comment
        # comment at the margin
                nap(1)
                text = """
        margin
        """
                return requests.get(url)
        def later(): pass
    '''
    for file in ("/usr/lib/python3.12/foo.py", "/home/ann/foo.py"):
        seen = observe(source, file=file)
        assert (seen.name("nap(1)"), seen.name("requests.get(url)")) == ("time.sleep", "requests.get")


def test_a_statement_at_the_top_of_a_library_is_read_alone(observe: Any) -> None:
    seen = observe("import time\nx = [\n  time.sleep(1),\n]\n", file="/usr/lib/python3.12/foo.py")
    assert seen.name("time.sleep(1)") == "time.sleep"


def test_the_standard_library_itself_is_understood_where_it_waits(observe: Any) -> None:
    expected = {
        "socket": {"network", "dns"},
        "ssl": {"network"},
        "subprocess": {"subprocess", "ipc"},
        "threading": {"lock"},
        "selectors": {"select"},
        "multiprocessing/connection": {"ipc"},
        "concurrent/futures/thread": {"idle"},
    }
    for module, categories in expected.items():
        file = os.path.join(os.path.dirname(os.__file__), *f"{module}.py".split("/"))
        with open(file, encoding="utf-8") as source:
            seen = observe(source.read(), file=f"/usr/lib/python3.99/{module}.py")
        assert categories <= {fact.category for fact in seen.facts.calls.values()}, module


def test_a_frozen_leaf_is_known_without_its_source() -> None:
    place = Place("<frozen importlib._bootstrap_external>", "_path_stat", 1, 2)
    assert examine([place], lambda _: None).calls[0].category == "disk"


def test_a_file_of_the_user_that_is_named_like_a_library_is_no_leaf() -> None:
    place = Place("/home/ann/socket.py", "SocketIO.readinto", 1, 2)
    assert examine([place], lambda _: None) == SourceFacts()


LIMITS = """
import asyncio
from asyncio import BoundedSemaphore as Gate
import aiohttp, httpx, threading

WIDTH = int(input())

async def main(at_once=4, *, more: int = 6, unknown=None):
    {made}
    f(1)
"""


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ("asyncio.Semaphore(2)", ("asyncio.Semaphore", 2)),
        ("asyncio.Semaphore(value=3)", ("asyncio.Semaphore", 3)),
        ("Gate(at_once)", ("asyncio.BoundedSemaphore", 4)),
        ("Gate(more)", ("asyncio.BoundedSemaphore", 6)),
        ("aiohttp.TCPConnector(ssl=False, limit=5)", ("aiohttp.TCPConnector", 5)),
        ("httpx.Limits(max_connections=7)", ("httpx.Limits", 7)),
        ("asyncio.Semaphore()", None),
        ("asyncio.Semaphore(True)", None),
        ("asyncio.Semaphore(WIDTH)", None),
        ("asyncio.Semaphore(unknown)", None),
        ("aiohttp.TCPConnector(limit=0)", None),  # no limit
        ("threading.Semaphore(2)", None),  # of threads
        ("asyncio.Lock()", None),
    ],
)
def test_limits_of_tasks_are_told_where_the_source_says_how_many(made: str, found: tuple[str, int] | None) -> None:
    source = LIMITS.format(made=made)
    place = Place(FILE, "main", 8, 10, 4, 10, 8)
    limits = examine([place], lambda _: source.encode()).limits
    assert limits == (() if found is None else (LimitFact(FILE, 9, *found),))
