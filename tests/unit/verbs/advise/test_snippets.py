"""Snippets are Python with the program's own names, or they are not there."""

from __future__ import annotations

import ast

import pytest
from advise_stories import NET, PY, loop_of, site_of
from hypothesis import given
from hypothesis import strategies as st

from iobound.model.prediction import Estimate, Prediction, Strategy
from iobound.model.source_facts import CallFact
from iobound.verbs.advise import reasons, snippets
from iobound.verbs.advise.wording import name_of


def parts(callee="download", text="", awaited=False, **loop):
    site = site_of(callee, {NET: 1.0}, 1.0, loop=loop_of(**loop))
    return snippets.parts_of(site, CallFact(callee, text, awaited) if text else None)


def every(made):
    """All snippets that can be made of some parts."""
    yield snippets.threads(made, 8)
    yield snippets.processes(made, 2, 50)
    yield snippets.processes(made, 2, None)
    yield snippets.tasks(made, 16)
    yield snippets.chunks(made, 50)


def test_callee_of_the_loop_variable_alone_is_mapped_itself():
    text = snippets.threads(parts(source="for url in urls:\n    page = download(url)\n    save(page)"), 16)
    assert "with ThreadPoolExecutor(max_workers=16) as pool:\n    for page in pool.map(download, urls):" in text


def test_call_with_more_arguments_becomes_a_function():
    made = parts(text="download(url, timeout=3)")
    text = snippets.processes(made and made._replace(setting="module"), 4, 1)
    assert "def one(url):\n    return download(url, timeout=3)" in text
    assert "pool.map(one, urls):" in text
    assert 'if __name__ == "__main__":' in text


def test_several_loop_variables_are_unpacked():
    text = snippets.threads(parts(text="save(name, url)", target="name, url", iterable="pages.items()"), 4)
    assert "def one(item):\n    name, url = item\n    return save(name, url)" in text


def test_short_items_are_handed_over_in_chunks():
    assert "pool.map(download, urls, chunksize=50)" in snippets.processes(parts(), 2, 50)
    assert "chunksize=max(1, len(urls) // 8)" in snippets.processes(parts(), 2, None)


def test_awaited_call_becomes_tasks_with_a_limit_and_no_pool():
    made = parts(text="session.get(url)", awaited=True)
    assert "await session.get(url)\n" in snippets.tasks(made, 16)
    assert "asyncio.Semaphore(16)" in snippets.tasks(made, 16)
    assert snippets.threads(made, 8) == ""


def test_call_that_blocks_the_loop_goes_to_a_thread():
    assert snippets.off_the_loop("requests.get(url, timeout=3)") == (
        "result = await asyncio.to_thread(requests.get, url, timeout=3)"
    )


@pytest.mark.parametrize("kind", ["while", "unheard of"])
def test_loops_without_a_variable_have_no_snippet(kind):
    assert parts(kind=kind) is None


@pytest.mark.parametrize("text", ["connection", "download(url, headers={…})"])
def test_what_is_no_whole_call_in_the_source_has_no_snippet(text):
    """A block that is entered, or a call that was shortened: the resolved name is not what the program writes."""
    assert parts("app.Connection.__enter__", text=text) is None


def test_no_loop_no_snippet():
    assert snippets.parts_of(site_of("f", {NET: 1.0}, 1.0)._replace(loop=None), None) is None


@pytest.mark.parametrize(
    "hostile",
    [
        "x in y:\n    import os\nfor z",
        "",
        "a.b",
        "a[0]",
        "lambda: 0",
        "*a",
        "url  # comment\n",
        "\x1b[31m",
        "(" * 500,
        "1 +",
        "__import__('os').system('x')",
        "日本",
        "…",
    ],
)
def test_hostile_names_give_valid_code_or_none(hostile):
    for made in (
        parts(target=hostile),
        parts(iterable=hostile),
        parts(callee=hostile),
        parts(text=hostile),
        parts(source=hostile),
    ):
        for text in every(made):
            ast.parse(text)
            assert "\x1b" not in text
            assert "import os" not in text
    ast.parse(f"async def f():\n    {snippets.off_the_loop(hostile) or 'pass'}")


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40), st.text(max_size=60))
def test_any_text_gives_valid_code_or_none(target, iterable, callee, source):
    for text in every(parts(target=target, iterable=iterable, callee=callee, source=source)):
        ast.parse(text)
        assert all(line.isprintable() for line in text.split("\n"))


def test_a_loop_without_a_callee_is_called_by_its_own_line():
    """What took most of its time may stand in a loop inside of it."""
    site = site_of("", {NET: 1.0}, 1.0, line=35, loop=loop_of(line=30))
    assert name_of(site) == "the loop at app.py:30"


@pytest.mark.parametrize(("setting", "told"), [("module", "put the loop under"), ("function", "leads to it")])
def test_the_guard_stands_where_the_module_is_run(setting, told):
    """Inside of a function it would say nothing."""
    site = site_of("score", {PY: 1.0}, 1.0, loop=loop_of()._replace(setting=setting))
    best = Prediction(0, Strategy.PROCESSES, 2, Estimate(1.9, 1.5, 2.0), 1.9, "cpus", 2)
    assert told in reasons.steps(Strategy.PROCESSES, site, best, None)[0]
