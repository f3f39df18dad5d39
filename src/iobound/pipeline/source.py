"""The source of an observed program's files."""

from __future__ import annotations

from iobound.verbs import store

_MAX_SOURCE_BYTES = 2 << 20


def read_source(file: str) -> bytes | None:
    """Source of a file of the target's, None where there is none to be had.

    The target chooses the name: `compile` takes any, also that of a pipe or a device.
    """
    if not file or file.startswith("<"):
        return None
    try:
        with open(store.open_regular(file), "rb") as source:
            return source.read(_MAX_SOURCE_BYTES)
    except (OSError, ValueError):
        return None
