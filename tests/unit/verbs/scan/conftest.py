"""Places as an interpreter would report them for a piece of source, made by compiling it here."""

from __future__ import annotations

import textwrap
from types import CodeType

import pytest

from iobound.model.recording import Place
from iobound.model.source_facts import CallFact, LoopFact, SourceFacts
from iobound.verbs.scan import examine

FILE = "/home/ann/program.py"


def places_of(source: str | bytes, file: str = FILE) -> list[Place]:
    """Every position that an instruction of the compiled source has."""
    found: dict[Place, None] = {}
    pending = [compile(source, file, "exec", dont_inherit=True)]
    while pending:
        code = pending.pop()
        for line, end_line, column, end_column in code.co_positions():
            if line is not None and column is not None and end_line is not None and end_column is not None:
                spot = (line, column, end_line, end_column)
                found[Place(file, code.co_qualname, code.co_firstlineno, *spot)] = None
        pending.extend(constant for constant in code.co_consts if isinstance(constant, CodeType))
    return list(found)


class Observed:
    """The facts of one source, to be asked for by its text."""

    def __init__(self, source: str, file: str = FILE) -> None:
        self.source = textwrap.dedent(source)
        self.places = places_of(self.source, file)
        self.facts: SourceFacts = examine(self.places, lambda name: self.source.encode() if name == file else None)

    def calls(self, text: str) -> set[CallFact]:
        """Facts of the calls that are written so."""
        return {fact for fact in self.facts.calls.values() if fact.text == text}

    def call(self, text: str) -> CallFact:
        """The one fact of a call that is written so."""
        (fact,) = self.calls(text)
        return fact

    def name(self, text: str) -> str:
        """Resolved name of the call that is written so."""
        return self.call(text).name

    def loops_around(self, text: str) -> list[LoopFact]:
        """Loops around the call that is written so, outermost first."""
        index = next(index for index, fact in self.facts.calls.items() if fact.text == text)
        return [self.facts.loops[number] for number in self.facts.enclosing.get(index, ())]

    def loop(self) -> LoopFact:
        """The first loop in the source that encloses anything."""
        return min(self.facts.loops, key=lambda loop: (loop.line, loop.column))


@pytest.fixture
def observe() -> type[Observed]:
    """Examines a source at every place that its compiled code has."""
    return Observed
