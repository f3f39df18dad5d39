"""Loops that wait or compute, each with everything that rules ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from iobound.model.finding import Confidence, Finding, Severity, Step
from iobound.model.source_facts import LoopFact
from iobound.verbs.scan.loop.traits import Traits
from iobound.verbs.scan.program.counting import FAR, KINDS, UNLIKELY, counts
from iobound.verbs.scan.program.effects import COMPUTES, Effect
from iobound.verbs.scan.program.facts import CallSite, How, LoopFacts, around
from iobound.verbs.scan.program.tree import Function
from iobound.verbs.scan.rules.program import Program, Subject
from iobound.verbs.scan.rules.rule import Rule

FEW = 4
"""Iterations from which overlapping them is worth a change."""

USUAL_TRIPS = 10
"""Iterations of a loop of which nothing is known."""


_ENDLESS = ("itertools.count(", "count(", "itertools.repeat(", "itertools.cycle(", "iter(int, ")
"""How iterables begin that are no items: the loop goes on until something else ends it."""


class Wait(NamedTuple):
    """A call in a loop with the one effect of it that counts here."""

    site: CallSite
    kind: str
    effect: Effect

    @property
    def name(self) -> str:
        """Canonical name of the library's function at the end of the chain."""
        return self.effect.name

    @property
    def computes(self) -> bool:
        """Whether it does not wait."""
        return self.kind in COMPUTES


class Story(NamedTuple):
    """A loop that waits or computes.

    Attributes:
        waits: What it waits for or computes, weightiest first.
    """

    program: Program
    subject: Subject
    loop: LoopFacts
    fact: LoopFact
    traits: Traits
    waits: tuple[Wait, ...]

    @property
    def main(self) -> Wait:
        """The weightiest of its waits; computing counts only where nothing else is there."""
        return next((wait for wait in self.waits if not wait.computes and wait.kind != "sleep"), self.waits[0])

    @property
    def trips(self) -> int:
        """Iterations that are counted with."""
        return USUAL_TRIPS if self.known_trips is None else self.known_trips

    @property
    def known_trips(self) -> int | None:
        """Iterations where the source says how many."""
        return self.fact.trip_count if self.loop.trips < 0 else self.loop.trips

    @property
    def is_short(self) -> bool:
        """Whether it has too few iterations for anything to be gained."""
        return self.known_trips is not None and self.known_trips < FEW

    @property
    def is_for(self) -> bool:
        """Whether it runs over items that are there from the start."""
        return self.loop.kind != "while" and not self.fact.iterable.startswith(_ENDLESS)

    def is_likely(self, wait: Wait) -> bool:
        """Whether iterations come to a wait, and more than one of them does."""
        once = wait.site.span in self.traits.once
        return not once and self.maybes(wait) < UNLIKELY and wait.effect.depth < FAR

    def is_rare(self, wait: Wait) -> bool:
        """Whether not every iteration comes to it."""
        return wait.site.span in self.traits.rare

    def order(self, wait: Wait) -> tuple[bool, int, float]:
        """Sorts waits: those of each iteration first, then the weightiest."""
        return self.fails(wait), KINDS.index(wait.kind), -wait.effect.weight_s

    def maybes(self, wait: Wait) -> int:
        """Tests and failures of this loop, and of functions that it calls, which the wait depends on."""
        outside = bool(wait.site.how & How.MAYBE)  # the loop itself may stand in a branch, which does not matter
        return wait.effect.maybes - outside + self.is_rare(wait)

    def chain(self, wait: Wait) -> tuple[Step, ...]:
        """From the call in the loop to what waits, empty when that is the call itself."""
        through = wait.effect.through
        if through is None:
            return ()
        first = Step(self.program.tree.named(through), self.subject.file, wait.site.span.line)
        return (first, *self.program.effects.chain(through, wait.kind))

    def fails(self, wait: Wait) -> bool:
        """Whether only an iteration that fails comes to it, or it is done because something has failed."""
        return bool(wait.site.how & How.FAILING)

    def confidence(self, wait: Wait, known: Confidence = Confidence.HIGH) -> Confidence:
        """How sure it is that an iteration comes to this wait."""
        steps = (wait.effect.depth > 2) + self.maybes(wait)
        return tuple(Confidence)[max(0, known.rank - steps)]

    def finding(
        self,
        rule: Rule,
        message: str,
        hint: str,
        *,
        wait: Wait | None = None,
        at_call: bool = False,
        severity: Severity | None = None,
        confidence: Confidence | None = None,
        suggestion: str = "",
    ) -> Finding:
        """A finding about the loop, or about one call in it."""
        wait = wait or self.main
        if self.fails(wait) or self.traits.few or self.traits.in_test:
            severity, confidence = Severity.INFO, Confidence.LOW
        return rule.at(
            self.subject.file,
            wait.site.span if at_call else self.loop.span,
            message,
            hint=hint,
            function=self.subject.name,
            chain=self.chain(wait),
            weight_s=wait.effect.weight_s * self.trips,
            severity=severity,
            confidence=confidence or self.confidence(wait, rule.confidence),
            suggestion=suggestion,
        )


def stories(program: Program) -> Iterator[Story]:
    """Loops that wait or compute for long, without those of functions that run beside each other already."""
    apart = _handed_over(program)
    for subject in program.affected():
        if subject.is_async or subject.key in apart or subject.module.facts.cooperative:
            continue
        gathered: dict[int, list[Wait]] = {}
        for site in subject.facts.calls:
            if site.loop >= 0 and not site.lock:
                for wait in _waits(program, subject, site):
                    for number in _loops_for(subject, site.loop):
                        gathered.setdefault(number, []).append(wait)
        for number, waits in gathered.items():
            loop = program.loop(subject, number)
            if loop.fact is not None and loop.traits is not None and waits:
                story = Story(program, subject, loop, loop.fact, loop.traits, tuple(waits))
                likely = [wait for wait in waits if story.is_likely(wait)]
                order = sorted(likely, key=story.order)
                if order:
                    yield story._replace(waits=tuple(order))


def _waits(program: Program, subject: Subject, site: CallSite) -> Iterator[Wait]:
    effects = program.effects_at(subject, site)
    for kind in KINDS:
        effect = effects.get(kind)
        if effect is not None and counts(kind, effect):
            yield Wait(site, kind, effect)


def _loops_for(subject: Subject, innermost: int) -> Iterator[int]:
    """The loop whose items a call belongs to: not the one that tries again, nor one of very few rounds.

    What goes on until something has come about belongs to an item of the loop around it, too.
    """
    facts = subject.module.facts
    for number in around(facts, innermost):
        loop = facts.loops[number]
        trips = loop.trips if loop.fact is None or loop.trips >= 0 else loop.fact.trip_count
        if loop.traits is not None and loop.traits.asks:
            return  # what goes on by itself meanwhile does so for all items of the loop around it
        if (trips is not None and 0 <= trips < FEW) or (loop.traits is not None and loop.traits.tries_again):
            continue
        yield number
        if loop.kind != "while" and (loop.fact is None or loop.fact.independent != "no"):
            return


def _handed_over(program: Program) -> frozenset[Function]:
    """Functions that are handed to threads or processes, and those that only such functions call."""
    handed: set[Function] = set()
    for subject in program.subjects():
        for handing in subject.facts.handings:
            if handing.function >= 0 and handing.where != "loop":
                target = program.tree.target(subject.key.module, handing.function)
                handed.update(each for each in program.tree.runs(target) if isinstance(each, Function))
    pending = list(handed)
    while pending:
        for callee in program.effects.callees(pending.pop()):
            if callee not in handed and all(caller in handed for caller in program.effects.callers(callee)):
                handed.add(callee)
                pending.append(callee)
    return frozenset(handed)
