"""What a run leaves behind, and how much it keeps in memory."""

from __future__ import annotations

import errno
import os
import time

import pytest

from iobound.errors import TargetNotFound
from iobound.model.increment import Closing, Increment, Opening, ThreadPart
from iobound.model.recording import Interpreter, LoopLooks, Machine, Marks, ProcessRecord, StackLooks, ThreadRecord
from iobound.pipeline import observed as pipeline
from iobound.verbs.store import journal


def test_a_target_that_cannot_be_started_leaves_no_recording(tmp_path):
    saved = tmp_path / "run.iob"
    for _ in range(2):  # the second run must not find what the first one left
        with pytest.raises(TargetNotFound):
            pipeline.run(pipeline.Target(("/no/such/python",), ("script.py",)), pipeline.Options(), save=str(saved))
    assert list(tmp_path.iterdir()) == []


def test_the_source_of_what_is_no_file_is_not_read(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    begun = time.monotonic()
    assert pipeline.read_source(str(pipe)) is None
    assert pipeline.read_source("/dev/zero") is None
    assert pipeline.read_source(str(tmp_path)) is None
    assert time.monotonic() - begun < 5
    (tmp_path / "script.py").write_text("x = 1\n")
    assert pipeline.read_source(str(tmp_path / "script.py")) == b"x = 1\n"


@pytest.mark.parametrize("place", ["no folder", "full disk"])
def test_a_long_run_needs_no_room_on_a_disk(monkeypatch, tmp_path, place):
    """Its parts stay in memory, and they become few."""
    if place == "no folder":
        monkeypatch.setattr(pipeline.tempfile, "mkdtemp", fails)
    else:
        monkeypatch.setattr(pipeline.tempfile, "mkdtemp", lambda prefix: str(tmp_path))
        monkeypatch.setattr(journal, "_write_all", fails)
    monkeypatch.setattr(pipeline, "_MOST_PARTS", 10)
    made = pipeline._Journal(None)
    made.add(OPENING)
    for number in range(1, 1001):
        marks = Marks()
        marks.append(number, number, 0, 0, 0)
        thread = ThreadRecord(1, "MainThread", 0, number, number, 0, marks, StackLooks(), LoopLooks())
        process = ProcessRecord(1, 0, "x", True, False, 0, number, ())
        made.add(Increment(number, processes=((0, process),), threads=(ThreadPart(0, 0, number - 1, thread),)))
        assert len(made._parts) <= 11
    made.add(Closing(2000, 4, None, ()))
    assert made.exit_code() == 4
    recording = made.recording()
    assert list(recording.processes[0].threads[0].marks.time) == list(range(1, 1001))
    assert any("No space left" in note for note in recording.notes) == (place == "full disk")
    made.remove()


def fails(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


OPENING = Opening(
    iobound="0.1.0",
    created="2026-11-22T10:00:00Z",
    command=("x",),
    cwd="/",
    interpreter=Interpreter("cpython", "3.13.0", gil_enabled=True, free_threaded_build=False),
    machine=Machine("Linux", 8, 2.5, "cgroup", 1 << 34),
    capabilities=(),
    start_ns=0,
    source="linux",
)
