"""What is kept of one file once its syntax tree is gone: enough to link it with others, to judge it and to cache it.

A symbol is the dotted name of something as far as its own file can tell:

* `requests.get`: absolute, through imports;
* `..net.load`: relative to the file's package, as in an import;
* `:Crawler.fetch`: of the same file, by qualified name;
* `:make().get`: `()` stands for what the call before it gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from iobound.model.finding import Finding, Span
from iobound.model.source_facts import LoopFact
from iobound.verbs.scan.loop.traits import Traits


class How:
    """What becomes of a call: flags as plain numbers, for those of an enumeration take many times as long to test."""

    PLAIN = 0
    AWAITED = 1
    ITERATED = 2  # a loop, or what drains it, runs over what the call gives
    GUARDED = 4  # under `if __name__ == "__main__"`
    STARTING = 8  # at the top of a module or of a class: runs when that is imported
    ENTERED = 16  # no call in the source: a `with` statement enters the object
    HOLDING = 32  # the body of that `with` statement awaits
    MAYBE = 128  # only if a test of the same function says so, or after a failure
    FIRST = 512  # only the first time, for each key of what is kept
    REFUSING = 256  # an argument says that something is not to be done: `wait_for_it=False`, or is a file in memory
    BUNDLED = 1024  # a file that comes with the program: its path is made from `__file__`
    FAILING = 2048  # only on the way to an exception that leaves the function, or after what ends the process
    SELDOM = 4096  # only if the environment has something set, or for a process that has just been killed
    FAILED = 8192  # of calls of coroutines: only after an exception was caught, or a child process has failed
    SMALL = 16384  # one file whose name the program itself gives, read or written as text
    RUN = 64  # an event loop is started with what the call gives: `asyncio.run(main())`


class CallSite(NamedTuple):
    """A call that may matter: what it calls can be told.

    Attributes:
        symbol: Index into `FileFacts.symbols`.
        span: In characters.
        loop: Index into `FileFacts.loops` of the innermost loop of the same function around it, -1 without one.
        lock: Spelling of the innermost lock that a `with` of the same function holds around it; empty without one.
        short: Whether its arguments say that it does not wait: `timeout=0`, `blocking=False`.
        written: What is called, as the program writes it; empty where nobody will ask: outside of coroutines.
        given: Last name of the call that it is an argument of, empty where it is none.
    """

    symbol: int
    span: Span
    how: int
    loop: int = -1
    lock: str = ""
    short: bool = False
    written: str = ""
    given: str = ""


class Handing(NamedTuple):
    """A function that is handed over to run in a thread, a process or an executor.

    Attributes:
        boundary: Index of the symbol of what it is handed to, such as `concurrent.futures.ThreadPoolExecutor.map`.
        function: Index of the symbol of the function, -1 where it cannot be told.
        spelled: The function as written.
        span: Of the call that hands it over.
        loop: As in `CallSite`.
        workers: Number of workers where the source says it, 0 where it does not.
        where: `thread`, `process`, `interpreter` or `loop`; `executor` where the source does not tell which.
        many: Whether one such call has the function called for each of many items.
    """

    boundary: int
    function: int
    spelled: str
    span: Span
    loop: int = -1
    workers: int = 0
    where: str = "executor"
    many: bool = False


class AwaitFacts(NamedTuple):
    """An `await` of a call, or an `async with` of one, of which nothing better is known than how it is written.

    Attributes:
        spelled: What is called.
        arguments: How many arguments the call gives.
        loop: As in `CallSite`.
    """

    spelled: str
    arguments: int
    span: Span
    loop: int = -1


class FunctionFacts(NamedTuple):
    """One function, lambda or the module's own code.

    Attributes:
        name: Qualified; a lambda's has its place behind an `@`, the module's is `<module>`.
        kind: Letters: `a` async, `g` generator, `p` property, `c` cached, `s` stub without a body, `m` method,
            `l` lambda, `o` an `@overload`, `w` made a context manager by a decorator, `d` decorated by something that
            may call it elsewhere, `r` asks whether an event loop runs, `h` handles requests of a framework that would
            run it in a thread were it no coroutine, `b` runs before the program serves anything or after it,
            `e` the command of a command line, `v` is registered with something that calls it when others ask, `t` is
            given as it is to a call of its file, `x` runs an event loop with a parameter of its own, `u` a
            function at the top of its module that calls something and is named nowhere else in the file.
        returns: Index of the symbol of what a call gives, -1 when it cannot be told.
        column: Of its definition, in characters.
        awaits_from: Line of its first `await`, `async for` or `async with`, 0 without any.
        awaits: Awaited calls that no name leads to.
        tasks_from: Line from which something else may run in the event loop because of what it starts, 0 for never.
        serves_from: Line where it begins to serve others, 0 if it does not.
        groups: First and last lines of blocks at whose end the tasks have ended that are started in them.
        readied: Last names of the coroutine functions that it begins with, before it says that it is ready.
        begun: Coroutines of something unknown that are given on: last name, line, and last name of what to.
    """

    name: str
    line: int
    kind: str
    calls: tuple[CallSite, ...] = ()
    handings: tuple[Handing, ...] = ()
    returns: int = -1
    column: int = 0
    awaits_from: int = 0
    awaits: tuple[AwaitFacts, ...] = ()
    tasks_from: int = 0
    serves_from: int = 0
    groups: tuple[tuple[int, int], ...] = ()
    begun: tuple[tuple[str, int, str], ...] = ()
    readied: tuple[str, ...] = ()


class ClassFacts(NamedTuple):
    """A class: symbols of its bases, and of the types that its attributes have."""

    name: str
    bases: tuple[int, ...] = ()
    attributes: Mapping[str, int] = {}


class LoopFacts(NamedTuple):
    """A loop or comprehension around calls.

    Attributes:
        outer: Index of the loop of the same function around it, -1 without one.
        trips: How often it runs, at most, where the source says it, -1 where it does not.
        fact: What was found when it was judged, None where it has not been; likewise `traits`.
    """

    function: str
    kind: str
    span: Span
    outer: int
    trips: int
    fact: LoopFact | None = None
    traits: Traits | None = None


class FileFacts(NamedTuple):
    """Everything that is kept of a file.

    Attributes:
        symbols: What indexes stand for.
        exports: Names at the top of the module that stand for something elsewhere, by name; indexes of symbols.
        stars: Modules whose names are imported with `*`, as in the import.
        findings: Of rules that need nothing but the file.
        cooperative: Whether the module makes blocking calls cooperative (gevent, eventlet).
        unread: Whether it could not be read as Python.
        silencing: Whether it may hold comments that silence findings.
        star_spans: Where those imports stand.
        by_hand: Whether it runs coroutines step by step, without an event loop.
        unbound: Names that are called, in files that import with `*`, and that nothing in the file binds.
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
    unread: bool = False
    star_spans: tuple[Span, ...] = ()
    unbound: tuple[str, ...] = ()
    by_hand: bool = False


NO_FACTS = FileFacts()
"""Of a file that was not read."""


def around(facts: FileFacts, loop: int) -> Iterator[int]:
    """A loop and those around it in the same function, innermost first."""
    while loop >= 0:
        yield loop
        loop = facts.loops[loop].outer
