"""The order of the steps of a scan.

paths --gather--> files --scan--> facts (which `store` keeps) --scan--> findings --report--> text
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import iobound
from iobound.model.finding import Finding, RuleNote, ScanResult
from iobound.model.gathered import Gathered, LineRange, SourceFile, Unread
from iobound.model.scan_options import ScanOptions
from iobound.pipeline.collecting import without_collector
from iobound.pipeline.fixing import fix_files
from iobound.pipeline.reading_files import MOST_BYTES, Task, facts_of, in_processes
from iobound.verbs import gather, scan, store

if TYPE_CHECKING:
    from iobound.verbs.scan import FileFacts, Settings
    from iobound.verbs.store import ScanCache

CACHE_FOLDER = ".iobound_cache"
"""Name of the folder for the cache, beside pyproject.toml or in the working directory."""


PATIENCE_NS = 1_000_000_000
"""How long nothing is shown of how far a scan is."""

Progress = Callable[[int, int], None]
"""Is told how many files are done, and of how many."""


def scan_paths(options: ScanOptions, progress: Progress | None = None) -> ScanResult:
    """Scan what the options say, and apply safe fixes if they say so.

    Raises:
        UsageError: A path does not exist, a revision is unknown to git, or a setting means nothing.
    """
    result = _scan_once(options, progress)
    fixed = fix_files(result.findings) if options.fix else 0
    return _scan_once(options, None)._replace(fixed=fixed) if fixed else result


def _scan_once(options: ScanOptions, progress: Progress | None) -> ScanResult:
    began_ns = time.time_ns()
    settings = scan.settings(options)
    found = gather.gather(options)
    with without_collector(), _cache(options, settings, found, began_ns) as cache:
        return _Scan(options, settings, found, cache, progress).result()


def rule_ids() -> frozenset[str]:
    """Ids of all rules."""
    return scan.rule_ids()


def rule_notes() -> Mapping[str, RuleNote]:
    """All rules with their documentation, by id."""
    return scan.rule_notes()


@contextlib.contextmanager
def _cache(options: ScanOptions, settings: Settings, found: Gathered, began_ns: int) -> Iterator[ScanCache | None]:
    if not options.cache:
        yield None
        return
    folder = options.cache_dir or os.path.join(options.root, CACHE_FOLDER)
    tops = sorted(scan.tops_of(file.name for file in found.files))
    depends = [iobound.__version__, _code_state(), sys.version_info[:2], settings.digest, tops]
    key = store.digest_of(json.dumps(depends).encode("ascii"))
    cache = store.open_cache(folder, key, began_ns=began_ns)
    try:
        yield cache
    finally:
        if cache is not None:
            cache.close()


def _code_state() -> int:
    """Changes with the files of the scanner: a checkout may have other rules under the same version."""
    pending, state = [os.path.dirname(scan.__file__)], 0
    with contextlib.suppress(OSError):
        while pending:
            for entry in os.scandir(pending.pop()):
                if entry.is_dir():
                    pending += [] if entry.name == "__pycache__" else [entry.path]
                else:
                    found = entry.stat()
                    state += found.st_mtime_ns ^ found.st_size  # in whatever order they are found
    return state


class _Scan:
    """One scan; files by the names that findings give them."""

    def __init__(
        self,
        options: ScanOptions,
        settings: Settings,
        found: Gathered,
        cache: ScanCache | None,
        progress: Progress | None = None,
    ) -> None:
        self.options = options
        self.settings = settings
        self.found = found
        self.cache = cache
        self.progress = progress
        self.began_ns = time.time_ns()
        self.stats: dict[str, os.stat_result] = {}
        self.digests: dict[str, bytes] = {}
        self.unread: dict[str, str] = {}
        self.standard_input: bytes | Unread | None = None
        self._files: dict[str, SourceFile] = {}

    def result(self) -> ScanResult:
        self._look()
        kept = self._kept()
        if kept is not None:
            return kept
        facts, new = self._facts()
        findings, grown = scan.link(facts, self._read, self.settings.catalogue, self.settings.rules.selected)
        unread = {**self.unread, **{each.name: each.reason for each in self.found.unread}}
        findings += [scan.unreadable(name, reason) for name, reason in sorted(unread.items())]
        told = scan.tell(
            findings, {**dict.fromkeys(unread, scan.NO_FACTS), **facts}, self._read, self.settings,
            changed=self._changed(), relative=self._relative,
        )  # fmt: skip
        result = ScanResult(
            findings=told.findings,
            rules=self._notes(told.findings),
            files=len(facts),
            lines=sum(each.lines for each in facts.values()),
            unread=len(unread) + sum(each.unread for each in facts.values()),
            left_out=self.found.left_out,
            ignored=told.ignored,
        )
        self._keep(facts, {name: grown.get(name, facts[name]) for name in {*new, *grown}}, result)
        return result

    def _notes(self, findings: Sequence[Finding]) -> Mapping[str, RuleNote]:
        return self.settings.notes({finding.rule for finding in findings})

    # Sources

    def _look(self) -> None:
        """Note sizes and times before anything is read: only then they stand for what is read."""
        if self.cache is None:
            return
        for file in self.found.files:
            if file.path is not None:
                with contextlib.suppress(OSError, ValueError):
                    self.stats[file.name] = os.stat(file.path)

    def _read(self, name: str) -> bytes | None:
        file = self._by_name.get(name)
        content = Unread(name, "no file") if file is None else self._content(file)
        return None if isinstance(content, Unread) else content

    @property
    def _by_name(self) -> Mapping[str, SourceFile]:
        if not self._files:
            self._files.update((file.name, file) for file in self.found.files)
        return self._files

    def _content(self, file: SourceFile) -> bytes | Unread:
        if file.path is not None:
            return gather.contents(file, store.open_regular, most_bytes=MOST_BYTES)
        if self.standard_input is None:  # which can be read once
            self.standard_input = gather.contents(file, store.open_regular, most_bytes=MOST_BYTES)
        return self.standard_input

    def _changed(self) -> Mapping[str, tuple[LineRange, ...]] | None:
        return None if self.options.diff is None else gather.changed(self.options.diff, self.found.files)

    def _relative(self, name: str) -> str:
        return os.path.relpath(name, self.options.root).replace(os.sep, "/")

    # Facts

    def _facts(self) -> tuple[dict[str, FileFacts], set[str]]:
        """Facts of all files, and the names of those that were read anew."""
        tops = scan.tops_of(file.name for file in self.found.files)
        known = self._known()
        wanted = [file for file in self.found.files if file.name not in known]
        facts: dict[str, FileFacts] = {}
        read: dict[str, FileFacts] = {}
        on_disk = [file for file in wanted if file.path is not None]
        with contextlib.closing(in_processes([Task(file, tops) for file in on_disk], self.options)) as answers:
            for done, (task, answer) in enumerate(answers, 1):
                if self.progress is not None and time.time_ns() - self.began_ns > PATIENCE_NS:
                    self.progress(done, len(on_disk))
                if isinstance(answer, Unread):
                    self.unread[answer.name] = answer.reason
                else:
                    read[task.file.name], self.digests[task.file.name] = answer
        for file in wanted:
            if file.path is None:
                content = self._content(file)
                if isinstance(content, Unread):
                    self.unread[file.name] = content.reason
                else:
                    read[file.name] = facts_of(file.name, content, tops, self.settings)
        for file in self.found.files:  # in the order in which they were found
            if file.name in read or file.name in known:
                facts[file.name] = read.get(file.name) or known[file.name]
        return facts, set(read)

    def _known(self) -> dict[str, FileFacts]:
        """Facts that the cache has of files that have not changed."""
        if self.cache is None:
            return {}
        paths = self._paths()
        digests = self.cache.digests({paths[name]: stat for name, stat in self.stats.items()})
        self.digests = {name: digests[path] for name, path in paths.items() if path in digests}
        kept = self.cache.facts(set(self.digests.values()))
        known: dict[str, FileFacts] = {}
        for name, digest in self.digests.items():
            found = scan.facts_from_bytes(kept[digest], name) if digest in kept else None
            if found is not None:
                known[name] = found
        return known

    def _paths(self) -> dict[str, str]:
        return {file.name: os.path.abspath(file.path) for file in self.found.files if file.path is not None}

    # The result as a whole

    def _settings(self) -> bytes:
        """What the result depends on besides contents."""
        chosen = [self.options.per_file_ignores, self.options.min_confidence, os.path.abspath(self.options.root)]
        names = [file.name for file in self.found.files]
        return json.dumps([sorted(self.settings.rules.selected), chosen, names, dict(self.found.left_out)]).encode()

    def _is_kept_whole(self) -> bool:
        alone = all(file.path is not None for file in self.found.files)
        return self.cache is not None and alone and self.options.diff is None and not self.found.unread

    def _kept(self) -> ScanResult | None:
        if self.cache is None or not self._is_kept_whole() or len(self.stats) < len(self.found.files):
            return None
        paths = self._paths()
        stats = {paths[name]: stat for name, stat in self.stats.items()}
        content = self.cache.whole_at_a_glance(stats, self._settings())
        try:
            return None if content is None else self._result_from(json.loads(content))
        except (ValueError, TypeError, KeyError, IndexError):
            return None

    def _result_from(self, document: dict[str, Any]) -> ScanResult:
        return ScanResult(
            findings=scan.findings_from_json(document["findings"]),
            rules={note.id: note for note in scan.notes_from_json(document["rules"])},
            files=int(document["files"]),
            lines=int(document["lines"]),
            unread=int(document["unread"]),
            left_out=self.found.left_out,
            ignored=int(document["ignored"]),
        )

    def _keep(self, facts: Mapping[str, FileFacts], new: Mapping[str, FileFacts], result: ScanResult) -> None:
        if self.cache is None:
            return
        paths = self._paths()
        seen = {
            name: (self.stats[name], self.digests[name])
            for name in facts
            if name in self.stats and name in self.digests
        }
        files = {paths[name]: each for name, each in seen.items()}
        self.cache.keep(
            {paths[name]: seen[name] for name in new if name in seen},
            {self.digests[name]: scan.facts_as_bytes(each) for name, each in new.items() if name in self.digests},
        )
        if self._is_kept_whole() and len(seen) == len(facts) and not self.unread:
            counts = {name: getattr(result, name) for name in ("files", "lines", "unread", "ignored")}
            notes = scan.as_json([*result.rules.values()])
            document = {"findings": scan.as_json(result.findings), "rules": notes, **counts}
            content = json.dumps(document, separators=(",", ":")).encode("utf-8", "surrogatepass")
            self.cache.keep_whole(files, content, self._settings())
