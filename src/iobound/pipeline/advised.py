"""From the calls of decorated functions, and what was observed meanwhile, to what is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from iobound.pipeline import observed
from iobound.pipeline.observed import examined

__all__ = ["diagnose", "examined", "in_short", "of_one", "with_callers"]

if TYPE_CHECKING:
    from iobound.model.breakdown import Breakdown
    from iobound.model.calls import FunctionCalls
    from iobound.model.diagnosis import Diagnosis, FunctionDiagnosis
    from iobound.model.recording import Recording
    from iobound.verbs.report import TextStyle


def with_callers(recording: Recording, functions: Sequence[FunctionCalls]) -> Recording:
    """A recording that has the places of the callers too, so that the source is asked about them.

    Args:
        recording: One whose source has not been looked into.
        functions: Whose callers.
    """
    known = set(recording.places)
    callers = (caller.place for each in functions for caller in each.callers)
    new = dict.fromkeys(place for place in callers if place.file and place not in known)
    return recording._replace(places=(*recording.places, *new))


def diagnose(
    recording: Recording, functions: Sequence[FunctionCalls], workers: Sequence[int] = observed.WORKERS
) -> Diagnosis:
    """What the run is bound by, and what the calls of each function are.

    Args:
        recording: With the facts of its source.
        functions: Their calls.
        workers: Pool sizes to predict.
    """
    from iobound.verbs import attribute

    whole = observed.diagnose(recording, workers=workers)
    breakdowns = attribute.of_calls(recording, whole.timeline, whole.breakdown, functions)
    found = tuple(
        _of_function(calls, _focused(whole, breakdown, workers))
        for calls, breakdown in zip(functions, breakdowns, strict=True)
    )
    return whole._replace(functions=found)


def _focused(whole: Diagnosis, breakdown: Breakdown, workers: Sequence[int]) -> Diagnosis:
    from iobound.verbs import advise

    recording = whole.recording
    predictions = observed.predictions_of(breakdown, recording, workers)
    verdict = advise.verdict(breakdown, recording)
    return whole._replace(
        breakdown=breakdown,
        verdict=verdict,
        advice=advise.advise(breakdown, recording, verdict, predictions, whole="All its calls together take"),
        predictions=predictions,
        evidence=(),
        phase_bounds=(),
    )


def _of_function(calls: FunctionCalls, found: Diagnosis) -> FunctionDiagnosis:
    from iobound.model.diagnosis import FunctionDiagnosis

    return FunctionDiagnosis(calls, found.breakdown, found.verdict, found.advice, found.predictions)


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
