"""What one report says, by the names under which both sides say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from iobound.model.comparison import Where
from iobound.verbs.compare import targets

Document = Mapping[str, Any]

COMPUTING = ("cpu_python", "cpu_native")
_UNSTEADY = (*COMPUTING, "wait_gil", "wait_cpu", "unknown")


class WaitKey(NamedTuple):
    """Under which heading waits are the same; file and function only where there is no target."""

    state: str
    target: str
    file: str
    function: str


class PlaceKey(NamedTuple):
    """Under which heading time in code is the same."""

    file: str
    function: str
    call: str


class WaitFacts(NamedTuple):
    """All waits of one run under one heading; where the longest of them is, None when not known.

    Attributes:
        brief: Those of `count` that one look alone has seen.
    """

    count: int  # type: ignore[assignment]
    wall_s: float
    thread_s: float
    at: Where | None = None
    longest_s: float = 0.0
    brief: int = 0


class PlaceFacts(NamedTuple):
    """All time of one run under one heading; the first line of it, None when not known.

    Attributes:
        path: The file as the report names it.
    """

    wall_s: float
    computing: float
    line: int | None
    path: str = ""


class Run(NamedTuple):
    """One report.

    Attributes:
        name: Of the file.
        functions: By file and line, the functions that the report names.
    """

    name: str
    document: Document
    waits: Mapping[WaitKey, WaitFacts]
    places: Mapping[PlaceKey, PlaceFacts]

    @property
    def wall_s(self) -> float:
        """Length of the run."""
        return float(self.document["wall_s"])

    @property
    def look_s(self) -> float:
        """Time between two looks, on average: what is shorter may be missed."""
        looks: int = self.document["overhead"]["samples"]
        return max(self.wall_s, 1e-6) / max(1, looks)

    def share(self, state: str) -> float:
        """Of the wall time."""
        return min(1.0, float(self.document["states"][state]))

    @property
    def unsteady(self) -> float:
        """The part of it that depends on the CPU: computing, and waiting to do so."""
        return min(1.0, sum(self.share(state) for state in _UNSTEADY))

    @property
    def starved(self) -> float:
        """The part of it in which the machine gave no CPU that was asked for."""
        return min(1.0, self.share("wait_cpu") + (self.document["totals"]["steal"] or 0.0))


def read(named: Sequence[tuple[str, Document]], steady: frozenset[str]) -> tuple[Run, ...]:
    """Reports as runs, in the order of their names.

    Args:
        named: Each with the name of its file.
        steady: Targets with a high port that is none in passing.
    """
    return tuple(_run(name, document, steady) for name, document in sorted(named, key=lambda pair: pair[0]))


def steady_targets(documents: Iterable[Document]) -> frozenset[str]:
    """Targets that every run names, so that their ports, however high, are those of services."""
    named = [{targets.bare(wait["target"], document["cwd"]) for wait in document["waits"]} for document in documents]
    return frozenset(set.intersection(*named)) if named else frozenset()


def _run(name: str, document: Document, steady: frozenset[str]) -> Run:
    cwd, functions = document["cwd"], _functions(document)
    waits: dict[WaitKey, WaitFacts] = {}
    for wait in document["waits"]:
        key = _wait_key(wait, cwd, functions, steady)
        waits[key] = _with(waits.get(key, WaitFacts(0, 0.0, 0.0)), wait, functions)
    places: dict[PlaceKey, PlaceFacts] = {}
    for spot in document["hotspots"]:
        where = PlaceKey(targets.file(spot["file"], cwd), spot["function"], spot["call"])
        had = places.get(where, PlaceFacts(0.0, 0.0, None))
        lines = [line for line in (had.line, spot["line"]) if line is not None]
        computing = spot["wall_s"] * min(1.0, sum(spot["states"][state] for state in _UNSTEADY))
        places[where] = PlaceFacts(
            had.wall_s + spot["wall_s"], had.computing + computing, min(lines, default=None), spot["file"]
        )
    return Run(name, document, waits, places)


def _with(known: WaitFacts, wait: Mapping[str, Any], functions: Mapping[tuple[str, int], str]) -> WaitFacts:
    """The facts with those of one more wait."""
    at, longest_s, file, line = known.at, known.longest_s, wait["file"], wait["line"]
    if file and (at is None or wait["thread_s"] > longest_s):
        at, longest_s = Where(file, line, functions.get((file, line or 0), "")), wait["thread_s"]
    return WaitFacts(
        known.count + wait["count"],
        known.wall_s + wait["wall_s"],
        known.thread_s + wait["thread_s"],
        at,
        longest_s,
        known.brief + wait["count_brief"],
    )


def _functions(document: Document) -> dict[tuple[str, int], str]:
    """Qualified names by the lines that the report knows them of."""
    found: dict[tuple[str, int], str] = {}
    blocks = [block for loop in document["event_loops"] for block in loop["blocks"]]
    for item in (*document["hotspots"], *document["sites"], *blocks):
        if item["line"] is not None:
            found.setdefault((item["file"], item["line"]), item["function"])
    return found


def _wait_key(
    wait: Mapping[str, Any], cwd: str, functions: Mapping[tuple[str, int], str], steady: frozenset[str]
) -> WaitKey:
    function = functions.get((wait["file"] or "", wait["line"] or 0), "")
    target = wait["target"]
    if not target:
        return WaitKey(wait["state"], "", targets.file(wait["file"] or "", cwd), function)
    if targets.is_lock(target):
        return WaitKey(wait["state"], targets.lock(target, function), "", "")
    target = targets.bare(target, cwd)
    if targets.is_passing(target) and target not in steady:
        target = targets.without_port(target)
    return WaitKey(wait["state"], target, "", "")
