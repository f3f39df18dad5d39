"""The way to the cache of scans, without what only a scan with a cache needs."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iobound.verbs.store.scan_cache import ScanCache

CACHE_BYTES = 512 << 20


def open_cache(
    folder: str | os.PathLike[str],
    key: bytes,
    *,
    limit_bytes: int = CACHE_BYTES,
    began_ns: int | None = None,
) -> ScanCache | None:
    """The cache in a folder, which is made when it is missing; None where there can be none.

    Args:
        folder: Must be our own and no symbolic link, if it exists.
        key: All that facts depend on besides the content: a digest of our version, the catalogue, the interpreter.
        limit_bytes: Size past which facts that were unused for longest are left out.
        began_ns: Wall clock before the first look at any file, when that was before this call.
    """
    began_ns = time.time_ns() if began_ns is None else began_ns
    try:
        from iobound.verbs.store.cache_folder import Unusable, prepared
        from iobound.verbs.store.cache_tables import FORMAT, connected
        from iobound.verbs.store.scan_cache import ScanCache
    except ImportError:  # Python can be built without SQLite
        return None
    try:
        # Other formats have other names: versions side by side do not drop each other's.
        path = prepared(os.fspath(folder), f"scan-{FORMAT}.sqlite3")
    except (OSError, ValueError, Unusable):
        return None
    connection = connected(path)
    return None if connection is None else ScanCache(path, connection, key, limit_bytes, began_ns)
