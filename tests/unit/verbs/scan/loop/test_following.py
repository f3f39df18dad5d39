"""State that iterations share through what they call: files, the process, iterators, handles, constructors."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from iobound.model.source_facts import LoopFact

DEPENDENT = {
    "a file that is read and written anew": (
        """
        import json

        STATE = "state.json"

        def note(path, item):
            with open(path) as file:
                state = json.load(file)
            state[item] = get(item)
            with open(path, "w") as file:
                json.dump(state, file)

        for item in range(rounds):
            note(STATE, item)
        """,
        "file STATE",
    ),
    "a file by its path in the loop itself": (
        """
        import pathlib

        total = pathlib.Path("total.txt")
        for item in range(rounds):
            total.write_text(total.read_text() + get(item))
        """,
        "file total",
    ),
    "an iterator of the module": (
        """
        import itertools

        ids = itertools.count()

        def store(item):
            return next(ids), get(item)

        for item in range(rounds):
            store(item)
        """,
        "takes the next item from `ids`",
    ),
    "an iterator two calls below, as a parameter": (
        """
        def number(counter):
            return next(counter)

        def store(item, counter):
            return number(counter), get(item)

        def main(counter):
            for item in range(rounds):
                store(item, counter)
        """,
        "takes the next item from `counter`",
    ),
    "a handle of the module that is read on": (
        """
        source = open("words.txt")

        def check(item):
            return source.readline() == get(item)

        for item in range(rounds):
            check(item)
        """,
        "`source.readline` goes on",
    ),
}
DOUBTFUL = {
    "the working directory": (
        """
        import os

        def build(folder):
            os.chdir(folder)
            get(folder)

        for folder in range(rounds):
            build(folder)
        """,
        "`os.chdir` concerns the whole process",
    ),
    "a number that a constructor counts on": (
        """
        class Job:
            made = 0

            def __init__(self, item):
                Job.made += 1
                self.id = Job.made

        for item in range(rounds):
            Job(item)
        """,
        "`Job.made`",
    ),
    "a handle of the module that is written to": (
        """
        log = open("log.txt", "w")

        def fetch(item):
            page = get(item)
            log.write(page)
            return page

        for item in range(rounds):
            fetch(item)
        """,
        "`log.write`",
    ),
    "one name for a temporary file": (
        """
        import os

        def convert(item, folder):
            scratch = os.path.join(folder, "scratch.wav")
            with open(scratch, "wb") as file:
                file.write(get(item))
            run(scratch)

        def main(folder):
            for item in range(rounds):
                convert(item, folder)
        """,
        "writes the same file",
    ),
    "what the items refer to": (
        """
        for transfer in range(rounds):
            check(transfer)
            transfer.source.balance -= transfer.amount
        """,
        "changes `transfer.source.balance`",
    ),
    "what the items refer to, by a name": (
        """
        for transfer in range(rounds):
            source = transfer.source
            source.balance = get(source)
        """,
        "changes `source.balance`",
    ),
    "what the items refer to, in a function": (
        """
        def book(transfer):
            transfer.source.balance -= transfer.amount

        for transfer in range(rounds):
            book(transfer)
        """,
        "changes `transfer.source.balance`",
    ),
    "what the items refer to, in their method": (
        """
        class Transfer:
            def book(self):
                self.source.balance -= self.amount

        def main():
            transfer: Transfer
            for transfer in range(rounds):
                transfer.book()
        """,
        "changes `self.source.balance`",
    ),
}
APART = {
    "a file for each item": """
        def save(item, folder):
            with open(f"{folder}/{item}.txt", "w") as file:
                file.write(get(item))

        def main(folder):
            for item in range(rounds):
                save(item, folder)
    """,
    "a file that is only read": """
        def look(item):
            with open("table.txt") as file:
                return item in file.read()

        for item in range(rounds):
            look(item)
    """,
    "a temporary file of its own": """
        import tempfile

        def convert(item):
            name = tempfile.mktemp()
            with open(name, "w") as file:
                file.write(get(item))

        for item in range(rounds):
            convert(item)
    """,
    "an iterator of the call": """
        def first(item):
            rows = iter(get(item))
            return next(rows)

        for item in range(rounds):
            first(item)
    """,
    "an object that is made for the item": """
        class Job:
            def __init__(self, item):
                self.item = item
                self.options.deep = True

            def run(self):
                self.result = get(self.item)
                return self.result

        for item in range(rounds):
            Job(item).run()
    """,
    "what is thrown away": """
        import os

        def run(item):
            with open(os.devnull, "w") as nowhere:
                get(item, nowhere)

        for item in range(rounds):
            run(item)
    """,
    "an element that the item chooses": """
        def blur(number):
            return PICTURES[number].filtered()

        for number in range(rounds):
            blur(number)
    """,
    "a function that calls itself": """
        def walk(item, depth):
            return walk(item, depth - 1) if depth else get(item)

        for item in range(rounds):
            walk(item, 3)
    """,
}


def _loop(observe: type[Any], source: str) -> LoopFact:
    facts = observe(textwrap.dedent(source)).facts
    (loop,) = [loop for loop in facts.loops if "rounds" in loop.iterable]
    return loop


@pytest.mark.parametrize("name", DEPENDENT)
def test_state_that_each_call_takes_further_makes_items_dependent(observe: type[Any], name: str) -> None:
    """Though only the functions that the loop calls show it."""
    source, told = DEPENDENT[name]
    found = _loop(observe, source)
    assert found.independent == "no", found.obstacles
    assert any(told in obstacle for obstacle in found.obstacles), found.obstacles


@pytest.mark.parametrize("name", DOUBTFUL)
def test_state_that_calls_share_is_doubtful(observe: type[Any], name: str) -> None:
    """It may do no harm, but somebody has to look."""
    source, told = DOUBTFUL[name]
    found = _loop(observe, source)
    assert found.independent == "unknown", found.obstacles
    assert any(told in obstacle for obstacle in found.obstacles), found.obstacles


@pytest.mark.parametrize("name", APART)
def test_what_a_call_has_for_itself_is_no_doubt(observe: type[Any], name: str) -> None:
    """Files, objects and iterators of one item."""
    found = _loop(observe, APART[name])
    assert found.independent == "yes", found.obstacles
