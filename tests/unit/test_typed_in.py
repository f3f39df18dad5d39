"""Cells as sources: their own text, and behind it what they need of cells before."""

from __future__ import annotations

import ast
import linecache

import pytest

from iobound.model.recording import Place
from iobound.model.source_facts import FindingFact, LoopFact, SourceFacts
from iobound.pipeline import typed_in
from iobound.pipeline.typed_in import TypedIn

CELLS = {
    "/tmp/ipykernel_1/a.py": (
        "In[1]",
        "import os, time\nimport urllib.request as web\nfrom json import dumps, loads\n",
    ),
    "/tmp/ipykernel_1/b.py": ("In[2]", "def get(address):\n    return web.urlopen(address).read()\nunused = get\n"),
    "<ipython-input-3-x>": ("In[3]", "session = make()\ncount = 3\nclass Page:\n    text = loads\n"),
    "/tmp/ipykernel_1/d.py": ("In[4]", "\nfor address in found:\n    pages.append(Page(get(address), session))\n"),
}


@pytest.fixture
def typed() -> TypedIn:
    return TypedIn(CELLS)


def read(typed: TypedIn, called: str) -> str:
    source = typed.reading(lambda file: None)(called)
    assert source is not None
    return source.decode()


def test_a_cell_is_told_by_its_number(typed: TypedIn) -> None:
    """And every other file by its name."""
    assert typed.names["<ipython-input-3-x>"] == "In[3]"
    assert typed.reading(lambda file: file.encode())("main.py") == b"main.py"


def test_no_line_of_a_cell_is_moved(typed: TypedIn) -> None:
    """What it needs stands behind it."""
    assert read(typed, "In[4]").startswith(CELLS["/tmp/ipykernel_1/d.py"][1])


def test_a_cell_has_what_it_needs_and_no_more(typed: TypedIn) -> None:
    """Functions, classes and what they need in turn; of imports the names in use; no value that is only data."""
    behind = read(typed, "In[4]").removeprefix(CELLS["/tmp/ipykernel_1/d.py"][1])
    said = {ast.unparse(statement).partition("\n")[0] for statement in ast.parse(behind).body}
    assert said == {
        "def get(address):",
        "import urllib.request as web",
        "class Page:",
        "from json import loads",
        "session = make()",
    }


def test_the_last_cell_that_binds_a_name_counts() -> None:
    """And one that makes it something unknown leaves it unknown."""
    found = {
        "a": ("In[1]", "import requests as web\n"),
        "b": ("In[2]", "import httpx as web\n"),
        "c": ("In[3]", "web\n"),
    }
    assert "import httpx as web" in read(TypedIn(found), "In[3]")
    found["b"] = ("In[2]", "web = 3\n")
    assert read(TypedIn(found), "In[3]") == "web\n"


@pytest.mark.parametrize("text", ["def (", "x = '\\ud800'", "\x00", "(" * 500, "%%bash\nls\n"])
def test_cells_that_are_no_python_are_left_out(text: str) -> None:
    """Whatever was typed, the others can be read."""
    typed = TypedIn({"a": ("In[1]", text), "b": ("In[2]", "import time\n"), "c": ("In[3]", "time.sleep(1)\n")})
    assert read(typed, "In[3]").endswith("import time\n")
    assert typed.reading(lambda file: None)("In[1]") is not None


def test_surrogates_do_not_break_anything() -> None:
    """A cell may hold what UTF-8 cannot."""
    typed = TypedIn({"a": ("In[1]", "x = '\ud800'\n")})
    assert typed.reading(lambda file: None)("In[1]") is not None


def loop(file: str, line: int) -> LoopFact:
    return LoopFact(file, "<module>", line, line + 1, 0, "for", "x", "xs", "yes")


def finding(file: str, line: int) -> FindingFact:
    return FindingFact("IOB201", file, line, 0, line, 1, "warning", "waits")


def test_facts_of_what_stands_behind_a_cell_are_not_the_cells(typed: TypedIn) -> None:
    """Loops and findings below its last line belong to other cells."""
    facts = SourceFacts(
        loops=(loop("In[4]", 40), loop("In[4]", 2), loop("main.py", 40)),
        enclosing={0: (1, 2)},
        findings=(finding("In[4]", 2), finding("In[4]", 9), finding("main.py", 9)),
    )
    kept = typed.own(facts)
    assert [(each.file, each.line) for each in kept.loops] == [("In[4]", 2), ("main.py", 40)]
    assert kept.enclosing == {0: (0, 1)}
    assert [(each.file, each.line) for each in kept.findings] == [("In[4]", 2), ("main.py", 9)]


def test_a_cell_that_was_never_met_has_a_place(typed: TypedIn) -> None:
    """One that awaits is on no stack meanwhile, and its loops are to be read all the same."""
    assert typed.unseen(["In[4]"], []) == [Place("In[4]", "<module>", 1, 1)]
    assert typed.unseen(["In[4]"], [Place("In[4]", "<module>", 1, 3)]) == []
    assert typed.unseen(["script.py", "a"], []) == typed.unseen(["script.py"], []) == []


def test_without_a_shell_there_are_no_cells() -> None:
    """A program that has loaded IPython and runs no shell has none either."""
    linecache.cache["<ipython-input-1-z>"] = (1, None, ["x\n"], "<ipython-input-1-z>")
    try:
        assert typed_in.cells() is None
    finally:
        del linecache.cache["<ipython-input-1-z>"]
