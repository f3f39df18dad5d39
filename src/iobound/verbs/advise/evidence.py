"""The seven classic ways to tell what a program is bound by, each with its own sentence and number from this run."""

from __future__ import annotations

from collections.abc import Callable

from iobound.model.breakdown import Breakdown, FunctionTime, Hotspot, Wait
from iobound.model.diagnosis import METHODS, Bound, Evidence, Verdict
from iobound.model.recording import Recording
from iobound.model.state import COMPUTING, OUTSIDE_WAITS, Budget, State
from iobound.verbs.advise import groups
from iobound.verbs.advise.path_to_wait import path_to
from iobound.verbs.advise.wording import NOUN, NS, count_of, duration, name_of, percent, place, seconds

UNAVAILABLE = "unavailable"
NAMED = 3
"""Names in a sentence."""

CLEARLY = 0.6
LEAST_TOLD = 0.005
TELLING_SHARE = 0.1
"""Share of wall time from which a finding of the scanner helps to tell what a program is bound by."""

SIZES = (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))


def evidence(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> tuple[Evidence, ...]:
    """Ask all seven methods.

    Returns:
        One piece of evidence per method, in the order of `METHODS`; `says` is `unavailable` where this machine or
        this run does not offer the method.
    """
    asked: tuple[Callable[[Breakdown, Recording, Verdict], tuple[str, float, str]], ...] = (
        _names,
        _waits,
        _trace,
        _profile,
        _instrument,
        _resources,
        _syscalls,
    )
    answers = (method(breakdown, recording, verdict) for method in asked)
    return tuple(Evidence(method, *answer) for method, answer in zip(METHODS, answers, strict=True))


def _names(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> tuple[str, float, str]:
    if not breakdown.hotspots:
        return UNAVAILABLE, 0.0, "no call could be named: no Python stack was seen, or no source was found"
    by_name: dict[str, list[Hotspot]] = {}
    for hotspot in breakdown.hotspots:
        by_name.setdefault(hotspot.call, []).append(hotspot)
    own = by_name.pop("", [])
    ordered = sorted(by_name, key=lambda name: _wall(by_name[name]), reverse=True)[:NAMED]
    told = [
        f"{name} ({percent(_wall(by_name[name]) / breakdown.wall_ns)})"
        for name in ordered
        if _wall(by_name[name]) >= LEAST_TOLD * breakdown.wall_ns
    ]
    if own and _wall(own) > sum(_wall(by_name[name]) for name in ordered):
        share = percent(_wall(own) / breakdown.wall_ns)
        names = f"; the largest calls are {', '.join(told)}" if told else ""
        text = f"{share} of the wall time is in the program's own lines, in no call{names}"
        return _says(_sum(own)), 0.6, f"{text}{_found_there(breakdown, recording)}"
    named = [hotspot for name in ordered for hotspot in by_name[name]]
    text = f"most wall time is in {', '.join(told)}"
    return _says(_sum(named)), min(0.9, _wall(named) / breakdown.wall_ns), f"{text}{_found_there(breakdown, recording)}"


def _found_there(breakdown: Breakdown, recording: Recording) -> str:
    """What the scanner says of the place with most of the time."""
    for finding, share in breakdown.placed(recording.facts.findings)[:1]:
        if share is not None and share >= TELLING_SHARE:
            return f"; the source has {finding.rule} at {place(finding.file, finding.line)} ({percent(share)})"
    return ""


def _wall(hotspots: list[Hotspot]) -> int:
    return sum(hotspot.wall_ns for hotspot in hotspots)


def _waits(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> tuple[str, float, str]:
    explicit = [wait for wait in breakdown.waits if wait.state in {State.WAIT_SLEEP, State.WAIT_LOCK}]
    slept = sum(wait.wall_ns for wait in explicit if wait.state is State.WAIT_SLEEP)
    queued = groups.queued_for_locks_ns(breakdown, recording)
    whole_s = groups.thread_seconds(breakdown.processes)
    parts = {Bound.SLEEP: slept / breakdown.wall_ns, Bound.LOCK: queued * NS / whole_s if whole_s > 0 else 0.0}
    sleeps = f"explicit sleeps take {duration(slept)} of the wall time" if slept else "no explicit sleep was seen"
    locks = f"stand in line for locks for {duration(queued)} of theirs" if queued else "hardly stand in line for locks"
    text = f"{sleeps}, and threads {locks}{_at_most(explicit)}"
    most = max(parts, key=lambda bound: parts[bound])
    if parts[most] < 0.1:  # neither: what else it is bound by does not show in explicit waits
        return Bound.INCONCLUSIVE.value, 0.2, text
    return most.value, min(0.9, parts[most]), text


def _at_most(waits: list[Wait]) -> str:
    largest = max(waits, key=lambda wait: wait.wall_ns, default=None)
    if largest is None or largest.file is None or largest.wall_ns <= 0:
        return ""
    return f"; most at {place(largest.file, largest.line)}"


def _trace(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> tuple[str, float, str]:
    wait = max(
        (wait for wait in breakdown.waits if wait.file and wait.state is not State.IDLE),
        key=lambda wait: wait.wall_ns,
        default=None,
    )
    hotspot = next(iter(_largest_hotspots(breakdown)), None)
    if wait is not None and wait.file and wait.line and (hotspot is None or wait.wall_ns >= 0.1 * hotspot.wall_ns):
        path = path_to(recording, wait.file, wait.line)
        target = f" for {wait.target}" if wait.target else ""
        text = f"{path} leads to {duration(wait.wall_ns)} of {NOUN[wait.state]}{target}"
        return _says({wait.state: wait.wall_ns}), min(0.9, wait.wall_ns / breakdown.wall_ns), text
    if hotspot is None:
        return UNAVAILABLE, 0.0, "no Python stack was seen, so no call path is known"
    path = path_to(recording, hotspot.file, hotspot.line)
    text = f"no place of the program waits for long; {path} leads to most of the time, {duration(hotspot.wall_ns)}"
    return _says(hotspot.budget), min(0.9, hotspot.wall_ns / breakdown.wall_ns), text


def _profile(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> tuple[str, float, str]:
    top = max(breakdown.functions, key=_self_ns, default=None)
    whole = breakdown.wall_ns * NS
    cpu_s = breakdown.totals.cpu_ns * NS
    total = f"the run took {seconds(whole)} of wall time and {seconds(cpu_s)} of CPU time"
    says = _by_cpu(cpu_s / whole if whole else 0.0)
    if top is None or _self_ns(top) <= 0:
        return says, 0.5, f"{total}; no function could be told apart"
    on_cpu = sum(top.self_budget.get(state, 0) for state in COMPUTING)
    text = (
        f"{total}; {top.function} itself {duration(_self_ns(top))} of wall time, of which {duration(on_cpu)} on a CPU"
    )
    return says, 0.9, text


def _instrument(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> tuple[str, float, str]:
    site = max(breakdown.sites, key=lambda each: each.share, default=None)
    if site is None:
        return UNAVAILABLE, 0.0, "no call was seen to be repeated, so there is none to time"
    where = f"{name_of(site)} at {place(site.file, site.line)}" if site.callee else name_of(site)
    if site.items is None:
        text = f"{where} holds {percent(site.share)} of the wall time; its calls were too short to be timed one by one"
        return _says(site.budget), 0.3 * site.share, text
    mean = site.wall_ns * site.concurrency / max(1.0, site.items)
    spread = f", the longest {duration(max(site.item_ns))}" if len(site.item_ns) > 1 else ""
    text = f"{where} was called {count_of(site.items, 'time')}, {duration(mean)} each on average{spread}"
    return _says(site.budget), min(0.9, site.share), text


def _resources(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> tuple[str, float, str]:
    totals, whole_s = breakdown.totals, max(1e-9, breakdown.wall_ns * NS)
    told: list[str] = []
    if totals.voluntary is not None:
        forced = (
            f" and was taken off its CPU {count_of(totals.involuntary / whole_s, 'time')}"
            if totals.involuntary is not None
            else ""
        )
        told.append(f"per second it blocked {count_of(totals.voluntary / whole_s, 'time')}{forced}")
    if totals.read_bytes is not None or totals.write_bytes is not None:
        told.append(f"disks gave {_size(totals.read_bytes)} and took {_size(totals.write_bytes)}")
    machine = (("iowait", totals.iowait), ("steal", totals.steal))
    told += [f"{name} of the machine {percent(share)}" for name, share in machine if share is not None]
    pressure = (("CPU", totals.cpu_pressure), ("I/O", totals.io_pressure))
    told += [f"{name} pressure {percent(share)}" for name, share in pressure if share is not None]
    if totals.throttled_ns:
        told.append(f"its quota held it back for {duration(totals.throttled_ns)}")
    if not told:
        return UNAVAILABLE, 0.0, "this machine offers no counters of I/O, context switches or pressure"
    told.append("iowait of single processes is not used: most kernels leave it at 0, delay accounting is off")
    return _by_resources(breakdown), 0.4, "; ".join(told)


def _by_resources(breakdown: Breakdown) -> str:
    totals = breakdown.totals
    used = totals.cpu_ns / max(1, breakdown.wall_ns)
    if totals.throttled_ns and totals.throttled_ns > 0.2 * breakdown.wall_ns:
        return Bound.STARVED.value
    return _by_cpu(used)


def _syscalls(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> tuple[str, float, str]:
    """What the kernel says by itself: which calls the run's time was in, and how much of it in none."""
    if not any(call.thread_ns or call.wall_ns for call in breakdown.system_calls):
        why = next((each.why for each in recording.capabilities if not each.available and "syscall" in each.fact), None)
        detail = f": {why}" if why else ""
        return UNAVAILABLE, 0.0, f"what system call a thread is blocked in cannot be read here{detail}"
    told, budget = [], dict.fromkeys(State, 0)
    for call in breakdown.system_calls:
        budget[call.state] += call.wall_ns
        if call.call and call.wall_ns >= LEAST_TOLD * breakdown.wall_ns:
            told.append(f"{call.call} {duration(call.wall_ns)}{f' on {call.target}' if call.target else ''}")
    running = sum(call.wall_ns for call in breakdown.system_calls if not call.call)
    names = ", ".join(told[:NAMED]) or "none for long"
    text = f"system calls that it was blocked in: {names}; in none, computing or wanting to, {duration(running)}"
    return _says(budget), 0.8 * (1 - budget[State.UNKNOWN] / max(1, sum(budget.values()))), text


def _says(budget: Budget) -> str:
    """The bound that a budget by itself would suggest."""
    whole = sum(ns for state, ns in budget.items() if state not in {State.IDLE, State.UNKNOWN})
    if whole <= 0:
        return Bound.INCONCLUSIVE.value
    groups_of = {
        Bound.STARVED: frozenset({State.WAIT_CPU}),
        Bound.CPU: COMPUTING | {State.WAIT_CPU},
        Bound.IO: OUTSIDE_WAITS,
        Bound.SLEEP: frozenset({State.WAIT_SLEEP}),
        Bound.LOCK: frozenset({State.WAIT_LOCK}),
        Bound.GIL: frozenset({State.WAIT_GIL}),
    }
    for bound, states in groups_of.items():
        if sum(budget.get(state, 0) for state in states) >= CLEARLY * whole:
            return bound.value
    return Bound.MIXED.value


def _by_cpu(used: float) -> str:
    if used >= CLEARLY:
        return Bound.CPU.value
    return Bound.IO.value if used <= 1 - CLEARLY else Bound.MIXED.value


def _largest_hotspots(breakdown: Breakdown) -> list[Hotspot]:
    return sorted(breakdown.hotspots, key=lambda hotspot: hotspot.wall_ns, reverse=True)


def _sum(hotspots: list[Hotspot]) -> Budget:
    return {state: sum(hotspot.budget.get(state, 0) for hotspot in hotspots) for state in State}


def _self_ns(function: FunctionTime) -> int:
    return sum(ns for state, ns in function.self_budget.items() if state is not State.IDLE)


def _size(number: int | None) -> str:
    if number is None:
        return "an unknown amount"
    for unit, size in SIZES:
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number} bytes"
