"""From the calls of decorated functions, and what was observed meanwhile, to what is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from iobound.pipeline.predicting import predictions_of

if TYPE_CHECKING:
    from iobound.model.breakdown import Breakdown
    from iobound.model.calls import FunctionCalls
    from iobound.model.diagnosis import Diagnosis
    from iobound.model.recording import Recording
    from iobound.verbs.report import TextStyle


def with_calls(recording: Recording, functions: Sequence[FunctionCalls]) -> Recording:
    """A recording with the calls of functions, and the places that they come from: the source is asked about them, too.

    Args:
        recording: One whose source has not been looked into.
        functions: Their calls.
    """
    known = set(recording.places)
    callers = (caller.place for each in functions for caller in each.callers)
    new = dict.fromkeys(place for place in callers if place.file and place not in known)
    return recording._replace(places=(*recording.places, *new), functions=tuple(functions))


def with_functions(whole: Diagnosis, workers: Sequence[int]) -> Diagnosis:
    """The diagnosis of a run with that of each function whose calls were delimited."""
    from iobound.model.diagnosis import FunctionDiagnosis
    from iobound.verbs import attribute

    functions = whole.recording.functions
    breakdowns = attribute.of_calls(whole.recording, whole.timeline, whole.breakdown, functions)
    found = []
    for calls, breakdown in zip(functions, breakdowns, strict=True):
        focused = _focused(whole, breakdown, workers)
        found.append(FunctionDiagnosis(calls, breakdown, focused.verdict, focused.advice, focused.predictions))
    return whole._replace(functions=tuple(found))


def with_workers(diagnosis: Diagnosis, workers: Sequence[Sequence[int]]) -> Diagnosis:
    """The diagnosis with pool sizes of their own for some of its functions: none for those that have the usual ones."""
    found = []
    for function, own in zip(diagnosis.functions, workers, strict=True):
        if own:
            focused = _focused(diagnosis, function.breakdown, own)
            function = function._replace(advice=focused.advice, predictions=focused.predictions)
        found.append(function)
    return diagnosis._replace(functions=tuple(found))


def _focused(whole: Diagnosis, breakdown: Breakdown, workers: Sequence[int]) -> Diagnosis:
    from iobound.verbs import advise

    recording = whole.recording
    predictions = predictions_of(breakdown, recording, workers)
    verdict = advise.verdict(breakdown, recording)
    return whole._replace(
        breakdown=breakdown,
        verdict=verdict,
        advice=advise.advise(breakdown, recording, verdict, predictions, whole="All its calls together take"),
        predictions=predictions,
        evidence=(),
        phase_bounds=(),
    )


def of_one(diagnosis: Diagnosis, number: int = 0) -> Diagnosis:
    """The diagnosis of one function's calls, as if they were all of the run."""
    function = diagnosis.functions[number]
    return diagnosis._replace(
        breakdown=function.breakdown,
        verdict=function.verdict,
        advice=function.advice,
        predictions=function.predictions,
        evidence=(),
        phase_bounds=(),
        functions=(function,),
        about=function.calls.name,
    )


def in_short(diagnosis: Diagnosis, style: TextStyle) -> str:
    """A few lines for each function; see `report.in_short`."""
    from iobound.verbs import report

    return report.in_short(diagnosis, style=style)
