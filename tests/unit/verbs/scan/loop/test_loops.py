"""The loops around a place, and whether their iterations need one another."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

YES = {
    "collects in a list": ("out = []\nfor u in urls:\n    out.append(fetch(u))", "collects into `out`"),
    "collects by key": ("d = {}\nfor u in urls:\n    d[u] = fetch(u)", "collects into `d`"),
    "sums": ("total = 0\nfor u in urls:\n    total += fetch(u)", "reduction over `total`"),
    "sums in full": ("total = 0\nfor u in urls:\n    total = fetch(u) + total", "reduction over `total`"),
    "largest": ("best = 0\nfor u in urls:\n    best = max(best, fetch(u))", "reduction over `best`"),
    "running best": (
        "best = None\nfor u in urls:\n    n = fetch(u)\n    if best is None or n > best:\n        best = n",
        "reduction over `best` (a running best)",
    ),
    "counts words": ("c = {}\nfor w in ws:\n    c[w] = c.get(w, 0) + fetch(w)", "collects into `c`"),
    "counts iterations": ("n = 0\nfor u in urls:\n    n += 1\n    print(n, fetch(u))", "`n` counts iterations"),
    "prints": ("for u in urls:\n    print(fetch(u))", "ordered output through `print`"),
    "writes": ("with open('o', 'w') as out:\n    for u in urls:\n        out.write(fetch(u))", "ordered output"),
    "skips": ("for u in urls:\n    if not u:\n        continue\n    fetch(u)", ""),
    "raises": ("for u in urls:\n    if not fetch(u):\n        raise OSError", ""),
    "private temporaries": ("for u in urls:\n    r = fetch(u)\n    r = parse(r)\n    save(r)", ""),
    "private after a failure": (
        "for u in urls:\n    try:\n        r = fetch(u)\n    except OSError:\n        continue\n    save(r)",
        "",
    ),
    "elementwise": ("for i in range(9):\n    a[i] = fetch(a[i])", "collects into `a`"),
    "inner total": ("for row in rows:\n    t = 0\n    for c in row:\n        t += c\n    fetch(t)", ""),
    "session": (
        "import requests\ns = requests.Session()\nfor u in urls:\n    s.get(u)",
        "`s` (requests.Session) is shared",
    ),
    "cut by the item": (
        "for i in range(9):\n    if i > n:\n        break\n    fetch(i)",
        "stops early by the item alone",
    ),
    "throttle": ("import time\nfor u in urls:\n    fetch(u)\n    time.sleep(1)", "sleeps on purpose"),
    "changes the item": ("for it in items:\n    it.result = fetch(it)", "changes `it` itself"),
    "used afterwards": ("for u in urls:\n    r = fetch(u)\nprint(r)", "the last value of `r`"),
    "comprehension": ("x = [fetch(u) for u in urls]", ""),
    "awaits": ("async def f(c):\n    for u in urls:\n        await c.get(u)", ""),
}
NO = {
    "carried": ("x = 0\nfor u in urls:\n    x = fetch(x)", "`x` is carried"),
    "carried on one way": ("for u in urls:\n    if u:\n        y = fetch(u)\n    use(y)", "`y` is carried"),
    "breaks": ("for u in urls:\n    if fetch(u):\n        break", "stops early: `break`"),
    "returns": ("def f():\n    for u in urls:\n        if fetch(u):\n            return u", "stops early: `return`"),
    "mixed updates": ("x = 1\nfor u in urls:\n    x += u\n    x *= fetch(u)", "`x` is carried"),
    "total that is read": ("t = 0\nfor u in urls:\n    t += fetch(u)\n    show(t)", "`t` is carried"),
    "neighbours": ("for i in range(9):\n    a[i] = fetch(a[i - 1])", "read at other places"),
    "reads back": ("out = [1]\nfor u in urls:\n    out.append(fetch(out[-1]))", "reads back"),
    "reads on": ("fh = open('a')\nfor i in range(9):\n    fetch(fh.read(8))", "`fh.read` goes on"),
    "takes": ("stack = [1]\nfor u in urls:\n    fetch(stack.pop())", "takes from"),
    "asks": ("for u in urls:\n    fetch(input())", "asks the user"),
    "next": ("it = iter(a)\nfor u in urls:\n    fetch(next(it))", "takes the next item"),
    "pages": ("while url:\n    url = fetch(url)", "each round decides"),
    "chunks": ("fh = open('a')\nwhile chunk := fh.read(9):\n    fetch(chunk)", "goes on where"),
}
UNKNOWN = {
    "generator": ("def f():\n    for u in urls:\n        yield fetch(u)", "one at a time"),
    "seen": (
        "seen = set()\nfor u in urls:\n    if u in seen:\n        continue\n    seen.add(u)\n    fetch(u)",
        "`seen`",
    ),
    "global": ("n = 0\ndef work(u):\n    global n\n    n += 1\nfor u in urls:\n    work(u)", "`work` changes `n`"),
    "global through another": (
        "n = 0\ndef add():\n    global n\n    n += 1\ndef work(u):\n    add()\nfor u in urls:\n    work(u)",
        "`work` changes `n`",
    ),
    "cache": ("C = {}\ndef work(u):\n    C[u] = 1\nfor u in urls:\n    work(u)", "`work` changes `C`"),
    "parameter": ("def put(a, u):\n    a.append(u)\nacc = []\nfor u in urls:\n    put(acc, u)", "`put` changes `acc`"),
    "client": ("def f(client):\n    for u in urls:\n        client.fetch(u)", "may share `client`"),
    "database": (
        "import sqlite3\ndb = sqlite3.connect('d')\nfor u in urls:\n    db.execute(u)",
        "`db` (sqlite3.Connection) must not be shared",
    ),
    "own attributes": (
        "class C:\n  def one(self, u):\n    self.n += 1\n  def run(self):\n    for u in urls:\n      self.one(u)",
        "changes `self.n`",
    ),
    "worker": (
        "import queue\nq = queue.Queue()\nwhile True:\n    u = q.get()\n    if u is None:\n        break\n    fetch(u)",
        "drains `q`",
    ),
    "counted while": ("i = 0\nwhile i < n:\n    fetch(i)\n    i += 1", "counts with `i`"),
    "directory": ("import os\nfor d in dirs:\n    os.chdir(d)\n    fetch(d)", "concerns the whole process"),
}
CASES = [
    pytest.param(source, answer, reason, id=f"{answer}: {name}")
    for answer, cases in (("yes", YES), ("no", NO), ("unknown", UNKNOWN))
    for name, (source, reason) in cases.items()
]


@pytest.mark.parametrize(("source", "answer", "reason"), CASES)
def test_iterations_are_judged_with_the_reason(observe: Any, source: str, answer: str, reason: str) -> None:
    loop = observe(source).loop()
    assert loop.independent == answer, loop.obstacles
    assert any(reason in obstacle for obstacle in loop.obstacles) or not reason, loop.obstacles


def test_a_drained_queue_is_the_only_thing_to_say_of_a_worker(observe: Any) -> None:
    loop = observe("def work(inbox):\n    while (u := inbox.get()) is not None:\n        fetch(u)").loop()
    assert loop.obstacles == ("drains `inbox`: several workers could, if each item stands alone",)


def test_a_conversation_over_a_socket_has_its_order(observe: Any) -> None:
    loop = observe("def serve(peer):\n    while peer.recv(64):\n        peer.sendall(b'x')").loop()
    assert loop.independent == "no"


def test_loops_enclose_from_the_outermost_inwards(observe: Any) -> None:
    seen = observe("""
        def f():
            for a in rows:
                while go():
                    x = [fetch(c) for c in a]
    """)
    assert [loop.kind for loop in seen.loops_around("fetch(c)")] == ["for", "while", "comprehension"]
    assert [loop.kind for loop in seen.loops_around("go()")] == ["for", "while"]


def test_what_a_loop_evaluates_once_is_not_inside_it(observe: Any) -> None:
    seen = observe("for a in once():\n    fetch(a)\nelse:\n    finish()\nx = [b for b in twice()]")
    assert [seen.loops_around(text) for text in ("once()", "finish()", "twice()")] == [[], [], []]


def test_a_loop_around_a_definition_does_not_enclose_the_function(observe: Any) -> None:
    assert observe("for a in b:\n    def f():\n        fetch(a)").loops_around("fetch(a)") == []


LENGTHS = [
    ("for x in range(5): f(x)", 5),
    ("for x in range(2, 10, 3): f(x)", 3),
    ("for x in range(9, 0, -4): f(x)", 3),
    ("N = 7\nfor x in range(N): f(x)", 7),
    ("for x in ['a', 'b']: f(x)", 2),
    ("URLS = ('a', 'b', 'c')\nfor i, x in enumerate(URLS): f(x)", 3),
    ("y = [f(a, b) for a in range(3) for b in range(4)]", 12),
    ("y = [f(a) for a in range(3) if a]", None),
    ("for x in [*a, 1]: f(x)", None),
    ("for x in range(n): f(x)", None),
    ("for x in range(0, 4, 0): f(x)", None),
    ("L = [1]\nL.append(2)\nfor x in L: f(x)", None),
    ("while f(1): pass", None),
]


@pytest.mark.parametrize(("source", "count"), LENGTHS)
def test_trips_are_counted_where_the_source_says_how_many(observe: Any, source: str, count: int | None) -> None:
    assert observe(source).loop().trip_count == count


ITERABLES = [
    ("for a, b in zip(x, y): f(a)", "a, b", "zip(x, y)"),
    ("z = [f(a) for a in x]", "a", "x"),
    ("z = [f(a) for a in x if a]", "a", "(a for a in x if a)"),
    ("z = sum(f(a) for a in x if a)", "a", "(a for a in x if a)"),
    ("z = {f(a, b) for a in x for b in y}", "a, b", "((a, b) for a in x for b in y)"),
    ("while f(a): pass", "", "f(a)"),
]


@pytest.mark.parametrize(("source", "target", "iterable"), ITERABLES)
def test_target_and_iterable_are_as_written_and_an_expression(
    observe: Any, source: str, target: str, iterable: str
) -> None:
    loop = observe(source).loop()
    assert (loop.target, loop.iterable) == (target, iterable)
    compile(loop.iterable, "x", "eval")


def test_the_text_of_a_loop_is_dedented_and_bounded(observe: Any) -> None:
    body = "\n".join(f"        f({number})" for number in range(30))
    loop = observe(f"def g():\n    for x in y:\n{body}").loop()
    lines = loop.source.split("\n")
    assert lines[0] == "for x in y:"
    assert lines[-1] == "    # ..."
    assert len(lines) == 12
    compile(textwrap.dedent(loop.source), "x", "exec")


def test_what_must_not_be_shared_may_be_passed_on_either(observe: type[Any]) -> None:
    """A connection that every call gets is shared as much as one that the loop calls itself."""
    seen = observe(
        "import sqlite3\n\ndef save(connection, n):\n    connection.execute('INSERT INTO t VALUES (?)', (n,))\n\n"
        "def main():\n    connection = sqlite3.connect('x.db')\n    for n in range(9):\n        save(connection, n)\n"
    )
    assert seen.loop().independent == "unknown"
    assert any("must not be shared" in obstacle for obstacle in seen.loop().obstacles)
