"""What is kept of one file once its syntax tree is gone: enough to link it with others, to judge it and to cache it.

A symbol is the dotted name of something as far as its own file can tell:

* `requests.get`: absolute, through imports;
* `..net.load`: relative to the file's package, as in an import;
* `:Crawler.fetch`: of the same file, by qualified name;
* `:make().get`: `()` stands for what the call before it gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag
from typing import NamedTuple

from iobound.model.finding import Finding, Span
from iobound.model.source_facts import LoopFact


class How(IntFlag):
    """What becomes of a call."""

    PLAIN = 0
    AWAITED = 1
    ITERATED = 2  # a loop, or what drains it, runs over what the call gives
    GUARDED = 4  # under `if __name__ == "__main__"`
    STARTING = 8  # at the top of a module or of a class: runs when that is imported
    ENTERED = 16  # no call in the source: a `with` statement enters the object


class CallSite(NamedTuple):
    """A call that may matter: what it calls can be told.

    Attributes:
        symbol: Index into `FileFacts.symbols`.
        span: In characters.
        loop: Index into `FileFacts.loops` of the innermost loop of the same function around it, -1 without one.
        lock: Spelling of the innermost lock that a `with` of the same function holds around it; empty without one.
        short: Whether its arguments say that it does not wait: `timeout=0`, `blocking=False`.
    """

    symbol: int
    span: Span
    how: int
    loop: int = -1
    lock: str = ""
    short: bool = False


class Handing(NamedTuple):
    """A function that is handed over to run in a thread, a process or an executor.

    Attributes:
        boundary: Index of the symbol of what it is handed to, such as `concurrent.futures.ThreadPoolExecutor.map`.
        function: Index of the symbol of the function, -1 where it cannot be told.
        spelled: The function as written.
        span: Of the call that hands it over.
        loop: As in `CallSite`.
        workers: Number of workers where the source says it, 0 where it does not.
        where: `thread`, `process`, or `executor` where the source does not say which.
        many: Whether one such call has the function called for each of many items.
    """

    boundary: int
    function: int
    spelled: str
    span: Span
    loop: int = -1
    workers: int = 0
    where: str = ""
    many: bool = False


class FunctionFacts(NamedTuple):
    """One function, lambda or the module's own code.

    Attributes:
        name: Qualified; a lambda's has its place behind an `@`, the module's is `<module>`.
        kind: Letters: `a` async, `g` generator, `p` property, `c` cached, `s` stub without a body, `m` method,
            `l` lambda, `o` an `@overload`, `w` made a context manager by a decorator.
        returns: Index of the symbol of what a call gives, -1 when it cannot be told.
    """

    name: str
    line: int
    kind: str
    calls: tuple[CallSite, ...] = ()
    handings: tuple[Handing, ...] = ()
    returns: int = -1


class ClassFacts(NamedTuple):
    """A class: symbols of its bases, and of the types that its attributes have."""

    name: str
    bases: tuple[int, ...] = ()
    attributes: Mapping[str, int] = {}


class LoopFacts(NamedTuple):
    """A loop or comprehension around calls.

    Attributes:
        outer: Index of the loop of the same function around it, -1 without one.
        trips: How often it runs where the source says it, -1 where it does not.
        fact: What was found when it was judged, None where it has not been.
    """

    function: str
    kind: str
    span: Span
    outer: int
    trips: int
    fact: LoopFact | None = None


class FileFacts(NamedTuple):
    """Everything that is kept of a file.

    Attributes:
        symbols: What indexes stand for.
        exports: Names at the top of the module that stand for something elsewhere, by name; indexes of symbols.
        stars: Modules whose names are imported with `*`, as in the import.
        findings: Of rules that need nothing but the file.
        cooperative: Whether the module makes blocking calls cooperative (gevent, eventlet).
        silencing: Whether it may hold comments that silence findings.
    """

    symbols: tuple[str, ...] = ()
    functions: tuple[FunctionFacts, ...] = ()
    classes: tuple[ClassFacts, ...] = ()
    loops: tuple[LoopFacts, ...] = ()
    exports: Mapping[str, int] = {}
    stars: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    lines: int = 0
    cooperative: bool = False
    silencing: bool = False
