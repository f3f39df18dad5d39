"""From everything that was found to what is told: selected, not silenced, on the lines that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from iobound.model.finding import Confidence, Finding
from iobound.model.gathered import LineRange
from iobound.verbs.scan.choice import Settings
from iobound.verbs.scan.program.facts import FileFacts
from iobound.verbs.scan.rules.registry import registry
from iobound.verbs.scan.scanning import ReadSource, source_in
from iobound.verbs.scan.selection import is_on
from iobound.verbs.scan.silencing import silence
from iobound.verbs.scan.syntax.comments import comments_in
from iobound.verbs.scan.syntax.notebook import Notebook
from iobound.verbs.scan.syntax.sources import Unparsable

Changed = Mapping[str, Sequence[LineRange]]


class Told(NamedTuple):
    """What is told of a scan, and how much was silenced."""

    findings: tuple[Finding, ...]
    ignored: int


def tell(
    findings: Iterable[Finding],
    files: Mapping[str, FileFacts],
    read_source: ReadSource,
    settings: Settings,
    *,
    changed: Changed | None = None,
    relative: Callable[[str], str] = str,
) -> Told:
    """Choose what is told.

    Args:
        findings: Everything that was found, by file and place.
        files: All files of the scan.
        read_source: Gives a file's bytes again, for comments and excerpts.
        changed: Lines to tell of, by file; None for all.
        relative: Gives a file's path from the root that per-file settings start from.
    """
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        by_file.setdefault(finding.file, []).append(finding)
    left: list[Finding] = []
    ignored = 0
    for file, facts in files.items():
        found = by_file.get(file, [])
        if found or facts.silencing:
            kept, silenced = _of_file(file, found, read_source, settings, relative(file))
            ignored += silenced
            left += [each for each in kept if changed is None or is_on(each, changed.get(file, ()))]
    return Told(tuple(_sure_enough(left, settings.min_confidence)), ignored)


def _sure_enough(findings: Iterable[Finding], least: Confidence | None) -> Iterator[Finding]:
    if least is not None:
        yield from (each for each in findings if each.confidence.rank >= least.rank)
        return
    usual = {rule.id: min(rule.confidence.rank, Confidence.MEDIUM.rank) for rule in registry().rules}
    yield from (each for each in findings if each.confidence.rank >= usual.get(each.rule, Confidence.MEDIUM.rank))


def _of_file(
    file: str, found: list[Finding], read_source: ReadSource, settings: Settings, path: str
) -> tuple[list[Finding], int]:
    rules = settings.per_file.within(path, settings.rules)
    selected = [finding for finding in found if finding.rule in rules.selected]
    data = read_source(file)
    source = None if data is None else source_in(file, data)
    if source is None or isinstance(source, Unparsable):
        return selected, 0
    text = source.source if isinstance(source, Notebook) else source
    left = silence(file, selected, comments_in(text), text, rules)
    shown = [each._replace(excerpt=_row(text.lines, each.line)) for each in left.findings]
    return [source.in_cell(each) for each in shown] if isinstance(source, Notebook) else shown, left.ignored


def _row(lines: Sequence[str], line: int) -> str:
    return lines[line - 1] if 1 <= line <= len(lines) else ""
