"""What scans have found out, by the content of files, for the next scan.

One SQLite file holds four tables: `file` (which content a path had when it was of that size and those times), `facts`
(what was made of a content), `whole` (the result of a scan of a tree, by contents) and `glance` (which tree of contents
it was when all sizes and times were these). Each row is true for ever, whichever scan
wrote it; so scans at the same time do not disturb one another, and a lost row costs time only.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TypeVar
from zlib import crc32

from iobound.verbs.store.cache_tables import MOST_RESULTS, is_damage, prune, replaced
from iobound.verbs.store.digest import digest_of

CLOCK_STEP_NS = 2_000_000_000
"""A file changed later than this before a scan may change again without a change of its times: the coarsest clock of a
file system in use (FAT) counts in 2 s, and those of file servers are seldom further off."""

_DAY_S = 86_400
_AT_ONCE = 500  # parameters of a statement

Answer = TypeVar("Answer")
Key = TypeVar("Key")


class ScanCache:
    """The cache of one scan: open it before the first look at any file, ask, scan what is unknown, `keep`, `close`.

    It never raises for what the disk or another scan does: what cannot be read is unknown, what cannot be written is
    not kept. A file that is damaged, or not ours, is dropped and made anew.

    It is not safe against its owner: who can write the project's files can write its cache.

    Made by `open_cache`, which says what `key` and `limit_bytes` mean.
    """

    def __init__(self, path: str, connection: sqlite3.Connection, key: bytes, limit_bytes: int, began_ns: int) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = connection
        self._key = key
        self._limit_bytes = limit_bytes
        self._began_ns = began_ns
        self._now_s = began_ns // 1_000_000_000
        self._stale: list[bytes] = []  # digests that were asked for, whose facts seem unused for days

    def digests(self, stats: Mapping[str, os.stat_result]) -> dict[str, bytes]:
        """Digests of the contents of files that have not changed since one was kept; other files are missing.

        Args:
            stats: By absolute path, as `os.stat` gives them.
        """
        return self._ask(lambda connection: _unchanged(connection, stats)) or {}

    def facts(self, digests: Iterable[bytes]) -> dict[bytes, bytes]:
        """What was kept under these digests and the key of this cache; those that are unknown are missing."""
        return self._ask(lambda connection: self._facts(connection, digests)) or {}

    def whole_at_a_glance(self, stats: Mapping[str, os.stat_result], settings: bytes = b"") -> bytes | None:
        """The result that was kept for exactly these files, if none has changed since; quicker than `whole`."""
        state = self._state_of_all(stats, settings)
        return self._ask(lambda connection: self._glance(connection, state))

    def whole(self, digests: Mapping[str, bytes], settings: bytes = b"") -> bytes | None:
        """The result that was kept for exactly these files with these contents, this key and these settings."""
        tree = self._tree(digests, settings)
        return self._ask(lambda connection: self._whole(connection, tree))

    def keep(self, files: Mapping[str, tuple[os.stat_result, bytes]], facts: Mapping[bytes, bytes]) -> None:
        """Keep what this scan found out, and leave out what has been unused for longest when there is too much.

        Files that were changed shortly before the scan are not kept, for they might change again unseen; facts are.

        Args:
            files: By absolute path what `os.stat` gave before it was read, and the digest of what was read.
            facts: By digest; they may depend on that and on the key of this cache, on nothing else.
        """
        self._ask(lambda connection: self._keep(connection, files, facts))

    def keep_whole(
        self, files: Mapping[str, tuple[os.stat_result, bytes]], content: bytes, settings: bytes = b""
    ) -> None:
        """Keep the result of a scan: what `whole` and `whole_at_a_glance` shall answer.

        Args:
            files: All of them, as for `keep`.
            content: The result. One that takes too much of the room for all is not kept.
            settings: What else it depends on.
        """
        if len(content) * MOST_RESULTS * 2 > self._limit_bytes:
            return
        tree = self._tree({path: digest for path, (_, digest) in files.items()}, settings)
        stats = {path: stat for path, (stat, _) in files.items()}
        state = self._state_of_all(stats, settings) if all(map(self._is_settled, stats.values())) else None
        row = (tree, self._now_s, self._sum(tree, content), content)
        self._ask(lambda connection: self._keep_whole(connection, row, state))

    def close(self) -> None:
        """End it; what was kept stays. May be called twice; afterwards everything is unknown and nothing is kept."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _ask(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer | None:
        if self._connection is None:
            return None
        try:
            with self._connection:
                return work(self._connection)
        except sqlite3.Error as error:
            if is_damage(error):
                self.close()
                self._connection = replaced(self._path)
        return None

    def _facts(self, connection: sqlite3.Connection, digests: Iterable[bytes]) -> dict[bytes, bytes]:
        known: dict[bytes, bytes] = {}
        old = self._now_s - _DAY_S
        for some in _batches(set(digests)):
            query = (
                "SELECT digest, used < ?, sum, content FROM facts "
                f"WHERE key = ? AND digest IN ({_marks(some)}) AND typeof(content) = 'blob'"
            )
            for digest, is_old, check, content in connection.execute(query, (old, self._key, *some)):
                if check == self._sum(digest, content):
                    known[digest] = content
                    if is_old:
                        self._stale.append(digest)
        return known

    def _whole(self, connection: sqlite3.Connection, tree: bytes) -> bytes | None:
        query = "SELECT used < ?, sum, content FROM whole WHERE tree = ? AND typeof(content) = 'blob'"
        row = connection.execute(query, (self._now_s - _DAY_S, tree)).fetchone()
        if row is None or row[1] != self._sum(tree, row[2]):
            return None
        if row[0]:
            self._touch(connection, tree)
        content: bytes = row[2]
        return content

    def _touch(self, connection: sqlite3.Connection, tree: bytes) -> None:
        try:
            connection.execute("UPDATE whole SET used = ? WHERE tree = ?", (self._now_s, tree))
        except sqlite3.OperationalError:  # read-only, full, or another scan writes: the answer is good all the same
            return

    def _glance(self, connection: sqlite3.Connection, state: bytes) -> bytes | None:
        query = "SELECT sum, tree FROM glance WHERE state = ? AND typeof(tree) = 'blob'"
        row = connection.execute(query, (state,)).fetchone()
        return None if row is None or row[0] != self._sum(state, row[1]) else self._whole(connection, row[1])

    def _sum(self, name: bytes, content: bytes) -> int:
        """Of a row; a damaged index can lead to the row of another name."""
        return crc32(content, crc32(name, crc32(self._key)))

    def _tree(self, digests: Mapping[str, bytes], settings: bytes) -> bytes:
        return self._digest_of_all([f"{path}\0{digests[path].hex()}" for path in sorted(digests)], settings)

    def _state_of_all(self, stats: Mapping[str, os.stat_result], settings: bytes) -> bytes:
        return self._digest_of_all([f"{path}\0{_state(stats[path])}" for path in sorted(stats)], settings)

    def _digest_of_all(self, parts: list[str], settings: bytes) -> bytes:
        head = b"%d %d %b%b" % (len(self._key), len(settings), self._key, settings)
        return digest_of(head + os.fsencode("\0".join(parts)))  # no path has a NUL

    def _is_settled(self, stat: os.stat_result) -> bool:
        return max(stat.st_mtime_ns, stat.st_ctime_ns) + CLOCK_STEP_NS <= self._began_ns

    def _keep(
        self,
        connection: sqlite3.Connection,
        files: Mapping[str, tuple[os.stat_result, bytes]],
        facts: Mapping[bytes, bytes],
    ) -> None:
        now_s, key = self._now_s, self._key
        settled = (
            (os.fsencode(path), _state(stat).encode(), now_s, digest)
            for path, (stat, digest) in files.items()
            if self._is_settled(stat)
        )
        connection.executemany("INSERT OR REPLACE INTO file VALUES(?, ?, ?, ?)", settled)
        rows = ((digest, key, now_s, self._sum(digest, content), content) for digest, content in facts.items())
        connection.executemany("INSERT OR REPLACE INTO facts VALUES(?, ?, ?, ?, ?)", rows)
        touched = [(now_s, digest, key) for digest in self._stale]
        connection.executemany("UPDATE facts SET used = ? WHERE digest = ? AND key = ?", touched)
        prune(connection, self._limit_bytes)

    def _keep_whole(
        self, connection: sqlite3.Connection, row: tuple[bytes, int, int, bytes], state: bytes | None
    ) -> None:
        connection.execute("INSERT OR REPLACE INTO whole VALUES(?, ?, ?, ?)", row)
        if state is not None:
            glance = (state, self._now_s, self._sum(state, row[0]), row[0])
            connection.execute("INSERT OR REPLACE INTO glance VALUES(?, ?, ?, ?)", glance)
        prune(connection, self._limit_bytes)


def _unchanged(connection: sqlite3.Connection, stats: Mapping[str, os.stat_result]) -> dict[str, bytes]:
    known: dict[str, bytes] = {}
    for some in _batches(stats):
        names = {os.fsencode(path): path for path in some}
        query = f"SELECT path, state, digest FROM file WHERE path IN ({_marks(some)}) AND typeof(digest) = 'blob'"
        for name, state, digest in connection.execute(query, list(names)):
            path = names.get(name)  # None where the row is damaged
            if path is not None and state == _state(stats[path]).encode():
                known[path] = digest
    return known


def _state(stat: os.stat_result) -> str:
    """What changes when the content does. As text: times and inodes can be larger than SQLite's numbers."""
    return f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}"


def _batches(keys: Iterable[Key]) -> Iterator[list[Key]]:
    rest = iter(keys)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def _marks(values: list[Key]) -> str:
    return ",".join("?" * len(values))
