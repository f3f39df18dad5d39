"""What else runs in the event loop while a coroutine function does.

Everything is worked out from its callers: what is awaited all the way from `asyncio.run`, and nothing on the way has
started a task, has the loop for itself. What is not known counts as if others ran, or as if none did: two questions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple, TypeVar

from iobound.verbs.scan.program.effects import Effects
from iobound.verbs.scan.program.facts import CallSite, FunctionFacts, How, around
from iobound.verbs.scan.program.naming import names
from iobound.verbs.scan.program.readiness import LIFE
from iobound.verbs.scan.program.starts import ASYNCHRONOUS, RUNS
from iobound.verbs.scan.program.tree import Class, Function, Library

T = TypeVar("T", int, bool)

FAR = 60
"""Callers of callers that are followed upwards; beyond them nothing is known."""

NEVER = 1 << 30
"""A line that no file has."""

_PASSING = frozenset({"shield", "timeout", "wait_for"})
"""Last names of calls that await what they are given."""

_AGAIN = "run_until_complete"
"""What may run the same loop again, with the tasks that are left in it."""

_RUNNING = ("anyio.run", "trio.run")
_SERVING = ("aiohttp.web.View", "discord.", "starlette.", "tornado.web.", "tornado.websocket.", "aiogram.")
"""Classes whose methods frameworks call when others ask."""


class _Caller(NamedTuple):
    """Something that calls a coroutine function, or awaits something of its name."""

    function: Function
    line: int
    how: int
    given: str = ""


class Beside:
    """What else runs in the event loop, by coroutine function.

    Args:
        read_bytes: Gives the bytes of a module's file, by its number.
    """

    def __init__(self, effects: Effects, read_bytes: Callable[[int], bytes | None]) -> None:
        self._effects = effects
        self._tree = effects.tree
        self._read_bytes = read_bytes
        self._until: dict[Function, int] = {}
        self._served: dict[Function, bool] = {}
        self._life: dict[Function, bool] = {}
        self._early: dict[Function, bool] = {}
        self._texts: dict[int, bytes] = {}
        self._depth = 0

    def alone_until(self, function: Function) -> int:
        """Line of a coroutine function before which nothing else runs in its loop; 0 where something may."""
        return self._known(self._until, function, NEVER, self._alone_until)

    def is_alone_at(self, function: Function, line: int) -> bool:
        """Whether nothing else runs in the loop when a coroutine function gets to a line."""
        groups = self._tree.function(function).groups
        return line < self.alone_until(function) and not any(first <= line <= last for first, last in groups)

    def is_served(self, function: Function) -> bool:
        """Whether something shows that the loop serves others while the function runs."""
        return self._known(self._served, function, False, self._is_served)

    def is_life_cycle(self, function: Function) -> bool:
        """Whether a coroutine function begins or ends the life of something, and so do all that call it."""
        return self._known(self._life, function, True, self._is_life_cycle)

    def is_early(self, function: Function) -> bool:
        """Whether a coroutine function is begun before an event loop that was started with a caller does anything."""
        return self._known(self._early, function, False, self._is_early)

    def _known(self, known: dict[Function, T], function: Function, meanwhile: T, find: Callable[[Function], T]) -> T:
        """What is known of a function, or is found now.

        Args:
            meanwhile: What counts for a function that awaits itself, by way of others: that adds nothing.
        """
        if function not in known:
            known[function] = meanwhile
            self._depth += 1
            known[function] = find(function) if self._depth < FAR else type(meanwhile)()
            self._depth -= 1
        return known[function]

    def has_loop(self, function: Function) -> bool:
        """Whether an event loop runs it: doubtful only in programs that run coroutines by hand."""
        if self._top(function.module) not in self._by_hand:
            return True
        return function in self._looped

    # Nothing else

    def _alone_until(self, function: Function) -> int:
        facts = self._tree.function(function)
        if not {"h", "v", "t", "p"}.isdisjoint(facts.kind) or facts.name.endswith("__"):
            return 0
        callers = self._callers(function)
        if not callers and function not in self._roots:
            return 0
        if function in self._handed or not all(self._has_loop_for_itself(each) for each in callers):
            return 0
        if self._is_named_elsewhere(function, callers):
            return 0
        return self._tasks_from(function) or NEVER

    def _has_loop_for_itself(self, caller: _Caller) -> bool:
        facts = self._tree.function(caller.function)
        if "a" in facts.kind:
            awaited = caller.how & (How.AWAITED | How.ITERATED) or caller.given in _PASSING
            return bool(awaited) and self.is_alone_at(caller.function, caller.line)
        if self._is_run(caller):
            return caller.line <= (self._tasks_from(caller.function) or NEVER)
        return False

    def serves_from(self, function: Function) -> int:
        """Line up to which a coroutine function does nothing but prepare what serves others; 0 if it serves none."""
        facts = self._tree.function(function)
        if not {"h", "v", "t"}.isdisjoint(facts.kind):
            return 0
        return self._first(function, facts.serves_from, self._serving)

    def _tasks_from(self, function: Function) -> int:
        """Line of a function from which something that it started may run, 0 for never."""
        return self._first(function, self._tree.function(function).tasks_from, self._starting)

    def _first(self, function: Function, line: int, those: frozenset[Function]) -> int:
        """The first line of a function with something of its own, or with a call of one of some functions."""
        lines = [line] if line else []
        if function in those:
            for site in self._tree.function(function).calls:
                if self._ends_with(function.module, site):
                    continue
                runs = self._effects.runs(function.module, site.symbol)
                if any(isinstance(each, Function) and each in those for each in runs):
                    lines.append(self._line(function, site))
        return min(lines, default=0)

    def _line(self, function: Function, site: CallSite) -> int:
        """Where a call stands, or the outermost loop around it begins."""
        facts = self._tree.modules[function.module].facts
        return min([site.span.line, *(facts.loops[loop].span.line for loop in around(facts, site.loop))])

    @cached_property
    def _starting(self) -> frozenset[Function]:
        """Functions that start tasks, servers or callbacks, by themselves or through others."""
        return self._and_callers({function for function, facts in self._functions if facts.tasks_from})

    @cached_property
    def _serving(self) -> frozenset[Function]:
        """Functions that begin to serve others, by themselves or through others."""
        return self._and_callers({function for function, facts in self._functions if facts.serves_from})

    def _and_callers(self, found: set[Function]) -> frozenset[Function]:
        pending = [*found]
        while pending:
            for caller, site in self._effects.sites_of(pending.pop()):
                if caller not in found and not self._ends_with(caller.module, site):
                    found.add(caller)
                    pending.append(caller)
        return frozenset(found)

    def _ends_with(self, module: int, site: CallSite) -> bool:
        """Whether a call runs an event loop that ends with what it gives, and its tasks with it."""
        return site.given != _AGAIN and (bool(site.how & How.RUN) or self._is_runner(module, site.given))

    def _is_run(self, caller: _Caller) -> bool:
        """Whether a caller runs an event loop with the coroutine."""
        return bool(caller.how & How.RUN) or self._is_runner(caller.function.module, caller.given)

    def _is_runner(self, module: int, name: str) -> bool:
        """Whether a call of something of a name, in the same package, runs an event loop with what it is given."""
        return name == RUNS or (bool(name) and (self._top(module), name) in self._runners)

    @cached_property
    def _runners(self) -> frozenset[tuple[str, str]]:
        """Last names of functions that run an event loop with what they are given, by package, where all of it do."""
        found = {self._by_top(function) for function, facts in self._functions if "x" in facts.kind}
        others = {self._by_top(function) for function, facts in self._functions if found and "a" in facts.kind}
        return frozenset(found - others)

    def _by_top(self, function: Function) -> tuple[str, str]:
        return self._top(function.module), self._tree.function(function).name.rpartition(".")[2]

    # Whoever calls it

    def _callers(self, function: Function) -> list[_Caller]:
        """Those that are known, and for methods those that await something of the name in the same package."""
        known = [
            _Caller(caller, site.span.line, site.how, site.given)
            for caller, site in self._effects.sites_of(function)
            if caller != function
        ]
        facts = self._tree.function(function)
        name = facts.name.rpartition(".")[2]
        if "m" in facts.kind and not (known and name.startswith("_")):
            known += self._by_name.get((self._top(function.module), name), ())
        return known

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], list[_Caller]]:
        """Awaited calls of which nothing is known but the name, or that lead to a promise."""
        found: defaultdict[tuple[str, str], list[_Caller]] = defaultdict(list)
        for function, facts in self._functions:
            top = self._top(function.module)
            for name, line, given in facts.begun:
                found[top, name].append(_Caller(function, line, How.PLAIN, given))
            if not facts.awaits_from:
                continue
            for awaits in facts.awaits:
                name = awaits.spelled.rpartition(".")[2]
                found[top, name].append(_Caller(function, awaits.span.line, How.AWAITED))
            symbols = self._tree.modules[function.module].facts.symbols
            for site in facts.calls:
                if (site.how & How.AWAITED or site.given) and not self._leads_somewhere(function, site):
                    name = symbols[site.symbol].rpartition(".")[2]
                    found[top, name].append(_Caller(function, site.span.line, site.how, site.given))
        return found

    def _leads_somewhere(self, function: Function, site: CallSite) -> bool:
        runs = self._effects.runs(function.module, site.symbol)
        return any(isinstance(each, Library) or "s" not in self._tree.function(each).kind for each in runs)

    def _is_named_elsewhere(self, function: Function, callers: list[_Caller]) -> bool:
        """Whether files that know it name it without calling it: who else calls it cannot be told then."""
        facts = self._tree.function(function)
        name = facts.name.rpartition(".")[2].encode()
        modules = {function.module, *(each.function.module for each in callers)}
        return any(names(self._text(module), name, is_method="m" in facts.kind) for module in modules)

    def _text(self, module: int) -> bytes:
        if module not in self._texts:
            self._texts[module] = self._read_bytes(module) or b""
        return self._texts[module]

    @cached_property
    def _roots(self) -> frozenset[Function]:
        """Coroutine functions that are given to what starts an event loop."""
        return frozenset(function for function, is_root in self._handings if is_root)

    @cached_property
    def _handed(self) -> frozenset[Function]:
        """Functions that are given to something else that calls them."""
        return frozenset(function for function, is_root in self._handings if not is_root)

    @cached_property
    def _handings(self) -> list[tuple[Function, bool]]:
        found = []
        for function, facts in self._functions:
            for handing in facts.handings:
                target = self._tree.target(function.module, handing.function) if handing.function >= 0 else None
                if isinstance(target, Function):
                    symbols = self._tree.modules[function.module].facts.symbols
                    is_root = handing.where == "loop" and symbols[handing.boundary] in _RUNNING
                    found.append((target, is_root and "a" not in facts.kind))
        return found

    # Others

    def _is_served(self, function: Function) -> bool:
        facts = self._tree.function(function)
        if not {"h", "v", "t"}.isdisjoint(facts.kind) or function in self._handed:
            return True
        if self._serves(function) or self._is_of_framework(function):
            return True
        for caller in self._callers(function):
            if "a" in self._tree.function(caller.function).kind:
                if not caller.how & (How.AWAITED | How.ITERATED) and caller.given not in _PASSING:
                    return True  # a member of `gather`, or a task
                if self.is_served(caller.function):
                    return True
            elif caller.given and not self._is_run(caller):
                return True
        return False

    def _serves(self, function: Function) -> bool:
        """Whether its class, or the module if it is in none, starts a server."""
        owner = self._tree.function(function).name.rpartition(".")[0]
        return (function.module, owner) in self._servers

    @cached_property
    def _servers(self) -> frozenset[tuple[int, str]]:
        return frozenset(
            (function.module, facts.name.rpartition(".")[0]) for function, facts in self._functions if facts.serves_from
        )

    def _is_of_framework(self, function: Function) -> bool:
        owner, _, method = self._tree.function(function).name.rpartition(".")
        if not owner or method.startswith("_"):
            return False
        number = self._tree.class_number(function.module, owner)
        if number is None:
            return False
        bases = self._tree.above(Class(function.module, number))
        return any(isinstance(base, Library) and base.name.startswith(_SERVING) for base in bases)

    # Start and stop

    def _is_life_cycle(self, function: Function) -> bool:
        facts = self._tree.function(function)
        if not {"h", "v"}.isdisjoint(facts.kind):
            return False
        if "b" in facts.kind or LIFE.fullmatch(facts.name.rpartition(".")[2]):
            return True
        if "t" in facts.kind or function in self._handed:
            return False
        if self._is_readied(function):
            return True
        callers = self._callers(function)
        return bool(callers) and all(
            caller.how & How.RUN == 0 and self.is_life_cycle(caller.function) for caller in callers
        )

    def _is_readied(self, function: Function) -> bool:
        """Whether something of its own file, or of one with a base class of its class, begins with it."""
        owner, _, name = self._tree.function(function).name.rpartition(".")
        if name not in self._begins:
            return False
        number = self._tree.class_number(function.module, owner) if owner else None
        bases = () if number is None else self._tree.above(Class(function.module, number))
        modules = {function.module, *(base.module for base in bases if isinstance(base, Class))}
        callers = {caller for caller, _ in self._effects.sites_of(function)}
        known = [each for each in callers if self._by_top(each)[1] != name]  # `super().run()` does not count
        return any(each in known if known else each.module in modules for each in self._begins[name])

    @cached_property
    def _begins(self) -> dict[str, list[Function]]:
        """By last name of coroutine functions: those that begin with them before they say that all is ready."""
        found: dict[str, list[Function]] = {}
        for function, facts in self._functions:
            for name in facts.readied:
                found.setdefault(name, []).append(function)
        return found

    def _is_early(self, function: Function) -> bool:
        if function in self._roots:
            return True
        callers = self._callers(function)
        return bool(callers) and all(self._begins_early(each) for each in callers)

    def _begins_early(self, caller: _Caller) -> bool:
        facts = self._tree.function(caller.function)
        if "a" not in facts.kind:
            return self._is_run(caller)
        return bool(caller.how & How.AWAITED) and caller.line <= facts.awaits_from and self.is_early(caller.function)

    # By hand

    @cached_property
    def _by_hand(self) -> frozenset[str]:
        """First parts of the names of modules of programs that run coroutines by hand."""
        return frozenset(self._top(number) for number, module in enumerate(self._tree.modules) if module.facts.by_hand)

    @cached_property
    def _looped(self) -> frozenset[Function]:
        """Coroutine functions of modules that use asynchronous libraries, and those that these await."""
        found = {
            function
            for function, facts in self._functions
            if "a" in facts.kind and (self._uses_library(function.module) or "h" in facts.kind)
        }
        pending = [*found]
        while pending:
            for callee in self._effects.callees(pending.pop()):
                if callee not in found and "a" in self._tree.function(callee).kind:
                    found.add(callee)
                    pending.append(callee)
        return frozenset(found)

    def _uses_library(self, module: int) -> bool:
        return not ASYNCHRONOUS.isdisjoint(each.partition(".")[0] for each in self._tree.modules[module].facts.symbols)

    @cached_property
    def _functions(self) -> list[tuple[Function, FunctionFacts]]:
        return [
            (Function(number, at), facts)
            for number, module in enumerate(self._tree.modules)
            for at, facts in enumerate(module.facts.functions)
        ]

    def _top(self, module: int) -> str:
        return self._tree.modules[module].name.partition(".")[0]
