"""What a scan looks for: its rules, where they count, and its catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from iobound.model.finding import Confidence, RuleNote
from iobound.model.scan_options import ScanOptions
from iobound.scan.catalogue.lookup import Catalogue, catalogue
from iobound.scan.catalogue.own import own_entries
from iobound.scan.rules.notes import rule_notes
from iobound.scan.rules.registry import extras, registry
from iobound.scan.selection import PerFile, Rules, select


class Settings(NamedTuple):
    """Options of a scan, understood.

    Attributes:
        min_confidence: Of findings that are told; None for medium, or for that of a finding's rule where it is less.
    """

    catalogue: Catalogue
    rules: Rules
    per_file: PerFile
    min_confidence: Confidence | None

    @property
    def digest(self) -> str:
        """Stands for all that the facts of a file depend on besides the file."""
        return " ".join([self.catalogue.digest, *sorted(self.extra)])

    @property
    def extra(self) -> frozenset[str]:
        """Rules that are looked for in files because somebody asked for them."""
        return extras(self.rules.selected)

    def notes(self, found: Iterable[str]) -> dict[str, RuleNote]:
        """What is told of the rules that were looked for; their documentation of those that found something."""
        with_text = frozenset(found)
        return {rule: note for rule, note in rule_notes(with_text).items() if rule in self.rules.selected}


def settings(options: ScanOptions) -> Settings:
    """Understand options.

    Raises:
        UsageError: An entry of the user's own catalogue means nothing.
    """
    known = catalogue()
    if options.catalogue:
        known = known.extended(own_entries(options.catalogue))
    rules = registry().rules
    selected = select(options, (rule.id for rule in rules), (rule.id for rule in rules if rule.default))
    return Settings(known, selected, PerFile(options.per_file_ignores), options.min_confidence)
