"""Processes that work at chunks, and what becomes of the chunks where they cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from iobound.pipeline.reading_workers import answers


def doubling(add: int) -> Callable[[int], int]:
    print("not among the answers")
    return lambda chunk: 2 * chunk + add


def dying() -> Callable[[int], int]:
    return lambda chunk: chunk if chunk < 2 else os._exit(3)


def sleeping(path: str) -> Callable[[int], None]:
    Path(path, str(os.getpid())).touch()
    return lambda chunk: time.sleep(chunk)


def test_each_chunk_is_answered() -> None:
    """Whatever the work prints."""
    assert sorted(answers(2, doubling, (1,), range(20))) == [(chunk, 2 * chunk + 1) for chunk in range(20)]


def test_chunks_of_a_process_that_died_are_given_back() -> None:
    """Its starter can work at them."""
    found = dict(answers(2, dying, (), range(6)))
    assert sorted(found) == list(range(6))
    assert [found[chunk] for chunk in range(2, 6)] == [None] * 4


@pytest.mark.parametrize("executable", ["/nowhere/python", "", os.devnull])
def test_without_an_interpreter_all_chunks_are_given_back(monkeypatch: pytest.MonkeyPatch, executable: str) -> None:
    """As where the system has no room for a process."""
    monkeypatch.setattr(sys, "executable", executable)
    assert sorted(answers(2, doubling, (1,), range(3))) == [(0, None), (1, None), (2, None)]


def _are_gone(pids: list[int], within_s: float = 10.0) -> bool:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if not any(_is_running(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="looks for processes in /proc")
def test_no_process_outlives_who_started_it(tmp_path: Path) -> None:
    """Though it is killed, and they have work for a minute."""
    code = (
        f"import sys; sys.path[:] = {sys.path!r} + [{os.path.dirname(__file__)!r}]\n"
        "from test_reading_workers import answers, sleeping\n"
        f"print(list(answers(2, sleeping, ({str(tmp_path)!r},), [60, 60])))\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", code])
    end = time.monotonic() + 30
    while len(os.listdir(tmp_path)) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    pids = [int(name) for name in os.listdir(tmp_path)]
    starter.kill()
    starter.wait()
    assert len(pids) == 2
    assert _are_gone(pids)


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="looks for processes in /proc")
def test_no_process_outlives_the_interest_in_it(tmp_path: Path) -> None:
    """An iteration that is given up ends them in the middle of their work."""
    found = answers(2, sleeping, (str(tmp_path),), [0, 60, 60])
    next(found)
    found.close()
    assert _are_gone([int(name) for name in os.listdir(tmp_path)])
