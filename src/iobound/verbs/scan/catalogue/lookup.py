"""What is known of library calls: what they wait for or compute, and what they do with the GIL.

The data stand beside this file in `catalogue.json`, whose legend explains the codes. They are read at first use.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from iobound.errors import LawBroken
from iobound.verbs.scan.catalogue.entries import PROVENANCE, Boundary, Entry, Offload, TypeFacts, decoded

VERSION = 2


class Own(NamedTuple):
    """A user's additions; what has the name of a shipped entry replaces it.

    Attributes:
        calls: Entries by dotted name or pattern; None takes the shipped entry away.
        returns: Type of the value that a call gives.
        types: Facts by the name of a type and by the names of what makes it.
        offload: Calls that have a function run elsewhere.
        pools: Calls whose function and data go to another process.
        process_wide: Why a call concerns the whole process.
        aliases: Spelling to the name that the catalogue uses.
    """

    calls: Mapping[str, Entry | None] = {}
    returns: Mapping[str, str] = {}
    types: Mapping[str, TypeFacts] = {}
    offload: Mapping[str, Offload] = {}
    pools: Mapping[str, Boundary] = {}
    process_wide: Mapping[str, str] = {}
    aliases: Mapping[str, str] = {}


class Catalogue:
    """Look-up by canonical dotted name; a method stands under its receiver's type."""

    def __init__(self, document: Mapping[str, Any], own: Own | None = None) -> None:
        if document.get("version") != VERSION:
            raise LawBroken(f"the call catalogue has version {document.get('version')!r}, not {VERSION}")
        self._document = document
        self._aliases: Mapping[str, str] = document["aliases"]
        self._own = own = self._spelled_our_way(own or Own())
        self._aliases = {**self._aliases, **own.aliases}
        self._calls: Mapping[str, str | Entry | None] = {**document["calls"], **own.calls}
        self._returns: Mapping[str, str] = {**document["returns"], **own.returns}
        self._process_wide: Mapping[str, str] = {**document["process_wide"], **own.process_wide}
        self._types: Mapping[str, TypeFacts] = {**_types(document["types"]), **own.types}
        self._roots = _roots((self._calls, self._aliases))
        self._alias_roots = _roots((self._aliases,))
        self._pool_roots = _roots((document["pools"], own.pools))
        self._pool_roots |= _roots([name] for name, to in self._aliases.items() if _roots([[to]]) <= self._pool_roots)
        self._entries: dict[str, Entry | None] = {}
        self._canonical: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def names(self) -> Iterable[str]:
        """Every name and pattern that has an entry."""
        return self._calls.keys()

    def _spelled_our_way(self, own: Own) -> Own:
        """A user may write any spelling of a name; only one is looked up."""
        tables = {
            kind: {self._renamed(name): row for name, row in table.items()} for kind, table in own._asdict().items()
        }
        return Own(**{**tables, "aliases": {spelling: self._renamed(name) for spelling, name in own.aliases.items()}})

    def extended(self, own: Own) -> Catalogue:
        """A new catalogue that knows a user's entries, too, in place of those that this one was extended with.

        Example:
            >>> ours = catalogue().extended(Own(calls={"myco.db.query": Entry("database", "releases")}))
            >>> ours.find("myco.db.query").category, catalogue().find("myco.db.query")
            ('database', None)
        """
        return Catalogue(self._document, own)

    @property
    def digest(self) -> str:
        """Stands for everything that this catalogue says; in whatever order a user says it."""
        import hashlib  # only who keeps results needs it

        own = [[kind, *sorted(table.items())] for kind, table in self._own._asdict().items()]
        return hashlib.blake2b(f"{self._document}{own}".encode(), digest_size=16).hexdigest()

    def canonical(self, name: str) -> str:
        """The name that the catalogue uses, for a spelling that means the same.

        Example:
            >>> catalogue().canonical("requests.sessions.Session.get")
            'requests.Session.get'
        """
        if name.partition(".")[0] not in self._alias_roots:
            return name
        known = self._canonical.get(name)
        if known is None:
            known = self._canonical[name] = self._renamed(name)
        return known

    def _renamed(self, name: str) -> str:
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
        # Names of a program's own are by far the most; they end here and take no memory.
        if name.partition(".")[0] not in self._roots:
            return None
        entries = self._entries
        if name in entries:
            return entries[name]
        name_here = self.canonical(name)
        code = self._code(name_here)
        entry = decoded(code) if isinstance(code, str) else code
        if entry is not None and entry.async_alternative is not None and entry.async_alternative.endswith(".*"):
            twin = entry.async_alternative.rstrip("*") + name_here.rpartition(".")[2]
            entry = entry._replace(async_alternative=twin)
        entries[name] = entry
        return entry

    def _code(self, name: str) -> str | Entry | None:
        calls = self._calls
        if name in calls:
            return calls[name]
        owner, _, method = name.rpartition(".")
        if owner + ".*" in calls:
            return calls[owner + ".*"]
        above, _, _ = owner.rpartition(".")
        if above and f"{above}.*.{method}" in calls:
            return calls[f"{above}.*.{method}"]
        while owner:
            if owner + ".**" in calls:
                return calls[owner + ".**"]
            owner = owner.rpartition(".")[0]
        return None

    def returned_by(self, name: str) -> str | None:
        """Type of the value that a call gives, None when it is not known; a class gives its own instances."""
        name = self.canonical(name)
        known = self._returns.get(name)
        if known is not None:
            return known
        tail = name.rpartition(".")[2].lstrip("_")
        is_class = tail[:1].isupper() or name in self._types or f"{name}.__call__" in self._returns
        return name if is_class else None

    def type_facts(self, name: str) -> TypeFacts | None:
        """What is known of instances of a type, or of what a call makes, None when nothing.

        Example:
            >>> catalogue().type_facts("sqlite3.connect").name, catalogue().type_facts("sqlite3.Connection").picklable
            ('sqlite3.Connection', False)
        """
        return self._types.get(self.canonical(name))

    def is_thread_safe(self, type_name: str) -> bool | None:
        """Whether threads may share an instance, None when it is not known."""
        facts = self.type_facts(type_name)
        return None if facts is None else facts.thread_safe

    def process_wide(self, name: str) -> str | None:
        """Why a call concerns the whole process, None when it does not or is not listed."""
        return self._process_wide.get(self.canonical(name))

    def offload(self, name: str) -> Offload | None:
        """Which argument of a call runs elsewhere, None when it calls nothing for its caller or is not listed.

        Example:
            >>> catalogue().offload("threading.Thread")
            Offload(where='thread', argument=1, keyword='target')
        """
        name = self.canonical(name)
        known = self._own.offload.get(name)
        if known is None and name in self._document["offload"]:
            return Offload(*self._document["offload"][name])
        return known

    def pool(self, name: str) -> Boundary | None:
        """What a call sends to another process, None when it sends nothing or is not listed.

        Example:
            >>> catalogue().pool("multiprocessing.Pool.map").carries
            'elements'
        """
        if name.partition(".")[0] not in self._pool_roots:
            return None
        name = self.canonical(name)
        known = self._own.pools.get(name)
        if known is None and name in self._document["pools"]:
            return Boundary(*self._document["pools"][name])
        return known


def _roots(tables: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for table in tables for name in table)


def _types(table: Mapping[str, Mapping[str, Any]]) -> dict[str, TypeFacts]:
    types: dict[str, TypeFacts] = {}
    for name, row in table.items():
        known = PROVENANCE[row["known"]]
        facts = TypeFacts(name, row["picklable"], row["thread_safe"], row["fork_safe"], known, row.get("note", ""))
        for spelling in (*row["made_by"], name):
            types[spelling] = facts
    return types


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The catalogue that ships with iobound, read once."""
    return Catalogue(json.loads(_shipped()))


def digest_of_shipped() -> str:
    """Stands for everything that the catalogue that ships with iobound says, without reading it."""
    import hashlib  # only who keeps results needs it

    return hashlib.blake2b(_shipped(), digest_size=16).hexdigest()


def _shipped() -> bytes:
    import pkgutil  # not needed where no source is read; `importlib.resources` would take ten times as long to load

    data = pkgutil.get_data("iobound.verbs.scan.catalogue", "catalogue.json")
    if data is None:
        raise LawBroken("the call catalogue cannot be read: what loaded iobound gives no data files")
    return data
