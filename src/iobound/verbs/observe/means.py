"""How a run can be observed: from outside, or by agents inside where nothing is to be seen from there."""

from __future__ import annotations

import os
from typing import NamedTuple

from iobound.model.increment import Journal
from iobound.model.recording import Capability
from iobound.verbs.observe import capability
from iobound.verbs.observe.channel_folder import ChannelFolder
from iobound.verbs.observe.layouts import Layouts
from iobound.verbs.observe.portable import PortableSupervisor
from iobound.verbs.observe.supervisor import Supervisor, can_observe
from iobound.verbs.observe.timetable import Timetable

AnySupervisor = Supervisor | PortableSupervisor
"""What looks at the target."""


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


class Means(NamedTuple):
    """How this run can be observed.

    Attributes:
        capabilities: What is known of that so far.
        layouts: Where interpreters keep what is read from outside; None where nothing is to be seen from there.
        folder: Where agents leave their channels; None where there are none.
    """

    capabilities: list[Capability]
    layouts: Layouts | None
    folder: ChannelFolder | None

    def setting(self, period_ns: int) -> str:
        """What an agent has to know; empty where there is to be none."""
        return "" if self.folder is None else f"2;{period_ns};{self.folder.path}"

    def environment(self, period_ns: int) -> dict[str, str]:
        """The target's environment: ours, and where there is to be an agent it stands in front of PYTHONPATH."""
        made = dict(os.environ)
        if self.folder is not None:
            from iobound.agent import BOOTSTRAP, VARIABLE

            made[VARIABLE] = self.setting(period_ns)
            path = made.get("PYTHONPATH")
            made["PYTHONPATH"] = f"{BOOTSTRAP}{os.pathsep}{path}" if path else str(BOOTSTRAP)
        return made

    def supervisor(
        self,
        pid: int,
        start_ns: int,
        timetable: Timetable,
        journal: Journal,
        command: str,
        *,
        lived_before: bool = False,
    ) -> AnySupervisor:
        """What looks at the target."""
        if self.layouts is None:
            period_ns = timetable.base_ns
            return PortableSupervisor(
                pid, start_ns, self.folder, period_ns, journal, command, lived_before=lived_before
            )
        return Supervisor(pid, start_ns, self.layouts, self.folder, timetable, journal)

    def end(self) -> None:
        """Leave nothing behind."""
        if self.folder is not None:
            self.folder.remove()


def means_of(options: Options, of: int | None = None) -> Means:
    """Stacks are read from outside wherever that can be done; elsewhere an agent takes them inside.

    Args:
        options: How to observe.
        of: A process that runs already; None for one that is to be a child of ours, which may always be looked at.
    """
    capabilities = list(capability.quick())
    closed = None if of is None or options.portable else capability.closed(of)
    if closed is not None:
        capabilities.append(Capability("process_memory", "/proc/PID", False, closed))
    layouts = None if options.portable or closed is not None or not can_observe() else Layouts()
    from_outside = layouts is not None and layouts.own is not None
    return Means(capabilities, layouts, None if from_outside else _folder(capabilities))


def _folder(capabilities: list[Capability]) -> ChannelFolder | None:
    try:
        return ChannelFolder()
    except OSError as error:
        capabilities.append(Capability("python_stacks", "agent", False, f"no temporary directory: {error.strerror}"))
        return None


def supervisor_of(
    means: Means,
    pid: int,
    start_ns: int,
    timetable: Timetable,
    journal: Journal,
    command: str,
    *,
    lived_before: bool = False,
) -> AnySupervisor:
    """What looks at the target, which runs already: in the worst case something that sees nothing."""
    try:
        return means.supervisor(pid, start_ns, timetable, journal, command, lived_before=lived_before)
    except Exception as problem:
        blind = PortableSupervisor(pid, start_ns, None, timetable.base_ns, journal, command)
        blind.fail(problem)
        return blind
