"""The order of the steps of a scan: gather files, say what is in each, link them, and tell what rules find.

paths --gather--> files --scan--> facts (kept by `store`) --scan--> findings --report--> text
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import iobound
from iobound import gather, scan, store
from iobound.model.finding import Finding, RuleNote, ScanResult
from iobound.model.gathered import Gathered, SourceFile, Unread
from iobound.model.scan_options import ScanOptions

if TYPE_CHECKING:
    from iobound.scan import FileFacts, Settings
    from iobound.store import ScanCache

CACHE_FOLDER = ".iobound_cache"
LINES_A_PROCESS = 20_000
"""Lines from which another process is worth its start."""

_BYTES_A_LINE = 35
_CHUNKS = 16  # for each process: the last ones must not be long


def scan_paths(options: ScanOptions) -> ScanResult:
    """Scan what the options say.

    Raises:
        UsageError: A path does not exist, or a setting means nothing.
    """
    began_ns = store.now_ns()
    settings = scan.settings(options)
    found = gather.gather(options)
    with _without_collector(), _cache(options, settings, found, began_ns) as cache:
        return _Scan(options, settings, found, cache).result()


def rule_notes() -> Mapping[str, RuleNote]:
    """All rules with their documentation, by id."""
    return scan.rule_notes()


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Syntax trees hold no circles once a file is done, and looking for some takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextlib.contextmanager
def _cache(options: ScanOptions, settings: Settings, found: Gathered, began_ns: int) -> Iterator[ScanCache | None]:
    if not options.cache:
        yield None
        return
    folder = options.cache_dir or os.path.join(options.root, CACHE_FOLDER)
    version = f"{iobound.__version__} {sys.version_info[:2]} {settings.digest} {scan.tops(_names(found))}"
    cache = store.open_cache(folder, store.digest_of(version.encode("utf-8", "surrogatepass")), began_ns=began_ns)
    try:
        yield cache
    finally:
        if cache is not None:
            cache.close()


def _names(found: Gathered) -> list[str]:
    return [file.name for file in found.files]


@dataclass
class _Scan:
    options: ScanOptions
    settings: Settings
    found: Gathered
    cache: ScanCache | None
    stats: dict[str, os.stat_result] = field(default_factory=dict)
    digests: dict[str, bytes] = field(default_factory=dict)
    unread: dict[str, Unread] = field(default_factory=dict)

    def result(self) -> ScanResult:
        if self.options.diff is None and (kept := self._kept()) is not None:
            return kept
        facts = self._facts()
        findings, judged = scan.findings(facts, self._source, self.settings)
        told = scan.told(findings, judged, self._source, self.settings, self._changed())
        told.findings[:0] = [scan.unreadable(each.name, each.reason) for each in self._all_unread()]
        result = ScanResult(
            findings=tuple(told.findings),
            rules=scan.selected_notes(self.settings),
            files=len(facts),
            lines=sum(each.lines for each in facts.values()),
            unread=told.unread,
            left_out=self.found.left_out,
            ignored=told.ignored,
        )
        self._keep(facts, judged, result)
        return result
