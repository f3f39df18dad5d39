"""Facts and findings as bytes, for a cache: JSON that follows the types of the nouns.

A noun is a list of its fields in their order. What comes back need not be what was kept: bytes that are no facts give
None, and the key of the cache stands for the version that wrote them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from iobound.model.finding import Finding, RuleNote

if TYPE_CHECKING:
    from iobound.verbs.scan.program.facts import FileFacts

Decode = Callable[[Any], Any]


def facts_as_bytes(facts: FileFacts) -> bytes:
    """The facts of one file."""
    return json.dumps(facts, separators=(",", ":"), default=_plain).encode("utf-8", "surrogatepass")


def facts_from_bytes(data: bytes, file: str) -> FileFacts | None:
    """The facts again, None where the bytes hold none.

    Args:
        file: The name that the file has now.
    """
    from iobound.verbs.scan.program.facts import FileFacts  # of no use to who wants findings only

    try:
        facts: FileFacts = _decoder(FileFacts)(json.loads(data))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return None
    if not facts.findings and all(loop.fact is None or loop.fact.file == file for loop in facts.loops):
        return facts
    loops = tuple(
        loop if loop.fact is None else loop._replace(fact=loop.fact._replace(file=file)) for loop in facts.loops
    )
    return facts._replace(loops=loops, findings=tuple(_named(finding, file) for finding in facts.findings))


def _named(finding: Finding, file: str) -> Finding:
    """A finding that needs nothing but its file, which has another name now."""
    return finding._replace(file=file, chain=tuple(step._replace(file=file) for step in finding.chain))


def as_json(nouns: Sequence[Finding | RuleNote]) -> list[Any]:
    """Findings, or what is told of rules, as what JSON knows."""
    found: list[Any] = json.loads(json.dumps(nouns, default=_plain))
    return found


def findings_from_json(rows: Sequence[Any]) -> tuple[Finding, ...]:
    """Findings again.

    Raises:
        ValueError, TypeError, IndexError: There are none in it.
    """
    decode = _decoder(Finding)
    return tuple(decode(row) for row in rows)


def notes_from_json(rows: Sequence[Any]) -> tuple[RuleNote, ...]:
    """What is told of rules again.

    Raises:
        ValueError, TypeError, IndexError: There is nothing of that in it.
    """
    decode = _decoder(RuleNote)
    return tuple(decode(row) for row in rows)


def _plain(value: object) -> object:
    """What JSON does not know: a read-only mapping as a dictionary, a set as its sorted members."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be kept")


@cache
def _decoder(hint: Any) -> Decode:
    return _decoding(hint) or (lambda value: value)


def _decoding(hint: Any) -> Decode | None:
    """How a value of a type comes back from JSON, None where it is that value already."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is frozenset:
        return _many(_decoding(arguments[0]), frozenset)
    if origin is tuple:
        return _many(_decoding(arguments[0]), tuple) if arguments[-1] is Ellipsis else _each(arguments)
    if origin in (Union, UnionType):
        inner = [_decoding(each) for each in arguments if each is not NoneType]
        return _perhaps(inner[0]) if inner[0] is not None else None
    if isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
        return _noun(hint, hint._fields)
    return hint if isinstance(hint, type) and issubclass(hint, Enum) else None


def _many(decode: Decode | None, whole: Decode) -> Decode:
    return whole if decode is None else lambda values: whole([decode(value) for value in values])


def _each(hints: Sequence[Any]) -> Decode:
    decoding = [_decoder(hint) for hint in hints]
    return lambda values: tuple([decode(value) for decode, value in zip(decoding, values, strict=True)])


def _perhaps(decode: Decode) -> Decode:
    return lambda value: None if value is None else decode(value)


def _noun(noun: Any, names: Sequence[str]) -> Decode:
    hints = get_type_hints(noun)
    decoding = [_decoding(hints[name]) for name in names]
    if not any(decoding):
        return lambda row: noun(*row)
    special = [(number, decode) for number, decode in enumerate(decoding) if decode is not None]

    def built(row: list[Any]) -> Any:
        for number, decode in special:
            row[number] = decode(row[number])
        return noun(*row)

    return built
