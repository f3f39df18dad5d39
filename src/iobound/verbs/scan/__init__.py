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
    from iobound.verbs.scan.catalogue.lookup import Catalogue
    from iobound.verbs.scan.choice import Settings, settings
    from iobound.verbs.scan.examine import examine
    from iobound.verbs.scan.fixing import fixed
    from iobound.verbs.scan.program.codec import (
        as_json,
        facts_as_bytes,
        facts_from_bytes,
        findings_from_json,
        notes_from_json,
    )
    from iobound.verbs.scan.program.facts import NO_FACTS, FileFacts
    from iobound.verbs.scan.program.module_names import tops_of
    from iobound.verbs.scan.rules.known import rule_ids
    from iobound.verbs.scan.rules.notes import rule_notes
    from iobound.verbs.scan.rules.registry import load_rules
    from iobound.verbs.scan.rules.upkeep import unreadable
    from iobound.verbs.scan.scanning import link, read_facts
    from iobound.verbs.scan.telling import tell

_HOMES = {
    "NO_FACTS": "iobound.verbs.scan.program.facts",
    "Catalogue": "iobound.verbs.scan.catalogue.lookup",
    "FileFacts": "iobound.verbs.scan.program.facts",
    "Settings": "iobound.verbs.scan.choice",
    "as_json": "iobound.verbs.scan.program.codec",
    "examine": "iobound.verbs.scan.examine",
    "facts_as_bytes": "iobound.verbs.scan.program.codec",
    "facts_from_bytes": "iobound.verbs.scan.program.codec",
    "findings_from_json": "iobound.verbs.scan.program.codec",
    "fixed": "iobound.verbs.scan.fixing",
    "link": "iobound.verbs.scan.scanning",
    "load_rules": "iobound.verbs.scan.rules.registry",
    "notes_from_json": "iobound.verbs.scan.program.codec",
    "read_facts": "iobound.verbs.scan.scanning",
    "rule_ids": "iobound.verbs.scan.rules.known",
    "rule_notes": "iobound.verbs.scan.rules.notes",
    "settings": "iobound.verbs.scan.choice",
    "tell": "iobound.verbs.scan.telling",
    "tops_of": "iobound.verbs.scan.program.module_names",
    "unreadable": "iobound.verbs.scan.rules.upkeep",
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
