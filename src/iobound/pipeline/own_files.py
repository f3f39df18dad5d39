"""What the scanner finds in the user's own files that a run was seen in: after the run, and never for long."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from importlib import import_module

from iobound.errors import IoboundError
from iobound.model.finding import Finding
from iobound.model.path_patterns import PathPatterns
from iobound.model.recording import Place
from iobound.model.scan_options import ScanOptions
from iobound.model.source_facts import FindingFact, SourceFacts
from iobound.pipeline.collecting import without_collector
from iobound.verbs import scan

MOST_FILES = 100
MOST_BYTES = 1_500_000
"""Of all files together; a scan reads some 2 MB of source in a second of CPU time. No limit is one of time: what is
scanned, and so what gates are held against, must not depend on what else a machine does."""

MOST_BYTES_A_FILE = 500_000
MOST_FINDINGS = 500
_LONGEST_TEXT = 500
_UPKEEP = "IOB9"
"""Rules about the scan itself: they say nothing of a run."""

ReadSource = Callable[[str], bytes | None]
Choose = Callable[[Collection[str]], ScanOptions]


_STEPS = ("scan.program.facts", "scan.program.view", "scan.program.effects", "scan.rules.program", "scan.scanning")


def load() -> Iterator[object]:
    """Load what `with_findings` needs a little at a time, so that a program that has ended need not wait for it."""
    for step in _STEPS:
        yield import_module(f"iobound.verbs.{step}")
    yield scan.tell, scan.settings
    yield from scan.load_rules()


def with_findings(
    facts: SourceFacts, places: Sequence[Place], read_source: ReadSource, choose: Choose | None = None
) -> SourceFacts:
    """The facts of a run with what the scanner finds in the user's own files, or with the reason why it could not.

    Args:
        facts: What `scan.examine` says of these places; without a line of its source a file is not that which ran.
        places: Observed places.
        read_source: Gives the bytes of a file by the name in `Place.file`.
        choose: Gives the user's settings of scans, for the ids of all rules; called when there is something to scan.
    """
    files = _own_files(facts, places)
    unknown = _without_source(places, files)
    if not files:
        return facts._replace(unscanned=_left_out(unknown, _NO_SOURCE) if unknown else "")
    try:
        with without_collector():
            options = ScanOptions() if choose is None else choose(scan.rule_ids())
            own = _OwnFiles(files, read_source, options)
            findings = own.findings()
    except Exception as problem:  # the report of the run must not be lost for that
        told = problem.message if isinstance(problem, IoboundError) else f"{type(problem).__name__}: {problem}"
        return facts._replace(unscanned=f"the program's own files were not scanned: {told}")
    return facts._replace(findings=findings, unscanned=own.unscanned(unknown))


def _own_files(facts: SourceFacts, places: Sequence[Place]) -> list[str]:
    """Files whose source is known, those with most places first: what matters most when not all can be scanned."""
    counts = Counter(places[index].file for index in facts.lines)
    own = {os.path.abspath(file): file for file, _ in reversed(counts.most_common()) if scan.own_code(file)}
    return [file for file in reversed(own.values()) if not file.startswith("<")]


def _without_source(places: Sequence[Place], files: Collection[str]) -> int:
    """How many files of the program's own were seen whose source is not known, or is not that which ran."""
    seen = {os.path.abspath(file) for file in {place.file for place in places} if file and not file.startswith("<")}
    return len({file for file in seen if scan.own_code(file)} - {os.path.abspath(file) for file in files})


_TOO_MUCH = "there is too much source"
_NO_SOURCE = "their source was not read, or is not what ran"
_NO_PYTHON = "this interpreter cannot parse them"


def _left_out(count: int, why: str) -> str:
    was = "was" if count == 1 else "were"
    return f"{count} of the program's own files {was} not scanned: {why}"


class _Budget:
    """How much may still be read."""

    def __init__(self, files: int, size: int) -> None:
        self.files = files
        self.size = size

    def allows(self, size: int) -> bool:
        """Whether one more file of so many bytes may be read; it counts as read then."""
        if self.files < 1 or not size <= min(self.size, MOST_BYTES_A_FILE):
            return False
        self.files, self.size = self.files - 1, self.size - size
        return True


class _OwnFiles:
    """The files of one run, by the names that the scanner is given: from the working directory, with `/`."""

    def __init__(self, files: Sequence[str], read_source: ReadSource, options: ScanOptions) -> None:
        self._read_source = read_source
        self._options = options
        self._settings = _settings(options)
        excluded = PathPatterns((*options.exclude, *options.extend_exclude))
        self._files = {_named(file): file for file in files if not excluded.cover(os.path.relpath(file, options.root))}
        self._sources: dict[str, bytes] = {}
        self._left_out: Counter[str] = Counter()
        self._untold = 0

    def unscanned(self, unknown: int) -> str:
        """What was left out, in a sentence; empty when nothing was.

        Args:
            unknown: Files of which there was no source to begin with.
        """
        left_out = self._left_out + Counter({_NO_SOURCE: unknown})
        told = [_left_out(count, why) for why, count in left_out.items()]
        if self._untold:
            told.append(f"{self._untold} findings of the scanner are left out")
        return "; ".join(told)

    def findings(self) -> tuple[FindingFact, ...]:
        """Everything that is told of these files, by file and place."""
        facts = self._facts()
        known, rules = self._settings.catalogue, self._settings.rules.selected
        found, _ = scan.link(facts, self._sources.get, known, rules)
        told = scan.tell(found, facts, self._sources.get, self._settings, relative=self._relative).findings
        if len(told) > MOST_FINDINGS:
            self._untold = len(told) - MOST_FINDINGS
            worst = sorted(told, key=lambda finding: -finding.severity.rank)[:MOST_FINDINGS]
            told = tuple(sorted(worst, key=lambda finding: (finding.file, finding.span, finding.rule)))
        return tuple(self._kept(finding) for finding in told)

    def _facts(self) -> Mapping[str, scan.FileFacts]:
        budget = _Budget(MOST_FILES, MOST_BYTES)
        tops = scan.tops_of([*self._files, *self._packages])
        facts: dict[str, scan.FileFacts] = {}
        for name, file in [*self._files.items(), *self._packages.items()]:
            source, why = self._read_source(file), ""
            if source is None:
                why = _NO_SOURCE
            elif not budget.allows(len(source)):
                why = _TOO_MUCH
            else:
                read = scan.read_facts(name, source, tops, self._settings.catalogue, self._settings.extra)
                if read.unread:
                    why = _NO_PYTHON
                else:
                    facts[name], self._sources[name] = read, source
            if why and name in self._files:
                self._left_out[why] += 1
        return facts

    @cached_property
    def _packages(self) -> dict[str, str]:
        """The `__init__.py` that give files their names as modules, by name."""
        found: dict[str, str] = {}
        for file in self._files.values():
            folder = os.path.dirname(file)
            while (init := os.path.join(folder, "__init__.py")) not in found.values() and os.path.isfile(init):
                if _named(init) not in self._files:
                    found[_named(init)] = init
                folder = os.path.dirname(folder)
        return found

    def _relative(self, name: str) -> str:
        return os.path.relpath(name, self._options.root).replace(os.sep, "/")

    def _kept(self, finding: Finding) -> FindingFact:
        span, rows = finding.span, self._sources[finding.file].splitlines()
        last = finding.excerpt if span.end_line == span.line else _decoded(rows[span.end_line - 1 : span.end_line])
        return FindingFact(
            rule=finding.rule,
            file=self._files.get(finding.file) or self._packages[finding.file],
            line=span.line,
            column=_bytes(finding.excerpt, span.column),
            end_line=span.end_line,
            end_column=_bytes(last, span.end_column),
            severity=finding.severity.value,
            message=finding.message[:_LONGEST_TEXT],
            hint=finding.hint[:_LONGEST_TEXT],
        )


def _decoded(rows: Sequence[bytes]) -> str:
    return b"".join(rows).decode("utf-8", "replace")


def _bytes(row: str, column: int) -> int:
    """A column in UTF-8 bytes, as places have it."""
    return column if row.isascii() else len(row[:column].encode("utf-8", "surrogatepass"))


def _settings(options: ScanOptions) -> scan.Settings:
    settings = scan.settings(options)
    selected = frozenset(rule for rule in settings.rules.selected if not rule.startswith(_UPKEEP))
    return settings._replace(rules=settings.rules._replace(selected=selected))


def _named(file: str) -> str:
    """A file from the working directory where it lies below that, as reports name it."""
    name, here = os.path.abspath(file), os.path.join(os.getcwd(), "")
    return name.removeprefix(here).replace(os.sep, "/")
