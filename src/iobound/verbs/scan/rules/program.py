"""The linked program as rules look at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from iobound.verbs.scan.catalogue.lookup import Catalogue
from iobound.verbs.scan.program.beside import Beside
from iobound.verbs.scan.program.closeup import CloseUp, ReadBytes, ReadView
from iobound.verbs.scan.program.computing import Computing
from iobound.verbs.scan.program.context_setting import ContextSetting
from iobound.verbs.scan.program.effects import Effect, Effects
from iobound.verbs.scan.program.facts import CallSite, FunctionFacts, LoopFacts
from iobound.verbs.scan.program.migrating import migrating
from iobound.verbs.scan.program.tree import Function, Module, Tree
from iobound.verbs.scan.program.workers import Workers


class Subject(NamedTuple):
    """A function of the program, with everything that rules ask of it.

    Attributes:
        key: By which the program knows it.
    """

    key: Function
    facts: FunctionFacts
    module: Module

    @property
    def file(self) -> str:
        """The file that it is in."""
        return self.module.file

    @property
    def is_async(self) -> bool:
        """Whether it is a coroutine function or an async generator."""
        return "a" in self.facts.kind

    @property
    def name(self) -> str:
        """Qualified name as findings have it."""
        return self.facts.name.partition("@")[0]


class Program:
    """All functions of a scan with their effects.

    Attributes:
        closeup: Functions with their syntax trees; their files are read again.
        workers: Functions that run in other threads and processes.
        computing: Which functions compute in Python.
        contexts: Which functions set context variables.
        beside: What else runs in the event loop of coroutine functions.
    """

    def __init__(
        self, tree: Tree, effects: Effects, catalogue: Catalogue, read_bytes: ReadBytes, read_view: ReadView
    ) -> None:
        self.tree = tree
        self.effects = effects
        self.catalogue = catalogue
        self.closeup = CloseUp(tree, read_bytes, read_view)
        self.workers = Workers(tree, self.closeup)
        self.computing = Computing(self.closeup)
        self.contexts = ContextSetting(tree, self.closeup)
        self.beside = Beside(effects, read_bytes)

    def file(self, module: int) -> str:
        """The file of a module, as findings name it."""
        return self.tree.modules[module].file

    def subjects(self) -> Sequence[Subject]:
        """All functions, by file and place."""
        return self._subjects

    @cached_property
    def _subjects(self) -> Sequence[Subject]:
        return [
            Subject(Function(number, at), facts, module)
            for number, module in enumerate(self.tree.modules)
            for at, facts in enumerate(module.facts.functions)
        ]

    def affected(self) -> Sequence[Subject]:
        """Functions that have any effect, or hand a function over: others are of no interest."""
        return self._affected

    @cached_property
    def _affected(self) -> Sequence[Subject]:
        return [each for each in self._subjects if each.facts.handings or self.effects.of(each.key)]

    @cached_property
    def migrating(self) -> frozenset[Function]:
        """Functions that only migrations of a database's schema run."""
        return migrating(self.tree, self.effects, self.closeup)

    def effects_at(self, subject: Subject, site: CallSite) -> Mapping[str, Effect]:
        """Effects of one of its calls."""
        return self.effects.at(subject.key, site)

    def subject(self, key: Function) -> Subject:
        """The function of a key."""
        return Subject(key, self.tree.function(key), self.tree.modules[key.module])

    def is_async(self, subject: Subject, site: CallSite) -> bool:
        """Whether a call runs a coroutine function of the program."""
        runs = self.tree.runs(self.tree.target(subject.key.module, site.symbol))
        return any(isinstance(each, Function) and "a" in self.tree.function(each).kind for each in runs)

    def loop(self, subject: Subject, number: int) -> LoopFacts:
        """A loop of the file that a function is in."""
        return subject.module.facts.loops[number]


def sites_by_loop(subject: Subject) -> dict[int, list[CallSite]]:
    """Calls of a function by the innermost loop around them, those outside of loops excepted."""
    found: dict[int, list[CallSite]] = {}
    for site in subject.facts.calls:
        if site.loop >= 0:
            found.setdefault(site.loop, []).append(site)
    return found
