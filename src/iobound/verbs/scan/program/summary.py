"""One file: from its syntax tree to the facts that are kept of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from iobound.verbs.scan.catalogue.entries import Offload
from iobound.verbs.scan.program.bundled import Bundled
from iobound.verbs.scan.program.facts import (
    AwaitFacts,
    CallSite,
    ClassFacts,
    FileFacts,
    FunctionFacts,
    Handing,
    How,
    LoopFacts,
)
from iobound.verbs.scan.program.handed import handing_of
from iobound.verbs.scan.program.iterating import run_over
from iobound.verbs.scan.program.mentions import Mentions
from iobound.verbs.scan.program.paths import Paths
from iobound.verbs.scan.program.properties import reads_of_properties
from iobound.verbs.scan.program.readiness import readied
from iobound.verbs.scan.program.seldom import Seldom
from iobound.verbs.scan.program.starts import Starts
from iobound.verbs.scan.program.traits import Traits
from iobound.verbs.scan.program.view import FileView, Resolved, argument_of
from iobound.verbs.scan.program.waitless import Waitless, gives_text
from iobound.verbs.scan.syntax.names import Meaning, spelled
from iobound.verbs.scan.syntax.scopes import function_of
from iobound.verbs.scan.syntax.sources import shorten
from iobound.verbs.scan.syntax.survey import Bound, Context, LoopNode, Scope


def summarise(view: FileView, tops: frozenset[str] = frozenset()) -> FileFacts:
    """The facts of a file, without what rules find in it.

    Args:
        tops: First parts of the names of all modules that are scanned with it: what else is imported is a library.
    """
    return _Summary(view, tops).facts()


Weight = tuple[str, bool, Offload | None] | tuple[()]
_Weighed = tuple[Resolved, tuple[str, bool, Offload | None], Scope, Scope | None]
"""A call that may matter, its weight, the function it stands in, and the function of this file that it calls."""


class _Function:
    """A function whose facts are being gathered."""

    def __init__(self) -> None:
        self.calls: list[CallSite] = []
        self.handings: list[Handing] = []
        self.awaits: list[AwaitFacts] = []


class _Summary:
    def __init__(self, view: FileView, tops: frozenset[str]) -> None:
        self._view = view
        self._tops = tops
        self._matters: dict[Meaning, Weight] = {}
        self._mentions = Mentions(view)
        self._symbols: dict[str, int] = {}
        self._functions: dict[Scope, _Function] = {}
        self._loops: dict[LoopNode, int] = {}
        self._loop_facts: list[LoopFacts] = []
        self._known_awaits: set[ast.AST] = set()
        self._waitless = Waitless(view)
        self._bundled = Bundled(view)
        self._paths = Paths(view)
        self._seldom = Seldom(view)
        self._starts = Starts(view)
        self._starting = {*self._starts.tasks, *self._starts.servers, *self._starts.runners, *self._starts.groups}
        self._readied = readied(view)
        self._starting.update(self._starts.begun, self._readied)
        self._traits = Traits(view)

    def facts(self) -> FileFacts:
        view = self._view
        for resolved in self._living(
            [*view.resolved, *view.entered, *run_over(view), *reads_of_properties(view), *self._mapped()]
        ):
            self._add(resolved)
        if view.found.awaited or view.found.entered:
            self._add_awaits()
        functions = tuple(self._function_facts())
        classes = tuple(self._class(scope) for scope in view.found.classes)
        exports = dict(self._exports())
        return FileFacts(
            symbols=tuple(self._symbols),
            functions=functions,
            classes=classes,
            loops=tuple(self._loop_facts),
            exports=exports,
            stars=tuple(view.found.module.stars),
            lines=len(view.source.lines),
            cooperative=view.is_cooperative,
            star_spans=self._mentions.star_spans() if view.found.module.stars else (),
            unbound=self._mentions.unbound() if view.found.module.stars else (),
            by_hand=self._starts.is_by_hand,
        )

    def _symbol(self, name: str) -> int:
        return self._symbols.setdefault(name, len(self._symbols))

    # Calls

    def _mapped(self) -> Iterator[Resolved]:
        """What `map` calls for each item, where something drains it."""
        found = self._view.found
        for loop in dict.fromkeys(found.maps.values()):
            work = loop.elt
            if isinstance(loop.work, ast.Lambda):
                continue  # its calls are calls like others
            if isinstance(work, ast.Call) and isinstance(work.func, ast.Name | ast.Attribute):
                outer = found.loop_contexts[loop]
                meaning = self._view.names.meaning(work.func, outer.scope)
                if meaning is not None and not meaning.instance and not meaning.name.startswith("builtins."):
                    yield Resolved(work, Context(outer.scope, loop, outer, loop), meaning)

    def _living(self, resolved: list[Resolved]) -> list[_Weighed]:
        """Those calls that may matter: not those of functions here that do nothing but call such functions."""
        found: list[_Weighed] = []
        callers: dict[Scope, list[Scope]] = {}
        living = {scope for scope in self._view.found.scopes if scope.awaits_from}
        living |= self._starting
        matters = self._matters
        for each in resolved:
            meaning = each[2]
            weighed = matters.get(meaning)
            if weighed is None:
                weighed = matters[meaning] = self._weigh(meaning)
            if not weighed:
                continue
            function = each[1].scope
            if function.kind not in _FUNCTIONS:
                function = function_of(function)
            callee = meaning[2]
            if callee is not None and callee.kind in _FUNCTIONS:
                callers.setdefault(callee, []).append(function)
                found.append((each, weighed, function, callee))
            else:
                living.add(function)
                found.append((each, weighed, function, None))
        pending = [*living]
        while pending:
            for caller in callers.get(pending.pop(), ()):
                if caller not in living:
                    living.add(caller)
                    pending.append(caller)
        return [each for each in found if each[3] is None or each[3] in living]

    def _add(self, found: _Weighed) -> None:
        resolved, weighed, scope, _ = found
        node, context, _ = resolved
        name, is_listed, offload = weighed
        symbol = self._symbol(name)
        function = self._functions.get(scope)
        if function is None:
            function = self._functions[scope] = _Function()
        loop = -1 if context.loop is None else self._loop(context.loop)
        is_short = resolved in self._waitless if is_listed else gives_text(resolved)
        how = self._view.how(resolved)
        if is_listed and resolved in self._bundled:
            how |= _BUNDLED
        elif is_listed and self._paths.is_small(resolved):
            how |= How.SMALL
        how |= self._seldom.how(resolved, how)
        if how & _AWAITED:
            self._known_awaits.add(node)
        written = ""
        if isinstance(node, ast.Call) and isinstance(context.scope.function.node, ast.AsyncFunctionDef):
            written = shorten(spelled(node.func), _WRITTEN)
        lock, given = self._view.lock_around(context), self._starts.given.get(node, "")
        site = (symbol, self._view.span(node), how, loop, lock, is_short, written, given)
        function.calls.append(tuple.__new__(CallSite, site))
        if offload is not None and isinstance(node, ast.Call):
            handing = handing_of(self._view, resolved, offload, symbol, loop)
            argument = argument_of(node, offload.argument, offload.keyword)
            if handing is not None and argument is not None:
                function.handings.append(handing._replace(function=self._handed(argument, context)))

    def _weigh(self, meaning: Meaning) -> Weight:
        """Its symbol, whether the catalogue lists it, and what it hands over; empty for what cannot matter."""
        if meaning.local:
            return meaning.symbol, False, None
        name = meaning.name
        is_listed = self._view.catalogue.find(name) is not None
        if name.endswith(".__enter__"):  # of a lock
            is_listed |= self._view.catalogue.find(name.removesuffix("__enter__") + "acquire") is not None
        offload = self._view.catalogue.offload(name)
        if is_listed or offload is not None or name.partition(".")[0] in self._tops:
            return meaning.symbol, is_listed, offload
        return ()

    def _add_awaits(self) -> None:
        """Awaited calls of which nothing is known but how they are written."""
        found = self._view.found
        contexts = dict(found.awaited)
        for node, context in found.handled:
            contexts.update((item.context_expr, context) for item in node.items if item.context_expr in found.entered)
        for call, context in contexts.items():
            if isinstance(call, ast.Call) and call not in self._known_awaits and context.scope.kind in _RUNNING:
                arguments = len(call.args) + len(call.keywords)
                loop = self._loop(context.loop)
                awaits = AwaitFacts(spelled(call.func), arguments, self._view.span(call), loop)
                self._gathered(context.scope).awaits.append(awaits)

    def _handed(self, argument: ast.expr, context: Context) -> int:
        """Index of the symbol of a function that is handed over."""
        meaning = self._view.names.meaning(argument, context.scope)
        if meaning is None and isinstance(argument, ast.Lambda):
            meaning = self._view.lambda_meaning(argument)
        return -1 if meaning is None or meaning.instance else self._symbol(meaning.symbol)

    def _gathered(self, scope: Scope) -> _Function:
        holder = function_of(scope)
        gathered = self._functions.get(holder)
        if gathered is None:
            gathered = self._functions[holder] = _Function()
        return gathered

    # Loops

    def _loop(self, node: LoopNode | None) -> int:
        if node is None:
            return -1
        known = self._loops.get(node)
        if known is not None:
            return known
        context = self._view.found.loop_contexts[node]
        outer = self._loop(context.loop)
        number = self._loops[node] = len(self._loop_facts)
        function = function_of(context.scope).name
        trips = self._view.trips(node, context.scope.function)
        kind = _LOOP_KINDS.get(type(node), "comprehension")
        self._loop_facts.append(LoopFacts(function, kind, self._view.span(node), outer, trips))
        return number

    # Definitions

    def _function_facts(self) -> Iterator[FunctionFacts]:
        """Of functions that call something that matters, or give an object of a known class."""
        for scope in self._view.found.scopes:
            if scope.kind not in _FUNCTIONS:
                continue
            gathered = self._functions.get(scope)
            returned = self._view.returned(scope) if scope.kind == "function" else None
            if gathered is not None or returned is not None or scope in self._starting:
                yield self._function(scope, gathered or _NOTHING, returned)

    def _function(self, scope: Scope, gathered: _Function | _Empty, returned: Meaning | None) -> FunctionFacts:
        return FunctionFacts(
            name=_name_of(scope),
            line=getattr(scope.node, "lineno", 1),
            kind=self._kind(scope) + self._lonely(scope, gathered.calls),
            calls=tuple(gathered.calls),
            handings=tuple(gathered.handings),
            returns=-1 if returned is None else self._symbol(_instance_symbol(returned)),
            column=0 if scope.kind == "module" else self._view.span(scope.node).column,
            awaits_from=scope.awaits_from,
            awaits=tuple(gathered.awaits),
            tasks_from=self._starts.tasks.get(scope, 0),
            serves_from=self._starts.servers.get(scope, 0),
            groups=tuple(dict.fromkeys(self._starts.groups.get(scope, ()))),
            begun=tuple(self._starts.begun.get(scope, ())),
            readied=tuple(sorted(self._readied.get(scope, ()))),
        )

    def _kind(self, scope: Scope) -> str:
        letters = _kind(scope) + self._traits.letters(scope)
        letters += "t" if scope in self._starts.passed else ""
        return letters + ("x" if scope in self._starts.runners else "")

    def _lonely(self, scope: Scope, calls: Sequence[CallSite]) -> str:
        return "u" if calls and scope.kind == "function" and self._mentions.is_named_once(scope) else ""

    def _class(self, scope: Scope) -> ClassFacts:
        bases = []
        for base in getattr(scope.node, "bases", ()):
            meaning = self._view.names.meaning(base, scope.parent or scope)
            if meaning is not None and not meaning.instance:
                bases.append(self._symbol(meaning.symbol))
        attributes = {
            name: self._symbol(_instance_symbol(meaning)) for name, meaning in self._view.attributes_of(scope)
        }
        return ClassFacts(scope.name, tuple(bases), attributes)

    def _exports(self) -> Iterator[tuple[str, int]]:
        for name, bindings in self._view.found.module.bindings.items():
            how = bindings[-1].how
            if how is Bound.IMPORT:
                chosen = next(each for each in bindings if each.how is Bound.IMPORT)
                yield name, self._symbol(_import_symbol(str(chosen.payload)))
            elif how is Bound.VALUE and isinstance(bindings[-1].payload, ast.Call | ast.Name | ast.Attribute):
                meaning = self._view.names.name(name, self._view.found.module, 1 << 30)
                if meaning is not None and not meaning.name.startswith("builtins."):
                    yield name, self._symbol(_instance_symbol(meaning) if meaning.instance else meaning.symbol)


class _Empty(NamedTuple):
    calls: tuple[CallSite, ...] = ()
    handings: tuple[Handing, ...] = ()
    awaits: tuple[AwaitFacts, ...] = ()


_NOTHING = _Empty()
_FUNCTIONS = frozenset({"module", "function", "lambda"})
_WRITTEN = 60  # characters of a callee that a hint repeats
_RUNNING = _FUNCTIONS | {"comprehension"}
_AWAITED, _BUNDLED = int(How.AWAITED), int(How.BUNDLED)
_LOOP_KINDS: dict[type[ast.AST], str] = {ast.For: "for", ast.AsyncFor: "async for", ast.While: "while"}


def _name_of(scope: Scope) -> str:
    return scope.name if scope.kind != "lambda" else Meaning(scope.name, scope=scope, local=True).symbol[1:]


def _instance_symbol(meaning: Meaning) -> str:
    """Of an instance: what a call of its class gives."""
    return meaning.symbol if meaning.symbol.endswith("()") else f"{meaning.symbol}()"


def _import_symbol(payload: str) -> str:
    return payload


def _kind(scope: Scope) -> str:
    node = scope.node
    if scope.kind == "lambda":
        return "l"
    letters = "a" if isinstance(node, ast.AsyncFunctionDef) else ""
    letters += "g" if scope.yields else ""
    letters += "m" if scope.parent is not None and scope.parent.kind == "class" else ""
    for mark in getattr(node, "decorator_list", ()):
        target = mark.func if isinstance(mark, ast.Call) else mark
        name = getattr(target, "attr", getattr(target, "id", ""))
        letters += _MARKS.get(name) or ("c" if _SELDOM.search(name) else "")
    return letters + ("s" if is_stub(node) else "")


_SELDOM = re.compile(r"(?i)throttle|cache|memoi[sz]e|debounce|call_?once|run_?once")
"""Names of decorators that let few calls through."""

_MARKS = {
    "property": "p",
    "cached_property": "pc",
    "lru_cache": "c",
    "cache": "c",
    "cached": "c",
    "overload": "o",
    "abstractmethod": "s",
    "contextmanager": "w",
    "asynccontextmanager": "w",
}


def is_stub(node: ast.AST) -> bool:
    """Whether a function does nothing but say that others do: `...`, `pass`, `raise NotImplementedError`."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or len(node.body) > 2:
        return False
    last = node.body[-1]
    if isinstance(last, ast.Raise):
        raised = last.exc.func if isinstance(last.exc, ast.Call) else last.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return isinstance(last, ast.Pass) or (isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant))
