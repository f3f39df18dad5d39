"""What each function of a program waits for or computes: by itself, or through the functions that it calls."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from math import log10
from typing import NamedTuple

from iobound.model.finding import Step
from iobound.verbs.scan.catalogue.entries import Entry
from iobound.verbs.scan.catalogue.lookup import Catalogue
from iobound.verbs.scan.program.facts import CallSite, How
from iobound.verbs.scan.program.tree import Class, Function, Library, Target, Tree
from iobound.verbs.scan.program.view import RUNNERS

_new = tuple.__new__  # a named tuple's own way is written in Python, and takes three times as long
_MAYBE, _FAILING, _SELDOM = How.MAYBE, How.FAILING, How.SELDOM

UNLIKELY = 2
"""Tests on the way to something from which it is told with low confidence; what is done seldom counts as so many."""

CHAIN = 6
"""Calls of a chain that are told."""

WAITS = ("network", "dns", "database", "subprocess", "sleep", "stdin", "ipc", "select", "idle", "lock", "disk")
"""Kinds of waiting, most costly first where two are told together."""

COMPUTES = ("cpu-python", "cpu-native-holds-gil", "cpu-native-releases-gil")

RUNS_LOOP = "event-loop"
"""Kind of running an event loop until it ends, which none can inside of another one."""

_PLAIN_LOCKS = frozenset({"threading.Lock.acquire", "threading.RLock.acquire"})
_UNCOUNTED = ("os.fdopen", "importlib.", "builtins.__import__", "builtins.breakpoint", "pdb.", "code.interact")
"""Calls that wait for a file the first time only, or where somebody looks for a mistake."""

SEVERAL = 3
"""Times as long from which one wait is told rather than another."""

WORTH_S = 2e-3
"""From which one call of something that computes is worth a thread or a process of its own."""

_LONG = ("numpy.linalg.", "scipy.linalg.", "scipy.optimize.", "scipy.integrate.", "sklearn.", "cv2.", "skimage.")
_ON_A_SOCKET = ("socket.socket.", "ssl.SSLSocket.")
_CONNECTING = ("connect", "connect_ex", "create_connection")
_LONG_ENDINGS = (".compress", ".decompress")


class Effect(NamedTuple):
    """Why a function has an effect: the call that leads to it.

    Attributes:
        entry: What the catalogue says of the call at the end.
        name: Canonical name of that call.
        site: The function's own call that leads there.
        through: The function that it calls, None where the call itself has the effect.
        depth: Calls to go; 0 for the call itself.
        weight_s: Seconds that it may take.
        maybes: Calls on the way, that in the function itself included, which only a test or a failure leads to.
    """

    entry: Entry
    name: str
    site: CallSite
    through: Function | None
    depth: int
    weight_s: float
    maybes: int = 0

    def called(self, site: CallSite, function: Function) -> Effect:
        """The effect as the caller of a function has it."""
        maybes = self.maybes + maybes_of(site)
        return _new(Effect, (self.entry, self.name, site, function, self.depth + 1, self.weight_s, maybes))


def maybes_of(site: CallSite) -> int:
    """For how many tests that a call is only maybe made counts."""
    return UNLIKELY if site.how & _SELDOM else int(bool(site.how & _MAYBE))


class Call(NamedTuple):
    """A call site with what it runs."""

    caller: Function
    site: CallSite
    target: Target | None


class Effects:
    """Effects of all functions of a tree.

    Attributes:
        direct: By function: its calls of library functions that the catalogue lists.
    """

    def __init__(self, tree: Tree, catalogue: Catalogue) -> None:
        self.tree = tree
        self._catalogue = catalogue
        self._of: dict[Function, dict[str, Effect]] = {}
        self._callers: defaultdict[Function, list[tuple[Function, CallSite]]] = defaultdict(list)
        self._runs: list[dict[int, tuple[Function | Library, ...]]] = [{} for _ in tree.modules]
        self._entries: dict[tuple[Library, bool], Entry | None] = {}
        self.listed: dict[Function, list[tuple[CallSite, str, Entry]]] = {}
        self._collect()
        self._spread()

    def of(self, function: Function) -> dict[str, Effect]:
        """Effects of a call of a function by kind: waiting of `WAITS`, computing of `COMPUTES`."""
        return self._of.get(function, {})

    def at(self, caller: Function, site: CallSite) -> dict[str, Effect]:
        """Effects of one call, by kind."""
        found: dict[str, Effect] = {}
        for runs in self.runs(caller.module, site.symbol):
            if isinstance(runs, Library):
                entry = self.entry(runs, site)
                if entry is not None and (kind := kind_of(entry, site, runs.name)):
                    found.setdefault(kind, direct(entry, runs.name, site))
            elif self._takes_part(runs, site):
                for kind, effect in self.of(runs).items():
                    found.setdefault(kind, effect.called(site, runs))
        return found

    def runs(self, module: int, symbol: int) -> tuple[Function | Library, ...]:
        """What a call of a symbol of a module runs."""
        known = self._runs[module].get(symbol)
        if known is None:
            target = self.tree.target(module, symbol)
            if isinstance(target, Function | Library):
                known = (target,)
            else:
                known = tuple(self.tree.runs(target)) if isinstance(target, Class) else ()
            self._runs[module][symbol] = known
        return known

    def callers(self, function: Function) -> Iterator[Function]:
        """Functions that call it."""
        return (caller for caller, _ in self._callers.get(function, ()))

    def sites_of(self, function: Function) -> list[tuple[Function, CallSite]]:
        """Functions that call it, with the calls."""
        return self._callers.get(function, [])

    def callees(self, function: Function) -> Iterator[Function]:
        """Functions of the tree that it calls."""
        for site in self.tree.function(function).calls:
            for runs in self.tree.runs(self.tree.target(function.module, site.symbol)):
                if isinstance(runs, Function):
                    yield runs

    def entry(self, library: Library, site: CallSite) -> Entry | None:
        """What the catalogue says of what a call site calls."""
        key = (library, bool(site.how & How.ENTERED))
        if key not in self._entries:
            self._entries[key] = self._entry(*key)
        return self._entries[key]

    def _entry(self, library: Library, entered: bool) -> Entry | None:
        if entered and library.name.endswith(".__enter__"):
            acquire = self._catalogue.find(library.name.removesuffix("__enter__") + "acquire")
            return acquire or self._catalogue.find(library.name)
        if library.instance:
            return self._catalogue.find(f"{library.name}.__call__")
        return self._catalogue.find(library.name)

    def chain(self, function: Function, kind: str) -> tuple[Step, ...]:
        """Calls that lead from a function to what has the effect."""
        steps: list[Step] = []
        at: Function | None = function
        while at is not None and len(steps) < CHAIN:
            effect = self.of(at).get(kind)
            if effect is None:
                break
            name = effect.name if effect.through is None else self.tree.named(effect.through)
            steps.append(Step(name, self.tree.modules[at.module].file, effect.site.span.line))
            at = effect.through
        return tuple(steps)

    # Finding them

    def _collect(self) -> None:
        for number, module in enumerate(self.tree.modules):
            known = self._runs[number]
            for at, facts in enumerate(module.facts.functions):
                caller = Function(number, at)
                for site in facts.calls:
                    symbol = site.symbol
                    for runs in known[symbol] if symbol in known else self.runs(number, symbol):
                        if isinstance(runs, Function):
                            self._callers[runs].append((caller, site))
                        else:
                            self._note(caller, site, runs)

    def _note(self, caller: Function, site: CallSite, library: Library) -> None:
        entry = self.entry(library, site)
        if entry is None:
            return
        self.listed.setdefault(caller, []).append((site, library.name, entry))
        kind = kind_of(entry, site, library.name)
        if kind and not site.how & _FAILING:
            effect = direct(entry, library.name, site)
            known = self._of.setdefault(caller, {})
            if kind not in known or outweighs(effect, known[kind]):
                known[kind] = effect

    def _spread(self) -> None:
        """From callees to callers, nearest first: the shortest way to each kind of effect, or to a weightier one."""
        pending = deque((function, kind) for function, effects in self._of.items() for kind in effects)
        while pending:
            function, kind = pending.popleft()
            if kind == RUNS_LOOP and "r" in self.tree.function(function).kind:
                continue  # it asks first whether one runs
            effect = self._of[function][kind]
            for caller, site in self._callers.get(function, ()):
                if site.how & _FAILING or not self._takes_part(function, site):
                    continue
                known = self._of.setdefault(caller, {})
                reached = effect.called(site, function)
                if kind not in known or outweighs(reached, known[kind]):
                    known[kind] = reached
                    pending.append((caller, kind))

    def _takes_part(self, function: Function, site: CallSite) -> bool:
        """Whether a call of a function runs its code there and then."""
        kind = self.tree.function(function).kind
        if "s" in kind or "o" in kind or "c" in kind:
            return False  # a stub does nothing; what is cached is done once
        if "w" in kind:
            return bool(site.how & How.ENTERED) or True
        if "g" in kind:
            return bool(site.how & How.ITERATED)
        if "a" in kind:
            return bool(site.how & How.AWAITED)
        return not ("d" in kind and site.how & How.AWAITED)  # made awaitable by its decorator: runs elsewhere


def kind_of(entry: Entry, site: CallSite, name: str) -> str:
    """The kind of effect that a listed call has at a site, empty for none that matters.

    Taking a plain lock is none: nearly always nobody else has it. Nor is what may wait for a file and hardly ever does:
    `print`, an import of what is imported already, a debugger.
    """
    if site.short or entry.blocking in ("no", "short", "cooperative"):
        return ""
    if name in RUNNERS:
        return RUNS_LOOP
    if entry.blocking == "await":
        return f"await:{entry.category}" if site.how & How.AWAITED else ""
    if entry.blocking == "lazy" and not site.how & How.ITERATED:
        return ""
    if entry.blocking == "maybe" and entry.category == "disk":
        return ""
    if name.startswith(_UNCOUNTED) or name in _PLAIN_LOCKS or (entry.category == "lock" and site.how & How.ENTERED):
        return ""
    return entry.category


def is_long(effect: Effect) -> bool:
    """Whether computing takes long enough by itself, as far as its name tells."""
    return effect.weight_s >= WORTH_S or effect.name.startswith(_LONG) or effect.name.endswith(_LONG_ENDINGS)


def direct(entry: Entry, name: str, site: CallSite) -> Effect:
    """The effect of a call by itself."""
    return Effect(entry, name, site, None, 0, entry.weight_s, maybes_of(site))


def outweighs(one: Effect, other: Effect) -> bool:
    """Whether an effect tells more than another of its kind that is nearer.

    Surer is better, then longer by an order of magnitude: `svd` rather than `json.loads`, then what makes a connection
    rather than what goes on using it.
    """
    return _worth(one) > _worth(other)


def _worth(effect: Effect) -> tuple[int, int, int, bool]:
    order = round(log10(effect.weight_s)) if effect.weight_s > 0 else -9
    goes_on = effect.name.startswith(_ON_A_SOCKET) and not effect.name.endswith(_CONNECTING)
    return -min(effect.maybes, 2), is_long(effect), order, not goes_on


def weightiest(effects: Mapping[str, Effect]) -> str:
    """The kind of waiting to tell of: the first of `WAITS`, unless another is as sure and takes several times as long.

    Empty where nothing waits.
    """
    kinds = [kind for kind in WAITS if kind in effects]
    chosen = kinds[0] if kinds else ""
    for kind in kinds[1:]:
        one, other = effects[chosen], effects[kind]
        if other.weight_s >= SEVERAL * one.weight_s and other.maybes <= one.maybes and other.depth <= one.depth + 1:
            chosen = kind
    return chosen


def waiting(effects: dict[str, Effect]) -> Iterator[tuple[str, Effect]]:
    """Those effects that are waiting which stops the thread."""
    for kind in WAITS:
        if kind in effects:
            yield kind, effects[kind]
