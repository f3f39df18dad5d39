"""The steps of a comparison: files become documents, documents a comparison, that becomes text and is held to gates.

files --store--> documents, recordings --diagnose--> documents --compare--> Comparison --report, gate--> text, checks
"""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from iobound.errors import IoboundError, UnreadableRecording, UsageError
from iobound.model.comparison import Comparison
from iobound.verbs import store

if TYPE_CHECKING:
    from iobound.model.gate import Gate

MOST_RUNS = 200
"""Of a side: more of them make no interval narrower that anybody looks at."""

SHORT = {
    "regression": "regressions > 0",
    "regression_of_what_is_compared": "regressions_of_what_is_compared > 0",
}
"""What `--fail-on` takes besides expressions: any regression, as `compare.regressions` defines it. Nobody knows
where something is not compared that could have one, unless only what is compared is asked for."""

_RECORDING = ".iob"
_REPORT = ".json"
_WILD = frozenset("*?[")


def files_of(side: str, given: Sequence[str]) -> list[str]:
    """The files that a side was given as.

    Args:
        side: What it is called, for messages.
        given: Each a file, a directory (its `.iob` and `.json` files, not those of directories in it), or a pattern as
            of a shell; what exists by its name is no pattern.

    Raises:
        UsageError: One of them leads to no file, or all lead to too many.
    """
    found: list[str] = []
    for name in given:
        found += _files(side, name)
    unlike = {_real(path): path for path in reversed(found)}
    if len(unlike) > MOST_RUNS:
        raise UsageError(f"{side} has {len(unlike)} runs", hint=f"compare at most {MOST_RUNS} a side")
    return sorted(unlike.values())


def _real(path: str) -> str:
    try:
        return os.path.realpath(path)
    except OSError:  # the working directory has been removed: reading the file says what is wrong with it
        return path


def _files(side: str, name: str) -> list[str]:
    if "\0" in name:
        raise UsageError(f"there is no file {name!r} for {side}")
    if os.path.isdir(name):
        inside = sorted(entry for entry in os.listdir(name) if entry.endswith((_RECORDING, _REPORT)))
        if not inside:
            raise UsageError(f"{name} has no .iob or .json files", hint=f"{side} is one or more recordings or reports")
        return [os.path.join(name, entry) for entry in inside]
    if os.path.exists(name) or not _WILD & set(name):
        return [name]  # reading it says what is wrong with it
    inside = sorted(path for path in glob.glob(name) if not os.path.isdir(path))
    if not inside:
        raise UsageError(f"no file is like {name}", hint=f"{side} is one or more recordings or JSON reports")
    return inside


def documents(paths: Sequence[str], workers: Sequence[int]) -> list[tuple[str, dict[str, Any]]]:
    """Each run as a JSON report, whichever its file is; with the name of that.

    A run that is there twice, as a copy or as a recording and its report, counts once: noise between runs would look
    smaller than it is.

    Raises:
        UnreadableRecording: One of them is neither, or breaks the schema of reports; the message names it.
    """
    runs: dict[object, tuple[str, dict[str, Any]]] = {}
    for path in paths:
        document = _document(path, workers)
        runs.setdefault(_measured(document), (path, document))
    return list(runs.values())


def _measured(document: dict[str, Any]) -> tuple[str, ...]:
    """What no two runs have in common to so many digits; reports have more of them."""
    looks = document["overhead"]["samples"]
    return tuple(f"{float(number or 0):.6g}" for number in (document["wall_s"], document["cpu_s"], looks))


def _document(path: str, workers: Sequence[int]) -> dict[str, Any]:
    from iobound.verbs import compare, report

    if path.endswith(_RECORDING):
        return _of_recording(path, workers)
    document = store.load_document(path)
    schema = report.schema()
    name = document.get("schema")
    if name != schema["title"]:
        shown = name if isinstance(name, str) else "of no schema"
        raise UnreadableRecording(
            f"{path} is no report of a run but {shown}", hint="write one with `iobound run --report json:FILE …`"
        )
    problem = compare.why_invalid(document, schema)
    if problem:
        raise UnreadableRecording(f"{path} is no {name}: {problem}", hint="write it anew with `iobound report`")
    return document


def _of_recording(path: str, workers: Sequence[int]) -> dict[str, Any]:
    from iobound.pipeline.observed import diagnose
    from iobound.verbs import report

    try:
        return report.document(diagnose(store.load(path), workers=workers))
    except UnreadableRecording:
        raise
    except IoboundError as problem:
        raise UnreadableRecording(f"{path}: {problem.message}", hint=problem.hint) from problem


def compared(base: Sequence[str], head: Sequence[str], workers: Sequence[int]) -> Comparison:
    """What changed between the files of two sides.

    Raises:
        UnreadableRecording: A file is neither a report nor a recording.
    """
    from iobound.verbs import compare

    return compare.compare(documents(base, workers), documents(head, workers))


def comparison_formats() -> tuple[str, ...]:
    """Names of the formats that a comparison can be reported in."""
    from iobound.verbs.report import COMPARISON_FORMATS

    return tuple(sorted(COMPARISON_FORMATS))


def gates(expressions: Sequence[str]) -> tuple[Gate, ...]:
    """Read what `--fail-on` was given.

    Raises:
        UsageError: One of them cannot be read.
    """
    if not expressions:
        return ()
    from iobound.verbs import gate, report

    vocabulary = gate.of_comparison(report.comparison_schema())
    return tuple(gate.parse(SHORT.get(text.strip(), text), vocabulary) for text in expressions)


def held(comparison: Comparison, asked: Sequence[Gate]) -> Comparison:
    """The comparison with how it did against what must not be: a check that did not pass is so, or is not known."""
    if not asked:
        return comparison
    from iobound.verbs import gate, report

    document = report.comparison_document(comparison)
    return comparison._replace(checks=tuple(gate.hold(each, document, forbidden=True) for each in asked))
