"""Keep recordings: in a journal while a run is on, and whole in a file.

The steps: a `JournalFile` takes the parts of a recording as the observer makes them and bounds its own size with
`thin`; `load` reads a journal or a saved file, however much of it is whole, and lets nothing untyped through; `save`
writes a recording whole or not at all, and `write_whole` does the same for a report. The bytes are described in
`docs/recording-format.md`.

`open_cache` gives a `ScanCache`, in which a scan keeps what it finds out for the next one.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iobound.verbs.store.appending import append
    from iobound.verbs.store.caching import open_cache
    from iobound.verbs.store.digest import digest_of
    from iobound.verbs.store.journal import JournalFile
    from iobound.verbs.store.pile import Pile
    from iobound.verbs.store.reading import load, loaded
    from iobound.verbs.store.regular import open_regular
    from iobound.verbs.store.report_document import load_document
    from iobound.verbs.store.saving import require_writable, rewrite, save, write_whole
    from iobound.verbs.store.scan_cache import ScanCache
    from iobound.verbs.store.suite_baseline import load_baseline
    from iobound.verbs.store.thinning import thin

_HOMES = {
    "JournalFile": "journal",
    "Pile": "pile",
    "ScanCache": "scan_cache",
    "append": "appending",
    "digest_of": "digest",
    "load": "reading",
    "loaded": "reading",
    "load_baseline": "suite_baseline",
    "load_document": "report_document",
    "open_cache": "caching",
    "open_regular": "regular",
    "require_writable": "saving",
    "rewrite": "saving",
    "save": "saving",
    "thin": "thinning",
    "write_whole": "saving",
}

__all__ = [
    "JournalFile",
    "Pile",
    "ScanCache",
    "append",
    "digest_of",
    "load",
    "load_baseline",
    "load_document",
    "loaded",
    "open_cache",
    "open_regular",
    "require_writable",
    "rewrite",
    "save",
    "thin",
    "write_whole",
]


def __getattr__(name: str) -> Any:
    """Load what is asked for: a scan keeps no recording, and a run no cache."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value
