"""Files to facts, in this process or in several."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from iobound.model.gathered import NOTEBOOK_SUFFIX, SourceFile, Unread
from iobound.model.scan_options import ScanOptions
from iobound.verbs import gather, scan, store

if TYPE_CHECKING:
    Read = tuple[scan.FileFacts, bytes]

MOST_BYTES = 10_000_000
"""Of a file that is read; more of it is not looked at, and said so."""

BYTES_A_PROCESS = 1_500_000
"""Sources from which one more process is worth its start."""

_CHUNKS = 16  # for each process: the last ones to end must not be long


class Task(NamedTuple):
    """A file to read, and first parts of the names of all modules of the scan."""

    file: SourceFile
    tops: frozenset[str]


def in_processes(tasks: Sequence[Task], options: ScanOptions) -> Generator[tuple[Task, Read | Unread], None, None]:
    """Facts and digest of each file, or why there are none; in any order."""
    jobs = _jobs(tasks, options)
    settings: scan.Settings | None = None
    if jobs < 2:
        settings = scan.settings(options)
        for task in tasks:
            yield task, _read(task, settings)
        return
    from iobound.pipeline.reading_workers import answers  # which small scans do without

    chunks = _chunks(tasks, jobs * _CHUNKS)
    with contextlib.closing(answers(jobs, _reader, (options,), chunks)) as found:
        for number, contents in found:
            if contents is not None:
                for task, (content, digest) in zip(chunks[number], contents, strict=True):
                    yield task, _unpacked(task, content, digest)
                continue
            settings = settings or scan.settings(options)
            for task in chunks[number]:  # no process could do it
                yield task, _read(task, settings)


def facts_of(name: str, content: bytes, tops: frozenset[str], settings: scan.Settings) -> scan.FileFacts:
    """The facts of one file."""
    return scan.read_facts(name, content, tops, settings.catalogue, settings.extra)


def _jobs(tasks: Sequence[Task], options: ScanOptions) -> int:
    size = sum(task.file.size for task in tasks)
    most = options.jobs or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else options.jobs or 1
    return max(1, min(most, size // BYTES_A_PROCESS))


def _chunks(tasks: Sequence[Task], count: int) -> list[list[Task]]:
    """Tasks dealt out, largest first, each to the lightest chunk; the heaviest chunk comes first."""
    chunks: list[list[Task]] = [[] for _ in range(max(1, min(count, len(tasks))))]
    for number, task in enumerate(sorted(tasks, key=lambda task: -task.file.size)):
        chunks[number % len(chunks)].append(task)
    return chunks


def _read(task: Task, settings: scan.Settings) -> Read | Unread:
    content = gather.contents(task.file, store.open_regular, most_bytes=MOST_BYTES)
    if isinstance(content, Unread):
        return content
    return facts_of(task.file.name, content, task.tops, settings), _digest(task.file, content)


def _digest(file: SourceFile, content: bytes) -> bytes:
    """Stands for what facts depend on besides settings: the same bytes are something else in a notebook."""
    return store.digest_of(b"notebook " + content if file.name.endswith(NOTEBOOK_SUFFIX) else content)


def _unpacked(task: Task, content: bytes, digest: bytes) -> Read | Unread:
    facts = scan.facts_from_bytes(content, task.file.name) if digest else None
    return Unread(task.file.name, content.decode("utf-8", "replace")) if facts is None else (facts, digest)


# In another process


def _reader(options: ScanOptions) -> Callable[[list[Task]], list[tuple[bytes, bytes]]]:
    gc.disable()
    settings = scan.settings(options)
    return lambda tasks: [_packed(_read(task, settings)) for task in tasks]


def _packed(read: Read | Unread) -> tuple[bytes, bytes]:
    """Facts as bytes and digest of a file; the reason and no digest where there are none."""
    if isinstance(read, Unread):
        return read.reason.encode("utf-8", "replace"), b""
    return scan.facts_as_bytes(read[0]), read[1]
