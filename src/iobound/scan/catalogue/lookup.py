"""What is known of library calls: what they wait for or compute, and what they do with the GIL.

The data stand beside this file in `catalogue.json`, whose legend explains the codes. They are read at first use.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from iobound.errors import LawBroken

VERSION = 1

_GIL: Mapping[str, str | None] = {"r": "releases", "h": "holds", "m": "mixed", "p": "python", "-": None}
_BLOCKING: Mapping[str, str] = {
    "y": "yes",
    "s": "short",
    "l": "lazy",
    "m": "maybe",
    "n": "no",
    "a": "await",
    "c": "cooperative",
}
_PROVENANCE: Mapping[str, str] = {"m": "measured", "s": "measured", "d": "documented", "c": "common knowledge"}


class Entry(NamedTuple):
    """What the catalogue says of one callable.

    Attributes:
        category: `network`, `dns`, `disk`, `sleep`, `lock`, `subprocess`, `database`, `stdin`, `ipc`, `select`, `idle`,
            `cpu-python`, `cpu-native-releases-gil` or `cpu-native-holds-gil`.
        gil: `releases`, `holds`, `mixed`, `python`, or None when it does nothing that matters.
        blocking: `yes`, `short`, `lazy` (on iteration), `maybe`, `no`, `await` or `cooperative`.
        provenance: `measured`, `documented` or `common knowledge`.
    """

    category: str
    gil: str | None
    blocking: str = "yes"
    provenance: str = "documented"


class Catalogue:
    """Look-up by canonical dotted name; a method stands under its receiver's type."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        if document.get("version") != VERSION:
            raise LawBroken(f"the call catalogue has version {document.get('version')!r}, not {VERSION}")
        self._calls: Mapping[str, str] = _texts(document["calls"])
        self._aliases: Mapping[str, str] = _texts(document["aliases"])
        self._returns: Mapping[str, str] = _texts(document["returns"])
        self._process_wide: Mapping[str, str] = _texts(document["process_wide"])
        self._thread_safe: dict[str, bool] = {}
        for name, facts in document["types"].items():
            for spelling in (*facts["made_by"], name):
                self._thread_safe[spelling] = facts["thread_safe"]

    def __len__(self) -> int:
        return len(self._calls)

    def canonical(self, name: str) -> str:
        """The name that the catalogue uses, for a spelling that means the same.

        Example:
            >>> catalogue().canonical("requests.sessions.Session.get")
            'requests.Session.get'
        """
        head = name
        while head:
            known = self._aliases.get(head)
            if known is not None:
                return known + name[len(head) :]
            head = head.rpartition(".")[0]
        return name

    def find(self, name: str) -> Entry | None:
        """What is known of a callable, None when it is not listed.

        Example:
            >>> catalogue().find("time.sleep").category
            'sleep'
        """
        code = self._code(self.canonical(name))
        if code is None:
            return None
        category, letters = code.split(" ")
        return Entry(category, _GIL[letters[0]], _BLOCKING[letters[1]], _PROVENANCE[letters[2]])

    def _code(self, name: str) -> str | None:
        if name in self._calls:
            return self._calls[name]
        owner, _, method = name.rpartition(".")
        if owner + ".*" in self._calls:
            return self._calls[owner + ".*"]
        above, _, _ = owner.rpartition(".")
        if above and f"{above}.*.{method}" in self._calls:
            return self._calls[f"{above}.*.{method}"]
        while owner:
            if owner + ".**" in self._calls:
                return self._calls[owner + ".**"]
            owner = owner.rpartition(".")[0]
        return None

    def returned_by(self, name: str) -> str | None:
        """Type of the value that a call gives, None when it is not known; a class gives its own instances."""
        name = self.canonical(name)
        known = self._returns.get(name)
        if known is not None:
            return known
        tail = name.rpartition(".")[2].lstrip("_")
        return name if tail[:1].isupper() else None

    def is_thread_safe(self, type_name: str) -> bool | None:
        """Whether threads may share an instance, None when it is not known."""
        return self._thread_safe.get(self.canonical(type_name))

    def process_wide(self, name: str) -> str | None:
        """Why a call concerns the whole process, None when it does not or is not listed."""
        return self._process_wide.get(self.canonical(name))


def _texts(table: Mapping[str, object]) -> dict[str, str]:
    return {name: text for name, text in table.items() if isinstance(text, str)}


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The catalogue that ships with iobound, read once."""
    import pkgutil  # not needed where no source is read; `importlib.resources` would take ten times as long to load

    data = pkgutil.get_data("iobound.scan.catalogue", "catalogue.json")
    if data is None:
        raise LawBroken("the call catalogue cannot be read: what loaded iobound gives no data files")
    return Catalogue(json.loads(data))
