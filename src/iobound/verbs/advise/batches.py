"""Code that hands over, or commits, many items at once, with the program's own names where its source shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from iobound.model.origin import is_own_code
from iobound.model.recording import Recording
from iobound.model.source_facts import CallFact, LoopFact
from iobound.verbs.advise import snippets

ITEMS, ROWS = 500, 1000
"""Items that go over at once, and rows of one commit: far more than what each costs by itself asks for."""

_PUTTING = frozenset({"put", "put_nowait", "send"})


def of_messages(recording: Recording) -> str:
    """Lists of items put into a queue or pipe, instead of single ones."""
    made = (snippets.lists(loop, fact, ITEMS) for loop, fact in _in_loops(recording, _puts))
    return next(filter(None, made), "") or snippets.lists_of("items", "queue.put", ITEMS)


def of_commits(recording: Recording, is_commit: Callable[[str], bool]) -> str:
    """A commit for many rows, instead of one for each."""
    made = (snippets.commits(loop, fact, ROWS) for loop, fact in _in_loops(recording, is_commit))
    return next(filter(None, made), "") or snippets.commits_of("row", "rows", "connection", ROWS)


def _puts(name: str) -> bool:
    owner, _, last = name.rpartition(".")
    return bool(owner) and last in _PUTTING


def _in_loops(recording: Recording, wanted: Callable[[str], bool]) -> Iterator[tuple[LoopFact, CallFact]]:
    """Calls of the program's own code with the loop that runs each once per item."""
    facts = recording.facts
    for index, fact in facts.calls.items():
        loops = facts.enclosing.get(index, ())
        if loops and wanted(fact.name) and is_own_code(recording.places[index].file):
            yield facts.loops[loops[-1]], fact
