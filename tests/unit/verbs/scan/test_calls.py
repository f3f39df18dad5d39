"""Which call an interpreter is in, by the range that it reports."""

from __future__ import annotations

from typing import Any

from iobound.model.recording import Place
from iobound.verbs.scan import examine

FILE = "/home/ann/program.py"


def test_the_innermost_call_of_a_range_is_found_and_described(observe: Any) -> None:
    seen = observe("import time\nprint(time.sleep(1))")
    fact = seen.call("time.sleep(1)")
    assert (fact.name, fact.category, fact.gil, fact.awaited) == ("time.sleep", "sleep", "releases", False)
    assert seen.name("print(time.sleep(1))") == "builtins.print"


def test_a_context_manager_is_entered_by_its_own_call(observe: Any) -> None:
    seen = observe("with open('a') as f:\n    pass")
    assert {fact.name for fact in seen.facts.calls.values()} == {"builtins.open"}


def test_a_lock_is_acquired_by_with(observe: Any) -> None:
    seen = observe("import threading\nlock = threading.Lock()\nwith lock:\n    pass")
    assert (seen.name("lock"), seen.call("lock").category) == ("threading.Lock.__enter__", "lock")


def test_iterating_a_file_reads_it(observe: Any) -> None:
    seen = observe("fh = open('a')\nfor line in fh:\n    pass")
    assert (seen.name("fh"), seen.call("fh").category) == ("io.IOBase.__next__", "disk")


def test_iterating_a_list_calls_nothing(observe: Any) -> None:
    assert not observe("for x in [1, 2]:\n    pass").facts.calls


def test_an_awaited_call_is_known_as_such_at_the_call_and_at_the_await(observe: Any) -> None:
    seen = observe("async def f(c):\n    await c.go()")
    assert [fact.awaited for fact in seen.facts.calls.values()] == [True, True]


def test_a_chained_call_on_its_own_line_is_found_by_its_end(observe: Any) -> None:
    seen = observe("import pathlib\n(pathlib.Path('a')\n    .joinpath('b')\n    .read_bytes())")
    assert "pathlib.Path.read_bytes" in {fact.name for fact in seen.facts.calls.values()}


def test_properties_are_calls_and_plain_attributes_are_not(observe: Any) -> None:
    seen = observe("""
        class Page:
            def __init__(self):
                self.size = 1
            @property
            def text(self): ...
        page = Page()
        page.text
        page.size
    """)
    names = {fact.name for fact in seen.facts.calls.values()}
    assert "Page.text" in names
    assert not any("size" in name for name in names)


def test_arithmetic_is_no_call(observe: Any) -> None:
    assert not observe("a = b + c * d").facts.calls


def test_an_import_is_described_by_its_statement(observe: Any) -> None:
    assert observe("import numpy as np").name("import numpy as np") == "builtins.__import__"


def test_a_decorator_is_called_by_its_name(observe: Any) -> None:
    assert observe("from a import deco\n@deco\ndef f(): ...").name("deco") == "a.deco"


def test_without_columns_the_outermost_call_of_the_line_is_taken() -> None:
    source = b"import time\nprint(time.sleep(1))\nx = 1\n"
    facts = examine([Place(FILE, "<module>", 1, 2), Place(FILE, "<module>", 1, 3)], lambda _: source)
    assert {index: fact.name for index, fact in facts.calls.items()} == {0: "builtins.print"}
    assert facts.lines == {0: "print(time.sleep(1))", 1: "x = 1"}


def test_columns_count_bytes_not_characters(observe: Any) -> None:
    assert observe("import time\nx = 'äöü', time.sleep(1)").name("time.sleep(1)") == "time.sleep"


def test_long_expressions_are_kept_on_one_short_line(observe: Any) -> None:
    seen = observe("f(\n    " + ",\n    ".join(f"argument_{number}" for number in range(99)) + "\n)")
    (fact,) = seen.facts.calls.values()
    assert len(fact.text) <= 160
    assert "\n" not in fact.text
