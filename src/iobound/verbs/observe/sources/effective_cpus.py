"""How many CPUs this process can really use: affinity and cgroup quotas, not only what the machine has."""

from __future__ import annotations

import os
from typing import NamedTuple

_ROOT = "/sys/fs/cgroup"
_MEMBERSHIP = "/proc/self/cgroup"


class EffectiveCpus(NamedTuple):
    """`cpus` is the smallest of the limits, `limited_by` the one that binds: `machine`, `affinity` or `cgroup`."""

    cpus: float
    limited_by: str
    machine: int
    affinity: int
    quota: float | None


def effective_cpus() -> EffectiveCpus:
    """Read the limits of this process."""
    machine = os.cpu_count() or 1
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else machine
    return bounded(machine, affinity, cgroup_quota())


def bounded(machine: int, affinity: int, quota: float | None) -> EffectiveCpus:
    """The smallest of the limits.

    Example:
        >>> bounded(8, 4, 1.5).limited_by
        'cgroup'
    """
    cpus: float = min(machine, affinity)
    limited_by = "affinity" if affinity < machine else "machine"
    if quota is not None and quota < cpus:
        cpus, limited_by = quota, "cgroup"
    return EffectiveCpus(cpus, limited_by, machine, affinity, quota)


def cgroup_quota(root: str = _ROOT, membership: str = _MEMBERSHIP) -> float | None:
    """The tightest CPU quota of our cgroup and its ancestors, in CPUs; None when there is none.

    Args:
        root: Where cgroups are mounted.
        membership: The file that says which of them are ours.

    Source:
        Documentation/admin-guide/cgroup-v2.rst (cpu.max) and scheduler/sched-bwc.rst (cpu.cfs_quota_us) of Linux.
    """
    quotas = []
    for folder in cgroup_folders(root, membership):
        text = _first_line(f"{folder}/cpu.max")
        if text:
            limit, _, period = text.partition(" ")
            if limit != "max" and period.isdigit():
                quotas.append(int(limit) / int(period))
            continue
        limit, period = _first_line(f"{folder}/cpu.cfs_quota_us"), _first_line(f"{folder}/cpu.cfs_period_us")
        if limit.lstrip("-").isdigit() and period.isdigit() and int(limit) > 0:
            quotas.append(int(limit) / int(period))
    return min(quotas) if quotas else None


def cgroup_folders(root: str = _ROOT, membership: str = _MEMBERSHIP) -> list[str]:
    """Folders of our cgroup and its ancestors that can hold CPU files, innermost first."""
    folders = []
    try:
        with open(membership, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError:
        return []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "" or "cpu" in controllers.split(","):
            for mounted in (root, f"{root}/{controllers or 'unified'}", f"{root}/cpu"):
                folders += _upwards(mounted, path)
    return list(dict.fromkeys(folder for folder in folders if os.path.isdir(folder)))


def _upwards(root: str, path: str) -> list[str]:
    parts = [part for part in path.split("/") if part and part != ".."]
    return ["/".join([root, *parts[:count]]) for count in range(len(parts), -1, -1)]


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.readline().strip()
    except (OSError, ValueError):
        return ""
