"""The two halves of a scan: one file at a time, then all of them together."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Collection, Iterable, Mapping

from iobound.model.finding import Finding, Span
from iobound.model.gathered import NOTEBOOK_SUFFIX
from iobound.model.source_facts import LoopFact
from iobound.verbs.scan.catalogue.lookup import Catalogue, catalogue
from iobound.verbs.scan.loop.loops import Loops, Parsed
from iobound.verbs.scan.loop.traits import Traits, traits_of
from iobound.verbs.scan.program.awaiting import awaiting_loops, runs_through_items
from iobound.verbs.scan.program.counting import FAR, KINDS, UNLIKELY, counts
from iobound.verbs.scan.program.effects import Effect, Effects, kind_of
from iobound.verbs.scan.program.facts import CallSite, FileFacts, How, LoopFacts, around
from iobound.verbs.scan.program.module_names import module_names, tops_of
from iobound.verbs.scan.program.summary import summarise
from iobound.verbs.scan.program.tree import Function, Module, Tree
from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.registry import registry
from iobound.verbs.scan.rules.upkeep import unparsable
from iobound.verbs.scan.syntax.comments import may_silence
from iobound.verbs.scan.syntax.names import Names
from iobound.verbs.scan.syntax.notebook import Notebook, read_notebook
from iobound.verbs.scan.syntax.sources import TOO_DEEP, Source, Unparsable, decode_or_why, parse_or_why
from iobound.verbs.scan.syntax.survey import survey

__all__ = ["findings", "judge", "link", "read_facts", "source_in", "tops_of"]

ReadSource = Callable[[str], bytes | None]
Judged = Mapping[Span, tuple[LoopFact, Traits]]


def source_in(file: str, data: bytes) -> Source | Notebook | Unparsable:
    """The Python text in a file, by its name a notebook or a module."""
    return read_notebook(data) if file.endswith(NOTEBOOK_SUFFIX) else decode_or_why(data)


def read_facts(
    file: str,
    data: bytes,
    tops: frozenset[str] = frozenset(),
    known: Catalogue | None = None,
    extra: Collection[str] | None = None,
) -> FileFacts:
    """What is kept of one file.

    Args:
        file: As findings name it; of its facts nothing but names depends on it.
        data: Its bytes.
        tops: As `tops_of` gives them.
        extra: As `registry.extras` gives them; None for all.
    """
    lines = data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
    try:
        view = _view(file, data, known or catalogue())
        facts: FileFacts | Unparsable = view if isinstance(view, Unparsable) else _facts_of(view, tops, extra)
    except RecursionError:
        facts = TOO_DEEP
    if isinstance(facts, Unparsable):
        return FileFacts(findings=(unparsable(file, facts, data),), unread=True)
    return facts._replace(lines=lines, silencing=may_silence(data))


def _facts_of(view: FileView, tops: frozenset[str], extra: Collection[str] | None) -> FileFacts:
    facts = summarise(view, tops)
    waiting = _waiting_here(facts, view.catalogue)
    if waiting:
        facts = _judged(facts, _verdicts(view, {facts.loops[loop].span for loop in waiting}))
    asked = [each for each in registry().in_file if not each.extra or extra is None or not each.rules.isdisjoint(extra)]
    found = tuple(finding for each in asked for finding in each.look(view))
    view.found.forget()
    return facts._replace(findings=found)


def _view(file: str, data: bytes, known: Catalogue) -> FileView | Unparsable:
    source = source_in(file, data)
    if isinstance(source, Unparsable):
        return source
    text = source.source if isinstance(source, Notebook) else source
    tree = parse_or_why("\n".join(text.lines))
    if not isinstance(tree, ast.Module):
        return tree
    return FileView(file, text, survey(tree, places=False), known, ascii_only=data.isascii())


def _waiting_here(facts: FileFacts, known: Catalogue) -> set[int]:
    """Loops around calls that wait by themselves; those around the program's own functions are found later."""
    loops: set[int] = set()
    for function in facts.functions:
        for site in function.calls:
            if site.loop >= 0 and site.loop not in loops:
                name = facts.symbols[site.symbol]
                entry = known.find(name)
                kind = kind_of(entry, site, name) if entry is not None else ""
                if entry is not None and kind and _matters(kind, Effect(entry, name, site, None, 0, entry.weight_s)):
                    loops.update(around(facts, site.loop))
        loops.update(awaiting_loops(facts, function))
    return loops


def _matters(kind: str, effect: Effect) -> bool:
    """Whether a loop around such a call is looked at closely."""
    if effect.maybes > UNLIKELY or effect.depth >= FAR:
        return False
    return kind.startswith("await:") or (kind in KINDS and counts(kind, effect))


def judge(file: str, data: bytes, spans: Iterable[Span], known: Catalogue | None = None) -> Judged:
    """Say of loops of a file, by their places, whether their iterations need one another, and what they are like."""
    view = _view(file, data, known or catalogue())
    if isinstance(view, Unparsable):
        return {}
    verdicts = _verdicts(view, set(spans))
    view.found.forget()
    return verdicts


def _verdicts(view: FileView, wanted: set[Span]) -> Judged:
    loops = Loops(view.file, Parsed(view.source, view.found, Names(view.found, view.catalogue)), view.catalogue)
    found: dict[Span, tuple[LoopFact, Traits]] = {}
    for loop, context in view.found.loop_contexts.items():
        span = view.span(loop)
        if span in wanted:
            with contextlib.suppress(RecursionError):  # nothing is said of a loop that is too deep to be understood
                traits = traits_of(loop, context, view.names, view.source, view.span, view.found.caught)
                found[span] = loops.fact(loop, context.scope.function), traits
    return found


def _judged(facts: FileFacts, verdicts: Judged) -> FileFacts:
    judged = tuple(_with_verdict(loop, *verdicts[loop.span]) if loop.span in verdicts else loop for loop in facts.loops)
    return facts._replace(loops=judged)


def _with_verdict(loop: LoopFacts, fact: LoopFact, traits: Traits) -> LoopFacts:
    return loop._replace(fact=fact, traits=traits, trips=loop.trips if loop.trips >= 0 else traits.most)


def link(
    files: Mapping[str, FileFacts],
    read_source: ReadSource,
    known: Catalogue | None = None,
    wanted: Collection[str] | None = None,
) -> tuple[list[Finding], dict[str, FileFacts]]:
    """What rules find in all files together.

    Args:
        files: Facts by file, as findings name them.
        read_source: Gives a file's bytes again: the few loops that wait are looked at closely.
        wanted: Ids of rules; others need not be looked for. None for all.

    Returns:
        Findings by file and place, and those facts that have grown by what was seen of loops.
    """
    known = known or catalogue()
    names = module_names(dict.fromkeys(files, 0))
    modules = [Module(file, *names[file], facts) for file, facts in files.items()]
    tree = Tree(modules, known)
    effects = Effects(tree, known)
    grown: dict[str, FileFacts] = {}
    for number, module in enumerate(modules):
        facts = _with_verdicts(module, _waiting_loops(effects, number), read_source, known)
        if facts is not module.facts:
            grown[module.file] = facts
            tree.modules[number] = module._replace(facts=facts)

    def read_bytes(number: int) -> bytes | None:
        return read_source(modules[number].file)

    def read_view(number: int) -> FileView | None:
        data = read_bytes(number)
        view = None if data is None else _view(modules[number].file, data, known)
        return view if isinstance(view, FileView) else None

    program = Program(tree, effects, known, read_bytes, read_view)
    found = [finding for facts in files.values() for finding in facts.findings]
    for rules, look in registry().in_program:
        if wanted is None or not rules.isdisjoint(wanted):
            found += look(program)
    return sorted(found, key=lambda finding: (finding.file, finding.span, finding.rule)), grown


def findings(files: Mapping[str, FileFacts], read_source: ReadSource, known: Catalogue | None = None) -> list[Finding]:
    """What rules find in all files together, by file and place."""
    return link(files, read_source, known)[0]


def _waiting_loops(effects: Effects, number: int) -> set[int]:
    """Loops of a module around calls that wait or compute for long, with the loops around those."""
    facts = effects.tree.modules[number].facts
    loops: set[int] = set()
    for at, function in enumerate(facts.functions if facts.loops else ()):
        key = Function(number, at)
        if not function.awaits_from and not effects.of(key):
            continue
        for site in function.calls:
            if site.loop >= 0 and site.loop not in loops and _waits(effects, key, site):
                loops.update(around(facts, site.loop))
    return loops


def _waits(effects: Effects, caller: Function, site: CallSite) -> bool:
    """Whether a call waits or computes for long, or awaits a coroutine of the program."""
    if any(_matters(kind, effect) for kind, effect in effects.at(caller, site).items()):
        return True
    if not site.how & How.AWAITED or not runs_through_items(effects.tree.modules[caller.module].facts, site.loop):
        return False
    target = effects.tree.target(caller.module, site.symbol)
    return isinstance(target, Function) and bool(effects.tree.function(target).awaits_from)


def _with_verdicts(module: Module, loops: set[int], read_source: ReadSource, known: Catalogue) -> FileFacts:
    facts = module.facts
    asked = {facts.loops[loop].span for loop in loops if facts.loops[loop].fact is None}
    data = read_source(module.file) if asked else None
    return facts if data is None else _judged(facts, judge(module.file, data, asked, known))
