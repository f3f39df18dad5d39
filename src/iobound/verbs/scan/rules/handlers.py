"""IOB117: handlers of requests that are coroutines without need."""

from __future__ import annotations

from iobound.model.finding import Confidence, Finding, Severity, Span
from iobound.verbs.scan.program.effects import Effect, weightiest
from iobound.verbs.scan.program.facts import CallSite, How
from iobound.verbs.scan.program.tree import Library
from iobound.verbs.scan.rules.coroutines import Coroutine, coroutines, is_waiting_call
from iobound.verbs.scan.rules.local_files import is_light, is_of_program, is_repeated
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings, Rule

HANDLER = Rule(
    "IOB117",
    "handler-need-not-be-coroutine",
    Severity.INFO,
    Confidence.MEDIUM,
    "A handler of requests is a coroutine that never awaits and only blocks.",
)
RULES = (HANDLER,)

_VIEWS = ("starlette.endpoints.HTTPEndpoint", "django.views.", "litestar.Controller")
_METHODS = frozenset("get post put patch delete head options".split())
_LONG = frozenset({"network", "dns", "database", "subprocess", "sleep"})
"""Kinds of waiting for which a whole server stands still long enough to be warned of."""


def in_program(program: Program) -> Findings:
    """Look at coroutine functions that handle requests."""
    for coroutine in coroutines(program):
        if coroutine.subject.facts.calls and is_needless(program, coroutine):
            yield _finding(program, coroutine)


def is_needless(program: Program, coroutine: Coroutine) -> bool:
    """Whether a handler of requests never awaits, and waits: all of it is told by one finding.

    Not where files of any size are copied or packed right in it, and nothing else: these are told themselves.
    """
    facts = coroutine.subject.facts
    if facts.awaits_from or "g" in facts.kind or not _is_handler(program, coroutine):
        return False
    found = [*_waits(program, coroutine)]
    if not any(_is_long(program, coroutine, *each) for each in found):
        return False
    return any(kind != "disk" for kind, _, _ in found) or all(
        effect.through is not None or is_light_at(program, coroutine, site, effect.name, effect)
        for _, effect, site in found
    )


def is_light_at(program: Program, coroutine: Coroutine, site: CallSite, name: str, effect: Effect) -> bool:
    """Whether a call waits for one file, once."""
    return is_light(name, effect.entry) and not is_repeated(program, coroutine, site)


def _waits(program: Program, coroutine: Coroutine) -> list[tuple[str, Effect, CallSite]]:
    found = []
    for site in coroutine.subject.facts.calls:
        if not program.is_async(coroutine.subject, site):
            kind, effect = waiting_at(program, coroutine, site)
            if effect is not None:
                found.append((kind, effect, site))
    return found


def _is_long(program: Program, coroutine: Coroutine, kind: str, effect: Effect, site: CallSite) -> bool:
    """Whether it is no file of the program's own."""
    return not (kind == "disk" and is_of_program(program, effect))


def waiting_at(program: Program, coroutine: Coroutine, site: CallSite) -> tuple[str, Effect | None]:
    """The kind of waiting to tell of at a call, and why; no effect where it does not wait."""
    effects = program.effects_at(coroutine.subject, site)
    kind = weightiest(effects)
    effect = effects.get(kind)
    if effect is not None and effect.through is None and not is_waiting_call(site, effect.entry):
        return "", None
    return kind, effect


def _is_handler(program: Program, coroutine: Coroutine) -> bool:
    facts = coroutine.subject.facts
    if "h" in facts.kind:
        return True
    owner, _, method = facts.name.rpartition(".")
    return (
        bool(owner)
        and "d" not in facts.kind
        and method in _METHODS
        and any(base.startswith(_VIEWS) for base in _bases(program, coroutine, owner))
    )


def _bases(program: Program, coroutine: Coroutine, owner: str) -> list[str]:
    """Library classes that a class is derived from."""
    key = coroutine.subject.key
    for klass in coroutine.subject.module.facts.classes:
        if klass.name == owner:
            targets = (program.tree.target(key.module, base) for base in klass.bases)
            return [target.name for target in targets if isinstance(target, Library)]
    return []


def _finding(program: Program, coroutine: Coroutine) -> Finding:
    facts = coroutine.subject.facts
    found = [each for each in _waits(program, coroutine) if _is_long(program, coroutine, *each)]
    is_warned = any(kind in _LONG and not site.how & (How.SELDOM | How.FAILING) for kind, _, site in found)
    is_small = all(kind == "disk" and effect.through is None and site.how & How.SMALL for kind, effect, site in found)
    return coroutine.found(
        HANDLER,
        Span(facts.line, facts.column, facts.line, facts.column + len("async def")),
        f"`{coroutine.name}` never awaits and only blocks: as a plain function its framework would run it in a thread",
        "write `def` instead of `async def`",
        is_minor=is_small,
        severity=Severity.WARNING if is_warned else None,
    )
