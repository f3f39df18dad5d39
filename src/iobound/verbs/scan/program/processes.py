"""What a file hands to other processes: the calls that do, the functions and values that go with them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from iobound.verbs.scan.catalogue.processes import IN_EXECUTOR, Passage, passage
from iobound.verbs.scan.program.view import FileView, Resolved, argument_of
from iobound.verbs.scan.syntax.scopes import function_of
from iobound.verbs.scan.syntax.survey import Context, Scope


class Crossing(NamedTuple):
    """A call that has something pickled for another process.

    Attributes:
        passage: How it takes what it pickles.
        function: The function that goes along, None when there is none or it cannot be told.
        values: Whatever else goes along, each as a whole.
        iterables: Whose elements go along, one at a time.
    """

    resolved: Resolved
    passage: Passage
    function: ast.expr | None
    values: tuple[ast.expr, ...] = ()
    iterables: tuple[ast.expr, ...] = ()

    @property
    def name(self) -> str:
        """Name of what is called, for people."""
        return self.resolved.name.replace("multiprocessing.pool.", "multiprocessing.")

    @property
    def scope(self) -> Scope:
        """Whose names the call sees."""
        return self.resolved.context.scope


class Processes:
    """Everything in a file that has to do with other processes; what is not asked for is not worked out."""

    def __init__(self, view: FileView, calls: list[tuple[Resolved, Passage]]) -> None:
        self.view = view
        self.crossings = [crossing_of(resolved, way) for resolved, way in calls]

    @cached_property
    def methods(self) -> frozenset[str]:
        """Start methods that the file names; empty when it takes the platform's."""
        found = set()
        for name in ("set_start_method", "get_context"):
            for each in self._named(f"multiprocessing.{name}"):
                value = argument_of(each.call, 0, "method")
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    found.add(value.value)
        return frozenset(found)

    @property
    def never_forks(self) -> bool:
        """Whether the file only uses start methods that import the program anew."""
        return bool(self.methods) and "fork" not in self.methods

    @property
    def only_forks(self) -> bool:
        """Whether the file asks for fork and nothing else."""
        return self.methods == {"fork"}

    def calls(self, *names: str) -> list[Resolved]:
        """Calls of these functions, in the order of the source."""
        found = [each for name in names for each in self._named(name)]
        return sorted(found, key=lambda each: (each.call.lineno, each.call.col_offset))

    def _named(self, name: str) -> list[Resolved]:
        return [each for each in self.view.by_name.get(name, ()) if isinstance(each.node, ast.Call)]

    @cached_property
    def workers(self) -> list[tuple[Scope, Crossing]]:
        """Functions of the file that run in another process."""
        found = []
        for crossing in self.crossings:
            scope = None if crossing.function is None else self.worker(crossing.function, crossing.scope)
            if scope is not None:
                found.append((scope, crossing))
        return found

    def worker(self, node: ast.expr, scope: Scope) -> Scope | None:
        """The function of the file that an expression stands for, through `partial`."""
        meaning = self.view.names.meaning(node, scope)
        if meaning is None or meaning.scope is None or meaning.instance:
            return None
        return meaning.scope if meaning.scope.kind == "function" else None

    @cached_property
    def _callees(self) -> Mapping[Scope, list[Scope]]:
        found: dict[Scope, list[Scope]] = {}
        for each in self.view.resolved:
            callee = each.meaning.scope
            if callee is not None and callee.kind == "function":
                found.setdefault(function_of(each.context.scope), []).append(callee)
        return found

    def reached(self, start: Scope) -> list[Scope]:
        """A function and those of the file that it calls, directly or not."""
        seen, pending = {start}, [start]
        while pending:
            for callee in self._callees.get(pending.pop(), ()):
                if callee not in seen:
                    seen.add(callee)
                    pending.append(callee)
        return sorted(seen, key=lambda scope: scope.first_line)

    @cached_property
    def calls_by_function(self) -> Mapping[Scope, list[Resolved]]:
        """Calls that can be told, by the function whose code makes them."""
        found: dict[Scope, list[Resolved]] = {}
        for each in self.view.resolved:
            found.setdefault(function_of(each.context.scope), []).append(each)
        return found


def processes(view: FileView) -> Processes:
    """What a file hands to other processes."""
    calls = []
    for name, found in view.by_name.items():
        way = passage(view.catalogue, name)
        if way is not None:
            calls += [(each, way) for each in found if _counts(each)]
        elif name == IN_EXECUTOR:
            calls += [(each, _SUBMITS) for each in found if _has_processes(view, each)]
    calls.sort(key=lambda each: (each[0].call.lineno, each[0].call.col_offset))
    return Processes(view, calls)


_SUBMITS = Passage(1, "func", "rest")


def _counts(resolved: Resolved) -> bool:
    """Whether it is a call that starts or asks a process: a loader of torch has none unless it is told to."""
    if not isinstance(resolved.node, ast.Call) or resolved.meaning.local:
        return False
    if not resolved.name.endswith(".DataLoader"):
        return True
    workers = argument_of(resolved.node, 5, "num_workers")
    return workers is not None and not (isinstance(workers, ast.Constant) and not workers.value)


def _has_processes(view: FileView, resolved: Resolved) -> bool:
    if not isinstance(resolved.node, ast.Call):
        return False
    executor = argument_of(resolved.node, 0, "executor")
    meaning = None if executor is None else view.names.meaning(executor, resolved.context.scope)
    return meaning is not None and meaning.instance and meaning.name == "concurrent.futures.ProcessPoolExecutor"


def crossing_of(resolved: Resolved, way: Passage) -> Crossing:
    """What a call has pickled."""
    call = resolved.call
    function = argument_of(call, way.function, way.keyword) if way.function >= 0 else None
    rest = call.args[way.function + 1 :]
    if way.carries == "packed":
        packed = argument_of(call, *way.packed)
        named = [word.value for word in call.keywords if word.arg in ("kwds", "kwargs")]
        named += call.args[way.packed[0] + 1 :]
        return Crossing(resolved, way, function, tuple(each for each in (packed, *named) if each is not None))
    if way.carries == "rest":
        named = [word.value for word in call.keywords if word.arg != way.keyword]
        return Crossing(resolved, way, function, (*rest, *named))
    several = not resolved.name.startswith("multiprocessing.")
    named = [word.value for word in call.keywords if word.arg == "iterable"]
    return Crossing(resolved, way, function, (), (*(rest if several else rest[:1]), *named))


def is_guarded(context: Context) -> bool:
    """Whether code stands under `if __name__ == "__main__"`."""
    around: Context | None = context
    while around is not None:
        if isinstance(around.node, ast.If):
            return True
        around = around.outer
    return False
