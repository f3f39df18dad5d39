"""IOB201 to IOB212: loops whose iterations wait one after another, and whether they need to."""

from __future__ import annotations

from iobound.model.finding import Confidence, Severity, Step
from iobound.model.source_facts import LoopFact
from iobound.scan.program.effects import Effect
from iobound.scan.program.facts import CallSite, LoopFacts
from iobound.scan.rules.program import Program, Subject, sites_by_loop
from iobound.scan.rules.rule import Findings, Rule

_W, _H, _M = Severity.WARNING, Confidence.HIGH, Confidence.MEDIUM

MAP = Rule("IOB201", "independent-waits-in-sequence", _W, _H, "Iterations that need not do so wait in turn.")
RULES = (MAP,)

_KINDS = ("network", "dns", "database", "subprocess", "disk")
FEW = 4
"""Iterations from which overlapping them is worth a change."""


def in_program(program: Program) -> Findings:
    """Look at the loops around calls that wait."""
    for subject in program.affected():
        if subject.is_async:
            continue
        for number, sites in sites_by_loop(subject).items():
            loop = program.loop(subject, number)
            waits = [(site, kind, effect) for site in sites for kind, effect in _waits(program, subject, site)]
            if waits and loop.fact is not None and not 0 <= loop.trips < FEW:
                yield from _judged(program, subject, loop, loop.fact, max(waits, key=lambda each: each[2].weight_s))


def _waits(program: Program, subject: Subject, site: CallSite) -> list[tuple[str, Effect]]:
    effects = program.effects_at(subject, site)
    return [(kind, effects[kind]) for kind in _KINDS if kind in effects]


def _judged(
    program: Program, subject: Subject, loop: LoopFacts, fact: LoopFact, wait: tuple[CallSite, str, Effect]
) -> Findings:
    site, kind, effect = wait
    if fact.independent != "yes":
        return
    chain: tuple[Step, ...] = ()
    if effect.through is not None:
        first = Step(program.tree.named(effect.through), subject.file, site.span.line)
        chain = (first, *program.effects.chain(effect.through, kind))
    yield MAP.at(
        subject.file,
        loop.span,
        f"each iteration waits for `{effect.name}` ({kind}), and none needs another's result",
        hint="overlap them: `ThreadPoolExecutor().map` (waiting releases the GIL)",
        function=subject.name,
        chain=chain,
        weight_s=effect.weight_s * (loop.trips if loop.trips >= 0 else 10),
    )
