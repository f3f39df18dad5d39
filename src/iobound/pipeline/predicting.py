"""Predictions: of the sites of a run, and for numbers that are known, without one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from iobound.verbs.predict import curve, predict

if TYPE_CHECKING:
    from iobound.model.breakdown import Breakdown
    from iobound.model.prediction import Prediction
    from iobound.model.recording import Recording

__all__ = ["predict", "predictions_of"]


def predictions_of(breakdown: Breakdown, recording: Recording, workers: Sequence[int]) -> tuple[Prediction, ...]:
    """What each strategy would gain at each site."""
    return tuple(
        prediction
        for site in breakdown.sites
        for prediction in curve(site, breakdown, recording.machine, recording.interpreter, workers=workers)
    )
