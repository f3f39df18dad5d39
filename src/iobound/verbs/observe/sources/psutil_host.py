"""The machine as a whole, by psutil; pressure and throttling, which psutil does not have, from their files."""

from __future__ import annotations

import time
from typing import Any

from iobound.model.recording import HostLook


class Host:
    """Takes looks at the machine; the first one only sets the marks that the next is measured from."""

    def __init__(self) -> None:
        self._psutil: Any = None
        self._times: Any = None
        self._pressure: dict[str, int] = {}
        self._throttled: int | None = None
        self._at = 0

    def begin(self) -> None:
        """Set the marks. Imports psutil, which takes some 25 ms: worth it for runs that last."""
        import psutil

        self._psutil = psutil
        self._times = psutil.cpu_times()
        self._pressure = _pressures()
        self._throttled = throttled_us()
        self._at = time.monotonic_ns()

    def look(self) -> HostLook | None:
        """The machine since the last look; None before `begin`."""
        if self._psutil is None:
            return None
        now, times = time.monotonic_ns(), self._psutil.cpu_times()
        passed = now - self._at
        before, self._times, self._at = self._times, times, now
        spent = {name: max(0.0, getattr(times, name) - getattr(before, name)) for name in times._fields}
        for included in ("guest", "guest_nice"):  # Linux counts these in user and nice already
            spent.pop(included, None)
        total = sum(spent.values())
        pressure, old = _pressures(), self._pressure
        self._pressure = pressure
        throttled = throttled_us()
        denied = None if throttled is None or self._throttled is None else (throttled - self._throttled) * 1000
        self._throttled = throttled

        def share(name: str) -> float | None:
            return spent[name] / total if name in spent and total > 0 else None

        def pressed(name: str) -> float | None:
            if name not in pressure or name not in old or passed <= 0:
                return None
            return min(1.0, max(0, pressure[name] - old[name]) * 1000 / passed)

        idle = share("idle")
        return HostLook(
            time=now,
            busy=None if idle is None else max(0.0, 1.0 - idle - (share("iowait") or 0.0)),
            iowait=share("iowait"),
            steal=share("steal"),
            cpu_pressure=pressed("cpu"),
            io_pressure=pressed("io"),
            throttled_ns=denied,
        )


def _pressures() -> dict[str, int]:
    """Microseconds in which some task waited for a resource (`some … total=`), where the kernel counts them.

    Source:
        Documentation/accounting/psi.rst of Linux.
    """
    totals = {}
    for name in ("cpu", "io"):
        try:
            with open(f"/proc/pressure/{name}", encoding="ascii") as file:
                totals[name] = int(file.readline().rpartition("total=")[2])
        except (OSError, ValueError):
            continue
    return totals


def throttled_us() -> int | None:
    """Microseconds that our cgroup was denied CPU by its quota; None without such a count."""
    from iobound.verbs.observe.sources.effective_cpus import cgroup_folders

    for folder in cgroup_folders():
        try:
            with open(f"{folder}/cpu.stat", encoding="ascii") as file:
                for line in file:
                    name, _, value = line.partition(" ")
                    if name == "throttled_usec":
                        return int(value)
                    if name == "throttled_time":  # cgroup v1, nanoseconds
                        return int(value) // 1000
        except (OSError, ValueError):
            continue
    return None
