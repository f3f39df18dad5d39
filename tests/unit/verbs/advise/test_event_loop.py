"""Event loops: more at once is advised where the source awaits one after another, and only there."""

from __future__ import annotations

import pytest
from advise_stories import FILE, NET, NS, PY, heard, loop_of, site_of, told

from iobound.model.breakdown import EventLoop, Ran
from iobound.model.diagnosis import Advice
from iobound.model.prediction import Strategy
from iobound.model.recording import Recording
from iobound.model.source_facts import CallFact, LoopFact
from iobound.verbs import advise
from iobound.verbs.advise.at_sites import may_run_at_once
from iobound.verbs.advise.awaited import waits_for_work


def advised(recording: Recording, share: float = 0.94, ran: Ran | None = None) -> tuple[Advice, ...]:
    """What is said of five seconds of an event loop that waits for the network."""
    loop = EventLoop("MainThread", 0, 0, (), selecting_ns=round(5 * share * NS))
    run = told({NET: 5 * share, PY: 5 * (1 - share)}, event_loops=(loop,), ran=ran)
    return advise.advise(run, recording, advise.verdict(run, recording), ())


def source_of(await_of: str, *, trips: int | None = None, **more: str) -> LoopFact:
    """A loop that nobody met."""
    source = f"for number in range(20):\n    got.append(await {await_of})"
    return loop_of("number", "range(20)", source=source, **more)._replace(trip_count=trips)


def test_a_loop_that_has_everything_under_way_is_left_alone() -> None:
    advice = advised(heard())
    assert [each.strategy for each in advice] == [Strategy.SEQUENTIAL]
    assert "under way together" in advice[0].reason
    assert any("semaphore" in step for step in advice[0].steps)


@pytest.mark.parametrize("call", ["fetch(number)", "session.get(number)", "api.get(url(number))"])
def test_awaits_one_after_another_are_found_in_the_source_alone(call: str) -> None:
    first = advised(heard(loops=(source_of(call, trips=20),)))[0]
    assert first.strategy is Strategy.ASYNCIO
    assert "app.py:31" in first.reason
    assert "TaskGroup" in first.snippet and f"await {call}" in first.snippet
    assert first.speed_up.low == 1.0
    assert first.speed_up.high > 4


@pytest.mark.parametrize(
    ("ran", "concerns"),
    [
        (None, True),
        (Ran("crawl", frozenset({(FILE, "crawl")})), True),
        (Ran("main", frozenset({(FILE, "main"), (FILE, "crawl")})), True),
        (Ran("Client.fetch", frozenset({("client.py", "Client.fetch")})), True),
        (Ran("legacy", frozenset({(FILE, "legacy")})), False),
        (Ran("legacy", frozenset({(FILE, "legacy"), ("client.py", "Client.fetch")})), False),
    ],
    ids=["a whole run", "its function", "seen inside", "what it awaits", "another one", "which awaits the same"],
)
def test_calls_of_a_function_are_told_of_loops_that_concern_them(ran: Ran | None, concerns: bool) -> None:
    """A loop in one endpoint is nothing that another endpoint could do."""
    loop = source_of("client.fetch(number)", trips=20)._replace(function="crawl")
    found = advised(heard(loops=(loop,)), ran=ran)
    assert (found[0].strategy is Strategy.ASYNCIO) is concerns


def test_two_items_gain_no_more_than_two_at_once() -> None:
    first = advised(heard(loops=(source_of("fetch(number)", trips=2),)))[0]
    assert first.speed_up.high < 2


@pytest.mark.parametrize("name", ["aiohttp.ClientSession.get", "httpx.AsyncClient.get", "asyncio.open_connection"])
def test_clients_are_no_queues(name: str) -> None:
    fact = CallFact(name, "it.get(url)", awaited=True)
    first = advised(heard(calls={31: fact}, loops=(loop_of(),), enclosing={0: (0,)}))[0]
    assert first.strategy is Strategy.ASYNCIO


@pytest.mark.parametrize(
    ("name", "alone"), [("asyncio.run", True), ("asyncio.wait_for", True), ("asyncio.wait", False)]
)
def test_what_runs_a_coroutine_does_its_work(name: str, alone: bool) -> None:
    site = site_of(name, {NET: 4.7}, 5.0, items=20)
    fact = CallFact(name, f"{name}(fetch(url))")
    assert may_run_at_once(site, fact) == alone


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("jobs.get", "jobs.get()"),
        ("asyncio.Queue.put", "jobs.put((1, 2))"),
        ("asyncio.gather", "asyncio.gather(*some)"),
        ("asyncio.sleep", "asyncio.sleep(1)"),
        ("reader.readline", "reader.readline()"),
        ("gather", "gather(one, two)"),
    ],
)
def test_what_another_task_hands_over_is_not_fetched(name: str, text: str) -> None:
    assert waits_for_work(CallFact(name, text, awaited=True))
    assert advised(heard(loops=(source_of(text),)))[0].strategy is Strategy.SEQUENTIAL


@pytest.mark.parametrize(("taken", "first"), [("await jobs.get()", "more_workers"), ("url + 1", "sequential")])
def test_more_tasks_help_only_where_tasks_take_from_a_queue(taken: str, first: str) -> None:
    source = f"while True:\n    url = {taken}\n    pages.append(await fetch(url))"
    worker = loop_of("", "True", kind="while", independent="unknown", source=source)
    assert advised(heard(loops=(worker,)))[0].strategy.value == first
