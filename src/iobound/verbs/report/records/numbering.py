"""Fingerprints of records whose order is by what was measured: they are numbered by their place instead."""

from __future__ import annotations

from collections.abc import Iterable

from iobound.verbs.report.records.fingerprint import Fingerprints
from iobound.verbs.report.records.record import Record


def numbered(records: Iterable[Record]) -> tuple[Record, ...]:
    """The records in their order, each with its fingerprint.

    Those that share rule, file and function are told apart by which comes first in the file: the next run may find
    the second slower than the first. What a list of tests has a name of its own for is known by that alone: a check
    stands wherever most of its number came from in this run.
    """
    found = list(records)
    prints = Fingerprints()
    known: dict[int, str] = {}
    for index in sorted(range(len(found)), key=lambda index: (found[index].line or 0, found[index].column or 0, index)):
        record = found[index]
        known[index] = prints.of(record.rule, *((record.case,) if record.case else (record.path, record.function)))
    return tuple(record._replace(fingerprint=known[index]) for index, record in enumerate(found))
