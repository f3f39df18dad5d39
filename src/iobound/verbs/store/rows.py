"""Row numbers of marks: as the observer counts them, and as they stand in a file that has been thinned."""

from __future__ import annotations

from collections.abc import Iterable

from iobound.model.increment import Increment, ThreadPart
from iobound.model.recording import Marks

Key = tuple[int, int]


class MarkRows:
    """Translates `first_mark` of every thread.

    Before the first thinning both count alike. At a thinning, the last mark of a thread stays what it was while
    those before it become fewer: from then on the two counts differ by a fixed number of rows.
    """

    def __init__(self) -> None:
        self._sent: dict[Key, int] = {}  # rows by the observer's count
        self._shift: dict[Key, int] = {}  # what to add to get the row in the file
        self._frozen: dict[Key, int] = {}  # the observer's rows below this one can no longer be replaced

    def translated(self, increment: Increment) -> Increment:
        """The same increment in the row numbers of the file."""
        return increment._replace(threads=tuple(map(self._translated, increment.threads)))

    def rebase(self, threads: Iterable[ThreadPart]) -> None:
        """Take note of how many marks each thread has in the file, now that it was thinned."""
        for part in threads:
            key = (part.process, part.thread)
            self._shift[key] = len(part.record.marks) - self._sent[key]
            self._frozen[key] = max(0, self._sent[key] - 1)

    def _translated(self, part: ThreadPart) -> ThreadPart:
        key = (part.process, part.thread)
        marks = part.record.marks
        self._sent[key] = part.first_mark + len(marks)
        late = max(0, self._frozen.get(key, 0) - part.first_mark)
        record = part.record._replace(marks=_without_first(marks, late)) if late else part.record
        return part._replace(first_mark=part.first_mark + late + self._shift.get(key, 0), record=record)


def _without_first(marks: Marks, rows: int) -> Marks:
    return Marks(*(getattr(marks, name)[rows:] for name in Marks.__slots__))
