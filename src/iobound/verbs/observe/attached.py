"""Observing a program that runs already and asked for it, until it says to stop, or ends."""

from __future__ import annotations

import gc
import time
from typing import NamedTuple, Protocol

from iobound.model.increment import Journal
from iobound.model.source_facts import SourceFacts
from iobound.verbs.observe.bounds import close, opening
from iobound.verbs.observe.capability import tell
from iobound.verbs.observe.faults import Faults
from iobound.verbs.observe.launch import Ending
from iobound.verbs.observe.means import AnySupervisor, Means, Options, means_of, supervisor_of
from iobound.verbs.observe.supervisor import Supervisor
from iobound.verbs.observe.timetable import Timetable
from iobound.verbs.observe.words import BEGIN, GONE, HAND_ON, READY, STOP

WITHIN = "the program itself"
"""Who had a recording made that begins and ends with a part of a run."""

_TO_BEGIN_S = 20.0


class Orders(Protocol):
    """Port: what the observed program says, and what it is answered."""

    def wait(self, seconds: float) -> str:
        """The next word, one of `words`; empty when there was none for so long."""

    def answer(self, text: str = "") -> None:
        """Say that it is done; with what else the program has to know."""


class Observed(NamedTuple):
    """The program that asked to be observed.

    Attributes:
        pid: Its number.
        shown: What it is called in reports.
        cwd: Where it is.
        thread: Native id of the thread whose block is observed; 0 where all that the program does is.
        gil_enabled: Whether its interpreter has a GIL in force.
    """

    pid: int
    shown: tuple[str, ...]
    cwd: str
    thread: int
    gil_enabled: bool


def observe_attached(observed: Observed, options: Options, journal: Journal, orders: Orders) -> None:
    """Look at a program from outside until it says to stop, or ends; what was seen is in the journal then.

    Its threads and children are observed from when it says `BEGIN`: what they did before is not in the recording. The
    first answer is `READY`, the second one, a moment after `BEGIN`, says that the recording has begun. The source is
    not looked into: who reads the journal does that.

    Args:
        observed: The program, which may not be a child of ours.
        options: How to look.
        journal: What takes the recording in the making.
        orders: What the program says.
    """
    faults = Faults()
    means = means_of(options, observed.pid)
    try:
        gc.disable()
        supervisor, timetable = _begun(observed, options, means, journal, orders, faults)
        word = GONE  # also where watching fails
        with faults.harmless("watching"):
            word = _watch(supervisor, timetable, orders)
        end_ns = time.monotonic_ns()
        why = "the program ended before it said so" if word == GONE else None
        extra = [tell("whole_run", WITHIN, why)]
        close(supervisor, Ending(None, None), end_ns, means, journal, faults, lambda places: SourceFacts(), extra)
    finally:
        means.end()


def _begun(
    observed: Observed, options: Options, means: Means, journal: Journal, orders: Orders, faults: Faults
) -> tuple[AnySupervisor, Timetable]:
    """Get ready, say so, and begin; the program does not go on before the recording has begun."""
    period_ns = int(1e9 / options.rate_hz)
    opened = opening(observed.shown, time.monotonic_ns(), means)
    interpreter = opened.interpreter._replace(gil_enabled=observed.gil_enabled)
    opened = opened._replace(cwd=observed.cwd, interpreter=interpreter, own_thread=observed.thread)
    timetable = Timetable(period_ns, options.max_overhead, opened.start_ns)

    def supervisor_since(start_ns: int) -> AnySupervisor:
        command = " ".join(observed.shown)
        return supervisor_of(means, observed.pid, start_ns, timetable, journal, command, lived_before=True)

    supervisor = supervisor_since(opened.start_ns)
    if isinstance(supervisor, Supervisor):
        with faults.harmless("the first look"):
            supervisor.take_in()
    orders.answer(f"{READY} {means.setting(period_ns)}")
    while orders.wait(_TO_BEGIN_S) not in (BEGIN, STOP, GONE):
        continue
    start_ns = time.monotonic_ns()
    if isinstance(supervisor, Supervisor):
        with faults.harmless("beginning"):
            start_ns = supervisor.begin()
    else:
        supervisor = supervisor_since(start_ns)
    timetable.begin(start_ns)
    orders.answer()
    journal.add(opened._replace(start_ns=start_ns))
    return supervisor, timetable


def _watch(supervisor: AnySupervisor, timetable: Timetable, orders: Orders) -> str:
    """Look until it is over; returns the last word."""
    spent_ns = time.thread_time_ns()
    while True:
        word = orders.wait(max(0.0, timetable.seconds_left(time.monotonic_ns())))
        if word in (STOP, GONE):
            return word
        if word == HAND_ON:
            begun_ns = time.thread_time_ns()
            supervisor.hand_on()
            orders.answer()
            handed_ns = time.thread_time_ns() - begun_ns  # asked for, and no part of what looking costs
            supervisor.excuse(handed_ns)
            spent_ns += handed_ns
        if timetable.seconds_left(time.monotonic_ns()) <= 0:
            try:
                supervisor.look()
            except Exception as problem:
                supervisor.fail(problem)
            looked_ns = time.thread_time_ns()
            timetable.took_look(time.monotonic_ns(), looked_ns - spent_ns)
        spent_ns = time.thread_time_ns()
