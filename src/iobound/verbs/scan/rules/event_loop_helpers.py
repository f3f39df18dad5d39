"""IOB110, IOB118: coroutines that stop the event loop through functions of the program."""

from __future__ import annotations

from iobound.model.finding import Confidence, Finding, Severity, Step
from iobound.verbs.scan.program.effects import UNLIKELY, Effect, maybes_of, weightiest
from iobound.verbs.scan.program.facts import CallSite, How
from iobound.verbs.scan.program.tree import Function
from iobound.verbs.scan.rules.coroutines import (
    STOPS,
    WORDS,
    Coroutine,
    called,
    chain_of,
    coroutines,
    in_thread,
    is_at_start,
    named,
    waits_for_result,
)
from iobound.verbs.scan.rules.handlers import waiting_at
from iobound.verbs.scan.rules.local_files import (
    at_end,
    is_bundled,
    is_light_chain,
    is_of_start_or_stop,
    is_short_lock,
    shared_state,
)
from iobound.verbs.scan.rules.not_given import is_unasked
from iobound.verbs.scan.rules.program import Program, Subject
from iobound.verbs.scan.rules.rule import Findings, Rule

_W, _M = Severity.WARNING, Confidence.MEDIUM

THROUGH = Rule(
    "IOB110", "blocking-helper-in-coroutine", _W, _M, "A coroutine calls a function that waits further down the line."
)
ITERATING = Rule(
    "IOB118", "blocking-iterator-in-coroutine", _W, _M, "A coroutine runs over an iterator that waits for each item."
)
RULES = (THROUGH, ITERATING)

SURE = 3
"""Calls of a chain up to which it is told with the rule's own confidence."""

_LOGGING = frozenset("critical debug error exception info log print success trace warn warning".split())
"""Last names of functions that say something: whether that writes a line to a file is a matter of settings."""

_HELD = frozenset({"acquire", "__enter__", "wait_for"})
"""Last names of what waits for whoever holds a lock."""

_DOES = {"w": "is entered", "p": "is read", "g": "is run over"}
"""What is done with a function of a kind other than that it is called."""

_LOCKS = {"trio": "trio.Lock", "anyio": "anyio.Lock", "twisted": "twisted.internet.defer.DeferredLock"}
_LAZY = ("lazy", "maybe")


def in_program(program: Program) -> Findings:
    """Look at what every coroutine function calls."""
    for subject in program.affected():
        if subject.facts.handings and not subject.module.facts.cooperative:
            yield from _callbacks(program, subject)
    for coroutine in coroutines(program):
        subject = coroutine.subject
        if not subject.facts.calls:
            continue
        for site in subject.facts.calls:
            if program.is_async(subject, site):
                continue
            kind, effect = waiting_at(program, coroutine, site)
            if effect is None:
                continue
            if effect.through is not None:
                is_minor = _is_minor(program, coroutine, site, kind, effect)
                yield _through(program, coroutine, site, kind, effect, is_minor=is_minor)
            elif _is_lazy(effect) and site.how & How.ITERATED and not waits_for_result(effect.name):
                yield _lazy(coroutine, site, kind, effect)


def _callbacks(program: Program, subject: Subject) -> Findings:
    """Plain functions that an event loop is given to call."""
    for handing in subject.facts.handings:
        target = program.tree.target(subject.key.module, handing.function) if handing.where == "loop" else None
        if not isinstance(target, Function) or "a" in program.tree.function(target).kind:
            continue
        effects = program.effects.of(target)
        kind = weightiest(effects)
        if kind and _is_sure(kind, effects[kind], program.tree.named(target)):
            name = program.tree.named(target)
            yield THROUGH.at(
                subject.file,
                handing.span,
                f"`{name}` is called by the event loop and {WORDS[kind]} (`{effects[kind].name}`): {STOPS}",
                hint="make it a coroutine function and start it as a task, or have it hand its work to a thread",
                function=subject.name,
                chain=(Step(name, subject.file, handing.span.line), *program.effects.chain(target, kind)),
                weight_s=effects[kind].weight_s,
            )


def _is_minor(program: Program, coroutine: Coroutine, site: CallSite, kind: str, effect: Effect) -> bool:
    """Whether a wait further down hardly matters where the coroutine is."""
    if (kind == "disk" or effect.maybes > 0) and is_at_start(coroutine, site):
        return True
    if is_of_start_or_stop(program, coroutine, site, kind, effect.weight_s):
        return True
    if kind == "lock" and is_short_lock(program, effect):
        return True
    if kind != "disk" or coroutine.is_handed(site.span):
        return False
    if is_bundled(program, effect):
        return True
    if not is_light_chain(program, coroutine, site, effect):
        return False
    return bool(at_end(program, effect).how & How.SMALL) or not program.beside.is_served(coroutine.subject.key)


def _through(
    program: Program, coroutine: Coroutine, site: CallSite, kind: str, effect: Effect, *, is_minor: bool
) -> Finding:
    assert effect.through is not None
    name = named(program, effect.through)
    kind_of_function = program.tree.function(effect.through).kind
    is_generator = "g" in kind_of_function and "w" not in kind_of_function
    rule = ITERATING if is_generator else THROUGH
    does = next((word for letter, word in _DOES.items() if letter in kind_of_function), "is called")
    thread = in_thread(called(program, effect.through), coroutine.library, site.written)
    hint = f"make it an async generator, or hand over the whole loop: `{thread}`" if is_generator else ""
    if "p" in kind_of_function:
        hint = "hand over a function that reads it, or make it a method of which it is plain that it waits"
    if "w" in kind_of_function:  # handed over itself it is only made there, and entered here
        thread = in_thread("function", coroutine.library)
        hint = f"hand over a function that does the whole `with`: `{thread}`"
    shared = shared_state(program, coroutine, site) if kind == "disk" and not hint and not is_minor else ""
    if shared:
        lock = _LOCKS.get(coroutine.library, "asyncio.Lock")
        changing = f"a copy of `{shared}`, which others may change"
        hint = f"hand over the whole of it with {changing}, under one `{lock}`: `{thread}`"
    if not hint and program.contexts.sets(effect.through):
        hint = f"hand over only the part that waits: `{called(program, effect.through)}` sets context variables, which"
        hint += " a thread would do in a copy"
    if coroutine.is_handed(site.span):
        does, hint = "is called before anything is handed over", "hand over the function itself, not what it gives"
    is_unsure = not _is_sure(kind, effect, name) or _is_overridden(site)
    is_unsure = is_unsure or is_unasked(program, coroutine.subject, site, kind, effect)
    return coroutine.found(
        rule,
        site.span,
        f"`{name}` {does} in the coroutine `{coroutine.name}` and {WORDS[kind]} (`{effect.name}`): {STOPS}",
        hint or f"hand over the whole of it: `{thread}`",
        chain=chain_of(program, coroutine.subject, site, effect, kind),
        weight_s=effect.weight_s,
        is_minor=is_minor,
        confidence=Confidence.LOW if is_unsure else None,
    )


def _is_overridden(site: CallSite) -> bool:
    """Whether a plain function is awaited: a coroutine function of another class is likely to run in its place."""
    return bool(site.how & How.AWAITED)


def _is_sure(kind: str, effect: Effect, name: str) -> bool:
    """Whether a chain of calls is likely to be gone through each time, and to matter."""
    inner = effect.maybes - maybes_of(effect.site)  # whether the coroutine gets there does not matter
    if kind == "stdin":
        return False  # a dialogue: seldom does anything else run
    if effect.site.how & (How.FIRST | How.FAILING | How.SELDOM) or (kind == "disk" and effect.site.how & How.FAILED):
        return False
    if inner and effect.site.how & How.REFUSING:
        return False  # the test may be for what the call refuses
    if kind == "lock" and (effect.name.rpartition(".")[2] in _HELD or effect.name.endswith("Condition.wait")):
        return False  # most locks guard memory, and are held for as long as that takes
    if effect.depth + inner > SURE or inner >= UNLIKELY or effect.entry.blocking == "maybe":
        return False
    *_, owner, method = f".{name}".split(".")
    return kind != "disk" or not (method in _LOGGING or "log" in owner.lower().split("_") or owner.endswith("Logger"))


def _is_lazy(effect: Effect) -> bool:
    return effect.entry.blocking in _LAZY or effect.name.endswith(".__next__")


def _lazy(coroutine: Coroutine, site: CallSite, kind: str, effect: Effect) -> Finding:
    name = effect.name.removesuffix(".__next__")
    return coroutine.found(
        ITERATING,
        site.span,
        f"each item of `{name}` {WORDS[kind]} in the coroutine `{coroutine.name}`: {STOPS}",
        f"collect the items elsewhere: `{in_thread('list', coroutine.library)}`, or use an asynchronous library",
        weight_s=effect.weight_s,
        confidence=Confidence.LOW if effect.entry.blocking == "maybe" or site.how & How.SELDOM else None,
    )
