"""One file while its syntax tree is there: calls with what they call, and everything that rules ask of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from iobound.model.finding import Span
from iobound.verbs.scan.catalogue.entries import Entry
from iobound.verbs.scan.catalogue.lookup import Catalogue
from iobound.verbs.scan.program.facts import How
from iobound.verbs.scan.program.failing import ENDS, Ranges, after_ends, uncaught
from iobound.verbs.scan.program.shapes import awaits_inside, is_passed, literal_length, may_give
from iobound.verbs.scan.syntax.columns import Columns
from iobound.verbs.scan.syntax.names import Meaning, Names, spelled
from iobound.verbs.scan.syntax.sources import Source
from iobound.verbs.scan.syntax.survey import Bound, Context, LoopNode, Scope, Survey

_DRAINING = frozenset("list tuple set frozenset dict sum any all max min sorted enumerate zip map filter next".split())
_MEMORY = frozenset({"builtins.str", "builtins.bytes", "builtins.list", "builtins.dict", "builtins.set"})


_AWAITED, _ITERATED = int(How.AWAITED), int(How.ITERATED)  # plain numbers: flags of an enum are slow
_ENTERED, _STARTING, _MAYBE = int(How.ENTERED), int(How.STARTING), int(How.MAYBE)
_IN_MEMORY = frozenset({"BytesIO", "StringIO"})
_REFUSING, _FIRST, _FAILING = int(How.REFUSING), int(How.FIRST), int(How.FAILING)
_HOLDING, _RUN = int(How.ENTERED | How.HOLDING), int(How.RUN)
_new = tuple.__new__  # as in `survey`
_AT_IMPORT = frozenset({"module", "class"})


class Resolved(NamedTuple):
    """A call, or an object that a `with` statement enters, whose callee can be told.

    Attributes:
        node: The call; the context expression of a `with`.
    """

    node: ast.expr
    context: Context
    meaning: Meaning

    @property
    def call(self) -> ast.Call:
        """The node, where it is a call."""
        assert isinstance(self.node, ast.Call)
        return self.node

    @property
    def name(self) -> str:
        """Resolved dotted name of what is called."""
        return self.meaning.name


class FileView:
    """A file that is being summarised and judged by rules.

    Args:
        file: As findings name it.
        ascii_only: Whether byte offsets of the parser are columns.
    """

    def __init__(self, file: str, source: Source, found: Survey, catalogue: Catalogue, *, ascii_only: bool) -> None:
        self.file = file
        self.source = source
        self.found = found
        self.catalogue = catalogue
        self.names = Names(found, catalogue, symbolic=True)
        self._ascii = ascii_only
        self._words: dict[tuple[str, ...], bool] = {}
        self._columns = Columns(source)
        self._dotted: dict[tuple[str, bool, str], Meaning | bool | None] = {}
        self._unbound: dict[str, Meaning | bool | None] = {}
        self._drained: set[ast.AST] = set()
        self._holding: set[ast.AST] = set()

    # Calls

    @cached_property
    def resolved(self) -> list[Resolved]:
        """Calls whose callee can be told."""
        return [*self._resolve_all()]

    def _resolve_all(self) -> Iterator[Resolved]:
        """Calls that may matter; the making of an exception that is raised at once does not."""
        find, root, chain, raised = self.catalogue.find, self._root, self._chain, self.found.raised
        bare = ast.Name
        for node, context in zip(self.found.calls, self.found.contexts, strict=True):
            func = node.func
            if func.__class__ is bare:
                meaning = root(func, context.scope)
                if meaning is None:
                    continue
                if func.id in _DRAINING:
                    self._drained.update(node.args)
            else:
                meaning = chain(func, context.scope)
                if meaning is None:
                    continue
            if node in raised:
                continue
            name, instance, _, local, _ = meaning
            if instance:
                meaning = meaning.attribute("__call__")
                local = meaning.local
            if local or not name.startswith("builtins.") or find(name) is not None or name in ENDS:
                yield _new(Resolved, (node, context, meaning))

    def _root(self, node: ast.Name, scope: Scope) -> Meaning | None:
        known = scope.meanings.get(node.id, False)
        if known is False:
            known = self._root_anew(node.id, scope)
        if known.__class__ is tuple:  # which one counts depends on the line
            return self.names.name(node.id, scope, node.lineno)
        return known  # type: ignore[no-any-return]

    def _root_anew(self, name: str, scope: Scope) -> Meaning | tuple[object, ...] | None:
        """What a name stands for wherever it is used in a scope; remembered there and where it is bound."""
        holder = self.names.holder(name, scope)
        known: Any = self._unbound.get(name, False) if holder is None else holder.meanings.get(name, False)
        if known is False:
            if holder is None:
                known = self._unbound[name] = self.names.name(name, scope, 0)
            else:
                over_time = self.names.over_time(name, holder)
                known = holder.meanings[name] = over_time[0][2] if len(over_time) == 1 else over_time or None
        scope.meanings[name] = known
        return known  # type: ignore[no-any-return]

    def _chain(self, node: ast.expr, scope: Scope) -> Meaning | None:
        if node.__class__ is not ast.Attribute:
            return self.names.meaning(node, scope)
        value = node.value
        if value.__class__ is ast.Name:
            owner = self._root(value, scope)
        elif value.__class__ is ast.Constant:
            return None
        else:
            owner = self._chain(value, scope)
        if owner is None or owner.name in _MEMORY:
            return None
        if owner.scope is not None or owner.local:
            return self.names.attribute(owner, node.attr)
        key = (owner.name, owner.instance, node.attr)
        known = self._dotted.get(key, False)
        if known is False:
            known = self._dotted[key] = self.names.attribute(owner, key[2])
        return known  # type: ignore[return-value]

    @cached_property
    def by_name(self) -> Mapping[str, Sequence[Resolved]]:
        """Calls by what they call."""
        found: dict[str, list[Resolved]] = {}
        for each in self.resolved:
            found.setdefault(each.meaning.name, []).append(each)
        return found

    def entry(self, meaning: Meaning) -> Entry | None:
        """What the catalogue says of a callee."""
        return None if meaning.local or meaning.scope is not None else self.catalogue.find(meaning.name)

    @cached_property
    def entered(self) -> list[Resolved]:
        """What `with` statements do at both ends with objects that are known.

        Of what is made there and then only the program's own: what a library does then is part of the call.
        """
        found = []
        for node, context in self.found.handled:
            for item in node.items:
                expression = item.context_expr
                if not isinstance(node, ast.With):
                    continue
                if isinstance(expression, ast.Call):
                    meaning = self._made(expression, context.scope)
                else:
                    meaning = self.names.meaning(expression, context.scope)
                if meaning is None or not meaning.instance:
                    continue
                found.append(Resolved(expression, context, meaning.attribute("__enter__")))
                if _is_own(meaning):
                    found.append(Resolved(expression, context, meaning.attribute("__exit__")))
                if context.scope.function.awaits_from and awaits_inside(node.body):
                    self._holding.add(expression)
        return found

    def _made(self, call: ast.Call, scope: Scope) -> Meaning | None:
        """What a call makes, where that is an object of the program."""
        func = call.func
        callee = self._root(func, scope) if isinstance(func, ast.Name) else self._chain(func, scope)
        if callee is None or callee.instance or callee.name.startswith("builtins."):
            return None
        if not callee.local and (self.catalogue.find(callee.name) or self.catalogue.returned_by(callee.name)):
            return None
        meaning = self.names.meaning(call, scope)
        return meaning if meaning is not None and _is_own(meaning) else None

    @cached_property
    def _started(self) -> frozenset[ast.AST]:
        """Calls whose coroutine an event loop is started with."""
        runs = (each.node for name in RUNNERS if name in self.by_name for each in self.by_name[name])
        return frozenset(node.args[0] for node in runs if isinstance(node, ast.Call) and node.args)

    def how(self, resolved: Resolved) -> int:
        """Flags of `How`."""
        node, context, _ = resolved
        flags = self._flags(node) if node in self._flagged or node.__class__ is not ast.Call else 0
        scope = context.scope
        if scope.kind in _AT_IMPORT:
            flags |= _STARTING
        if self._branches and self._branches.has(node, scope):
            flags |= _MAYBE
        if self._failing and self._failing.has(node, scope):
            flags |= _FAILING
        if self.found.fillings and any(first <= node.lineno <= last for first, last in self.found.fillings):
            flags |= _FIRST
        if node.__class__ is ast.Call and (node.keywords or node.args) and _refuses(node):
            flags |= _REFUSING
        return flags

    @cached_property
    def _flagged(self) -> frozenset[ast.AST]:
        """Calls that are more than calls: most are not, and need one look here only."""
        found = self.found
        drained = self._drained if self.resolved else frozenset()  # to find those notes what is drained
        return frozenset().union(found.awaited, found.entered, drained, found.iterated, self._started)

    def _flags(self, node: ast.expr) -> int:
        """Flags that only such calls have, and what is no call."""
        found = self.found
        flags = 0
        if node in found.awaited or node in found.entered:
            flags |= _AWAITED
        if node in self._drained or node in found.iterated:
            flags |= _ITERATED
        if node.__class__ is not ast.Call and node not in found.iterated:
            flags |= _HOLDING if node in self._holding else _ENTERED
        elif node in self._started:
            flags |= _RUN
        return flags

    @cached_property
    def _branches(self) -> Ranges:
        return Ranges(self.found.branches)

    @cached_property
    def _failing(self) -> Ranges:
        """What a call that succeeds does not come to."""
        ends = [each for name in ENDS & self.by_name.keys() for each in self.by_name[name]]
        after = after_ends((each.call, each.name, each.context.node) for each in ends)
        return Ranges([*uncaught(self.found.failing, self.found.tried), *after])

    # Around a call

    def lock_around(self, context: Context) -> str:
        """Spelling of the lock that a `with` around it holds, empty without one."""
        if not self._locks:
            return ""
        around: Context | None = context
        while around is not None and not isinstance(around.node, _BOUNDARIES):
            if around.node in self._locks:
                return self._locks[around.node]
            around = around.outer
        return ""

    @cached_property
    def _locks(self) -> Mapping[ast.AST, str]:
        """By `with` statement: the thread lock that it holds."""
        found: dict[ast.AST, str] = {}
        for node, context in self.found.handled:
            for item in node.items if isinstance(node, ast.With) else ():
                meaning = self.names.meaning(item.context_expr, context.scope)
                if meaning is not None and meaning.instance and not meaning.local and meaning.name in LOCKS:
                    found[node] = spelled(item.context_expr)
        return found

    # Definitions

    def lambda_meaning(self, node: ast.Lambda) -> Meaning | None:
        """The meaning of a lambda expression."""
        return self.names.lambda_meaning(node)

    def returned(self, scope: Scope) -> Meaning | None:
        """An instance that a call of a function gives, None when it cannot be told or lives in memory."""
        if scope.kind != "function" or scope.yields or not may_give(scope):
            return None
        meaning = self.names.returned(scope)
        return None if meaning is None or meaning.name.startswith("builtins.") else meaning

    def attributes_of(self, scope: Scope) -> Iterator[tuple[str, Meaning]]:
        """Attributes of a class's instances whose type is known, builtin types excepted."""
        owner = Meaning(scope.name, instance=True, scope=scope, local=True)
        for name, bindings in scope.attributes.items():
            if any(
                isinstance(each.payload, ast.Call) or each.how is Bound.ANNOTATION or is_passed(each.payload)
                for each in bindings
            ):
                meaning = self.names.attribute(owner, name)
                if meaning is not None and meaning.instance and not meaning.name.startswith("builtins."):
                    yield name, meaning

    def trips(self, loop: LoopNode, function: Scope) -> int:
        """How often a loop runs where the source says so, else -1."""
        if isinstance(loop, ast.For):
            return literal_length(loop.iter)
        generators: list[ast.comprehension] = getattr(loop, "generators", [])
        return literal_length(generators[0].iter) if len(generators) == 1 and not generators[0].ifs else -1

    @cached_property
    def is_cooperative(self) -> bool:
        """Whether the module patches blocking calls to be cooperative."""
        return any(name in self.by_name for name in _PATCHES)

    @cached_property
    def chained(self) -> Mapping[ast.AST, ast.Call]:
        """Calls of a method of what another call gives, by that other call."""
        return {
            call.func.value: call
            for call in self.found.calls
            if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Call)
        }

    def has_word_of(self, words: tuple[str, ...]) -> bool:
        """Whether one of some words stands anywhere in the text; what was asked for once is known."""
        if words not in self._words:
            self._words[words] = any(word in line for line in self.source.lines for word in words)
        return self._words[words]

    # Places

    def span(self, node: ast.AST) -> Span:
        """The place of a node, in characters."""
        line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
        end_line, end_column = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        if self._ascii:
            return _new(Span, (line, column, end_line, end_column))
        return Span(
            line, self._columns.characters(line, column), end_line, self._columns.characters(end_line, end_column)
        )


RUNNERS = (
    "asyncio.run",
    "asyncio.Runner.run",
    "asyncio.AbstractEventLoop.run_until_complete",
    "asyncio.AbstractEventLoop.run_forever",
    "anyio.run",
    "trio.run",
    "uvloop.run",
)
"""Calls that run an event loop until it ends: none may run inside of another one."""

LOCKS = frozenset(
    {
        "threading.Lock",
        "threading.RLock",
        "threading.Condition",
        "threading.Semaphore",
        "threading.BoundedSemaphore",
        "multiprocessing.Lock",
        "multiprocessing.RLock",
    }
)
_BOUNDARIES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.Module)
_PATCHES = (
    "gevent.monkey.patch_all",
    "gevent.monkey.patch_socket",
    "eventlet.monkey_patch",
)


def argument_of(call: ast.Call, position: int | None, keyword: str | None = None) -> ast.expr | None:
    """The argument that a call gives at a position or by a keyword."""
    if keyword:
        for word in call.keywords:
            if word.arg == keyword:
                return word.value
    if (
        position is not None
        and position < len(call.args)
        and not any(isinstance(arg, ast.Starred) for arg in call.args[: position + 1])
    ):
        return call.args[position]
    return None


def _refuses(call: ast.Call) -> bool:
    """Whether an argument says that something is not to be done, or is a file in memory: no other is opened then."""
    if any(each.value.__class__ is ast.Constant and each.value.value is False for each in call.keywords):
        return True
    given = (each.func for each in call.args if each.__class__ is ast.Call)
    return any(getattr(func, "attr", getattr(func, "id", "")) in _IN_MEMORY for func in given)


def _is_own(meaning: Meaning) -> bool:
    """Whether an instance is, or may be, one of a class of the program."""
    return meaning.local or meaning.name.endswith("()")
