"""One observed run, from the start of the target to its end."""

from __future__ import annotations

import gc
import os
import signal
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import iobound
from iobound.agent import BOOTSTRAP, VARIABLE
from iobound.errors import TargetNotFound
from iobound.model.increment import Closing, Journal, Opening
from iobound.model.recording import Capability, Interpreter, Machine, Place, SourceFacts
from iobound.observe import capability, launch
from iobound.observe.channel_folder import ChannelFolder
from iobound.observe.portable import PortableSupervisor
from iobound.observe.sources.effective_cpus import effective_cpus
from iobound.observe.supervisor import Supervisor, can_observe
from iobound.observe.timetable import Timetable

_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class Target:
    """What to run.

    Attributes:
        command: Interpreter, its options, and the program with its arguments, as for `execv`.
        shown: The program and its arguments, as the user gave them.
    """

    command: tuple[str, ...]
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Options:
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
        meanwhile: Work of the caller's for the time between looks, done a step at a time while the target runs.

    The target has our standard input, output and error, and its signals; see `launch.Child`.

    Raises:
        TargetNotFound: The interpreter cannot be started.
    """
    portable = options.portable or not can_observe()
    capabilities = list(capability.quick())
    folder = _folder(capabilities)
    if portable and folder is None:
        portable = options.portable and can_observe()
    environment = _environment(os.environ, folder, portable=portable, options=options)
    try:
        _run(target, options, journal, examine, meanwhile, folder, environment, capabilities, portable=portable)
    finally:
        if folder is not None:
            folder.remove()


def _run(
    target: Target,
    options: Options,
    journal: Journal,
    examine: Examine,
    meanwhile: Iterator[object],
    folder: ChannelFolder | None,
    environment: Mapping[str, str],
    capabilities: list[Capability],
    *,
    portable: bool,
) -> None:
    start_ns = time.monotonic_ns()
    opening = _opening(target, start_ns, capabilities, "portable" if portable else "linux")
    journal.add(opening)
    try:
        child = launch.start(target.command, environment)
    except OSError as error:
        raise TargetNotFound(f"cannot start {target.command[0]}: {error.strerror}") from error
    period_ns = int(1e9 / options.rate_hz)
    timetable = Timetable(period_ns, options.max_overhead, time.monotonic_ns())
    supervisor: Supervisor | PortableSupervisor
    if portable and folder is not None:
        supervisor = PortableSupervisor(child.pid, start_ns, folder, period_ns, journal, " ".join(target.shown))
    else:
        supervisor = Supervisor(child.pid, start_ns, folder, timetable, journal)
    gc.disable()  # a collection in the middle of a look would cost more than the look; hardly a cycle is made
    timed_out = _watch(child, supervisor, timetable, options.timeout_s, meanwhile)
    gc.enable()
    end_ns = time.monotonic_ns()
    if isinstance(supervisor, Supervisor):
        supervisor.before_reaping(end_ns)
    ending = child.reap()
    supervisor.finish(ending, end_ns)
    if timed_out:
        capabilities.append(Capability("whole_run", "--timeout", False, f"stopped after {options.timeout_s:g} s"))
    capabilities += _agent_capabilities(supervisor, folder)
    journal.add(
        Closing(
            end_ns=end_ns,
            exit_code=ending.exit_code,
            signal=ending.signal,
            capabilities=tuple(capabilities),
            notes=_notes(supervisor),
            facts=examine(supervisor.collector.places()),
        )
    )


def _watch(
    child: launch.Child | launch.PlainChild,
    supervisor: Supervisor | PortableSupervisor,
    timetable: Timetable,
    timeout_s: float | None,
    meanwhile: Iterator[object],
) -> bool:
    """Look until the target ends; True when it had to be stopped."""
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    timed_out = False
    spent_ns = time.thread_time_ns()
    while not child.wait(timetable.seconds_left(time.monotonic_ns())):
        if timetable.seconds_left(time.monotonic_ns()) > 0:
            continue  # woken early, by a signal
        _look(supervisor)
        looked_ns = time.thread_time_ns()
        timetable.took_look(time.monotonic_ns(), looked_ns - spent_ns)  # waking up is part of what a look costs
        next(meanwhile, None)
        spent_ns = time.thread_time_ns()
        supervisor.excuse(spent_ns - looked_ns)
        if deadline is not None and time.monotonic() > deadline:
            child.send(signal.SIGKILL if timed_out else signal.SIGTERM)
            timed_out, deadline = True, time.monotonic() + _GRACE_S
    return timed_out


def _look(supervisor: Supervisor | PortableSupervisor) -> None:
    """Look once. Whatever goes wrong costs this look, never the target."""
    try:
        supervisor.look()
    except Exception as problem:
        supervisor.fail(problem)


def _folder(capabilities: list[Capability]) -> ChannelFolder | None:
    try:
        return ChannelFolder()
    except OSError as error:
        capabilities.append(Capability("python_stacks", "agent", False, f"no temporary directory: {error.strerror}"))
        return None


def _environment(
    environment: Mapping[str, str], folder: ChannelFolder | None, *, portable: bool, options: Options
) -> dict[str, str]:
    """The target's environment: ours, and the agent in front of PYTHONPATH."""
    made = dict(environment)
    if folder is not None:
        mode = "timed" if portable or not _can_be_asked() else "asked"
        made[VARIABLE] = f"1;{mode};{int(1e9 / options.rate_hz)};{folder.path}"
        path = made.get("PYTHONPATH")
        made["PYTHONPATH"] = f"{BOOTSTRAP}{os.pathsep}{path}" if path else str(BOOTSTRAP)
    return made


def _can_be_asked() -> bool:
    try:
        from _multiprocessing import SemLock  # noqa: F401
    except ImportError:
        return False
    return os.path.isdir("/dev/shm")  # where named semaphores live


def _opening(target: Target, start_ns: int, capabilities: list[Capability], source: str) -> Opening:
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
        capabilities=tuple(capabilities),
        start_ns=start_ns,
        source=source,
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


def _agent_capabilities(supervisor: Supervisor | PortableSupervisor, folder: ChannelFolder | None) -> list[Capability]:
    told = []
    if folder is not None:
        why = None
        if not supervisor.agents:
            why = "no agent started: the interpreter ignores PYTHONPATH or site (-I, -E, -S)"
        elif not any(agent.sees_frames for agent in supervisor.agents):
            why = "no GIL in the target: reading the frames of its threads while they run could crash it"
        told.append(capability.tell("python_stacks", "agent", why))
    if isinstance(supervisor, Supervisor):
        why = None if supervisor.gil_found else "the GIL was not found in the target"
        if any(agent.greeting and not agent.greeting.gil_enabled for agent in supervisor.agents):
            why = "the target runs without a GIL"
        told.append(capability.tell("gil_held", "interpreter memory", why))
    return told


def _notes(supervisor: Supervisor | PortableSupervisor) -> tuple[str, ...]:
    notes = [f"{count} looks failed: {problem}" for problem, count in supervisor.problems.items()]
    stopped = sorted({agent.stopped for agent in supervisor.agents if agent.stopped})
    if stopped:
        notes.append(f"an agent stopped itself: {', '.join(stopped)}")
    if isinstance(supervisor, Supervisor):
        without = [notes_ for notes_ in supervisor.collector.processes if notes_.python and not notes_.agent]
        if without:
            notes.append(f"{len(without)} Python process(es) had no agent: their time is known, their lines are not")
        if supervisor.unobserved:
            notes.append(f"{supervisor.unobserved} processes more than can be observed at once were left out")
        if supervisor.timetable.slowed:
            notes.append(
                f"looked every {supervisor.timetable.period_ns / 1e6:.0f} ms instead of every "
                f"{supervisor.timetable.base_ns / 1e6:.0f} ms to stay under --max-overhead"
            )
    return tuple(notes)
