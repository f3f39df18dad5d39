"""The two halves of a scan: one file at a time, then all of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from iobound.model.finding import Finding, Span
from iobound.model.source_facts import LoopFact
from iobound.scan.catalogue.lookup import Catalogue, catalogue
from iobound.scan.loop.loops import Loops, Parsed
from iobound.scan.program.effects import WAITS, Effects
from iobound.scan.program.facts import FileFacts
from iobound.scan.program.summary import summarise
from iobound.scan.program.tree import Function, Module, Tree, module_names
from iobound.scan.program.view import FileView
from iobound.scan.rules.program import Program
from iobound.scan.rules.registry import registry
from iobound.scan.syntax.names import Names
from iobound.scan.syntax.sources import decode, parse_whole
from iobound.scan.syntax.survey import survey

ReadSource = Callable[[str], bytes | None]


def read_facts(file: str, data: bytes, tops: frozenset[str] = frozenset()) -> FileFacts:
    """What is kept of one file.

    Args:
        file: As findings name it.
        data: Its bytes.
        tops: First parts of the names of all modules of the scan.
    """
    view = _view(file, data)
    if view is None:
        return FileFacts(lines=data.count(b"\n"))
    facts = summarise(view, tops)
    found = tuple(finding for rule in registry().in_file for finding in rule(view))
    return facts._replace(findings=found, silencing=b"iobound:" in data or b"noqa" in data)


def _view(file: str, data: bytes, known: Catalogue | None = None) -> FileView | None:
    source = decode(data)
    tree = None if source is None else parse_whole(source)
    if source is None or tree is None:
        return None
    return FileView(file, source, survey(tree, places=False), known or catalogue(), ascii_only=data.isascii())


def judge(file: str, data: bytes, spans: Iterable[Span]) -> dict[Span, LoopFact]:
    """Say of loops of a file, by their places, whether their iterations need one another."""
    view = _view(file, data)
    if view is None:
        return {}
    wanted = set(spans)
    loops = Loops(file, Parsed(view.source, view.found, Names(view.found, view.catalogue)), view.catalogue)
    found: dict[Span, LoopFact] = {}
    for loop, context in view.found.loop_contexts.items():
        span = view.span(loop)
        if span in wanted:
            found[span] = loops.fact(loop, context.scope.function)
    return found


def findings(files: Mapping[str, FileFacts], read_source: ReadSource) -> list[Finding]:
    """What rules find in all files together.

    Args:
        files: Facts by file, as findings name them.
        read_source: Gives a file's bytes again: the few loops that wait are looked at closely.
    """
    names = module_names(dict.fromkeys(files, 0))
    modules = [Module(file, *names[file], facts) for file, facts in files.items()]
    known = catalogue()
    tree = Tree(modules, known)
    effects = Effects(tree, known)
    tree.modules[:] = [
        _with_verdicts(module, _waiting_loops(effects, number), read_source) for number, module in enumerate(modules)
    ]

    def read_view(number: int) -> FileView | None:
        data = read_source(modules[number].file)
        return None if data is None else _view(modules[number].file, data)

    program = Program(tree, effects, known, read_view)
    found = [finding for facts in files.values() for finding in facts.findings]
    found += [finding for rule in registry().in_program for finding in rule(program)]
    return sorted(found, key=lambda finding: (finding.file, finding.span, finding.rule))


def _waiting_loops(effects: Effects, number: int) -> set[int]:
    """Loops of a module around calls that wait."""
    loops: set[int] = set()
    for at, facts in enumerate(effects.tree.modules[number].facts.functions):
        if not effects.of(Function(number, at)):
            continue
        for site in facts.calls:
            if site.loop >= 0 and site.loop not in loops:
                kinds = effects.at(Function(number, at), site)
                if any(kind in WAITS or kind.startswith("await:") for kind in kinds):
                    loops.add(site.loop)
    return loops


def _with_verdicts(module: Module, loops: set[int], read_source: ReadSource) -> Module:
    facts = module.facts
    asked = {facts.loops[loop].span for loop in loops if facts.loops[loop].fact is None}
    data = read_source(module.file) if asked else None
    if data is None:
        return module
    verdicts = judge(module.file, data, asked)
    judged = tuple(loop._replace(fact=verdicts.get(loop.span, loop.fact)) for loop in facts.loops)
    return module._replace(facts=facts._replace(loops=judged))
