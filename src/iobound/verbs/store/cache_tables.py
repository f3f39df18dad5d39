"""The SQLite file behind a cache: made, checked, and kept from growing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from iobound.verbs.store.cache_folder import Unusable, discard

FORMAT = 1
MOST_FILES = 300_000
MOST_RESULTS = 8

_APPLICATION = 0x696F6273  # marks a file as ours
_ROOM_AFTER_PRUNING = 0.75  # share of the limit that may be used again; more would mean to prune again soon
_PATIENCE_S = 2.0
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)
_SCHEMA = {
    "file": "CREATE TABLE file(path BLOB PRIMARY KEY, state BLOB, seen INTEGER, digest BLOB) WITHOUT ROWID",
    "facts": "CREATE TABLE facts(digest BLOB, key BLOB, used INTEGER, sum INTEGER, content BLOB, "
    "PRIMARY KEY(digest, key))",
    "whole": "CREATE TABLE whole(tree BLOB PRIMARY KEY, used INTEGER, sum INTEGER, content BLOB)",
    "glance": "CREATE TABLE glance(state BLOB PRIMARY KEY, used INTEGER, sum INTEGER, tree BLOB)",
}


class Foreign(Exception):
    """The file is a database, but not of this form."""


def connected(path: str) -> sqlite3.Connection | None:
    """Open the database in a file that exists, which may be empty; None where that is not possible now.

    A file that is damaged or not ours is dropped.
    """
    for _ in range(2):
        try:
            return _opened(path)
        except Foreign:
            pass
        except sqlite3.Error as error:
            if not is_damage(error):
                return None
        if not _discarded(path):
            return None
    return None


def replaced(path: str) -> sqlite3.Connection | None:
    """Drop a file that turned out to be damaged, and open an empty one; None where that is not possible."""
    return connected(path) if _discarded(path) else None


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is to blame; it is not when it is locked, cannot be written or has no room."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF in _DAMAGE


def prune(connection: sqlite3.Connection, limit_bytes: int) -> None:
    """Delete what has been unused for longest when there is too much of it."""
    for table in ("whole", "glance"):
        newest = f"SELECT rowid FROM {table} ORDER BY used DESC, rowid DESC LIMIT ?"
        connection.execute(f"DELETE FROM {table} WHERE rowid NOT IN ({newest})", (MOST_RESULTS,))
    files = _number(connection, "SELECT count(*) FROM file")
    if files > MOST_FILES:
        connection.execute(
            "DELETE FROM file WHERE path IN (SELECT path FROM file ORDER BY seen LIMIT ?)",
            (files - int(MOST_FILES * _ROOM_AFTER_PRUNING),),
        )
    size = _used_bytes(connection)
    if size > limit_bytes:
        rows = _oldest(connection, size - int(limit_bytes * _ROOM_AFTER_PRUNING))
        connection.executemany("DELETE FROM facts WHERE rowid = ?", rows)
        connection.execute("PRAGMA incremental_vacuum").fetchall()


def _discarded(path: str) -> bool:
    try:
        discard(path)
    except (OSError, Unusable):
        return False
    return True


def _opened(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE_S)
    try:
        connection.text_factory = bytes  # there is no text in it; what a damaged file calls text need not be UTF-8
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
            connection.execute(f"PRAGMA {pragma}")
        # Rows carry sums: what a loss of power destroys is found out, and need not be waited for at each write.
        connection.execute("PRAGMA synchronous = OFF")
        if not _number(connection, "SELECT count(*) FROM sqlite_master"):
            _make(connection)
        _require_ours(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _make(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if not _number(connection, "SELECT count(*) FROM sqlite_master"):  # no other scan was faster
            for statement in _SCHEMA.values():
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")


def _require_ours(connection: sqlite3.Connection) -> None:
    marks = (_number(connection, "PRAGMA application_id"), _number(connection, "PRAGMA user_version"))
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    if marks != (_APPLICATION, FORMAT) or dict(found) != {n.encode(): sql.encode() for n, sql in _SCHEMA.items()}:
        raise Foreign


def _used_bytes(connection: sqlite3.Connection) -> int:
    pages = _number(connection, "PRAGMA page_count") - _number(connection, "PRAGMA freelist_count")
    return pages * _number(connection, "PRAGMA page_size")


def _oldest(connection: sqlite3.Connection, size: int) -> Iterator[tuple[int]]:
    """Rows of `facts` that make up so many bytes."""
    for row, length in connection.execute("SELECT rowid, length(content) FROM facts ORDER BY used").fetchall():
        if size <= 0:
            return
        size -= length
        yield (row,)


def _number(connection: sqlite3.Connection, query: str) -> int:
    number: int = connection.execute(query).fetchone()[0]
    return number
