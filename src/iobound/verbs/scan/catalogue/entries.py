"""Nouns of the catalogue: what is known of a call, a type, and of a call that makes others run a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

WAITING = ("network", "dns", "disk", "sleep", "lock", "subprocess", "database", "stdin", "ipc", "select", "idle")
"""Categories of calls that wait for something outside of the thread."""

COMPUTING = ("cpu-python", "cpu-native-releases-gil", "cpu-native-holds-gil")
"""Categories of calls that keep a CPU busy."""

CATEGORIES = WAITING + COMPUTING

GIL: Mapping[str, str | None] = {"r": "releases", "h": "holds", "m": "mixed", "p": "python", "-": None}
BLOCKING: Mapping[str, str] = {
    "y": "yes",
    "s": "short",
    "l": "lazy",
    "m": "maybe",
    "n": "no",
    "a": "await",
    "c": "cooperative",
}
PROVENANCE: Mapping[str, str] = {
    "m": "measured",
    "s": "sibling",
    "d": "documented",
    "c": "common knowledge",
    "u": "unconfirmed",
}
OWN = "own"
"""Provenance of an entry that a user has added."""

PLACES = ("thread", "process", "executor", "interpreter", "loop")
SERIALIZERS = ("pickle", "cloudpickle", "dill")
CARRIES = ("elements", "rows", "arguments", "nothing")


class Entry(NamedTuple):
    """What the catalogue says of one callable.

    Attributes:
        category: One of `CATEGORIES`: what the call waits for, or how it computes.
        gil: `releases`, `holds`, `mixed`, `python` (lets other threads in now and then, never runs beside them), or
            None when it does nothing that matters.
        blocking: `yes`, `short` (microseconds), `lazy` (on iteration), `maybe`, `no`, `await` (gives an awaitable) or
            `cooperative` (lets the loop of a green-thread library run).
        provenance: How it is known: `measured` under a GIL probe, by the probe of a `sibling`, `documented` or read in
            the source, `common knowledge`, `unconfirmed`, or `own` for a user's entry.
        async_alternative: What a coroutine would use instead: a dotted name, `loop.` for a method of the running event
            loop, `asyncio.to_thread` where a thread has to do; None where nothing helps or nothing has to.
        weight_s: Typical length of one call in seconds: for ranking, never for prediction.
    """

    category: str
    gil: str | None
    blocking: str = "yes"
    provenance: str = "documented"
    async_alternative: str | None = None
    weight_s: float = 0.0


class TypeFacts(NamedTuple):
    """What is known of the instances of a type.

    Attributes:
        name: Canonical name of the type.
        picklable: Whether `pickle` takes an instance; a word such as `factory-dependent` where that depends.
        thread_safe: Whether threads may share an instance.
        fork_safe: Whether a child process may use what its parent had made before the fork.
        provenance: As in `Entry`.
        note: What else to know, `` when nothing.
    """

    name: str
    picklable: bool | str
    thread_safe: bool
    fork_safe: bool
    provenance: str = "documented"
    note: str = ""


class Offload(NamedTuple):
    """A call that has a function run elsewhere.

    Attributes:
        where: `thread`, `process`, `executor` (whichever is given), `interpreter` or `loop` (later, on the event loop).
        argument: Position of the function among the positional arguments, None when it is given by keyword only.
        keyword: Its name as a keyword argument, None when it has none.
    """

    where: str
    argument: int | None
    keyword: str | None = None


class Boundary(NamedTuple):
    """A call whose function and data go to another process.

    Attributes:
        serializer: `pickle`, or `cloudpickle` and `dill`, which take lambdas and closures, too.
        function: Position or keyword of the function, None when the call has none.
        carries: What else is serialised: `elements` of the iterables that follow, `rows` (each element holds a call's
            arguments), `arguments` (the rest of the call), or `nothing`.
        unless_forked: Whether nothing is serialised when the process is made by fork.
    """

    serializer: str
    function: int | str | None
    carries: str
    unless_forked: bool = False


_WEIGHTS: Mapping[str, float] = {
    "no": 1e-6,
    "short": 5e-6,
    "network": 0.05,
    "dns": 0.02,
    "disk": 1e-4,
    "sleep": 0.1,
    "lock": 1e-3,
    "subprocess": 5e-3,
    "database": 1e-3,
    "stdin": 5.0,
    "ipc": 1e-4,
    "select": 0.01,
    "idle": 1.0,
    "cpu-python": 1e-4,
    "cpu-native-releases-gil": 1e-4,
    "cpu-native-holds-gil": 1e-4,
}
_PARTS: Mapping[str, float] = {"s": 1.0, "ms": 1e3, "us": 1e6, "µs": 1e6}


def seconds(text: str) -> float | None:
    """A weight as people write it, None when it is none.

    Example:
        >>> seconds("2 ms"), seconds("50us"), seconds("1.5 s"), seconds("soon")
        (0.002, 5e-05, 1.5, None)
    """
    number = text.rstrip("smuµ ")
    parts = _PARTS.get(text[len(number) :].strip())
    if parts is None or not number.isascii():
        return None
    try:
        weight = float(number)
    except ValueError:
        return None
    return weight / parts if 0 <= weight < 1e6 else None


def usual_weight(category: str, blocking: str) -> float:
    """Seconds of a call whose entry names none: what its way of blocking says, else what its category says."""
    return _WEIGHTS.get(blocking, _WEIGHTS[category])


def usual_alternative(category: str, gil: str | None, blocking: str) -> str | None:
    """What a coroutine does with a call that has no twin: a thread, if that frees the loop."""
    if gil is None or gil == "holds" or category == "cpu-python" or blocking in ("no", "await", "cooperative"):
        return None
    return "asyncio.to_thread"


def decoded(code: str) -> Entry:
    """The entry that a line of the data means; its legend explains the codes.

    Example:
        >>> decoded("sleep rym 1s > asyncio.sleep")[:4], decoded("sleep rym 1s > asyncio.sleep")[4:]
        (('sleep', 'releases', 'yes', 'measured'), ('asyncio.sleep', 1.0))
    """
    known, _, other = code.partition(" > ")
    category, letters, *weight = known.split(" ")
    gil, blocking = GIL[letters[0]], BLOCKING[letters[1]]
    alternative = (None if other == "-" else other) if other else usual_alternative(category, gil, blocking)
    own_weight = seconds(weight[0]) if weight else None
    return Entry(
        category,
        gil,
        blocking,
        PROVENANCE[letters[2]],
        alternative,
        usual_weight(category, blocking) if own_weight is None else own_weight,
    )
