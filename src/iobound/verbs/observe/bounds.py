"""The beginning and the end of a recording: what is known before the first look, and what after the last."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence

import iobound
from iobound.model.increment import Closing, Journal, Opening
from iobound.model.recording import Capability, Interpreter, Machine, Place
from iobound.model.source_facts import SourceFacts
from iobound.verbs.observe import capability
from iobound.verbs.observe.faults import Faults
from iobound.verbs.observe.launch import Ending
from iobound.verbs.observe.means import AnySupervisor, Means
from iobound.verbs.observe.portable import PortableSupervisor
from iobound.verbs.observe.sources.effective_cpus import effective_cpus
from iobound.verbs.observe.supervisor import Supervisor

Examine = Callable[[tuple[Place, ...]], SourceFacts]
"""What makes facts of the observed places; called once, when the target has ended."""


def opening(command: tuple[str, ...], start_ns: int, means: Means) -> Opening:
    """What is known before the first look."""
    cpus = effective_cpus()
    return Opening(
        iobound=iobound.__version__,
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        command=command,
        cwd=_cwd(),
        interpreter=Interpreter(
            implementation=sys.implementation.name,
            version=".".join(map(str, sys.version_info[:3])),
            gil_enabled=getattr(sys, "_is_gil_enabled", lambda: True)(),
            free_threaded_build="free-threading" in sys.version,
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


def close(
    supervisor: AnySupervisor,
    ending: Ending,
    end_ns: int,
    means: Means,
    journal: Journal,
    faults: Faults,
    examine: Examine,
    extra: Sequence[Capability] = (),
) -> None:
    """Hand on everything that was seen, and what is known now that it is over.

    Args:
        supervisor: What has looked.
        ending: How the target ended.
        end_ns: When.
        means: How it was looked at.
        journal: Takes all of it, whatever goes wrong with some of it.
        faults: What has gone wrong so far.
        examine: Makes facts of places.
        extra: More that is known of how it was observed.
    """
    _finish(supervisor, ending, end_ns, journal, faults)
    dear: list[str] = []
    with faults.harmless("adding up what it cost"):  # before our own work after the end adds to it
        dear = _above_limit(supervisor, end_ns - supervisor.collector.processes[0].start_ns)
    known = (*means.capabilities, *extra)
    closing = Closing(end_ns, ending.exit_code, ending.signal, known, (), SourceFacts())
    with faults.harmless("saying what was seen of the inside"):
        closing = closing._replace(capabilities=(*closing.capabilities, *_inside(supervisor, means)))
    with faults.harmless("looking into the source"):
        closing = closing._replace(facts=examine(supervisor.collector.places()))
    with faults.harmless("taking notes"):
        closing = closing._replace(notes=(*_notes(supervisor), *dear))
    with faults.harmless("closing the recording"):  # the journal remembers first how the target ended
        journal.add(closing._replace(notes=(*closing.notes, *faults.notes)))


def _finish(supervisor: AnySupervisor, ending: Ending, now: int, journal: Journal, faults: Faults) -> None:
    """Hand on everything; if that goes wrong, at least what has been collected before."""
    with faults.harmless("ending"):
        supervisor.finish(ending, now)
    if faults.has("ending"):
        with faults.harmless("handing on what was seen"):
            main = supervisor.collector.processes[0]
            main.exit_code, main.signal, main.end_ns = ending.exit_code, ending.signal, now
            journal.add(supervisor.collector.increment(now, supervisor.effort(), whole=True))


def _inside(supervisor: AnySupervisor, means: Means) -> list[Capability]:
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


def _why_no_agent(supervisor: AnySupervisor) -> str | None:
    if not supervisor.agents:
        return "no agent started: the interpreter ignores PYTHONPATH or site (-I, -E, -S)"
    if not any(agent.sees_frames for agent in supervisor.agents):
        return "no GIL in the target: reading the frames of its threads while they run could crash it"
    return None


def _notes(supervisor: AnySupervisor) -> tuple[str, ...]:
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
                f"looked every {supervisor.timetable.period_ns / 1e6:.1f} ms instead of every "
                f"{supervisor.timetable.base_ns / 1e6:.1f} ms to stay under --max-overhead"
            )
    return tuple(notes)


def _above_limit(supervisor: AnySupervisor, wall_ns: int) -> list[str]:
    """That observing has cost more than was asked for, and why."""
    if not isinstance(supervisor, Supervisor):
        return []  # an agent in the target does the looking
    limit, cpu_ns = supervisor.timetable.limit, supervisor.effort().cpu_ns
    if wall_ns <= 0 or cpu_ns <= limit * wall_ns:
        return []
    took = f"observing took {100 * cpu_ns / wall_ns:.1f} % of a CPU, more than --max-overhead ({100 * limit:g} %)"
    return [f"{took}: in short runs its beginning weighs most"]
