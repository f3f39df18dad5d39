"""IOB114: coroutines that await the items of a loop one after another though none needs another's result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from iobound.model.finding import Confidence, Finding, Severity, Span
from iobound.model.source_facts import DELIBERATE_SLEEPS, LoopFact
from iobound.verbs.scan.loop.traits import Traits
from iobound.verbs.scan.program.awaiting import FEW, IN_TURN, may_overlap
from iobound.verbs.scan.program.facts import AwaitFacts, CallSite, How, LoopFacts, around
from iobound.verbs.scan.program.tree import Function
from iobound.verbs.scan.rules.coroutines import Coroutine, coroutines
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings, Rule

SEQUENTIAL = Rule(
    "IOB114",
    "awaits-in-sequence",
    Severity.WARNING,
    Confidence.MEDIUM,
    "A coroutine awaits one item after another though none needs another's result.",
)
RULES = (SEQUENTIAL,)

DEPTH = 6
"""Coroutine functions that are followed from one to the next."""

_ONE = (
    "playwright.",
    "asyncio.StreamReader.",
    "asyncio.StreamWriter.",
    "websockets.",
    "aiohttp.ClientWebSocketResponse.",
)
"""What does one thing after another by its nature: a page of a browser, a stream."""

_ONE_CONNECTION = frozenset("cache conn connection cur cursor database db pipe pipeline redis transaction tx".split())
"""Names of objects that do one thing at a time, or for which one call can be made for all items."""

_KINDS = ("network", "dns", "database", "subprocess", "disk")
_REQUESTS = frozenset(
    "delete download fetch fetch_json fetch_text get get_json get_object getaddrinfo head invoke patch "
    "post query read_url request resolve scrape search upload urlopen".split()
)
"""Last names of calls that ask somebody else for something, whatever object they are made on."""

_GATHER = {
    "asyncio": "`await asyncio.gather(*(… for … in …))`, or an `asyncio.TaskGroup`; for many items with a semaphore",
    "trio": "start them in a `trio.open_nursery()`, with a `trio.CapacityLimiter` for many items",
    "anyio": "start them in an `anyio.create_task_group()`, with an `anyio.CapacityLimiter` for many items",
    "twisted": "`await defer.gatherResults([defer.ensureDeferred(…) for … in …])`; for many items with a "
    "`defer.DeferredSemaphore`",
}


class _Wait(NamedTuple):
    """What an iteration awaits.

    Attributes:
        kind: Of `_KINDS`, empty where it cannot be told.
        ends_in: The library call at the end, where it is known.
        span: Of what the loop awaits.
    """

    name: str
    kind: str
    weight_s: float
    confidence: Confidence
    ends_in: str = ""
    span: Span = Span(0, 0, 0, 0)


def in_program(program: Program) -> Findings:
    """Look at the loops of coroutine functions."""
    look = _Look(program)
    for coroutine in coroutines(program):
        if coroutine.subject.key in look.many:
            continue  # its calls wait side by side already
        by_loop = look.by_loop(coroutine)
        told: set[int] = set()
        for number, waits in sorted(by_loop.items(), reverse=True):  # a loop has a lower number than those in it
            loop = program.loop(coroutine.subject, number)
            finding = _judged(coroutine, loop, loop.fact, waits) if number not in told else None
            if finding is not None:
                told.update(around(coroutine.subject.module.facts, number))
                yield finding


class _Look:
    """What coroutine functions of a program wait for, as callers see it."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._asks: dict[Function, _Wait | None] = {}
        self.many = frozenset(self._started_by_the_many())

    def _started_by_the_many(self) -> Iterator[Function]:
        """Coroutine functions that a loop starts without awaiting them one by one."""
        for subject in self._program.subjects():
            for site in subject.facts.calls:
                if site.loop >= 0 and not site.how & How.AWAITED:
                    target = self._program.tree.target(subject.key.module, site.symbol)
                    if isinstance(target, Function) and "a" in self._program.tree.function(target).kind:
                        yield target

    def by_loop(self, coroutine: Coroutine) -> dict[int, list[_Wait]]:
        """What the innermost loops of a function await."""
        found: dict[int, list[_Wait]] = {}
        for site in coroutine.subject.facts.calls:
            if site.loop >= 0 and site.how & How.AWAITED:
                wait = self._known(coroutine.subject.key, site, DEPTH)
                if wait is not None:
                    found.setdefault(site.loop, []).append(wait._replace(span=site.span))
        for awaits in coroutine.subject.facts.awaits:
            if awaits.loop >= 0 and may_overlap(awaits):
                found.setdefault(awaits.loop, []).append(_unknown(awaits)._replace(span=awaits.span))
        return found

    def _known(self, caller: Function, site: CallSite, left: int) -> _Wait | None:
        effects = self._program.effects.at(caller, site)
        for kind in _KINDS:
            effect = effects.get(f"await:{kind}")
            if effect is not None:
                return _Wait(effect.name, kind, effect.weight_s, Confidence.MEDIUM, effect.name)
        target = self._program.tree.target(caller.module, site.symbol)
        return self._of(target, left - 1) if isinstance(target, Function) and left > 0 else None

    def _of(self, function: Function, left: int) -> _Wait | None:
        """What a coroutine function asks for that no name leads to."""
        if function in self._asks:
            return self._asks[function]
        self._asks[function] = None
        facts = self._program.tree.function(function)
        if "a" not in facts.kind or "c" in facts.kind:
            return None
        waits = [_unknown(each) for each in facts.awaits]
        for site in facts.calls:
            if site.how & How.AWAITED:
                known = self._known(function, site, left)
                waits += [] if known is None else [known]
        best = max(waits, key=_rank, default=None)
        if best is not None:
            best = best._replace(name=self._program.tree.named(function))
        self._asks[function] = best
        return best


def _unknown(awaits: AwaitFacts) -> _Wait:
    """A call of which only the spelling is known."""
    last = awaits.spelled.rpartition(".")[2]
    owner = awaits.spelled.rpartition(".")[0].rpartition(".")[2]
    asks = (
        owner not in _ONE_CONNECTION
        and awaits.arguments > 0
        and (last in _REQUESTS or (last[:1] == "a" and last[1:] in _REQUESTS))
    )
    return _Wait(awaits.spelled, "", 0.05, Confidence.MEDIUM if asks else Confidence.LOW)


def _rank(wait: _Wait) -> tuple[int, bool, float]:
    return wait.confidence.rank, bool(wait.kind), wait.weight_s


def _judged(coroutine: Coroutine, loop: LoopFacts, fact: LoopFact | None, waits: list[_Wait]) -> Finding | None:
    if fact is None or fact.independent == "no" or fact.throttled or 0 <= loop.trips < FEW or loop.kind not in IN_TURN:
        return None
    if any(wait.name in DELIBERATE_SLEEPS for wait in waits):
        return None
    traits = loop.traits or Traits()
    waits = [wait for wait in waits if wait.span not in traits.once]
    if traits.elsewhere or not waits:
        return None
    often = [wait for wait in waits if wait.span not in traits.rare]
    wait = max(often or waits, key=_rank)
    ends = traits.refuses or traits.resumes or traits.together or traits.in_handler or traits.in_test
    is_sure = (
        fact.independent == "yes"
        and not ends
        and wait.kind not in ("database", "disk")
        and not wait.ends_in.startswith(_ONE)
    )
    check = "" if fact.independent == "yes" else f"; check first: {'; '.join(fact.obstacles[:2])}"
    kind = f" ({wait.kind})" if wait.kind else ""
    return coroutine.found(
        SEQUENTIAL,
        loop.span,
        f"each iteration awaits `{wait.name}`{kind} before the next one starts, and none needs another's result{check}",
        f"{_GATHER[coroutine.library]}{_one_connection(wait)}",
        weight_s=wait.weight_s * (loop.trips if loop.trips >= 0 else 10),
        overlaps=True,
        confidence=wait.confidence if is_sure else Confidence.LOW,
    )


def _one_connection(wait: _Wait) -> str:
    return "; one connection takes one query at a time: use a pool" if wait.kind == "database" else ""
