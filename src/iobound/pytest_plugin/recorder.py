"""Notes of the processes that run tests: which thread ran which phase, from when to when, and which fixtures it made.

The notes of a phase are an attribute of its report: pytest-xdist and others that run tests in other processes carry
reports over with all their attributes, and no reporter writes those.

What is done here for every phase is felt in suites of small tests: a hook that does nothing takes a microsecond, one
that wraps others takes two, and each question to the kernel a good part of one.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import suppress
from functools import partial
from threading import get_ident, get_native_id
from time import monotonic_ns, process_time_ns, thread_time_ns
from typing import Any, NamedTuple

import pytest

from iobound.pytest_plugin.marks import limits_of

NOTES = "_iobound"
"""Attribute of a report, and key of what a worker hands over at its end.

Numbers as one text: to be carried over, a tuple of them costs five times as much.
"""

MORE = "_iobound_more"
"""Attribute of a report where there is more to note than numbers."""

_PARAMETER = "get_direct_param_fixture_func"
"""What pytest calls the fixture that it makes of a parameter of a test: it takes no time."""

_WIDE = ("class", "module", "package", "session")


class Notes(NamedTuple):
    """What is noted of a phase.

    Attributes:
        pid: The process that ran it.
        thread: Native id of the thread.
        start_ns: On the monotonic clock.
        end_ns: On the monotonic clock.
        cpu_ns: CPU time of the thread.
        fixtures: Times of fixtures that were set up or ended, as the fields of a `FixtureTime`.
        uses: Keys of the fixtures of a wide scope that were in use.
        asked: Limits of the test's marker and how often it has blocked; None where there is no marker.
    """

    pid: int
    thread: int
    start_ns: int
    end_ns: int
    cpu_ns: int
    fixtures: tuple[tuple[Any, ...], ...] = ()
    uses: tuple[str, ...] = ()
    asked: tuple[Any, ...] | None = None


def notes_of(report: pytest.TestReport) -> Notes | None:
    """What a recorder has noted of a phase; None where there was none."""
    numbers = getattr(report, NOTES, None)
    if numbers is None:
        return None
    pid, thread, start_ns, end_ns, cpu_ns = map(int, numbers.split())
    return Notes(pid, thread, start_ns, end_ns, cpu_ns, *getattr(report, MORE, ()))


class Recorder:
    """Registered in every process that runs tests."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._times: dict[str, int] = {"start_up_ns": age_ns(), "start_up_cpu_ns": process_time_ns()}
        self._own_ns = self._own_cpu_ns = 0
        self._cpu_ns = self._times_blocked = 0
        self._fixtures: list[tuple[object, ...]] = []
        self._nested: list[list[int]] = []
        self._ending: dict[int, tuple[int, int]] = {}
        self._here = _Here()
        self._keys: dict[int, str] = {}
        self._limits: dict[str, tuple[object, ...]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Collecting begins, in a process that has just started up."""
        self._times |= {
            "start_up_ns": max(0, age_ns() - self._own_ns),
            "start_up_cpu_ns": max(0, process_time_ns() - self._own_cpu_ns),
        }
        self._times |= {"collection_ns": -monotonic_ns(), "collection_cpu_ns": -process_time_ns()}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Read the markers while a mistake in one can still end the session before the first test."""
        for item in [*items]:
            try:
                limits = limits_of(item)
            except pytest.UsageError as mistake:
                if not hasattr(self._config, "workerinput"):
                    raise
                self._tell_the_controller(item, mistake)
                items.remove(item)
                continue
            if limits is not None:
                self._limits[item.nodeid] = tuple(limits)

    def _tell_the_controller(self, item: pytest.Item, mistake: pytest.UsageError) -> None:
        """A worker of pytest-xdist cannot end the session: the test is not run, and told as one not collected."""
        report = pytest.CollectReport(item.nodeid, "failed", str(mistake), [])
        self._config.hook.pytest_collectreport(report=report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Collecting has ended, and tests are run."""
        now, cpu = monotonic_ns(), process_time_ns()
        for name, instant in (("collection_ns", now), ("collection_cpu_ns", cpu)):
            self._times[name] = max(0, self._times.get(name, -instant) + instant)
        self._times |= {"loop_start_ns": now, "loop_cpu_ns": -thread_time_ns()}
        try:
            return (yield)
        finally:
            self._times["loop_end_ns"] = monotonic_ns()
            self._times["loop_cpu_ns"] += thread_time_ns()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """A phase begins."""
        if self._limits:
            self._times_blocked = times_blocked()
        self._cpu_ns = thread_time_ns()

    pytest_runtest_call = pytest_runtest_setup
    pytest_runtest_teardown = pytest_runtest_setup

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A phase has ended: its report is made right after it."""
        end_ns = monotonic_ns()
        cpu_ns = thread_time_ns() - self._cpu_ns
        report = yield
        here = self._here
        pid, thread = here.ids if get_ident() == here.ident else (here.ids[0], get_native_id())
        fixtures: tuple[tuple[object, ...], ...] = ()
        if self._fixtures:
            fixtures = tuple(self._fixtures)
            self._fixtures.clear()
        start_ns = end_ns - round(call.duration * 1e9)
        asked = self._asked_of(item) if self._limits and call.when == "call" else None
        uses = self._uses(item) if self._keys and call.when != "teardown" else ()
        setattr(report, NOTES, f"{pid} {thread} {start_ns} {end_ns} {cpu_ns}")
        if fixtures or uses or asked:
            setattr(report, MORE, (fixtures, uses, asked))
        return report

    def _asked_of(self, item: pytest.Item) -> tuple[object, ...] | None:
        """What the marker of a test asks, and how often its call has blocked; None where there is no marker."""
        limits = self._limits.get(item.nodeid)
        if limits is None:
            return None
        count = times_blocked()
        return limits, count - self._times_blocked if count else None

    def _uses(self, item: pytest.Item) -> tuple[str, ...]:
        """Keys of the fixtures of a wide scope that a test has in use."""
        request = getattr(item, "_request", None)
        active = getattr(request, "_fixture_defs", None) or {}
        return tuple(self._keys[id(fixture)] for fixture in active.values() if id(fixture) in self._keys)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """A fixture is set up; those that it asks for on the way are told apart."""
        if getattr(fixturedef.func, "__name__", "") == _PARAMETER:
            return (yield)
        key = _key(fixturedef, request)
        if fixturedef.scope in _WIDE:
            self._keys[id(fixturedef)] = key
        with suppress(Exception):  # nothing of ours may keep a fixture from being set up
            fixturedef.addfinalizer(partial(self._has_ended, fixturedef, key))
        start_ns, cpu_ns = monotonic_ns(), thread_time_ns()
        self._nested.append([0, 0])
        try:
            return (yield)
        finally:
            wall, cpu = monotonic_ns() - start_ns, thread_time_ns() - cpu_ns
            inner = self._nested.pop()
            if self._nested:
                self._nested[-1][0] += wall
                self._nested[-1][1] += cpu
            self._note(fixturedef, key, start_ns, wall - inner[0], cpu - inner[1], False)
            with suppress(Exception):
                fixturedef.addfinalizer(partial(self._begins_to_end, id(fixturedef)))

    def _begins_to_end(self, fixture: int) -> None:
        """The last finalizer that is added, and so the first of the fixture's own that is called."""
        self._ending[fixture] = monotonic_ns(), thread_time_ns()

    def _has_ended(self, fixturedef: pytest.FixtureDef[Any], key: str) -> None:
        """The first finalizer of the fixture's own, and so the last.

        The hook of that moment is called for the parameters of tests as well, which are no fixtures to their users.
        """
        begun = self._ending.pop(id(fixturedef), None)
        if begun is not None:
            self._keys.pop(id(fixturedef), None)
            wall, cpu = monotonic_ns() - begun[0], thread_time_ns() - begun[1]
            self._note(fixturedef, key, begun[0], wall, cpu, True)

    def _note(
        self, fixturedef: pytest.FixtureDef[Any], key: str, start: int, wall: int, cpu: int, tear_down: bool
    ) -> None:
        self._fixtures.append((key, str(fixturedef.argname), str(fixturedef.scope), start, wall, cpu, tear_down))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Hand over what the process spent beside its tests."""
        handed = getattr(self._config, "workeroutput", None)
        if handed is not None:
            handed[NOTES] = self.times()

    def excuse(self, wall_ns: int, cpu_ns: int) -> None:
        """So much of starting up was our own doing, and would not be there without `--iobound`."""
        self._own_ns += wall_ns
        self._own_cpu_ns += cpu_ns

    @property
    def own_ns(self) -> int:
        """Wall time that starting to observe took."""
        return self._own_ns

    @property
    def has_limits(self) -> bool:
        """Whether a test of this process has a marker."""
        return bool(self._limits)

    def times(self) -> dict[str, int]:
        """What the process spent beside its tests; empty when it ran none."""
        return {"pid": os.getpid(), **self._times} if "loop_end_ns" in self._times else {}


class _Here:
    """The process, and the thread that the plugin was loaded in, as the kernel numbers them; kept up through forks.

    Attributes:
        ident: The thread's, as Python numbers it: asking for that is no call of the kernel.
        ids: Number of the process, number of the thread.
    """

    def __init__(self) -> None:
        self._look()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._look)

    def _look(self) -> None:
        self.ident = get_ident()
        self.ids = os.getpid(), get_native_id()


def times_blocked() -> int:
    """How often this thread has given its CPU up to wait; 0 where nobody counts, for whoever runs tests has done it.

    Source:
        getrusage(2): `ru_nvcsw` of RUSAGE_THREAD. The kernel's __schedule counts a thread there that does not want to
        run on, not one whose CPU is taken from it.
    """
    try:
        from resource import RUSAGE_THREAD, getrusage
    except ImportError:  # Windows has no such module, macOS counts by process only
        return 0
    return getrusage(RUSAGE_THREAD).ru_nvcsw


def _key(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> str:
    """What tells one instance of a fixture from others: its scope's place, its name, where it is defined."""
    node = getattr(request, "node", None)
    place = getattr(node, "nodeid", "")
    parameter = getattr(request, "param_index", 0)
    return f"{place}|{fixturedef.argname}|{fixturedef.baseid}|{parameter}"


def age_ns() -> int:
    """How long this process has been there; 0 where that cannot be known.

    Source:
        proc_pid_stat(5): field 22 is the start in clock ticks since the machine was booted.
    """
    import time

    try:
        with open("/proc/self/stat", "rb") as file:
            ticks = int(file.read(2048).rpartition(b")")[2].split()[19])
        started_ns = ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
        return max(0, time.clock_gettime_ns(time.CLOCK_BOOTTIME) - started_ns)
    except (OSError, ValueError, IndexError, AttributeError):
        return 0
