"""One observed run, from the start of the target to its end."""

from __future__ import annotations

import gc
import math
import os
import signal
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import iobound
from iobound.agent import BOOTSTRAP, VARIABLE
from iobound.errors import TargetNotFound
from iobound.model.increment import Closing, Journal, Opening
from iobound.model.recording import Capability, Interpreter, Machine, Place
from iobound.model.source_facts import SourceFacts
from iobound.verbs.observe import capability, launch
from iobound.verbs.observe.channel_folder import ChannelFolder
from iobound.verbs.observe.layouts import Layouts
from iobound.verbs.observe.portable import PortableSupervisor
from iobound.verbs.observe.sources import linux_proc
from iobound.verbs.observe.sources.effective_cpus import effective_cpus
from iobound.verbs.observe.supervisor import Supervisor, can_observe
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


class Options(NamedTuple):
    """How to observe.

    Attributes:
        rate_hz: Looks from outside per second, when they cost little.
        max_overhead: Largest share of one CPU that the looks may take.
        timeout_s: Send the target SIGTERM after so many seconds, SIGKILL a little later; None for never.
        portable: Do as if nothing could be seen from outside.
    """

    rate_hz: float = 150.0
    max_overhead: float = 0.01
    timeout_s: float | None = None
    portable: bool = False


Examine = Callable[[tuple[Place, ...]], SourceFacts]
"""What makes facts of the observed places; called once, when the target has ended."""


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
    means = _means(options)
    try:
        _run(target, options, means, journal, examine, meanwhile)
    finally:
        means.end()


class _Means(NamedTuple):
    """How this run can be observed.

    Attributes:
        capabilities: What is known of that so far.
        layouts: Where interpreters keep what is read from outside; None where nothing is to be seen from there.
        folder: Where agents leave their channels; None where there are none.
    """

    capabilities: list[Capability]
    layouts: Layouts | None
    folder: ChannelFolder | None

    def environment(self, period_ns: int) -> dict[str, str]:
        """The target's environment: ours, and where there is to be an agent it stands in front of PYTHONPATH."""
        made = dict(os.environ)
        if self.folder is not None:
            made[VARIABLE] = f"2;{period_ns};{self.folder.path}"
            path = made.get("PYTHONPATH")
            made["PYTHONPATH"] = f"{BOOTSTRAP}{os.pathsep}{path}" if path else str(BOOTSTRAP)
        return made

    def supervisor(self, pid: int, start_ns: int, timetable: Timetable, journal: Journal, command: str) -> _Supervisor:
        """What looks at the target."""
        if self.layouts is None:
            return PortableSupervisor(pid, start_ns, self.folder, timetable.base_ns, journal, command)
        return Supervisor(pid, start_ns, self.layouts, self.folder, timetable, journal)

    def end(self) -> None:
        """Leave nothing behind."""
        if self.folder is not None:
            self.folder.remove()


_Supervisor = Supervisor | PortableSupervisor


def _means(options: Options) -> _Means:
    """Stacks are read from outside wherever that can be done; elsewhere an agent takes them inside."""
    capabilities = list(capability.quick())
    layouts = None if options.portable or not can_observe() else Layouts()
    from_outside = layouts is not None and layouts.own is not None
    return _Means(capabilities, layouts, None if from_outside else _folder(capabilities))


def _run(
    target: Target,
    options: Options,
    means: _Means,
    journal: Journal,
    examine: Examine,
    meanwhile: Iterator[object],
) -> None:
    start_ns = time.monotonic_ns()
    journal.add(_opening(target, start_ns, means))
    period_ns = int(1e9 / options.rate_hz)
    try:
        child = launch.start(target.command, means.environment(period_ns))
    except OSError as error:
        raise TargetNotFound(f"cannot start {target.command[0]}: {error.strerror}") from error
    # From here on nothing of ours may leave before the target has ended and been reaped.
    faults = _Faults()
    timetable = Timetable(period_ns, options.max_overhead, time.monotonic_ns())
    supervisor = _supervisor(means, child.pid, start_ns, timetable, journal, " ".join(target.shown))
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
    _finish(supervisor, ending, end_ns, journal, faults)
    closing = Closing(end_ns, ending.exit_code, ending.signal, tuple(means.capabilities), (), SourceFacts())
    if timed_out:
        stopped = Capability("whole_run", "--timeout", False, f"stopped after {options.timeout_s:g} s")
        closing = closing._replace(capabilities=(*closing.capabilities, stopped))
    with faults.harmless("saying what was seen of the inside"):
        closing = closing._replace(capabilities=(*closing.capabilities, *_inside(supervisor, means)))
    with faults.harmless("looking into the source"):
        closing = closing._replace(facts=examine(supervisor.collector.places()))
    with faults.harmless("taking notes"):
        closing = closing._replace(notes=_notes(supervisor))
    with faults.harmless("closing the recording"):  # the journal remembers first how the target ended
        journal.add(closing._replace(notes=(*closing.notes, *faults.notes)))


class _Faults:
    """What went wrong on our side, for the notes: never for the target or its exit code.

    Attributes:
        notes: One for each step that failed.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []

    @contextmanager
    def harmless(self, step: str) -> Iterator[None]:
        """Whatever goes wrong here costs what this step was for."""
        try:
            yield
        except Exception as problem:
            self.notes.append(f"{step} failed: {type(problem).__name__}: {problem}"[:200])

    def has(self, step: str) -> bool:
        """Whether this step failed."""
        return any(note.startswith(f"{step} failed: ") for note in self.notes)


def _supervisor(
    means: _Means, pid: int, start_ns: int, timetable: Timetable, journal: Journal, command: str
) -> _Supervisor:
    """What looks at the target, which runs already: in the worst case something that sees nothing."""
    try:
        return means.supervisor(pid, start_ns, timetable, journal, command)
    except Exception as problem:
        blind = PortableSupervisor(pid, start_ns, None, timetable.base_ns, journal, command)
        blind.fail(problem)
        return blind


def _finish(supervisor: _Supervisor, ending: launch.Ending, now: int, journal: Journal, faults: _Faults) -> None:
    """Hand on everything; if that goes wrong, at least what has been collected before."""
    with faults.harmless("ending"):
        supervisor.finish(ending, now)
    if faults.has("ending"):
        with faults.harmless("handing on what was seen"):
            main = supervisor.collector.processes[0]
            main.exit_code, main.signal, main.end_ns = ending.exit_code, ending.signal, now
            journal.add(supervisor.collector.increment(now, supervisor.effort(), final=True))


def _watch(
    child: launch.Child | launch.PlainChild,
    supervisor: _Supervisor,
    timetable: Timetable,
    timeout_s: float | None,
    meanwhile: Iterator[object],
    faults: _Faults,
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

    def __init__(self, steps: Iterator[object], supervisor: _Supervisor, faults: _Faults) -> None:
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


def _folder(capabilities: list[Capability]) -> ChannelFolder | None:
    try:
        return ChannelFolder()
    except OSError as error:
        capabilities.append(Capability("python_stacks", "agent", False, f"no temporary directory: {error.strerror}"))
        return None


def _opening(target: Target, start_ns: int, means: _Means) -> Opening:
    cpus = effective_cpus()
    return Opening(
        iobound=iobound.__version__,
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        command=target.shown,
        cwd=_cwd(),
        interpreter=Interpreter(
            implementation=sys.implementation.name,
            version=".".join(map(str, sys.version_info[:3])),
            gil_enabled=getattr(sys, "_is_gil_enabled", lambda: True)(),
            free_threaded_build=bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        ),
        machine=Machine(_system(), cpus.machine, cpus.cpus, cpus.limited_by, _memory_bytes()),
        capabilities=tuple(means.capabilities),
        start_ns=start_ns,
        source="portable" if means.layouts is None else "linux",
    )


def _system() -> str:
    return os.uname().sysname if hasattr(os, "uname") else sys.platform


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:  # it has been removed
        return ""


def _memory_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 0


def _inside(supervisor: _Supervisor, means: _Means) -> list[Capability]:
    """What could be seen of the inside of the target."""
    if isinstance(supervisor, PortableSupervisor):
        return [capability.tell("python_stacks", "agent", _why_no_agent(supervisor))] if means.folder else []
    gil = None if supervisor.gil_found else "the GIL was not found in the target"
    if any(agent.greeting and not agent.greeting.gil_enabled for agent in supervisor.agents):
        gil = "the target runs without a GIL"
    if means.folder is None:
        why = None if supervisor.stacks_found else gil or "the target's interpreter is not known well enough"
        stacks = capability.tell("python_stacks", "interpreter memory", why)
    else:
        stacks = capability.tell("python_stacks", "agent", _why_no_agent(supervisor))
    return [stacks, capability.tell("gil_held", "interpreter memory", gil)]


def _why_no_agent(supervisor: _Supervisor) -> str | None:
    if not supervisor.agents:
        return "no agent started: the interpreter ignores PYTHONPATH or site (-I, -E, -S)"
    if not any(agent.sees_frames for agent in supervisor.agents):
        return "no GIL in the target: reading the frames of its threads while they run could crash it"
    return None


def _notes(supervisor: _Supervisor) -> tuple[str, ...]:
    notes = [f"{count} looks failed: {problem}" for problem, count in supervisor.problems.items()]
    stopped = sorted({agent.stopped for agent in supervisor.agents if agent.stopped})
    if stopped:
        notes.append(f"an agent stopped itself: {', '.join(stopped)}")
    if supervisor.collector.left_out:
        notes.append("there were more processes or threads than are observed in one run: some were left out")
    if isinstance(supervisor, Supervisor):
        without = [notes_ for notes_ in supervisor.collector.processes if notes_.python and not notes_.agent]
        if without:
            notes.append(
                f"the stacks of {len(without)} Python process(es) could not be read: "
                "their time is known, their lines are not"
            )
        if supervisor.timetable.slowed:
            notes.append(
                f"looked every {supervisor.timetable.period_ns / 1e6:.0f} ms instead of every "
                f"{supervisor.timetable.base_ns / 1e6:.0f} ms to stay under --max-overhead"
            )
    return tuple(notes)
