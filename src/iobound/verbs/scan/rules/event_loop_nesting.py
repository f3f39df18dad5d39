"""IOB113: event loops that are started inside of a running one."""

from __future__ import annotations

from iobound.model.finding import Confidence, Severity
from iobound.verbs.scan.program.effects import RUNS_LOOP
from iobound.verbs.scan.rules.caught import is_caught
from iobound.verbs.scan.rules.coroutines import chain_of, coroutines
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings, Rule

NESTED = Rule(
    "IOB113",
    "event-loop-in-coroutine",
    Severity.ERROR,
    Confidence.HIGH,
    "A coroutine starts an event loop while one is running.",
)
RULES = (NESTED,)


def in_program(program: Program) -> Findings:
    """Look at coroutine functions that start an event loop, by themselves or through others."""
    for coroutine in coroutines(program):
        subject = coroutine.subject
        if "r" in subject.facts.kind or RUNS_LOOP not in program.effects.of(subject.key):
            continue
        for site in subject.facts.calls:
            effect = program.effects_at(subject, site).get(RUNS_LOOP)
            if effect is None or program.is_async(subject, site):
                continue
            through = "" if effect.through is None else f"`{program.tree.named(effect.through)}` calls "
            caught = is_caught(program, subject.key, site, effect)
            yield coroutine.found(
                NESTED,
                site.span,
                f"{through}`{effect.name}` in the coroutine `{coroutine.name}`: no event loop can be run inside of a "
                "running one (RuntimeError)",
                "`await` the coroutine, or start it as a task of the loop that runs",
                chain=chain_of(program, subject, site, effect, RUNS_LOOP),
                severity=Severity.WARNING if caught else None,
                confidence=Confidence.LOW if caught else None if effect.through is None else Confidence.MEDIUM,
            )
