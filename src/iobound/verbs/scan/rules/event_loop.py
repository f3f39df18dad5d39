"""IOB101 to IOB109, IOB115: calls in coroutines that wait without `await`, so that the event loop stops."""

from __future__ import annotations

from iobound.model.finding import Confidence, Finding, Severity
from iobound.verbs.scan.catalogue.entries import Entry
from iobound.verbs.scan.program.effects import RUNS_LOOP, WAITS, kind_of
from iobound.verbs.scan.program.facts import CallSite, How
from iobound.verbs.scan.rules.coroutines import (
    STOPS,
    WORDS,
    Coroutine,
    coroutines,
    in_thread,
    instead_of,
    is_at_start,
    is_waiting_call,
    waits_for_result,
)
from iobound.verbs.scan.rules.handlers import is_needless
from iobound.verbs.scan.rules.local_files import (
    at_once,
    is_light,
    is_of_open_file,
    is_of_start_or_stop,
    is_opening,
    is_repeated,
)
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings, Rule

_W, _H, _M = Severity.WARNING, Confidence.HIGH, Confidence.MEDIUM

SLEEP = Rule("IOB101", "sleep-in-coroutine", _W, _H, "A coroutine sleeps without `await`: the whole event loop stops.")
NETWORK = Rule("IOB102", "network-in-coroutine", _W, _H, "A coroutine waits for the network without `await`.")
DNS = Rule("IOB103", "dns-in-coroutine", _W, _H, "A coroutine waits for a name server without `await`.")
DISK = Rule("IOB104", "file-in-coroutine", _W, _M, "A coroutine reads or writes files: the event loop stops meanwhile.")
CHILD = Rule("IOB105", "subprocess-in-coroutine", _W, _H, "A coroutine waits for a child process without `await`.")
DATABASE = Rule("IOB106", "database-in-coroutine", _W, _H, "A coroutine waits for a database without `await`.")
LOCK = Rule("IOB107", "thread-lock-in-coroutine", _W, _M, "A coroutine waits for other threads or processes.")
RESULT = Rule(
    "IOB108", "wait-for-result-in-coroutine", Severity.ERROR, _H, "A coroutine waits for the result of a thread."
)
INPUT = Rule("IOB109", "input-in-coroutine", _W, _H, "A coroutine waits for the terminal.")
EARLY = Rule(
    "IOB115",
    "waits-before-hand-over",
    Severity.INFO,
    _M,
    "An argument of a call that hands work over to a thread waits already.",
)
RULES = (SLEEP, NETWORK, DNS, DISK, CHILD, DATABASE, LOCK, RESULT, INPUT, EARLY)

_BY_KIND = {
    "sleep": SLEEP,
    "network": NETWORK,
    "dns": DNS,
    "disk": DISK,
    "subprocess": CHILD,
    "database": DATABASE,
    "lock": LOCK,
    "ipc": LOCK,
    "idle": LOCK,
    "stdin": INPUT,
    "select": NETWORK,
}
_MINOR = {
    "disk": "not for long as a rule, longer where a file system is remote or busy",
    "subprocess": "only until it has started",
}
"""Why it hardly matters."""

_SHORT = ("disk", "subprocess")
"""Kinds of which even what takes microseconds is told, as information."""

_ELSEWHERE = ("__next__", "print", "close", "tell", "fileno", "isatty", "closed", "import_module", "__import__")
"""Last names of calls that other rules tell of, and of those that may wait for a file and hardly ever do."""


def in_program(program: Program) -> Findings:
    """Look at the library calls of every coroutine function."""
    for coroutine in coroutines(program):
        told: set[tuple[str, int, int]] = set()
        listed = sorted(program.effects.listed.get(coroutine.subject.key, ()), key=_by_place)
        blocks = _Blocks(program, coroutine, listed)
        is_whole = is_needless(program, coroutine)
        for site, name, entry in listed:
            if blocks.is_told_at_opening(site, name, entry):
                continue
            finding = _at(program, coroutine, site, name, entry, blocks)
            if finding is None or (finding.rule, *finding.span[:2]) in told:
                continue  # `open(p).read()` is told once
            told.add((finding.rule, *finding.span[:2]))
            is_disk = finding.rule == DISK.id
            if is_disk and is_whole and is_light(name, entry) and not is_repeated(program, coroutine, site):
                continue  # IOB117 says better what to do
            if is_disk and _is_minor_file(program, coroutine, site, name, entry, blocks):
                finding = _at(program, coroutine, site, name, entry, blocks, is_minor=True) or finding
            yield finding._replace(confidence=Confidence.LOW) if _is_seldom(site, finding) else finding


def _is_seldom(site: CallSite, finding: Finding) -> bool:
    """Whether the call is hardly ever made: what waits for a file is not told where something has failed, either."""
    return bool(site.how & (How.FAILING | How.SELDOM)) or (finding.rule == DISK.id and bool(site.how & How.FAILED))


_Listed = tuple[CallSite, str, Entry]


class _Blocks:
    """Files that a coroutine function opens, with what it does to them: told once, where they are opened."""

    def __init__(self, program: Program, coroutine: Coroutine, listed: list[_Listed]) -> None:
        self._opened = [
            site
            for site, name, entry in listed
            if entry.category == "disk" and is_opening(name) and not site.how & How.AWAITED and not site.short
        ]
        self._text = program.closeup.text
        self._coroutine = coroutine
        self._listed = listed
        used = [site for site, name, entry in listed if self.is_told_at_opening(site, name, entry)]
        self._used = {self._opening(site): site for site in used}
        self._repeated = {self._opening(site) for site in used if is_repeated(program, coroutine, site)}
        self._digested = {
            self._opening(site) for site, name, _ in listed if name == "hashlib.file_digest" and self._opening(site)
        }

    def is_told_at_opening(self, site: CallSite, name: str, entry: Entry) -> bool:
        """Whether it reads or writes what was opened before."""
        return entry.category == "disk" and is_of_open_file(name) and self._opening(site) is not None

    def _opening(self, site: CallSite) -> CallSite | None:
        before = [each for each in self._opened if each.span[:2] < site.span[:2] and each.span != site.span]
        return max(before, key=lambda each: each.span, default=None)

    def instead_at_once(self, opening: CallSite, name: str) -> str:
        """What to do instead of `open(p).read()`; empty for anything else."""
        if name != "builtins.open":
            return ""
        method = next(
            (
                each.rpartition(".")[2]
                for site, each, _ in self._listed
                if site.span[:2] == opening.span[:2] and site.span != opening.span
            ),
            "",
        )
        subject = self._coroutine.subject
        return at_once(self._text(subject.key.module), opening, method, self._coroutine.library) if method else ""

    def is_used(self, opening: CallSite) -> bool:
        """Whether a file is read or written after it was opened."""
        return opening in self._used

    def is_repeated(self, opening: CallSite) -> bool:
        """Whether it is read or written in a loop."""
        return opening in self._repeated

    def is_digested(self, opening: CallSite) -> bool:
        """Whether it is handed to `hashlib.file_digest`, which is told itself."""
        return opening in self._digested


def _is_minor_file(
    program: Program, coroutine: Coroutine, site: CallSite, name: str, entry: Entry, blocks: _Blocks
) -> bool:
    """Whether waiting for a file hardly matters where the coroutine does it."""
    if site.how & How.SMALL and not blocks.is_repeated(site):
        return True
    if site.how & (How.FIRST | How.BUNDLED) or blocks.is_digested(site) or is_at_start(coroutine, site):
        return True
    if is_of_start_or_stop(program, coroutine, site, "disk", entry.weight_s):
        return is_light(name, entry) or not is_repeated(program, coroutine, site)
    return False


def _by_place(listed: tuple[CallSite, str, Entry]) -> tuple[int, ...]:
    return listed[0].span


def _at(
    program: Program,
    coroutine: Coroutine,
    site: CallSite,
    name: str,
    entry: Entry,
    blocks: _Blocks,
    *,
    is_minor: bool = False,
) -> Finding | None:
    if not is_waiting_call(site, entry) or name.rpartition(".")[2] in _ELSEWHERE or entry.category not in _BY_KIND:
        return None
    if entry.category == "lock" and site.how & How.ENTERED:
        return _entered(program, coroutine, site, name)
    if entry.blocking == "short":
        is_minor = True
        if entry.category not in _SHORT:
            return None
    elif entry.blocking == "maybe":
        if site.how & How.ITERATED:
            return None
        is_minor = True
    elif not _stops(site, name, entry):
        return None
    if coroutine.is_handed(site.span):
        return _handed(coroutine, site, name, entry, is_minor=is_minor)
    rule = RESULT if waits_for_result(name) else _BY_KIND[entry.category]
    return coroutine.found(
        rule,
        site.span,
        f"`{name.removeprefix('builtins.')}` {_words(name, entry)} in the coroutine `{coroutine.name}`: "
        + (_MINOR.get(entry.category, "seldom for long") if is_minor else STOPS),
        blocks.instead_at_once(site, name)
        or (_whole(coroutine, entry) if blocks.is_used(site) else _instead(coroutine, site, name, entry)),
        weight_s=entry.weight_s,
        is_minor=is_minor,
        is_plain=rule is not DISK,
        severity=Severity.WARNING if rule is RESULT and not _is_single(name) else None,
    )


def _stops(site: CallSite, name: str, entry: Entry) -> bool:
    """Whether a call that waits is a matter of these rules: others tell of lazy iterators and of nested loops."""
    if entry.blocking == "lazy":
        return waits_for_result(name) and bool(site.how & How.ITERATED)
    return name.endswith("Lock.acquire") or kind_of(entry, site, name) not in ("", RUNS_LOOP)


def _is_single(name: str) -> bool:
    """Whether a call waits for one future: what works it out may need the loop that now stands still."""
    return name.endswith((".result", ".exception"))


def _words(name: str, entry: Entry) -> str:
    return "waits for a result of another thread" if waits_for_result(name) else WORDS[entry.category]


def _instead(coroutine: Coroutine, site: CallSite, name: str, entry: Entry) -> str:
    if name.endswith(".shutdown"):
        return f"use `shutdown(wait=False)`, or `{in_thread(name, coroutine.library, site.written)}`"
    if name.startswith("concurrent.futures.Future.") and coroutine.library == "asyncio":
        return "use `await asyncio.wrap_future(future)`"
    return instead_of(name, entry, coroutine.library, site.written)


def _whole(coroutine: Coroutine, entry: Entry) -> str:
    """Opening a file is the lesser part of what is done with it."""
    twin = f"; or use `async with {entry.async_alternative}(…)`" if coroutine.library == "asyncio" else ""
    thread = in_thread("function", coroutine.library)
    return f"hand over a function that does the whole `with`: `{thread}`{twin if entry.async_alternative else ''}"


def _handed(coroutine: Coroutine, site: CallSite, name: str, entry: Entry, *, is_minor: bool) -> Finding:
    """An argument is worked out before its call hands anything over."""
    return coroutine.found(
        EARLY,
        site.span,
        f"`{name.removeprefix('builtins.')}` {_words(name, entry)} before anything is handed over: arguments are "
        f"worked out in the coroutine `{coroutine.name}`",
        "hand over a function that does all of it: `lambda: …`",
        weight_s=entry.weight_s,
        is_minor=is_minor,
        severity=None if entry.category == "disk" else Severity.WARNING,
    )


def _entered(program: Program, coroutine: Coroutine, site: CallSite, name: str) -> Finding:
    """A lock of threads that a `with` statement takes."""
    lock = name.removesuffix(".__enter__")
    own = "twisted.internet.defer.Deferred" if coroutine.library == "twisted" else f"{coroutine.library}."
    hint = f"use `async with {own}Lock()`"
    if site.how & How.HOLDING:
        return coroutine.found(
            LOCK,
            site.span,
            f"`{lock}` is held while the coroutine `{coroutine.name}` awaits: another task that wants it stops the "
            "event loop for good",
            f"{hint}, or release it before the `await`",
            severity=Severity.ERROR,
            confidence=Confidence.HIGH,
        )
    holds = any(_waits_under(program, coroutine, site, each) for each in coroutine.subject.facts.calls)
    return coroutine.found(
        LOCK,
        site.span,
        f"`{lock}` of threads is taken in the coroutine `{coroutine.name}`: as long as a thread holds it, {STOPS}",
        hint
        if holds
        else f"nothing to do while all who hold it are quick; else {in_thread('function', coroutine.library)}",
        is_minor=not holds,
    )


def _waits_under(program: Program, coroutine: Coroutine, lock: CallSite, site: CallSite) -> bool:
    """Whether a call is made under a lock and takes its time."""
    if not site.lock or site.span[:2] <= lock.span[:2]:
        return False
    return any(kind in WAITS for kind in program.effects_at(coroutine.subject, site))
