"""IOB111, IOB112, IOB116: coroutines that compute, and computing that a thread does not take off the event loop."""

from __future__ import annotations

from iobound.model.finding import Confidence, Finding, Severity
from iobound.verbs.scan.catalogue.entries import COMPUTING, Entry
from iobound.verbs.scan.program.effects import COMPUTES, WAITS, WORTH_S, Effect, is_long
from iobound.verbs.scan.program.facts import CallSite, Handing
from iobound.verbs.scan.program.tree import Function, Library
from iobound.verbs.scan.rules.coroutines import (
    STOPS,
    Coroutine,
    called,
    chain_of,
    coroutines,
    in_thread,
    is_waiting_call,
    named,
)
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings, Rule

_W, _M = Severity.WARNING, Confidence.MEDIUM

HOLDS = Rule("IOB111", "gil-held-in-coroutine", _W, _M, "A coroutine computes, and no thread could take that over.")
NATIVE = Rule("IOB112", "native-computing-in-coroutine", _W, _M, "A coroutine computes what a thread could beside it.")
HANDED = Rule(
    "IOB116",
    "computing-handed-to-thread",
    Severity.INFO,
    _M,
    "Work that holds the GIL is handed to a thread: the event loop waits all the same.",
)
RULES = (HOLDS, NATIVE, HANDED)

LARGE = 1000
"""Rounds of a loop from which its calls are told together."""

_SOURCES = ("network", "disk", "database", "subprocess")
"""What gives a call a large argument: evidence that it takes long."""

_DELIBERATE = frozenset({"gc.collect"})
_PROCESS = "hand it to a process: `await loop.run_in_executor(process_pool, …)`; a thread would not free the loop"


def in_program(program: Program) -> Findings:
    """Look at what every coroutine function computes or has computed in threads."""
    for coroutine in coroutines(program):
        subject = coroutine.subject
        for site, name, entry in program.effects.listed.get(subject.key, ()):
            if (entry.category in COMPUTING or entry.gil == "holds") and is_waiting_call(site, entry):
                yield from _direct(program, coroutine, site, name, entry)
        if program.effects.of(subject.key):
            yield from _through(program, coroutine)
        for handing in subject.facts.handings:
            if handing.where == "thread" and handing.function >= 0:
                yield from _handed(program, coroutine, handing)


def _direct(program: Program, coroutine: Coroutine, site: CallSite, name: str, entry: Entry) -> Findings:
    if entry.blocking == "lazy" or name in _DELIBERATE or coroutine.is_handed(site.span) or entry.category in WAITS:
        return
    why, confidence = _evidence(program, coroutine, site, entry)
    if why:
        yield _finding(coroutine, site, name, entry, why, confidence)


def _evidence(program: Program, coroutine: Coroutine, site: CallSite, entry: Entry) -> tuple[str, Confidence | None]:
    """Why a call takes long enough to matter, empty where nothing says so; and how sure that is."""
    if entry.weight_s >= WORTH_S:
        return "takes milliseconds or more", None
    effect = program.effects_at(coroutine.subject, site).get(entry.category)
    if effect is not None and is_long(effect):
        return "may take milliseconds or more", Confidence.LOW
    loop = site.loop
    while loop >= 0:
        facts = program.loop(coroutine.subject, loop)
        if facts.trips >= LARGE:
            return f"is done {facts.trips} times in a row", None
        loop = facts.outer
    for inner in coroutine.subject.facts.calls:
        if site.span[:2] < inner.span[:2] and inner.span[2:] <= site.span[2:]:  # an argument of it
            effects = program.effects_at(coroutine.subject, inner)
            for kind in _SOURCES:
                effect = effects.get(kind) or effects.get(f"await:{kind}")
                if effect is not None:
                    return f"works on all that `{effect.name}` gives", Confidence.LOW
    return "", None


def _finding(
    coroutine: Coroutine, site: CallSite, name: str, entry: Entry, why: str, confidence: Confidence | None
) -> Finding:
    plain = name.removeprefix("builtins.")
    if _frees(entry):
        return coroutine.found(
            NATIVE,
            site.span,
            f"`{plain}` {why} in the coroutine `{coroutine.name}`: {STOPS}, though it needs no GIL",
            f"use `{in_thread(name, coroutine.library, site.written)}`: it runs beside the loop",
            weight_s=entry.weight_s,
            confidence=confidence,
        )
    return coroutine.found(
        HOLDS,
        site.span,
        f"`{plain}` {why} in the coroutine `{coroutine.name}`: {STOPS}",
        _PROCESS,
        weight_s=entry.weight_s,
        confidence=confidence,
    )


def _frees(entry: Entry) -> bool:
    return entry.gil in ("releases", "mixed") or entry.category == "cpu-native-releases-gil"


def _through(program: Program, coroutine: Coroutine) -> Findings:
    """Long computing that a function of the program does."""
    subject = coroutine.subject
    for site in subject.facts.calls:
        effects = program.effects_at(subject, site)
        if any(kind in WAITS for kind in effects) or program.is_async(subject, site):
            continue  # told as waiting
        for kind in COMPUTES:
            effect = effects.get(kind)
            if (
                effect is None
                or effect.through is None
                or effect.name in _DELIBERATE
                or effect.weight_s < WORTH_S
                or coroutine.is_handed(site.span)
            ):
                continue
            name = named(program, effect.through)
            thread = in_thread(called(program, effect.through), coroutine.library, site.written)
            frees = _frees(effect.entry)
            yield coroutine.found(
                NATIVE if frees else HOLDS,
                site.span,
                f"`{name}` computes (`{effect.name}`) in the coroutine `{coroutine.name}`: {STOPS}",
                f"use `{thread}`" if frees else _PROCESS,
                chain=chain_of(program, subject, site, effect, kind),
                weight_s=effect.weight_s,
            )
            break


def _handed(program: Program, coroutine: Coroutine, handing: Handing) -> Findings:
    """What a thread is given to do."""
    effect = _computing(program, coroutine, handing)
    if effect is not None:
        yield coroutine.found(
            HANDED,
            handing.span,
            f"`{handing.spelled}` is handed to a thread, but `{effect[0]}` holds the GIL while it computes: the event "
            "loop waits all the same",
            "hand it to a process, or cut it into parts",
            weight_s=effect[1],
        )


def _computing(program: Program, coroutine: Coroutine, handing: Handing) -> tuple[str, float] | None:
    target = program.tree.target(coroutine.subject.key.module, handing.function)
    if isinstance(target, Library):
        entry = program.catalogue.find(target.name)
        held = entry is not None and entry.gil == "holds" and entry.category not in WAITS
        return (target.name, entry.weight_s) if held and entry is not None else None
    if isinstance(target, Function):
        effects: dict[str, Effect] = program.effects.of(target)
        held_by = effects.get("cpu-native-holds-gil")
        if held_by is not None and not any(kind in WAITS for kind in effects) and held_by.weight_s >= WORTH_S:
            return held_by.name, held_by.weight_s
    return None
