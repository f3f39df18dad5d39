"""IOB101 to IOB110: calls that stop an event loop, because they wait in a coroutine without `await`."""

from __future__ import annotations

from iobound.model.finding import Confidence, Finding, Severity, Step
from iobound.scan.program.effects import WAITS, Effect
from iobound.scan.program.facts import CallSite
from iobound.scan.rules.program import Program, Subject
from iobound.scan.rules.rule import Findings, Rule

_W, _H, _M = Severity.WARNING, Confidence.HIGH, Confidence.MEDIUM

SLEEP = Rule("IOB101", "sleep-in-coroutine", _W, _H, "A coroutine sleeps without `await`: the whole event loop stops.")
NETWORK = Rule("IOB102", "network-in-coroutine", _W, _H, "A coroutine waits for the network without `await`.")
DNS = Rule("IOB103", "dns-in-coroutine", _W, _H, "A coroutine waits for a name server without `await`.")
DISK = Rule("IOB104", "file-in-coroutine", _W, _M, "A coroutine reads or writes files: the event loop stops meanwhile.")
CHILD = Rule("IOB105", "subprocess-in-coroutine", _W, _H, "A coroutine waits for a child process without `await`.")
DATABASE = Rule("IOB106", "database-in-coroutine", _W, _H, "A coroutine waits for a database without `await`.")
LOCK = Rule("IOB107", "thread-lock-in-coroutine", _W, _M, "A coroutine waits for a lock of threads.")
RESULT = Rule("IOB108", "wait-for-result-in-coroutine", Severity.ERROR, _H, "A coroutine waits for a thread's future.")
INPUT = Rule("IOB109", "input-in-coroutine", _W, _H, "A coroutine waits for the terminal.")
THROUGH = Rule(
    "IOB110", "blocking-helper-in-coroutine", _W, _M, "A coroutine calls a function that waits further down the line."
)
RULES = (SLEEP, NETWORK, DNS, DISK, CHILD, DATABASE, LOCK, RESULT, INPUT, THROUGH)

_BY_KIND = {
    "sleep": SLEEP,
    "network": NETWORK,
    "dns": DNS,
    "disk": DISK,
    "subprocess": CHILD,
    "database": DATABASE,
    "lock": LOCK,
    "ipc": NETWORK,
    "stdin": INPUT,
}
_RESULTS = frozenset({"concurrent.futures.Future.result", "concurrent.futures.Future.exception"})
_WORDS = {
    "sleep": "sleeps",
    "network": "waits for the network",
    "dns": "waits for a name server",
    "disk": "waits for a file",
    "subprocess": "waits for a child process",
    "database": "waits for a database",
    "lock": "waits for other threads",
    "ipc": "waits for another process",
    "stdin": "waits for the terminal",
}
_INSTEAD = {
    "time.sleep": "`await asyncio.sleep(…)`",
    "builtins.input": "`await asyncio.to_thread(input, …)`",
    "subprocess.run": "`await asyncio.create_subprocess_exec(…)`",
}


def in_program(program: Program) -> Findings:
    """Look at the calls of every coroutine function."""
    for subject in program.affected():
        if not subject.is_async or subject.module.facts.cooperative:
            continue
        for site in subject.facts.calls:
            if not program.is_async(subject, site):
                yield from _at(program, subject, site)


def _at(program: Program, subject: Subject, site: CallSite) -> Findings:
    effects = program.effects_at(subject, site)
    kind = next((each for each in WAITS if each in effects), None)
    if kind is None:
        return
    effect = effects[kind]
    yield _direct(subject, site, kind, effect) if effect.through is None else _through(program, subject, site, kind)


def _direct(subject: Subject, site: CallSite, kind: str, effect: Effect) -> Finding:
    rule = RESULT if effect.name in _RESULTS else _BY_KIND[kind]
    instead = _INSTEAD.get(effect.name, f"`await asyncio.to_thread({effect.name.rpartition('.')[2]}, …)`")
    return rule.at(
        subject.file,
        site.span,
        f"`{effect.name}` {_WORDS[kind]} in the coroutine `{subject.name}`: every other task of the event loop stops",
        hint=f"use {instead}",
        function=subject.name,
        weight_s=effect.weight_s,
    )


def _through(program: Program, subject: Subject, site: CallSite, kind: str) -> Finding:
    effect = program.effects_at(subject, site)[kind]
    assert effect.through is not None
    called = program.tree.named(effect.through)
    chain = (Step(called, subject.file, site.span.line), *program.effects.chain(effect.through, kind))
    return THROUGH.at(
        subject.file,
        site.span,
        f"`{called}` {_WORDS[kind]} (`{effect.name}`) in the coroutine `{subject.name}`: every other task of the event "
        "loop stops",
        hint=f"hand over the whole of it: `await asyncio.to_thread({called.rpartition('.')[2]}, …)`",
        function=subject.name,
        chain=chain,
        weight_s=effect.weight_s,
        confidence=Confidence.MEDIUM if effect.depth <= 3 else Confidence.LOW,
    )
