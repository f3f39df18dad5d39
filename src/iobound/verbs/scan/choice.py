"""What a scan looks for: its rules, where they count, and its catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from iobound.model.finding import Confidence, RuleNote
from iobound.model.scan_options import ScanOptions
from iobound.verbs.scan.catalogue.lookup import Catalogue, catalogue, digest_of_shipped
from iobound.verbs.scan.rules.known import DEFAULT, extras, rule_ids
from iobound.verbs.scan.selection import PerFile, Rules, select


class Settings(NamedTuple):
    """Options of a scan, understood.

    Attributes:
        own: The catalogue with the user's own entries, None where there are none.
        min_confidence: Of findings that are told; None for medium, or for that of a finding's rule where it is less.
    """

    own: Catalogue | None
    rules: Rules
    per_file: PerFile
    min_confidence: Confidence | None

    @property
    def digest(self) -> str:
        """Stands for all that the facts of a file depend on besides the file."""
        return " ".join([self.own.digest if self.own else digest_of_shipped(), *sorted(self.extra)])

    @property
    def catalogue(self) -> Catalogue:
        """What is known of calls; read when somebody asks for it, which takes longer than a scan of nothing new."""
        return self.own or catalogue()

    @property
    def extra(self) -> frozenset[str]:
        """Rules that are looked for in files because somebody asked for them."""
        return extras(self.rules.selected)

    def notes(self, found: Iterable[str]) -> dict[str, RuleNote]:
        """What is told of the rules that were looked for; their documentation of those that found something."""
        from iobound.verbs.scan.rules.notes import rule_notes  # loads all rules

        with_text = frozenset(found)
        return {rule: note for rule, note in rule_notes(with_text).items() if rule in self.rules.selected}


def settings(options: ScanOptions) -> Settings:
    """Understand options.

    Raises:
        UsageError: An entry of the user's own catalogue means nothing.
    """
    own = _own_catalogue(options)
    selected = select(options, rule_ids(), DEFAULT)
    return Settings(own, selected, PerFile(options.per_file_ignores), options.min_confidence)


def _own_catalogue(options: ScanOptions) -> Catalogue | None:
    if not options.catalogue:
        return None
    from iobound.verbs.scan.catalogue.own import own_entries  # few users have entries of their own

    return catalogue().extended(own_entries(options.catalogue))
