"""Which functions run in other threads and processes: those that are handed over, and what they call."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from iobound.model.finding import Span, Step
from iobound.verbs.scan.program.closeup import CloseUp, Code
from iobound.verbs.scan.program.facts import FunctionFacts, Handing
from iobound.verbs.scan.program.holding import holds_lock
from iobound.verbs.scan.program.tree import Class, Library, Tree
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.syntax.survey import Scope

DEPTH = 3
"""Calls that are followed from a function that is handed over."""

ABROAD = 2
"""Of these, calls that may lead into other files: each of them has to be read again."""

ONE_BY_ONE = frozenset(
    {
        "asyncio.to_thread",
        "asyncio.AbstractEventLoop.run_in_executor",
        "tornado.ioloop.IOLoop.run_in_executor",
        "anyio.to_thread.run_sync",
        "anyio.to_process.run_sync",
        "trio.to_thread.run_sync",
        "starlette.concurrency.run_in_threadpool",
        "fastapi.concurrency.run_in_threadpool",
        "asgiref.sync.sync_to_async",
        "twisted.internet.threads.deferToThread",
        "multiprocessing.pool.Pool.apply",
        "multiprocessing.pool.ThreadPool.apply",
    }
)
"""What a loop usually waits for before it hands over the next."""

_THREAD = "threading.Thread"


class Worker(NamedTuple):
    """A function that is handed over to run elsewhere.

    Attributes:
        module: Number of the module in which it is handed over.
        facts: Of the function that hands it over.
        boundary: Canonical name of what it is handed to.
        code: The function where it is one of the program.
        library: Canonical name of the function where it is none of the program, empty where that cannot be told.
        overlaps: Whether several calls of it may run at once.
        shares_self: Whether all those calls have the same `self`.
    """

    module: int
    facts: FunctionFacts
    handing: Handing
    boundary: str
    code: Code | None
    library: str
    overlaps: bool
    shares_self: bool

    @property
    def name(self) -> str:
        """Of the function, for people."""
        if self.code is not None and self.code.scope.kind != "lambda":
            return self.code.name.replace(".<locals>", "")
        return self.library or self.handing.spelled


class Reached(NamedTuple):
    """A function that runs in other threads.

    Attributes:
        worker: Through which.
        chain: Calls that lead from the handed function to it, that of the function itself first.
        shares_self: As in `Worker`.
        locked: Whether a lock is held all the while.
    """

    code: Code
    worker: Worker
    chain: tuple[Step, ...]
    shares_self: bool
    locked: bool = False

    @property
    def direct(self) -> bool:
        """Whether it is the function that is handed over."""
        return not self.chain


class Workers:
    """All handings of a program."""

    def __init__(self, tree: Tree, closeup: CloseUp) -> None:
        self.tree = tree
        self.closeup = closeup

    @cached_property
    def all(self) -> Sequence[Worker]:
        """Functions that are handed over, by file."""
        handed = [
            self._handed(number, facts, handing)
            for number, module in enumerate(self.tree.modules)
            if not module.facts.cooperative
            for facts in module.facts.functions
            for handing in facts.handings
        ]
        handed = self._handed_twice(handed)
        beside = self._idle_beside_others(handed)
        return [self._worker(each, is_wanted=each.module in beside) for each in handed]

    @cached_property
    def in_threads(self) -> Sequence[Reached]:
        """Functions of the program that run in other threads, each with the way on which most can go wrong."""
        best: dict[Scope, Reached] = {}
        workers = [each for each in self.all if each.handing.where == "thread" and each.code is not None]
        for worker in sorted(
            [*workers, *self._thread_classes()], key=lambda each: (not each.overlaps, not each.shares_self)
        ):
            assert worker.code is not None
            for reached in self._reach(worker):
                best.setdefault(reached.code.scope, reached)
        return sorted(best.values(), key=lambda each: (each.code.module, each.code.scope.first_line))

    def call(self, worker: Worker) -> tuple[FileView, Resolved] | None:
        """The call that hands a function over, with its file."""
        view = self.closeup.view(worker.module)
        resolved = None if view is None else _at(view, worker.handing.span, worker.boundary)
        return None if view is None or resolved is None else (view, resolved)

    # Handing over

    def _handed(self, module: int, facts: FunctionFacts, handing: Handing) -> _Handed:
        boundary = self.tree.target(module, handing.boundary)
        name = boundary.name if isinstance(boundary, Library) else ""
        if not name or name.startswith(_ELSEWHERE):
            handing = handing._replace(where="executor")
        target = self.tree.target(module, handing.function) if handing.function >= 0 else None
        definition = None
        if handing.function >= 0 and not isinstance(target, Library | Class):
            definition = self.tree.definition(module, self.tree.modules[module].facts.symbols[handing.function])
        overlaps = handing.workers != 1 and (handing.many or self._repeats(module, facts, handing, name))
        library = target.name if isinstance(target, Library) else ""
        return _Handed(module, facts, handing, name, definition, library, overlaps)

    def _worker(self, handed: _Handed, *, is_wanted: bool) -> Worker:
        """With its code, where that matters: of a function that runs alone it is only asked what is process-wide."""
        definition = handed.definition
        code = None
        if definition is not None and (handed.overlaps or is_wanted or self.closeup.mentions(definition[0], _HAZARDS)):
            code = self.closeup.named(*definition)
        worker = Worker(*handed[:4], code, handed.library, handed.overlaps, False)
        return worker._replace(shares_self=handed.overlaps and self._shares_self(worker))

    def _idle_beside_others(self, handed: list[_Handed]) -> set[int]:
        """Modules with several threads of which one calls nothing that waits: it may compute."""
        threads: dict[int, list[_Handed]] = {}
        for each in handed:
            if each.handing.where == "thread" and each.definition is not None:
                threads.setdefault(each.module, []).append(each)
        return {
            module
            for module, several in threads.items()
            if len(several) > 1 and any(self._is_idle(each.definition) for each in several if each.definition)
        }

    def _is_idle(self, definition: tuple[int, str]) -> bool:
        key = self.tree.key(*definition)
        return key is None or not self.tree.function(key).calls

    def _repeats(self, module: int, facts: FunctionFacts, handing: Handing, boundary: str) -> bool:
        """Whether a loop hands the function over again before the call before is done."""
        if handing.loop < 0:
            return False
        loop = self.tree.modules[module].facts.loops[handing.loop]
        if boundary in ONE_BY_ONE and loop.kind != "comprehension":
            return False
        if 0 <= loop.trips < 2:
            return False
        joined = (
            self.tree.target(module, site.symbol)
            for site in facts.calls
            if site.loop == handing.loop and site.span > handing.span
        )
        return not any(isinstance(each, Library) and each.name.endswith(_JOINING) for each in joined)

    def _shares_self(self, worker: Worker) -> bool:
        if worker.code is None or worker.code.klass is None or "." not in worker.handing.spelled:
            return False
        root = worker.handing.spelled.partition(".")[0]
        if root == "self" or worker.handing.many:
            return True
        found = self.call(worker)
        return found is not None and not is_of_iteration(found[0], root, found[1])

    @staticmethod
    def _handed_twice(handed: list[_Handed]) -> list[_Handed]:
        """What one function hands over at several places may run several times at once."""
        places: dict[tuple[int, str, tuple[int, str]], int] = {}
        for each in handed:
            if (key := _place_key(each)) is not None:
                places[key] = places.get(key, 0) + 1
        twice = {key for key, number in places.items() if number > 1}
        return [each._replace(overlaps=True) if _place_key(each) in twice else each for each in handed]

    def _thread_classes(self) -> Iterator[Worker]:
        """`run` of subclasses of `Thread`; each thread has a `self` of its own."""
        for number, module in enumerate(self.tree.modules):
            for klass in module.facts.classes:
                bases = [self.tree.target(number, base) for base in klass.bases]
                if any(isinstance(base, Library) and base.name == _THREAD for base in bases) and self.closeup.mentions(
                    number, _HAZARDS
                ):
                    code = self.closeup.named(number, f"{klass.name}.run")
                    if code is not None:
                        handing = Handing(-1, -1, f"{klass.name}.run", code.view.span(code.scope.node), where="thread")
                        yield Worker(number, FunctionFacts("", 0, ""), handing, _THREAD, code, "", False, False)

    # What runs there

    def _reach(self, worker: Worker) -> Iterator[Reached]:
        assert worker.code is not None
        pending = [Reached(worker.code, worker, (), worker.shares_self)]
        seen: set[Scope] = set()
        while pending:
            reached = pending.pop(0)
            if reached.code.scope in seen:
                continue
            seen.add(reached.code.scope)
            yield reached
            if len(reached.chain) < DEPTH:
                pending += self._called(reached)

    def _called(self, reached: Reached) -> Iterator[Reached]:
        code = reached.code
        file = self.tree.modules[code.module].file
        abroad = reached.worker.overlaps and len(reached.chain) < ABROAD
        for call, callee in self.closeup.callees(code, abroad=abroad):
            name = callee.name.replace(".<locals>", "")
            step = Step(name, file, call.node.lineno)
            func = call.node.func if isinstance(call.node, ast.Call) else None
            is_on_self = (
                isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == "self"
            )
            locked = reached.locked or holds_lock(code.view, call.context)
            shares_self = reached.shares_self and is_on_self and callee.klass is not None
            yield Reached(callee, reached.worker, (*reached.chain, step), shares_self, locked)


_HAZARDS = re.compile(
    rb"os\.(?:f?chdir|environ|putenv|unsetenv|umask|set[ug]id)|contextlib|signal|locale|tzset|pyplot|sqlite3|contextvars|"
    rb"warnings|mock|random|manual_seed|from os import"
)
"""What a file mentions that has anything of which threads should take care even where each runs alone."""

_ELSEWHERE = ("dask.", "ray.", "gevent.", "eventlet.", "mpi4py.")
"""Schedulers of which the source does not say where they run a function, and green threads, which take turns."""

_JOINING = (".Thread.join", ".Process.join", ".Future.result")


class _Handed(NamedTuple):
    """As `Worker`, before its code is looked at: the function is known by its module and qualified name."""

    module: int
    facts: FunctionFacts
    handing: Handing
    boundary: str
    definition: tuple[int, str] | None
    library: str
    overlaps: bool


def _place_key(handed: _Handed) -> tuple[int, str, tuple[int, str]] | None:
    """What hands over and what is handed over, None where one call waits for the other."""
    if handed.definition is None or handed.boundary in ONE_BY_ONE or handed.handing.workers == 1:
        return None
    return handed.module, handed.facts.name, handed.definition


def is_of_iteration(view: FileView, name: str, handed: Resolved) -> bool:
    """Whether a name stands for something else in each iteration of the loop that hands it over."""
    loop = handed.context.loop
    if loop is None:
        return False
    holder = view.names.holder(name, handed.context.scope)
    if holder is None:
        return False
    if holder.node is loop:
        return True
    first, last = loop.lineno, loop.end_lineno or loop.lineno
    return any(first <= binding.line <= last for binding in holder.bindings[name])


def _at(view: FileView, span: Span, name: str) -> Resolved | None:
    for each in view.by_name.get(name, ()):
        if view.span(each.node) == span:
            return each
    return None
