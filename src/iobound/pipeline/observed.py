"""The order of the steps of a run.

target --observe--> Recording --attribute--> Timeline, Breakdown --predict--> Predictions --advise--> Diagnosis
--report--> text

A run begins as soon as `observe` is loaded; the other steps are loaded while the target runs, or when they are needed.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from iobound.errors import IoboundError, ObservationLost
from iobound.model.increment import Closing, Increment, Journal, Opening, assemble
from iobound.model.recording import Capability, Recording
from iobound.model.source_facts import SourceFacts
from iobound.pipeline import gating, typed_in
from iobound.pipeline.collecting import without_collector
from iobound.pipeline.source import read_source
from iobound.verbs import observe, store
from iobound.verbs.observe import Options, Target

if TYPE_CHECKING:
    from iobound.model.diagnosis import Diagnosis
    from iobound.model.recording import Place
    from iobound.model.scan_options import ScanOptions
    from iobound.model.state import State
    from iobound.verbs.report import TextStyle

__all__ = [
    "WORKERS",
    "Options",
    "Outcome",
    "Target",
    "capabilities",
    "diagnose",
    "load",
    "read_source",
    "render",
    "run",
    "tree",
]

WORKERS: tuple[int, ...] = (2, 4, 8, 16, 32)
"""Pool sizes that are predicted unless others are asked for."""

_LATER = ("attribute", "scan", "predict", "advise", "report")
_MOST_PARTS = 300  # ten minutes' worth
_SHORT_NS = 300_000_000  # a run that is over by then was often not seen in any file that could be scanned


class Outcome(NamedTuple):
    """How a run ended.

    Attributes:
        exit_code: The target's, 128+N for a signal N.
        diagnosis: What was found; None when that failed, and then `lost` says why.
    """

    exit_code: int
    diagnosis: Diagnosis | None
    lost: str = ""


def run(
    target: Target,
    options: Options,
    *,
    workers: Sequence[int] = WORKERS,
    checks: Sequence[str] = (),
    save: str | None = None,
    scanning: Callable[[Collection[str]], ScanOptions] | None = None,
) -> Outcome:
    """Run the target, observe it, and say what it is bound by.

    Args:
        target: What to run.
        options: How to observe it.
        workers: Pool sizes to predict.
        checks: Gates, as given to `--check`.
        save: Where to keep the recording, or None.
        scanning: Gives, for the ids of all rules, the settings by which the program's own files are scanned once it
            has ended; None for the usual ones.

    Raises:
        UsageError: The target cannot be started, a check cannot be read, or `save` cannot be written.
    """
    asked = gating.of_run(checks)
    if save is not None:
        store.require_writable(save)
    journal = _Journal(None if save is None else Path(save + ".part"))
    try:
        observe.observe(target, options, journal, _examiner(scanning), _load_the_rest())
    except BaseException:
        journal.remove()
        raise
    exit_code = journal.exit_code()
    try:
        recording = journal.recording()
        if save is not None:
            recording = _saved(recording, save, journal)
        return Outcome(exit_code, gating.held(diagnose(recording, workers=workers), asked))
    except Exception as problem:  # whatever it is, the target's exit code is the target's
        return Outcome(exit_code, None, _told(problem))
    finally:
        journal.remove()


def _saved(recording: Recording, path: str, journal: _Journal) -> Recording:
    """The recording with a note when it could not be kept: the report of a long run must not be lost for that."""
    try:
        store.save(recording, path)
    except Exception as problem:
        note = _told(problem)
        left = journal.leave()
        note = f"{note}; what was written on the way is in {left}" if left is not None else note
        return recording._replace(notes=(*recording.notes, note))
    return recording


def _load_the_rest() -> Iterator[object]:
    """Load one step after the other, for the time between two looks."""
    began_ns = time.monotonic_ns()
    for step in _LATER:
        yield import_module(f"iobound.verbs.{step}")
    yield import_module("iobound.verbs.scan").examine  # whose package loads it only when it is asked for
    yield import_module("iobound.verbs.predict").predict  # likewise
    while time.monotonic_ns() - began_ns < _SHORT_NS:
        yield None
    own_files = import_module("iobound.pipeline.own_files")
    yield own_files
    yield from own_files.load()


def _examiner(
    scanning: Callable[[Collection[str]], ScanOptions] | None,
    read_source: Callable[[str], bytes | None] = read_source,
) -> Callable[[Sequence[Place]], SourceFacts]:
    def examine(places: Sequence[Place]) -> SourceFacts:
        from iobound.verbs import scan

        with without_collector():
            facts = scan.examine(places, read_source)
        if not any(scan.own_code(file) for file in {place.file for place in places}):
            return facts
        from iobound.pipeline.own_files import with_findings  # with all rules, which no other run needs

        return with_findings(facts, places, read_source, scanning)

    return examine


def keep(recording: Recording, path: str) -> None:
    """Write a recording to a file, whole or not at all; see `store.save`."""
    store.save(recording, path)


def examined(recording: Recording, *, in_full: bool = True) -> Recording:
    """A recording of this process with the facts of its source, read here and now, and with cells by their numbers.

    Args:
        recording: One that has none yet.
        in_full: Whether the program's own files are scanned with all rules, too.
    """
    typed = typed_in.cells()
    read: Callable[[str], bytes | None] = read_source
    if typed is not None:
        read = typed.reading(read_source)
        names = typed.names
        places = [place._replace(file=names.get(place.file, place.file)) for place in recording.places]
        places += typed.unseen(recording.command, places)
        recording = recording._replace(places=tuple(places))
    facts = _examiner(None, read)(recording.places) if in_full else _quickly(recording.places, read)
    return recording._replace(facts=facts if typed is None else typed.own(facts))


def _quickly(places: Sequence[Place], read: Callable[[str], bytes | None]) -> SourceFacts:
    from iobound.verbs import scan

    with without_collector():
        facts = scan.examine(places, read)
    return facts._replace(unscanned="the program's own files are scanned when it has ended")


def load(path: str) -> Recording:
    """Read a recording; see `store.load`."""
    return store.load(path)


def diagnose(recording: Recording, *, workers: Sequence[int] = WORKERS) -> Diagnosis:
    """From what was observed to what it means.

    Raises:
        ObservationLost: Not one process was seen.
    """
    from iobound.model.diagnosis import Diagnosis
    from iobound.pipeline.predicting import predictions_of
    from iobound.verbs import advise, attribute

    if not recording.processes:
        raise ObservationLost("nothing of the target was seen", hint="`iobound env` says what can be observed here")
    with without_collector():
        timeline, breakdown = attribute.timeline_and_breakdown(recording)
    predictions = predictions_of(breakdown, recording, workers)
    verdict = advise.verdict(breakdown, recording)
    whole = Diagnosis(
        recording=recording,
        timeline=timeline,
        breakdown=breakdown,
        verdict=verdict,
        advice=advise.advise(breakdown, recording, verdict, predictions),
        predictions=predictions,
        evidence=advise.evidence(breakdown, recording, verdict),
        phase_bounds=advise.phase_bounds(breakdown),
    )
    if not recording.functions:
        return whole
    from iobound.pipeline.advised import with_functions

    return with_functions(whole, workers)


def render(diagnosis: Diagnosis, format: str, style: TextStyle) -> str:
    """A report in one format; see `report.render`."""
    from iobound.pipeline import listed

    return listed.ToldRun(diagnosis).render(format, style)


def fragment(diagnosis: Diagnosis) -> str:
    """The report as HTML for a part of somebody else's page; see `report.fragment`."""
    from iobound.verbs import report

    return report.fragment(diagnosis)


def tree(diagnosis: Diagnosis, states: frozenset[State] | None, style: TextStyle) -> str:
    """The call tree, whole or of some states; see `report.tree`."""
    from iobound.verbs import report

    return report.tree(diagnosis, states, style)


def capabilities() -> tuple[Capability, ...]:
    """What can be observed here, with the assumptions of the observer tried out."""
    return (*observe.capabilities(), *observe.self_tests())


class _Journal(Journal):
    """Parts of a recording: in memory while they are few, in a file when they are many or are to be kept.

    Where there can be no such file, or no more of it, those in memory become fewer: see `store.Pile`.

    Args:
        path: Where a recording that is to be kept is made, so that a killed run leaves it behind; None for one that
            is not.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._folder: str | None = None
        self._file = store.JournalFile(path) if path is not None else None
        self._parts: list[Opening | Increment | Closing] = []
        self._closing: Closing | None = None
        self._pile: store.Pile | None = None  # of all increments, where many have to be kept in memory
        self._kept = True  # whether all parts are in memory

    def add(self, part: Opening | Increment | Closing) -> None:
        if isinstance(part, Closing):
            self._closing = part
        if self._pile is not None and isinstance(part, Increment):
            self._pile.add(part)
        elif self._kept:
            self._parts.append(part)
        if self._file is not None:
            self._file.add(part)
        elif len(self._parts) > _MOST_PARTS:
            self._move_to_file()
        if len(self._parts) > _MOST_PARTS:
            if self._file is not None and self._file.failure is None:
                self._parts, self._kept = [], False
            else:
                self._pile = store.Pile()
                for earlier in self._parts:
                    if isinstance(earlier, Increment):
                        self._pile.add(earlier)
                self._parts = [earlier for earlier in self._parts if not isinstance(earlier, Increment)]

    def _move_to_file(self) -> None:
        try:
            self._folder = tempfile.mkdtemp(prefix="iobound-")
        except OSError:
            return  # then memory has to do
        self._path = Path(self._folder, "run.iob")
        self._file = store.JournalFile(self._path)
        for part in self._parts:
            self._file.add(part)

    def exit_code(self) -> int:
        """The target's, as a shell says it; 1 where it is not known."""
        if self._closing is None:
            return 1
        if self._closing.signal is not None:
            return 128 + self._closing.signal
        return 1 if self._closing.exit_code is None else self._closing.exit_code

    def recording(self) -> Recording:
        """The whole of the parts."""
        if self._file is not None:
            self._file.close()
        if not self._kept and self._path is not None:
            return store.load(self._path)
        opening = self._parts[0] if self._parts else None
        if not isinstance(opening, Opening):
            raise ObservationLost("the recording never began")
        increments = [part for part in self._parts if isinstance(part, Increment)]
        if self._pile is not None:
            increments = self._pile.increments()
        recording = assemble(opening, increments, self._closing)
        return recording._replace(notes=(*recording.notes, *self._notes()))

    def _notes(self) -> list[str]:
        notes = [self._file.failure] if self._file is not None and self._file.failure else []
        if self._pile is not None and self._pile.thinned:
            notes.append(f"the run is long: looks of its older parts were left out {self._pile.thinned} times")
        return notes

    def leave(self) -> Path | None:
        """Let the file stay that the recording was made in, and say which; None if there is none that can be read."""
        if self._file is None or self._folder is not None or self._path is None or not self._path.exists():
            return None
        left, self._path = self._path, None
        return left

    def remove(self) -> None:
        """Remove what was only made on the way."""
        if self._file is not None:
            self._file.close()
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()
        if self._folder is not None:
            with contextlib.suppress(OSError):
                Path(self._folder).rmdir()


def _told(problem: Exception) -> str:
    if isinstance(problem, IoboundError):
        return problem.message
    return f"{type(problem).__name__}: {problem}"
