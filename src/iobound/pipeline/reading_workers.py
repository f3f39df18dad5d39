"""Processes that answer chunks of work, and end with the one that started them, however that ends.

Each worker is an interpreter of its own that reads pickled chunks from its standard input and writes pickled answers to
its standard output: when its starter has gone, it reads the end of the file, and ends. It needs no shared memory, no
semaphores and no `__main__` that can be imported again.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from queue import SimpleQueue
from typing import Any, NamedTuple

_START = "import sys; sys.path[:] = sys.argv[1:]; from iobound.pipeline.reading_workers import serve; serve()"
"""The path comes first: what lies in the working directory must not be imported for one of our modules."""

_FAILURES = (OSError, EOFError, ValueError, RuntimeError, MemoryError, pickle.PickleError)


class Answer(NamedTuple):
    """What became of one chunk.

    Attributes:
        chunk: Its number.
        content: What the work gave; None when no worker could do it.
    """

    chunk: int
    content: Any


def answers(
    count: int, prepare: Callable[..., Any], given: tuple[Any, ...], chunks: Sequence[Any]
) -> Generator[Answer, None, None]:
    """Have chunks worked on in other processes.

    Args:
        count: How many processes.
        prepare: Called in each of them with what is given; returns the function that is called with each chunk.
        given: Arguments of `prepare`.
        chunks: In the order in which they are begun.

    Yields:
        One answer for each chunk, in any order. Where no process can be started, or one ends, a chunk is answered with
        None. No process is left when the iteration ends or is closed.
    """
    waiting = list(enumerate(chunks))[::-1]
    done: SimpleQueue[Answer | None] = SimpleQueue()
    workers: list[subprocess.Popen[bytes]] = []
    alive = 0
    try:
        with contextlib.suppress(*_FAILURES):  # no program, no room for a process or for a thread: fewer have to do
            for _ in range(count):
                worker = _started()
                workers.append(worker)
                threading.Thread(target=_ask, args=(worker, (prepare, given), waiting, done), daemon=True).start()
                alive += 1
        while alive:
            answer = done.get()
            if answer is None:
                alive -= 1
            else:
                yield answer
        yield from (Answer(number, None) for number, _ in waiting)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def _started() -> subprocess.Popen[bytes]:
    flags: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # as multiprocessing does
    return subprocess.Popen(
        [sys.executable, *flags, "-c", _START, *sys.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what fails there is done again here, and told here
    )


def _ask(
    worker: subprocess.Popen[bytes], setting: object, waiting: list[tuple[int, Any]], done: SimpleQueue[Answer | None]
) -> None:
    """Hand chunks to a worker until there are no more, or until it fails."""
    assert worker.stdin is not None and worker.stdout is not None
    number = -1
    try:
        _send(setting, worker.stdin)
        while waiting:
            number, chunk = waiting.pop()
            _send(chunk, worker.stdin)
            done.put(Answer(number, pickle.load(worker.stdout)))  # noqa: S301  # from our own process
            number = -1
    except IndexError:
        pass  # another thread took the last one
    except _FAILURES:
        if number >= 0:
            done.put(Answer(number, None))
    finally:
        for pipe in (worker.stdin, worker.stdout):
            with contextlib.suppress(OSError):
                pipe.close()
        done.put(None)


def _send(value: object, sink: Any) -> None:
    pickle.dump(value, sink, pickle.HIGHEST_PROTOCOL)
    sink.flush()


# In another process


def serve() -> None:
    """Be a worker until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal interrupts all of us; the starter ends its workers
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed by accident must not get among the answers
    chunks: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_receive, args=(chunks,), daemon=True).start()
    prepare, given = chunks.get()
    work = prepare(*given)
    while True:
        _send(work(chunks.get()), sink)


def _receive(chunks: SimpleQueue[Any]) -> None:
    """Take what is sent; end the process at once, whatever it works at, when nobody is there any more to send."""
    try:
        while True:
            chunks.put(pickle.load(sys.stdin.buffer))  # noqa: S301  # from who started us
    finally:
        os._exit(0)
