"""What stands in another file on the other side is known again by its function."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from iobound.verbs.compare.facts import PlaceKey, WaitKey

Key = TypeVar("Key", PlaceKey, WaitKey)


def moved(base: Iterable[Key], head: Iterable[Key]) -> dict[Key, Key]:
    """Headings of base that only have another file in head: what else they say is there in one file on each side.

    Example:
        >>> was, now = (WaitKey("wait_sleep", "", file, "nap") for file in ("a.py", "b.py"))
        >>> moved([was], [now]) == {was: now}, moved([was], [was, now])
        (True, {})
    """
    before, after = _files(base), _files(head)
    return {
        name._replace(file=min(files)): name._replace(file=min(after[name]))
        for name, files in before.items()
        if len(files) == len(after.get(name, ())) == 1 and files != after[name]
    }


def _files(keys: Iterable[Key]) -> dict[Key, set[str]]:
    found: dict[Key, set[str]] = {}
    for key in keys:
        if key.function:
            found.setdefault(key._replace(file=""), set()).add(key.file)
    return found
