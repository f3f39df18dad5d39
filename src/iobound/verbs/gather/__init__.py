"""Gather: from paths to sources. Walks, excludes, reads, and asks git what changed; understands nothing of Python.

The steps: `files` finds what paths stand for, without what `exclusion` leaves out, `contents` reads it, and `changed`
says which of its lines are new since a revision.
"""

from iobound.verbs.gather.changed import changed
from iobound.verbs.gather.contents import contents
from iobound.verbs.gather.files import gather

__all__ = ["changed", "contents", "gather"]
