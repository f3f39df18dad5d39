"""IOB905: functions that wait and that nothing calls."""

from __future__ import annotations

from iobound.model.finding import Confidence, Severity, Span
from iobound.verbs.scan.program.effects import WAITS
from iobound.verbs.scan.rules.program import Program, Subject
from iobound.verbs.scan.rules.rule import Findings, Rule

DEAD = Rule(
    "IOB905",
    "dead-effect",
    Severity.INFO,
    Confidence.LOW,
    "A function waits, and nothing that is scanned calls it.",
    False,
)
RULES = (DEAD,)


_CALLED_BY_NAME = ("test", "pytest_", "setup", "teardown")
"""How names begin that runners of tests look for."""


def in_program(program: Program) -> Findings:
    """Look at functions that are named nowhere but where they are defined."""
    alone = [subject for subject in program.affected() if "u" in subject.facts.kind]
    if not alone:
        return
    starred = {star.rpartition(".")[2] for module in program.tree.modules for star in module.facts.stars}
    named = {
        symbol.removesuffix("()").rpartition(".")[2]
        for module in program.tree.modules
        for symbol in module.facts.symbols
        if not symbol.startswith(":")
    }
    for subject in alone:
        if subject.name.startswith(_CALLED_BY_NAME):
            continue
        if subject.name not in named and subject.module.name.rpartition(".")[2] not in starred:
            yield from _dead(program, subject)


def _dead(program: Program, subject: Subject) -> Findings:
    effects = program.effects.of(subject.key)
    kind = next((each for each in WAITS if each in effects), None)
    if kind is None:
        return
    column = subject.facts.column
    yield DEAD.at(
        subject.file,
        Span(subject.facts.line, column, subject.facts.line, column + len(f"def {subject.name}")),
        f"`{subject.name}` waits (`{effects[kind].name}`), and nothing that is scanned calls it",
        hint="what calls it may stand elsewhere; if nothing does, remove it",
        function=subject.name,
    )
