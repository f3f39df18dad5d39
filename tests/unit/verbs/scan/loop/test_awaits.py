"""Loops that await one item after another are told though no look met them."""

from __future__ import annotations

import textwrap

import pytest

from iobound.model.recording import Place
from iobound.model.source_facts import LoopFact
from iobound.verbs.scan import examine

FILE = "/home/ann/program.py"


def loops_of(source: str) -> tuple[LoopFact, ...]:
    """Loops of a program of which only its last line, at top level, was observed."""
    text = textwrap.dedent(source)
    last = len(text.rstrip().splitlines())
    return examine([Place(FILE, "<module>", 1, last)], lambda _: text.encode()).loops


ONE_BY_ONE = """\
    import asyncio
    async def main(session):
        got = []
        for number in range(20):
            got.append(await session.get(number))
    asyncio.run(main(None))
"""


def test_a_loop_of_awaits_is_told_without_a_look_at_it() -> None:
    (loop,) = loops_of(ONE_BY_ONE)
    assert (loop.line, loop.kind, loop.iterable, loop.trip_count) == (4, "for", "range(20)", 20)


@pytest.mark.parametrize(
    "source",
    [
        """\
    import asyncio
    async def fetch(url):
        for attempt in range(3):
            if await get(url):
                return attempt
    asyncio.run(fetch(1))
""",
        """\
    import asyncio
    async def pages(url):
        for page in range(3):
            await get(url, page)
    async def site(url):
        await pages(url)
    async def main(urls):
        await asyncio.gather(*(site(url) for url in urls))
    asyncio.run(main([]))
""",
        """\
    import asyncio
    async def main(urls):
        return [asyncio.create_task(get(url)) for url in urls]
    asyncio.run(main([]))
""",
    ],
    ids=["retries", "of tasks", "awaits nothing"],
)
def test_loops_that_are_left_early_or_run_as_tasks_are_none(source: str) -> None:
    assert loops_of(source) == ()
