"""What the rules about event loops share: coroutine functions, kinds of waiting in words, what to do instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from iobound.model.finding import Confidence, Finding, Severity, Span, Step
from iobound.verbs.scan.catalogue.entries import Entry
from iobound.verbs.scan.program.beside import Beside
from iobound.verbs.scan.program.effects import Effect
from iobound.verbs.scan.program.facts import CallSite, How
from iobound.verbs.scan.program.tree import Function, Module
from iobound.verbs.scan.rules.program import Program, Subject
from iobound.verbs.scan.rules.rule import Rule

WORDS = {
    "network": "waits for the network",
    "dns": "waits for a name server",
    "disk": "waits for a file",
    "sleep": "sleeps",
    "subprocess": "waits for a child process",
    "database": "waits for a database",
    "lock": "waits for other threads",
    "ipc": "waits for another process",
    "stdin": "waits for the terminal",
    "select": "waits until there is something to read or to write",
    "idle": "waits",
}
"""Kinds of waiting as a sentence says them."""

STOPS = "every other task of the event loop stops"
ALONE = "nothing else runs in the event loop then, but whatever is added to it would stop"

_FUTURES = ("concurrent.futures.", "multiprocessing.pool.AsyncResult.")
_ELSEWHERE = frozenset({"thread", "process", "executor", "interpreter"})
_LIBRARIES = ("trio", "anyio", "twisted")
_THREADS = {
    "asyncio": "asyncio.to_thread",
    "trio": "trio.to_thread.run_sync",
    "anyio": "anyio.to_thread.run_sync",
    "twisted": "twisted.internet.threads.deferToThread",
}
"""What hands a call over to a thread: in Twisted's loop there is none of asyncio's running unless it was chosen so."""

_TWINS = {
    "asyncio.sleep": {"trio": "trio.sleep", "anyio": "anyio.sleep"},
    "asyncio.create_subprocess_exec": {"trio": "trio.run_process", "anyio": "anyio.run_process"},
    "asyncio.create_subprocess_shell": {"trio": "trio.run_process", "anyio": "anyio.run_process"},
    "asyncio.open_connection": {"trio": "trio.open_tcp_stream", "anyio": "anyio.connect_tcp"},
    "asyncio.Lock.acquire": {"trio": "trio.Lock.acquire", "anyio": "anyio.Lock.acquire"},
    "asyncio.Semaphore.acquire": {"trio": "trio.Semaphore.acquire", "anyio": "anyio.Semaphore.acquire"},
    "asyncio.Event.wait": {"trio": "trio.Event.wait", "anyio": "anyio.Event.wait"},
    "loop.getaddrinfo": {"trio": "trio.socket.getaddrinfo", "anyio": "anyio.getaddrinfo"},
    "aiofiles.open": {"trio": "trio.open_file", "anyio": "anyio.open_file"},
}
"""What stands for an alternative of asyncio's elsewhere; where nothing does, a thread has to do."""


class Coroutine(NamedTuple):
    """A coroutine function of the program, or an async generator.

    Attributes:
        library: `asyncio`, `trio`, `anyio` or `twisted`: what its module uses.
        handed: Calls in it that hand functions over to threads or processes.
        beside: What else runs in event loops.
        is_alone: Whether it belongs to a command of a command line: nothing else is likely to run in the event loop.
        is_green: Whether a module that imports it, or is in its package, makes waiting cooperative.
    """

    subject: Subject
    library: str
    handed: tuple[Span, ...]
    beside: Beside
    is_green: bool = False
    is_alone: bool = False

    @property
    def name(self) -> str:
        """Qualified name."""
        return self.subject.name

    def is_handed(self, span: Span) -> bool:
        """Whether a call is an argument of one that hands something over."""
        return any(each != span and each[:2] <= span[:2] and span[2:] <= each[2:] for each in self.handed)

    def has_loop_for_itself(self, span: Span) -> bool:
        """Whether nothing else runs in the event loop when it gets to a place."""
        return self.is_alone or self.beside.is_alone_at(self.subject.key, span.line)

    def found(
        self,
        rule: Rule,
        span: Span,
        message: str,
        hint: str,
        *,
        chain: tuple[Step, ...] = (),
        weight_s: float | None = None,
        is_minor: bool = False,
        overlaps: bool = False,
        is_plain: bool = False,
        severity: Severity | None = None,
        confidence: Confidence | None = None,
    ) -> Finding:
        """A finding in this function.

        Args:
            is_minor: Whether it hardly ever matters: then it is information of low confidence. So is everything that
                happens before the program serves anything, and after it, or where nothing else runs.
            overlaps: Whether it matters even where nothing else runs in the event loop.
            is_plain: Whether it is worth a change even there, as information, before something else does run; not
                for commands.
        """
        if not is_minor and not overlaps:
            is_minor = self.is_alone if is_plain else self.has_loop_for_itself(span)
            if is_plain and not is_minor and self.has_loop_for_itself(span):
                severity, confidence = Severity.INFO, confidence or Confidence.MEDIUM
                message = message.replace(STOPS, ALONE)
        if is_minor or "b" in self.subject.facts.kind or not self.beside.has_loop(self.subject.key):
            severity, confidence = Severity.INFO, Confidence.LOW
        if self.is_green:
            confidence = Confidence.LOW
        return rule.at(
            self.subject.file,
            span,
            message,
            hint=hint,
            function=self.name,
            chain=chain,
            weight_s=weight_s,
            severity=severity,
            confidence=confidence,
        )


def coroutines(program: Program) -> Iterator[Coroutine]:
    """Coroutine functions of modules in which waiting stops the thread."""
    libraries: dict[int, str] = {}
    green = _green(program)
    alone = _alone(program)
    for subject in program.subjects():
        if not subject.is_async or subject.module.facts.cooperative:
            continue
        number = subject.key.module
        if number not in libraries:
            libraries[number] = library_of(subject.module)
        handed = tuple(each.span for each in subject.facts.handings if each.where in _ELSEWHERE)
        is_green = bool(green) and subject.module.name.partition(".")[0] in green
        yield Coroutine(subject, libraries[number], handed, program.beside, is_green, subject.key in alone)


def _alone(program: Program) -> frozenset[Function]:
    """Commands of command lines, modules that ask a person, and the coroutine functions that only these call."""
    running = [subject for subject in program.subjects() if subject.is_async]
    asking = {subject.key.module for subject in running if _is_dialogue(program, subject)}
    alone = {subject.key for subject in running if "e" in subject.facts.kind or subject.key.module in asking}
    pending = list(alone)
    while pending:
        for callee in program.effects.callees(pending.pop()):
            if callee in alone or "a" not in program.tree.function(callee).kind:
                continue
            if all(caller in alone for caller in program.effects.callers(callee)):
                alone.add(callee)
                pending.append(callee)
    return frozenset(alone)


def _is_dialogue(program: Program, subject: Subject) -> bool:
    """Whether a function asks a person by a helper that is made for that."""
    effect = program.effects.of(subject.key).get("stdin")
    return effect is not None and effect.through is not None and "a" not in program.tree.function(effect.through).kind


def _green(program: Program) -> frozenset[str]:
    """First parts of the names of modules that are made cooperative by another module of the scan."""
    found: set[str] = set()
    for module in program.tree.modules:
        if module.facts.cooperative:
            imported = (module.facts.symbols[number] for number in module.facts.exports.values())
            found |= {module.name.partition(".")[0], *(symbol.partition(".")[0] for symbol in imported)}
    return frozenset(found - {""})


def library_of(module: Module) -> str:
    """The library whose event loop a module runs in, as far as its imports tell; asyncio where they do not."""
    roots = {module.facts.symbols[number].partition(".")[0] for number in module.facts.exports.values()}
    return next((name for name in _LIBRARIES if name in roots and "asyncio" not in roots), "asyncio")


def is_at_start(coroutine: Coroutine, site: CallSite) -> bool:
    """Whether a call comes before the first `await` of the coroutine that an event loop is started with."""
    facts = coroutine.subject.facts
    if site.loop >= 0 or site.span.end_line >= facts.awaits_from:
        return False
    return coroutine.beside.is_early(coroutine.subject.key)


def waits_for_result(name: str) -> bool:
    """Whether a call waits for what another thread or process works out."""
    return name.startswith(_FUTURES)


def is_waiting_call(site: CallSite, entry: Entry) -> bool:
    """Whether a listed call may wait in the thread that makes it."""
    return not (site.short or site.how & int(How.AWAITED) or entry.blocking in ("no", "await", "cooperative"))


def chain_of(program: Program, subject: Subject, site: CallSite, effect: Effect, kind: str) -> tuple[Step, ...]:
    """From a call to what waits at its end; empty where the call itself does."""
    if effect.through is None:
        return ()
    first = Step(program.tree.named(effect.through), subject.file, site.span.line)
    return (first, *program.effects.chain(effect.through, kind))


def named(program: Program, function: Function) -> str:
    """Dotted name of a function of the program; of the class for what makes its instances."""
    return program.tree.named(function).removesuffix(".__init__").removesuffix(".__post_init__")


def called(program: Program, function: Function) -> str:
    """Last name of a function of the program, as a hint spells it."""
    return named(program, function).rpartition(".")[2]


def in_thread(name: str, library: str, written: str = "") -> str:
    """A call handed over to a thread.

    Args:
        name: Canonical name of what is called.
        written: As the program writes it, where that is known.

    Example:
        >>> in_thread("requests.Session.get", "trio")
        'await trio.to_thread.run_sync(session.get, …)'
    """
    return handed_over(f"{written if _can_be_handed_over(written) else _spelled(name)}, …", library)


def handed_over(arguments: str, library: str) -> str:
    """A thread does what the arguments say: a function, and what it is given."""
    return f"await {_THREADS[library]}({arguments})"


def _can_be_handed_over(written: str) -> bool:
    """Whether it is the name of something: what another call gives would be called before."""
    return bool(written) and written.replace(".", "_").isidentifier()


def _spelled(name: str) -> str:
    """How a program might write what it calls: of a method's type only the name, as that of an object."""
    owner, _, last = name.removeprefix("builtins.").rpartition(".")
    kind = owner.rpartition(".")[2]
    return f"{kind.lower()}.{last}" if kind[:1].isupper() else f"{owner}.{last}" if owner else last


def instead_of(name: str, entry: Entry, library: str, written: str = "") -> str:
    """What a coroutine does in place of a call that waits: its twin, or a thread.

    Args:
        name: Canonical name of the call.
        library: Whose event loop runs.
        written: As for `in_thread`.
    """
    twin = entry.async_alternative
    if twin is not None and library != "asyncio":
        twin = _elsewhere(twin, library)
    if twin is None or twin == "asyncio.to_thread":
        return f"use `{in_thread(name, library, written)}`"
    if twin.startswith("await"):
        return f"use `{twin}`"
    module = twin.partition(".")[0]
    if module in ("asyncio", "loop", "trio", "anyio"):
        return f"use `await {twin}(…)`"
    return f"use `await {twin}(…)`, or `{in_thread(name, library, written)}`"


def _elsewhere(twin: str, library: str) -> str | None:
    if library == "twisted":
        return None if twin.startswith(_OF_OTHER_LOOPS) else twin
    if twin in _TWINS:
        return _TWINS[twin][library]
    if twin.startswith("anyio.Path.") and library == "trio":
        return twin.replace("anyio.", "trio.")
    if twin.startswith("aiofiles.os."):
        return f"{library}.Path" if twin.rpartition(".")[2] in _PATHS else None
    return None if twin.startswith(("asyncio.", "loop.", "aio", "await")) else twin


_OF_OTHER_LOOPS = ("aio", "anyio.", "asyncio.", "await", "httpx.", "loop.", "trio.")

_PATHS = frozenset("exists isdir isfile stat".split())
