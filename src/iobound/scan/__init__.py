"""Scan: what the source says of calls and loops. Reads text, runs nothing.

`examine` serves `run`: it says what is called at places that were observed, and which loops run them. `scanning` serves
`iobound scan`: `read_facts` keeps of a file what matters, `link` joins all files of a scan, says what each function
waits for and asks the rules, and `telling` chooses what is told.

Rooms: `syntax` (bytes to what names stand for), `catalogue` (library calls), `loop` (independence of iterations),
`program` (facts of files, linked, with effects), `rules`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iobound.model.origin import is_own_code as own_code
    from iobound.scan.catalogue.lookup import Catalogue
    from iobound.scan.choice import Settings, settings
    from iobound.scan.examine import examine
    from iobound.scan.fixing import fixed
    from iobound.scan.program.codec import (
        as_json,
        facts_as_bytes,
        facts_from_bytes,
        findings_from_json,
        notes_from_json,
    )
    from iobound.scan.program.facts import NO_FACTS, FileFacts
    from iobound.scan.program.module_names import tops_of
    from iobound.scan.rules.known import rule_ids
    from iobound.scan.rules.notes import rule_notes
    from iobound.scan.rules.registry import load_rules
    from iobound.scan.rules.upkeep import unreadable
    from iobound.scan.scanning import link, read_facts
    from iobound.scan.telling import tell

_HOMES = {
    "NO_FACTS": "iobound.scan.program.facts",
    "Catalogue": "iobound.scan.catalogue.lookup",
    "FileFacts": "iobound.scan.program.facts",
    "Settings": "iobound.scan.choice",
    "as_json": "iobound.scan.program.codec",
    "examine": "iobound.scan.examine",
    "facts_as_bytes": "iobound.scan.program.codec",
    "facts_from_bytes": "iobound.scan.program.codec",
    "findings_from_json": "iobound.scan.program.codec",
    "fixed": "iobound.scan.fixing",
    "link": "iobound.scan.scanning",
    "load_rules": "iobound.scan.rules.registry",
    "notes_from_json": "iobound.scan.program.codec",
    "read_facts": "iobound.scan.scanning",
    "rule_ids": "iobound.scan.rules.known",
    "rule_notes": "iobound.scan.rules.notes",
    "settings": "iobound.scan.choice",
    "tell": "iobound.scan.telling",
    "tops_of": "iobound.scan.program.module_names",
    "unreadable": "iobound.scan.rules.upkeep",
}

__all__ = [
    "NO_FACTS",
    "Catalogue",
    "FileFacts",
    "Settings",
    "as_json",
    "examine",
    "facts_as_bytes",
    "facts_from_bytes",
    "findings_from_json",
    "fixed",
    "link",
    "load_rules",
    "notes_from_json",
    "own_code",
    "read_facts",
    "rule_ids",
    "rule_notes",
    "settings",
    "tell",
    "tops_of",
    "unreadable",
]


def __getattr__(name: str) -> Any:
    """Load what is asked for: a run that looks at places needs no rules."""
    from importlib import import_module

    if name == "own_code":
        from iobound.model.origin import is_own_code

        return is_own_code
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)  # `examine` is the name of its module, too
    return value
