"""Whose code a stack is, and who runs it."""

from __future__ import annotations

from typing import Any

import pytest

from iobound.model.recording import NO_STACK, StackNode
from iobound.verbs.attribute.frames import ASYNCIO, PROCESSES, SEQUENTIAL, THREADS, library_path


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("/usr/lib/python3.12/queue.py", "queue.py"),
        ("/home/me/.pyenv/versions/3.13.0/lib/python3.13/asyncio/events.py", "asyncio/events.py"),
        ("/home/me/venv/lib/python3.11/site-packages/joblib/parallel.py", "joblib/parallel.py"),
        ("C:\\Python312\\Lib\\site-packages\\requests\\api.py", "requests/api.py"),
        ("<frozen importlib._bootstrap>", "importlib/_bootstrap.py"),
        ("<string>", ""),
        ("/home/me/lib/tool.py", ""),
        ("/srv/app.py", ""),
    ],
)
def test_library_files_go_by_their_path_below_the_library(file: str, path: str) -> None:
    """Wherever Python is installed, a module of the library has one name; the user's own code has none."""
    assert library_path(file) == path


def test_innermost_own_code(desk: Any) -> None:
    """Time in a library belongs to the call in the user's code."""
    own, library = desk.place("main", 5), desk.place("Queue.get", 9, "queue.py")
    stack, foreign = desk.stack(own, library), desk.stack(library)
    table = desk.table()
    assert table.users_place(stack) == own
    assert table.users_place(foreign) == library
    assert table.users_place(NO_STACK) == -1


def test_a_forked_worker_is_not_in_its_parents_loop(desk: Any) -> None:
    """What forked a process is below its frames, and none of its business."""
    start, work = desk.place("<module>", 3), desk.place("work", 9)
    desk.loop(start, line=2)
    born = desk.place("BaseProcess._bootstrap", 1, "multiprocessing/process.py")
    stack, idle = desk.stack(start, born, work), desk.stack(start, born)
    table = desk.table()
    assert table.loops[stack] == ()
    assert table.entries[stack] == work
    assert table.entrances[stack] == PROCESSES
    assert table.users_place(idle) == born


@pytest.mark.parametrize(
    ("frames", "entrance"),
    [
        ([], SEQUENTIAL),
        ([("threading.py", "Thread.run")], THREADS),
        ([("multiprocessing/process.py", "BaseProcess.run"), ("multiprocessing/pool.py", "worker")], PROCESSES),
        ([("threading.py", "Thread.run"), ("multiprocessing/pool.py", "worker")], THREADS),
        ([("asyncio/events.py", "Handle._run")], ASYNCIO),
    ],
)
def test_who_runs_a_stack(desk: Any, frames: list[tuple[str, str]], entrance: str) -> None:
    """Threads, processes and event loops are told by the library's frames."""
    stack = desk.stack(*(desk.place(function, 1, file) for file, function in frames), desk.place("work", 9))
    assert desk.table().entrances[stack] == entrance


def test_a_stack_that_calls_itself_is_cut(desk: Any) -> None:
    """Damaged tables cannot send a walk in circles."""
    desk.place("main", 1)
    desk.stacks.extend([StackNode(2, 0), StackNode(1, 0), StackNode(7, 99)])
    table = desk.table()
    assert [list(table.inward_out(stack)) for stack in range(4)] == [[], [0], [0, 0], []]
