"""Observing a program that runs already: by orders through pipes and by those of a fake comes the same recording."""

from __future__ import annotations

import os
import threading
import time

import pytest

from iobound.model.increment import Closing, Increment, Opening, assemble
from iobound.verbs.observe.attached import Observed, observe_attached
from iobound.verbs.observe.means import Options
from iobound.verbs.observe.orders import PipeOrders
from iobound.verbs.observe.words import BEGIN, GONE, HAND_ON, READY, STOP

PROGRAM = """
import sys, threading, time
end = time.thread_time() + 0.4
while time.thread_time() < end:
    sum(range(1000))
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
print("ready", flush=True)
time.sleep(60)
"""


class Parts(list):
    """A journal in memory."""

    def add(self, part):
        self.append(part)

    def recording(self):
        opening = self[0]
        assert isinstance(opening, Opening)
        increments = [part for part in self if isinstance(part, Increment)]
        return assemble(opening, increments, self[-1] if isinstance(self[-1], Closing) else None)


class FakeOrders:
    """Says each word after its time, from the answer to the one before on."""

    def __init__(self, *words):
        self.words = list(words)
        self.answers = []
        self.answered = time.monotonic()

    def wait(self, seconds):
        word, after = self.words[0]
        left = self.answered + after - time.monotonic()
        if left > seconds:
            time.sleep(max(0.0, seconds))
            return ""
        time.sleep(max(0.0, left))
        del self.words[0]
        return word

    def answer(self, text=""):
        self.answers.append(text)
        self.answered = time.monotonic()


class PipedOrders:
    """The real ones, spoken to by a thread as a program would."""

    def __init__(self, pid, *words):
        self.hear, say = os.pipe()
        self.listen, speak = os.pipe()
        self.real = PipeOrders(self.hear, speak, pid)
        self.answers = []

        def talk():
            for word, after in words:
                if word != GONE:
                    self.answers.append(os.read(self.listen, 100).decode().strip("\n"))
                    time.sleep(after)
                    os.write(say, f"{word}\n".encode())

        self.thread = threading.Thread(target=talk, daemon=True)
        self.thread.start()

    def wait(self, seconds):
        return self.real.wait(seconds)

    def answer(self, text=""):
        self.real.answer(text)


@pytest.fixture(params=["fake", "real"])
def spoken(request):
    """Makes orders of either kind."""

    def made(pid, *words):
        return FakeOrders(*words) if request.param == "fake" else PipedOrders(pid, *words)

    return made


def observed(process, orders, **how):
    parts = Parts()
    program = Observed(process.pid, ("program", "x"), "/somewhere", 0, True)
    observe_attached(program, Options(**how), parts, orders)
    return parts


def test_a_recording_begins_when_it_is_told_to_and_ends_so(start, spoken):
    process = start(PROGRAM)
    orders = spoken(process.pid, (BEGIN, 0.1), (HAND_ON, 0.2), (STOP, 0.2))
    parts = observed(process, orders)
    recording = parts.recording()
    assert orders.answers[0] == f"{READY} "
    assert recording.command == ("program", "x") and recording.cwd == "/somewhere"
    assert recording.exit_code is None
    of_effort = ("looked every ", "observing took ")  # where others want the CPUs, and in a run as short as this
    assert [note for note in recording.notes if not note.startswith(of_effort)] == []
    assert recording.wall_ns > 0.3e9
    (program,) = recording.processes
    assert [thread.native_id == process.pid for thread in program.threads] == [True, False]
    for thread in program.threads:
        assert recording.start_ns <= thread.start_ns <= thread.end_ns <= recording.end_ns
        assert thread.cpu_ns < 0.1e9  # what it has computed before does not count
        assert min(thread.marks.time) >= recording.start_ns
    assert program.system_ns < 0.1e9 and program.voluntary < 50


def test_what_was_handed_on_can_be_read_while_it_goes_on(start, spoken):
    process = start(PROGRAM)
    orders = spoken(process.pid, (BEGIN, 0.0), (HAND_ON, 0.3), (STOP, 0.0))
    parts = observed(process, orders)
    so_far = Parts(parts[: next(at for at, part in enumerate(parts) if isinstance(part, Increment)) + 1]).recording()
    assert len(so_far.processes[0].threads) == 2
    assert so_far.wall_ns <= parts.recording().wall_ns


def test_a_program_that_ends_meanwhile_is_told_of(start):
    process = start(PROGRAM)
    orders = PipedOrders(process.pid, (BEGIN, 0.0))
    threading.Timer(0.3, process.kill).start()
    recording = observed(process, orders).recording()
    (said,) = [known for known in recording.capabilities if known.fact == "whole_run"]
    assert not said.available and "ended before it said so" in said.why


def test_a_program_that_is_gone_already_is_no_harm(start):
    process = start(PROGRAM)
    process.kill()
    process.wait()
    recording = observed(process, FakeOrders((BEGIN, 0.0), (GONE, 0.0))).recording()
    assert recording.processes[0].pid == process.pid
