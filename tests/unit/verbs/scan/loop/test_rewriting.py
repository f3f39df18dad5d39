"""The text with threads does what the loop does."""

from __future__ import annotations

import ast

import pytest

from iobound.verbs.scan.loop.rewriting import threaded

LOOPS = {
    "collects": "for n in items:\n    out.append(work(n))",
    "works first": "for n in items:\n    m = work(n)\n    out.append(m + 1)",
    "by key": "for n in items:\n    found[n] = work(n)",
    "pairs": "for n, m in pairs:\n    out.append(work(n) + m)",
    "pairs by key": "for n, m in pairs:\n    found[n, m] = work(n)",
    "adds": "for n in items:\n    state['sum'] += work(n)",
    "only calls": "for n in items:\n    seen.add(work(n))",
    "takes the names that helpers have": "for one in items:\n    out.append(work(one) * result)",
}
COMPREHENSIONS = {
    "list": "[work(n) for n in items]",
    "expression": "[work(n) + 1 for n in items]",
    "filter": "[work(n) for n in items if n % 2]",
    "set": "{work(n) for n in items}",
    "dictionary": "{n: work(n) for n in items}",
    "pairs": "[work(n) * m for n, m in pairs]",
}
NOTHING = {
    "leaves early": "for n in items:\n    if work(n):\n        break",
    "skips": "for n in items:\n    if n:\n        continue\n    out.append(work(n))",
    "gives back": "for n in items:\n    out.append(work(n))\nelse:\n    out.append(0)",
    "awaits": "async def f():\n    return [await work(n) for n in items]",
    "two loops": "[work(n) + m for n in items for m in items]",
    "items that may be gone": "for n in iter(items):\n    found[n] = work(n)",
    "filters by work": "[n for n in items if work(n)]",
    "adds in between": "for n in items:\n    total += 1\n    m = work(n)\n    print(m, n)",
}


def names() -> dict[str, object]:
    return {
        "items": [3, 1, 2, 5],
        "pairs": [(1, 2), (3, 4)],
        "out": [],
        "found": {},
        "seen": set(),
        "state": {"sum": 0},
        "result": 7,
        "work": lambda n: n * 10,
    }


def loop_in(text: str) -> ast.AST:
    kinds = ast.For | ast.ListComp | ast.SetComp | ast.DictComp
    return next(node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds))


@pytest.mark.parametrize("text", LOOPS.values(), ids=LOOPS)
def test_loop_and_text_leave_the_same(text):
    before, after = names(), names()
    exec(text, before)
    exec(threaded(loop_in(text)), after)
    for name in ("out", "found", "seen", "state"):
        assert after[name] == before[name]


@pytest.mark.parametrize("text", COMPREHENSIONS.values(), ids=COMPREHENSIONS)
def test_comprehension_and_text_give_the_same(text):
    after = names()
    exec(threaded(loop_in(text)), after)
    assert after["results"] == eval(text, names())


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_there_is_no_text_where_it_would_not_be_the_same(text):
    assert threaded(loop_in(text)) == ""
