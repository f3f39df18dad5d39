"""A recording of a block that nobody could look at: what the clocks of its own process say, and why that is all."""

from __future__ import annotations

import os
import sys

from iobound.verbs.observe import Untouched

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from iobound.model.recording import Recording


class Clocks:
    """What the clocks of this process and this thread say, in nanoseconds.

    Attributes:
        wall: Monotonic.
        process: CPU time of all threads of this process.
        children: CPU time of its children that have ended and were waited for.
        created: Time of day, in seconds.
    """

    __slots__ = ("children", "created", "process", "wall")

    def __init__(self) -> None:
        self.wall = Untouched.monotonic_ns()
        self.process = Untouched.process_time_ns()
        times = os.times()
        self.children = round((times.children_user + times.children_system) * 1e9)
        self.created = Untouched.time_s()


def recording_of(shown: tuple[str, ...], cwd: str, begun: Clocks, now: Clocks, why: str) -> Recording:
    """The recording of a block that nobody looked at.

    Args:
        shown: What it is called.
        cwd: Where the program was.
        begun: What the clocks said when it began.
        now: And when it ended.
        why: Why nobody looked.
    """
    import time

    from iobound import __version__
    from iobound.model.increment import NO_EFFORT
    from iobound.model.recording import (
        Capability,
        Channel,
        Interpreter,
        Kind,
        LoopLooks,
        Machine,
        Marks,
        Place,
        ProcessRecord,
        Recording,
        StackLooks,
        StackNode,
        ThreadRecord,
    )
    from iobound.verbs.observe import effective_cpus

    cpu_ns = max(0, now.process - begun.process)
    pid = os.getpid()
    thread = ThreadRecord(pid, "all threads", begun.wall, now.wall, cpu_ns, 0, Marks(), StackLooks(), LoopLooks())
    command = " ".join(shown)
    process = ProcessRecord(pid, os.getppid(), command, True, False, begun.wall, now.wall, (thread,))
    cpus = effective_cpus()
    return Recording(
        iobound=__version__,
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begun.created)),
        command=shown,
        cwd=cwd,
        interpreter=Interpreter(
            sys.implementation.name,
            ".".join(map(str, sys.version_info[:3])),
            getattr(sys, "_is_gil_enabled", lambda: True)(),
            "free-threading" in sys.version,
        ),
        machine=Machine(
            os.uname().sysname if hasattr(os, "uname") else sys.platform, cpus.machine, cpus.cpus, cpus.limited_by, 0
        ),
        capabilities=(
            Capability("whole_run", "the program itself", True),
            Capability("cpu_counters", "clocks of the process", True),
        ),
        start_ns=begun.wall,
        end_ns=now.wall,
        exit_code=None,
        signal=None,
        processes=(process._replace(children_cpu_ns=max(0, now.children - begun.children)),),
        channels=(Channel("running", Kind.UNKNOWN),),
        places=(Place("", "", 0, 0),),
        stacks=(StackNode(0, 0),),
        host=(),
        effort=NO_EFFORT,
        notes=(f"nothing was observed: {why}",),
    )


def with_loss(recording: Recording, why: str) -> Recording:
    """A recording that ends early, with the reason."""
    note = f"observing ended early: {why}"
    return recording if note in recording.notes else recording._replace(notes=(*recording.notes, note))
