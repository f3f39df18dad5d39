"""The facts that the sources of observed places hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from iobound.model.recording import Place
from iobound.model.source_facts import CallFact, LoopFact, SourceFacts
from iobound.verbs.scan.catalogue.leaves import leaf_at
from iobound.verbs.scan.catalogue.lookup import catalogue
from iobound.verbs.scan.loop.awaits import awaiting_loops
from iobound.verbs.scan.loop.limits import limits
from iobound.verbs.scan.loop.loops import Loops, Parsed
from iobound.verbs.scan.reading import Part, Reading
from iobound.verbs.scan.syntax.sources import decode
from iobound.verbs.scan.syntax.survey import LoopNode, Scope

FILES = 400
"""Files that are read at most; the rest of the places get no facts."""

ReadSource = Callable[[str], bytes | None]


def examine(places: Sequence[Place], read_source: ReadSource, *, files: int = FILES) -> SourceFacts:
    """Say what is called at each place, and which loops run it.

    Args:
        places: Observed places; where there are many files, those that matter most should come first.
        read_source: Gives the bytes of a file by the name in `Place.file`, None when there are none.
        files: How many files are read at most, in the order in which the places name them.

    Returns:
        Facts by index into `places`. A place whose source is missing, unreadable, not Python 3, or not the
        source that ran has none. Loops are looked for in the user's own code only; those that await one item
        after another are told without a place, too.
    """
    examination = _Examination(read_source, files)
    for index, place in enumerate(places):
        examination.add(index, place)
    examination.add_awaiting_loops()
    return examination.facts()


class _Examination:
    def __init__(self, read_source: ReadSource, files: int) -> None:
        self._read_source = read_source
        self._files = files
        self._readings: dict[str, Reading | None] = {}
        self._analyses: dict[str, Loops] = {}
        self._calls: dict[int, CallFact] = {}
        self._lines: dict[int, str] = {}
        self._enclosing: dict[int, tuple[int, ...]] = {}
        self._loops: list[LoopFact] = []
        self._loop_numbers: dict[LoopNode, int] = {}
        self._matched: set[str] = set()  # files whose source is that of a place

    def facts(self) -> SourceFacts:
        limited = tuple(limit for file, part in self._own_parts() for limit in limits(file, part.found, part.names))
        return SourceFacts(self._calls, tuple(self._loops), self._enclosing, self._lines, limits=limited)

    def add(self, index: int, place: Place) -> None:
        reading = self._reading(place.file)
        if reading is None:
            self._add_unread(index, place)
            return
        found = reading.find(place)
        if found is None:
            if reading.whole() is None:
                self._add_line(index, place, reading)
            return
        self._add_line(index, place, reading)
        part, scope = found
        self._matched.add(place.file)
        call = part.calls.fact(place, scope)
        if call is not None:
            self._calls[index] = call
        if reading.is_own:
            self._add_loops(index, place, part, scope)

    def add_awaiting_loops(self) -> None:
        for file, part in self._own_parts():
            for node, scope in awaiting_loops(part.found):
                if node not in self._loop_numbers:
                    self._loop_numbers[node] = len(self._loops)
                    self._loops.append(self._analysis(file, part).fact(node, scope))

    def _own_parts(self) -> Iterator[tuple[str, Part]]:
        """The user's own files whose source is that which ran."""
        for file, reading in self._readings.items():
            is_whole = reading is not None and reading.is_own and file in self._matched
            part = reading.whole() if reading is not None and is_whole else None
            if part is not None:
                yield file, part

    def _analysis(self, file: str, part: Part) -> Loops:
        if file not in self._analyses:
            self._analyses[file] = Loops(file, Parsed(part.source, part.found, part.names), catalogue())
        return self._analyses[file]

    def _reading(self, file: str) -> Reading | None:
        if file not in self._readings:
            if len(self._readings) >= self._files:
                return None
            source = decode(self._read(file))
            self._readings[file] = None if source is None else Reading(file, source, catalogue())
        return self._readings[file]

    def _read(self, file: str) -> bytes | None:
        try:
            return self._read_source(file)
        except (OSError, ValueError):  # a name that no file can have
            return None

    def _add_unread(self, index: int, place: Place) -> None:
        leaf = leaf_at(place.file, place.function, None)
        if leaf is not None:
            self._calls[index] = CallFact(leaf.name, "", category=leaf.category, gil="releases")

    def _add_line(self, index: int, place: Place, reading: Reading) -> None:
        line = reading.source.line(place.line)
        if line:
            self._lines[index] = line

    def _add_loops(self, index: int, place: Place, part: Part, scope: Scope) -> None:
        loops = self._analysis(place.file, part)
        numbers = []
        for node in loops.around(place, scope):
            if node not in self._loop_numbers:
                self._loop_numbers[node] = len(self._loops)
                self._loops.append(loops.fact(node, scope.function))
            numbers.append(self._loop_numbers[node])
        if numbers:
            self._enclosing[index] = tuple(numbers)
