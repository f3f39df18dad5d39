"""What of two sides cannot be compared, and why: other machines, interpreters, ways of looking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum, auto
from typing import NamedTuple

from iobound.model.comparison import Side
from iobound.model.recording import FEWEST_LOOKS
from iobound.verbs.compare import targets
from iobound.verbs.compare.facts import Document, Run
from iobound.verbs.compare.judging import Levels

_STARVED = 0.1
_NOTHING_SEEN = 0.99
"""Share of the time that is unknown, from which on nothing was seen."""

_MOST_SAID = 3
_GIB = 1 << 30


class Kind(Enum):
    """Kinds of quantities that are compared, or not, together."""

    SECONDS = auto()  # of the run, of computing, and of lines
    WAIT_SECONDS = auto()
    COUNTS = auto()
    SHARES = auto()
    GIL_SHARES = auto()
    LINES = auto()
    LOOPS = auto()
    MEMORY = auto()
    SWITCHES = auto()
    FINDINGS = auto()
    ADVICE = auto()


class Comparable(NamedTuple):
    """What is not judged, and what else a reader must know.

    Attributes:
        why: Why kinds of quantities are not judged.
        ending: How the runs ended, where they did not end alike.
        levels: How surely changes are told.
    """

    why: Mapping[Kind, str]
    warnings: tuple[str, ...]
    ending: str = ""
    levels: Levels = Levels()

    def first(self, *kinds: Kind) -> str:
        """Why a quantity that is of all these kinds is not judged; empty where it is."""
        return next((self.why[kind] for kind in kinds if kind in self.why), "")

    @property
    def not_compared(self) -> dict[str, str]:
        """Why what the document calls by a name is not judged, or not of the same work."""
        whys = {name: self.first(*kinds) for name, kinds in _NAMES.items()} | {"ending": self.ending}
        return {name: why for name, why in whys.items() if why}


class _Difference(NamedTuple):
    """What may differ: how a document says it, what it is called, and what it makes incomparable."""

    name: str
    of: Callable[[Document], str]
    bars: tuple[Kind, ...]
    lost: str


_NAMES: Mapping[str, tuple[Kind, ...]] = {
    "seconds": (Kind.SECONDS,),
    "waits": (Kind.SHARES, Kind.WAIT_SECONDS),
    "counts": (Kind.COUNTS,),
    "loops": (Kind.LOOPS,),
    "memory": (Kind.MEMORY,),
    "findings": (Kind.FINDINGS,),
    "shares": (Kind.SHARES,),
    "computing": (Kind.GIL_SHARES,),
    "lines": (Kind.LINES,),
    "context_switches": (Kind.SWITCHES,),
    "advice": (Kind.ADVICE,),
}
"""What is not compared, as documents name it."""

_OF_STACKS = (Kind.LINES, Kind.LOOPS, Kind.FINDINGS, Kind.ADVICE)
_LOOKED_AT = (Kind.SHARES, Kind.GIL_SHARES, Kind.COUNTS, Kind.WAIT_SECONDS, Kind.LINES, Kind.LOOPS)


def machine(document: Document) -> str:
    """The machine, as far as reports know it."""
    found = document["machine"]
    limit = "" if found["limited_by"] == "machine" else f" (limited by {found['limited_by']})"
    memory = "" if found["memory_bytes"] is None else f", {round(found['memory_bytes'] / _GIB)} GiB"
    cpus, effective = found["cpus"], found["effective_cpus"]
    some = f"{cpus} CPU{'' if cpus == 1 else 's'}"
    return f"{found['system']}, {some if effective == cpus else f'{effective:g} of {some}'}{limit}{memory}"


def interpreter(document: Document) -> str:
    """The interpreter up to what changes its speed; other patches of a version are alike."""
    found = document["interpreter"]
    version = ".".join(found["version"].split(".")[:2])
    threads = " free-threaded" if found["free_threaded_build"] else ""
    return f"{found['implementation']} {version}{threads}{'' if found['gil_enabled'] else ' without GIL'}"


def command(document: Document) -> str:
    """What was run, without what differs from run to run."""
    cwd = document["cwd"]
    return " ".join(targets.file(word, cwd) for word in document["command"])


def source(document: Document) -> str:
    """How it was observed."""
    states = "" if _has(document, "thread_states") else ", without thread states"
    return f"{document['source']}{states}"


def _has(document: Document, *facts: str) -> bool:
    known = [each["available"] for each in document["capabilities"] if each["fact"] in facts]
    return any(known) or not known


def _yes(*facts: str) -> Callable[[Document], str]:
    return lambda document: "seen" if _has(document, *facts) else "not seen"


def _ending(document: Document) -> str:
    signal, code = document["signal"], document["exit_code"]
    return f"signal {signal}" if signal is not None else "exit not seen" if code is None else f"exit {code}"


_DIFFERENCES = (
    _Difference(
        "machines",
        machine,
        (Kind.SECONDS, Kind.WAIT_SECONDS, Kind.MEMORY, Kind.SWITCHES, Kind.ADVICE),
        "seconds, memory, context switches and advice are not compared; shares, counts and findings are",
    ),
    _Difference(
        "interpreters",
        interpreter,
        (Kind.SECONDS, Kind.MEMORY, Kind.SWITCHES, Kind.ADVICE),
        "seconds of the run and of computing, memory, context switches and advice are not compared; waits, shares "
        "and findings are",
    ),
    _Difference(
        "ways of observing",
        source,
        _LOOKED_AT,
        "shares, waits, lines and event loops are not compared; seconds of the run, memory and findings are",
    ),
    _Difference(
        "views of Python stacks",
        _yes("python_stacks"),
        _OF_STACKS,
        "lines, event loops, findings and advice are not compared",
    ),
    _Difference(
        "views of the GIL",
        _yes("gil_held", "gil_holder"),
        (Kind.GIL_SHARES,),
        "computing and wait_gil are not compared",
    ),
    _Difference(
        "versions of iobound",
        lambda document: document["iobound"],
        (Kind.FINDINGS, Kind.ADVICE),
        "findings and advice are not compared, for rules may have changed",
    ),
    _Difference("commands", command, (), "everything is compared, but what changed may be due to the command"),
    _Difference(
        "endings",
        _ending,
        (),
        "everything is compared, but they may not have done the same work: whether anything is worse is not known",
    ),
)


def comparable(base: Sequence[Run], head: Sequence[Run]) -> Comparable:
    """Look for what differs within or between the sides and should not, and for what neither side could see."""
    found = _Found({}, [])
    ending = _apart(_ending, base, head)
    for difference in _DIFFERENCES:
        told = _apart(difference.of, base, head)
        if told:
            found.bar(difference.bars, f"different {difference.name}", f" ({told}): {difference.lost}")
    runs = (*base, *head)
    fewest = min((run.document["overhead"]["samples"], run.name) for run in runs)
    if fewest[0] < FEWEST_LOOKS:
        found.bar(
            (Kind.COUNTS, Kind.WAIT_SECONDS, Kind.LINES, Kind.FINDINGS, Kind.ADVICE),
            f"fewer than {FEWEST_LOOKS} looks",
            f" ({fewest[0]} in {fewest[1]}): waits, lines, findings and advice are not compared",
        )
    if not any(_has(run.document, "python_stacks") for run in runs):
        lost = ": lines, event loops, findings and advice are not compared"
        found.bar(_OF_STACKS, "Python stacks were seen on neither side", lost)
    for name, side in (("base", base), ("head", head)):
        if all(run.share("unknown") >= _NOTHING_SEEN for run in side):
            lost = ": shares, waits, lines and event loops are not compared"
            found.bar(_LOOKED_AT, f"the states of {name} are unknown", lost)
        starved = sum(run.starved for run in side) / len(side)
        if starved >= _STARVED:
            percent = f"{starved:.0%}".replace("%", " %")
            found.warnings.append(f"{name} got no CPU for {percent} of its time: its seconds are taken for uncertain")
    return Comparable(found.why, tuple(found.warnings), ending)


class _Found(NamedTuple):
    """What was found so far."""

    why: dict[Kind, str]
    warnings: list[str]

    def bar(self, kinds: Iterable[Kind], why: str, told: str) -> None:
        self.warnings.append(f"{why}{told}")
        for kind in kinds:
            self.why.setdefault(kind, why)


def _apart(of: Callable[[Document], str], base: Sequence[Run], head: Sequence[Run]) -> str:
    """What both sides say, where that is not the same of all runs."""
    sides = [_values(of(run.document) for run in side) for side in (base, head)]
    return f"{_said(sides[0])} in base, {_said(sides[1])} in head" if len({*sides[0], *sides[1]}) > 1 else ""


def side(runs: Sequence[Run]) -> Side:
    """How a side is told."""
    documents = [run.document for run in runs]
    return Side(
        runs=tuple(run.name for run in runs),
        command=_said(_values(map(command, documents))),
        machine=_said(_values(map(machine, documents))),
        interpreter=_said(_values(map(interpreter, documents))),
        iobound=_said(_values(document["iobound"] for document in documents)),
        source=_said(_values(map(source, documents))),
        cwd=documents[0]["cwd"],
        script=_script(documents),
    )


def _script(documents: Sequence[Document]) -> str:
    first = {document["command"][0] if document["command"] else "" for document in documents}
    return next(iter(first)) if len(first) == 1 and all(word.endswith(".py") for word in first) else ""


def _values(values: Iterable[str]) -> list[str]:
    return sorted(set(values))


def _said(values: Sequence[str]) -> str:
    more = f" and {len(values) - _MOST_SAID} more" if len(values) > _MOST_SAID else ""
    return "; ".join(values[:_MOST_SAID]) + more
