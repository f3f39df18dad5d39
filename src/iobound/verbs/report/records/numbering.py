"""What a code host and a CI server know a record again by, in the next run and after code was written above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence

from iobound.verbs.report.records.record import Record


def numbered(records: Iterable[Record]) -> tuple[Record, ...]:
    """The records in their order, each with its fingerprint: of what it is known by, and its number among those alike.

    No two share one. Nothing that was measured and no line is part of it: those change from run to run.
    """
    found = list(records)
    numbers = numbers_of(found, lambda record: record.known_by)
    return tuple(
        record._replace(fingerprint=_digest(*record.known_by, str(number)))
        for record, number in zip(found, numbers, strict=True)
    )


def numbers_of(records: Sequence[Record], known_by: Callable[[Record], Hashable]) -> list[int]:
    """The number of each record, from 0, among those that are known by the same, in the order of the source.

    Not in their own order, which may be by what was measured: the next run may find the second slower than the first.

    Example:
        >>> from iobound.model.finding import Severity
        >>> second, first = (Record("IOB101", Severity.INFO, "", "", line=line) for line in (9, 4))
        >>> numbers_of([second, first], lambda record: record.rule)
        [1, 0]
    """
    counted: Counter[Hashable] = Counter()
    numbers = [0] * len(records)
    for index in sorted(range(len(records)), key=lambda index: (*_at(records[index]), index)):
        key = known_by(records[index])
        numbers[index] = counted[key]
        counted[key] += 1
    return numbers


def _at(record: Record) -> tuple[int, int, int]:
    return record.cell or 0, record.line or 0, record.column or 0


def _digest(*parts: str) -> str:
    """32 hexadecimal digits; lengths go first, so that no two lists of parts run together into one text."""
    import hashlib  # which a run that is told as text does without

    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
