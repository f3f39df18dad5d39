"""Both answers at once are the same as one after the other."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from iobound.model.recording import Recording
from iobound.verbs import attribute
from iobound.verbs.attribute import answers
from iobound.verbs.attribute.looks import read_looks

BENCHMARKS = Path(__file__).parents[4] / "benchmarks"


@pytest.fixture(scope="module")
def recording() -> Recording:
    """A recording with several threads in all kinds of states."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        from long_recording import Size, long_recording
    finally:
        sys.path.remove(str(BENCHMARKS))
    return long_recording(Size(seconds=20, threads=3, looks=900))


def test_both_at_once_are_the_same(recording: Recording) -> None:
    """Timeline and breakdown do not depend on who asks for them together."""
    line, whole = attribute.timeline_and_breakdown(recording)
    assert line == attribute.timeline(recording)
    assert whole == attribute.breakdown(recording, line)
    assert sum(len(thread.episodes) for thread in line.threads) > 900


def test_looks_are_read_once(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the looks of a long recording takes a tenth of the time that its report takes."""
    read = []

    def counted(*given: object) -> object:
        read.append(given)
        return read_looks(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(answers, "read_looks", counted)
    attribute.timeline_and_breakdown(recording)
    assert len(read) == 1
