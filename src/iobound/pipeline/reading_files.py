"""Files to facts, in this process or in several."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from iobound import gather, scan, store
from iobound.model.gathered import SourceFile, Unread
from iobound.model.scan_options import ScanOptions

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


def in_processes(tasks: Sequence[Task], options: ScanOptions) -> Iterator[tuple[Task, Read | Unread]]:
    """Facts and digest of each file, or why there are none; in any order."""
    jobs = _jobs(tasks, options)
    if jobs < 2:
        settings = scan.settings(options)
        for task in tasks:
            yield task, _read(task, settings)
        return
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    with ProcessPoolExecutor(jobs, get_context("spawn"), _start, (options,)) as pool:
        chunks = _chunks(tasks, jobs * _CHUNKS)
        futures = {pool.submit(_read_all, chunk): chunk for chunk in chunks}
        for future in as_completed(futures):
            for task, (content, digest) in zip(futures[future], future.result(), strict=True):
                yield task, _unpacked(task, content, digest)


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
    return facts_of(task.file.name, content, task.tops, settings), store.digest_of(content)


def _unpacked(task: Task, content: bytes, digest: bytes) -> Read | Unread:
    facts = scan.facts_from_bytes(content, task.file.name) if digest else None
    return Unread(task.file.name, content.decode("utf-8", "replace")) if facts is None else (facts, digest)


# In another process

_settings: scan.Settings | None = None


def _start(options: ScanOptions) -> None:
    global _settings  # noqa: PLW0603  # a worker has nowhere else to keep it
    gc.disable()
    _settings = scan.settings(options)


def _read_all(tasks: list[Task]) -> list[tuple[bytes, bytes]]:
    """Facts as bytes and digest of each file; the reason and no digest where there are none."""
    assert _settings is not None
    found = []
    for task in tasks:
        read = _read(task, _settings)
        if isinstance(read, Unread):
            found.append((read.reason.encode("utf-8", "replace"), b""))
        else:
            found.append((scan.facts_as_bytes(read[0]), read[1]))
    return found
