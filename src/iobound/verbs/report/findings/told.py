"""A scan as its own formats need it: each finding with its record."""

from __future__ import annotations

from typing import NamedTuple

from iobound.model.finding import Finding, ScanResult
from iobound.verbs.report.records.of_scan import listing_of
from iobound.verbs.report.records.record import Listing, Record
from iobound.verbs.report.records.roots import Roots


class Told(NamedTuple):
    """A finding with what follows from it."""

    finding: Finding
    record: Record


class Scan(NamedTuple):
    """What a scan found, and the listing of it: checks, then a record for each finding, in their order."""

    result: ScanResult
    listing: Listing

    @property
    def told(self) -> list[Told]:
        """Each finding with its record."""
        return [Told(*each) for each in zip(self.result.findings, self.found.records, strict=True)]

    @property
    def found(self) -> Listing:
        """The listing without checks, which are no findings and are not counted as such."""
        return self.listing._replace(records=self.listing.records[len(self.result.checks) :])


def scan_of(result: ScanResult, roots: Roots) -> Scan:
    """The result with its listing."""
    return Scan(result, listing_of(result, roots))
