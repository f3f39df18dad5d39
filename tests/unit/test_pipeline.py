"""What a run leaves behind, and how much it keeps in memory."""

from __future__ import annotations

import os
import time

import pytest

from iobound import pipeline
from iobound.errors import TargetNotFound


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
