"""One observed run, from the start of the target to its end."""

from __future__ import annotations

import gc
import math
import signal
import time
from collections.abc import Iterator
from typing import NamedTuple

from iobound.errors import TargetNotFound
from iobound.model.increment import Journal
from iobound.model.recording import Capability
from iobound.verbs.observe import launch
from iobound.verbs.observe.bounds import Examine, close, opening
from iobound.verbs.observe.faults import Faults
from iobound.verbs.observe.means import AnySupervisor, Means, Options, means_of, supervisor_of
from iobound.verbs.observe.sources import linux_proc
from iobound.verbs.observe.sources.effective_cpus import effective_cpus
from iobound.verbs.observe.supervisor import Supervisor
from iobound.verbs.observe.timetable import Timetable

_SPARE_S = 0.03
_GRACE_S = 5.0


class Target(NamedTuple):
    """What to run.

    Attributes:
        command: Interpreter, its options, and the program with its arguments, as for `execv`.
        shown: The program and its arguments, as the user gave them.
    """

    command: tuple[str, ...]
    shown: tuple[str, ...]


def observe(target: Target, options: Options, journal: Journal, examine: Examine, meanwhile: Iterator[object]) -> None:
    """Run the target and write what was seen to the journal.

    Args:
        target: What to run.
        options: How to look.
        journal: What takes the recording in the making.
        examine: Makes facts of places.
        meanwhile: Work of the caller's for the time between looks, done a step at a time while the target runs, as
            long as a CPU is idle: else the target would pay for it.

    The target has our standard input, output and error, and its signals; see `launch.Child`.

    Raises:
        TargetNotFound: The interpreter cannot be started.
    """
    means = means_of(options)
    try:
        _run(target, options, means, journal, examine, meanwhile)
    finally:
        means.end()


def _run(
    target: Target,
    options: Options,
    means: Means,
    journal: Journal,
    examine: Examine,
    meanwhile: Iterator[object],
) -> None:
    start_ns = time.monotonic_ns()
    journal.add(opening(target.shown, start_ns, means))
    period_ns = int(1e9 / options.rate_hz)
    try:
        child = launch.start(target.command, means.environment(period_ns))
    except OSError as error:
        raise TargetNotFound(f"cannot start {target.command[0]}: {error.strerror}") from error
    # From here on nothing of ours may leave before the target has ended and been reaped.
    faults = Faults()
    timetable = Timetable(period_ns, options.max_overhead, time.monotonic_ns())
    supervisor = supervisor_of(means, child.pid, start_ns, timetable, journal, " ".join(target.shown))
    gc.disable()  # a collection in the middle of a look would cost more than the look; hardly a cycle is made
    timed_out = False
    with faults.harmless("watching"):
        timed_out = _watch(child, supervisor, timetable, options.timeout_s, meanwhile, faults)
    if faults.has("watching"):
        with faults.harmless("waiting"):
            while not child.wait(1.0):
                continue
    gc.enable()
    end_ns = time.monotonic_ns()
    if isinstance(supervisor, Supervisor):
        with faults.harmless("the last look"):
            supervisor.before_reaping(end_ns)
    ending = child.reap()
    if ending == launch.Ending(None, None):
        faults.notes.append("how the target ended is not known: it was reaped by somebody else")
    extra = []
    if timed_out:
        extra.append(Capability("whole_run", "--timeout", False, f"stopped after {options.timeout_s:g} s"))
    close(supervisor, ending, end_ns, means, journal, faults, examine, extra)


def _watch(
    child: launch.Child | launch.PlainChild,
    supervisor: AnySupervisor,
    timetable: Timetable,
    timeout_s: float | None,
    meanwhile: Iterator[object],
    faults: Faults,
) -> bool:
    """Look until the target ends; True when it had to be stopped."""
    deadline = _Deadline(timeout_s)
    spare = _Spare(meanwhile, supervisor, faults)
    spent_ns = time.thread_time_ns()
    while not child.wait(min(timetable.seconds_left(time.monotonic_ns()), deadline.seconds_left(), spare.pause_s)):
        deadline.enforce(child)
        if timetable.seconds_left(time.monotonic_ns()) <= 0:  # else woken early: by a signal, or for what is spare
            try:
                supervisor.look()
            except Exception as problem:
                supervisor.fail(problem)
            looked_ns = time.thread_time_ns()
            timetable.took_look(time.monotonic_ns(), looked_ns - spent_ns)  # waking up is part of what a look costs
        spare.step()
        spent_ns = time.thread_time_ns()
    return deadline.has_passed


class _Spare:
    """What is done between looks, a step at a time, as long as a CPU is idle: else the target would pay for it."""

    def __init__(self, steps: Iterator[object], supervisor: AnySupervisor, faults: Faults) -> None:
        self._steps: Iterator[object] | None = steps
        self._supervisor = supervisor
        self._faults = faults
        self._cpus = effective_cpus().cpus

    @property
    def pause_s(self) -> float:
        """Longest time to wait for the next step; where looks are dear they are far apart."""
        return math.inf if self._steps is None else _SPARE_S

    def step(self) -> None:
        """Do the next step, unless others want all CPUs; what it costs is not for looking."""
        if self._steps is None or linux_proc.runnable_now() > self._cpus:
            return
        begun_ns = time.thread_time_ns()
        with self._faults.harmless("loading"):
            if next(self._steps, self) is self:
                self._steps = None
        self._supervisor.excuse(time.thread_time_ns() - begun_ns)


class _Deadline:
    """When the target is stopped, whether a look is due then or not.

    Args:
        seconds: From now; None for never.

    Attributes:
        has_passed: Whether the target was told to end.
    """

    def __init__(self, seconds: float | None) -> None:
        self.has_passed = False
        self._at = math.inf if seconds is None else time.monotonic() + seconds

    def seconds_left(self) -> float:
        """Until the target has to be told."""
        return self._at - time.monotonic()

    def enforce(self, child: launch.Child | launch.PlainChild) -> None:
        """Tell it when the time has come, and make an end of it when it goes on nevertheless."""
        if self.seconds_left() <= 0:
            child.send(getattr(signal, "SIGKILL", signal.SIGTERM) if self.has_passed else signal.SIGTERM)
            self.has_passed, self._at = True, time.monotonic() + _GRACE_S
