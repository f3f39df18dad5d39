"""Ten times as much source takes some ten times as long, in whatever way it is more."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from iobound.model.scan_options import ScanOptions
from iobound.verbs.scan.choice import settings
from iobound.verbs.scan.scanning import findings, read_facts
from iobound.verbs.scan.syntax.columns import Columns
from iobound.verbs.scan.syntax.sources import Source
from iobound.verbs.scan.telling import tell

ALL = settings(ScanOptions(select=("ALL",)))
HEAD = (
    "import asyncio, time, threading, requests, sqlite3\nfrom concurrent.futures import *\n"
    "c = sqlite3.connect('x')\ndef w(): pass\n"
)

GROWING: dict[str, tuple[int, Callable[[int], str]]] = {
    "functions": (800, lambda n: "".join(f"def f{i}(x):\n    time.sleep(x)\n" for i in range(n))),
    "calls on a line that is not ASCII": (
        500,
        lambda n: "async def f(): " + "; ".join(["requests.get('é')"] * n) + "\n",
    ),
    "loops of a function": (
        60,
        lambda n: "def f(us):\n" + "    for u in us:\n        v = requests.get(u)\n    v = 1\n" * n,
    ),
    "shared things in a loop": (
        60,
        lambda n: (
            "def f(us):\n    for u in us:\n"
            + "".join(f"        a{i}.append(requests.get(u))\n        if u in b{i}: b{i}[u] = u\n" for i in range(n))
        ),
    ),
    "comprehensions on a line": (200, lambda n: "x = [" + "[requests.get(u) for u in us]," * n + "]\n"),
    "alternatives": (60, lambda n: "def f(x):\n    if x: w()\n" + "    elif x: requests.get('u')\n" * n),
    "threads": (80, lambda n: "threading.Thread(target=w).start()\n" * n),
    "pools": (
        40,
        lambda n: "".join(
            f"def f{i}():\n    with ProcessPoolExecutor() as p:\n        p.submit(w, {i})\n" for i in range(n)
        ),
    ),
    "submissions": (
        60,
        lambda n: "def f(p: ThreadPoolExecutor, xs):\n" + "    for x in xs:\n        p.submit(w, x).result()\n" * n,
    ),
    "queries": (40, lambda n: "def f(xs):\n" + "    for x in xs:\n        c.execute('select', x)\n" * n),
    "codes in a comment": (
        1500,
        lambda n: "x = 1  # iobound: ignore[" + ", ".join(f"IOB{100 + i % 800}" for i in range(n)) + "]\n",
    ),
}
MOST = 40
"""Times as long: 10 is linear, 100 is quadratic, and a busy machine is off by two."""


def took_s(source: str) -> float:
    data = (HEAD + source).encode()
    gc.collect()
    began = time.process_time()
    facts = {"m.py": read_facts("m.py", data)}
    tell(findings(facts, lambda _: data), facts, lambda _: data, ALL)
    return time.process_time() - began


@pytest.mark.parametrize(("few", "source"), GROWING.values(), ids=GROWING.keys())
def test_ten_times_as_much_takes_some_ten_times_as_long(few: int, source: Callable[[int], str]) -> None:
    """Each of these was quadratic once."""
    took_s(source(2))  # with the catalogue in memory
    least = max(0.01, min(took_s(source(few)) for _ in range(3)))
    assert took_s(source(10 * few)) < MOST * least


@pytest.mark.parametrize("text", ["é" * 3000, "a" * 3000 + "é\U0001f40d", "é\U0001f40d" + "a" * 3000])
def test_columns_of_long_lines_are_those_of_short_ones(text: str) -> None:
    """Bytes in the middle of a character belong to it."""
    columns = Columns(Source((text,)))
    data = text.encode("utf-8", "surrogatepass")
    for at in (0, 1, 2, 3, 5, 8, 999, 3000, 3001, 3004, len(data) - 1, len(data), len(data) + 9):
        assert columns.characters(1, at) == len(data[:at].decode("utf-8", "ignore"))
