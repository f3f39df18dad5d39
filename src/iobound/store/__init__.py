"""Keep recordings: in a journal while a run is on, and whole in a file.

The steps: a `JournalFile` takes the parts of a recording as the observer makes them and bounds its own size with
`thin`; `load` reads a journal or a saved file, however much of it is whole, and lets nothing untyped through; `save`
writes a recording whole or not at all, and `write_whole` does the same for a report. The bytes are described in
`docs/recording-format.md`.
"""

from iobound.store.journal import JournalFile
from iobound.store.pile import Pile
from iobound.store.reading import load
from iobound.store.regular import open_regular
from iobound.store.saving import require_writable, save, write_whole
from iobound.store.thinning import thin

__all__ = ["JournalFile", "Pile", "load", "open_regular", "require_writable", "save", "thin", "write_whole"]
