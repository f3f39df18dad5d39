"""Fakes of the ports of `observe`, and programs for the real sources to look at."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from iobound.model.recording import HostLook
from iobound.verbs.observe.sources.gil_memory import GIL_BYTES, GilLocation
from iobound.verbs.observe.sources.linux_proc import ProcessCounters
from iobound.verbs.observe.sources.syscalls import table

NO_PROCESS = 1 << 23
SLEEP = next(number for number, name in table().items() if name == "clock_nanosleep") if table() else 0


@dataclass
class FakeThread:
    """A thread that does what it is told.

    Attributes:
        slices: How often it was put on a CPU.
        call: Number and arguments of the call that it is in, None while it runs.
    """

    native_id: int
    cpu_ns: int = 1_000_000
    queued_ns: int = 1000
    slices: int = 1
    call: str | None = None
    gone: bool = False
    closed: int = 0

    def counters(self) -> bytes:
        if self.gone:
            raise ProcessLookupError
        return f"{self.cpu_ns} {self.queued_ns} {self.slices}\n".encode()

    def syscall(self) -> bytes:
        if self.gone:
            return b""
        return b"running\n" if self.call is None else f"{self.call}\n".encode()

    def close(self) -> None:
        self.closed += 1

    # -- what a test lets it do -----------------------------------------------------------------------------------

    def compute(self, for_ns: int) -> None:
        self.cpu_ns += for_ns
        self.call = None

    def block(self, number: int, *arguments: int) -> None:
        words = [*arguments, *[0] * (8 - len(arguments))]
        self.call = " ".join([str(number), *map(hex, words)])

    def wake(self, *, on_cpu: bool) -> None:
        self.call = None
        self.slices += on_cpu

    def sleep(self) -> None:
        self.block(SLEEP)


@dataclass
class FakeProcess:
    """A process of fake threads."""

    pid: int = NO_PROCESS
    main: FakeThread = field(default_factory=lambda: FakeThread(NO_PROCESS))
    executes: str = "/usr/bin/python"
    gone: bool = False

    def __post_init__(self) -> None:
        self.all = {self.main.native_id: self.main}

    def start_thread(self, native_id: int) -> FakeThread:
        thread = self.all[native_id] = FakeThread(native_id)
        return thread

    def end_thread(self, native_id: int) -> None:
        self.all.pop(native_id).gone = True

    def end(self) -> None:
        self.gone = True
        for thread in self.all.values():
            thread.gone = True

    def cpu_ns(self) -> int | None:
        return None if self.gone else sum(thread.cpu_ns for thread in self.all.values())

    def threads(self) -> list[int]:
        return [] if self.gone else list(self.all)

    def thread(self, native_id: int, *, keep_open: bool) -> FakeThread:
        if self.gone or native_id not in self.all:
            raise FileNotFoundError(native_id)
        return self.all[native_id]

    def image(self) -> str:
        return "" if self.gone else self.executes

    def counters(self) -> ProcessCounters:
        counters = ProcessCounters()
        counters.voluntary, counters.involuntary, counters.minor_faults = 3, 1, 100
        counters.system_ns = counters.children_cpu_ns = 0
        counters.peak_rss_bytes = 1 << 20
        return counters


@dataclass
class FakeGil:
    """A GIL that somebody has, or nobody."""

    held_by: int | None = 0
    location: GilLocation = field(default_factory=lambda: GilLocation(0x5555_0000, 8, "/usr/bin/python", 0))
    forgotten: int = 0

    def holder(self) -> int | None:
        return self.held_by

    def is_in_gil(self, address: int) -> bool:
        return 0 <= address - self.location.address < GIL_BYTES

    def forget_threads(self) -> None:
        self.forgotten += 1


class FakeHost:
    """A machine that is half busy."""

    def __init__(self) -> None:
        self.begun = False

    def begin(self) -> None:
        self.begun = True

    def look(self) -> HostLook | None:
        return HostLook(time.monotonic_ns(), busy=0.5, iowait=0.1, steal=0.0) if self.begun else None


class FakeChannel:
    """An agent's channel without an agent: what is written is heard."""

    def __init__(self) -> None:
        self.waiting: list[str] = []
        self.dismissed = False
        self.lost = 0

    def write(self, text: str) -> bool:
        self.waiting += text.splitlines()
        return True

    def lines(self) -> Iterator[list[str]]:
        while self.waiting:
            line = self.waiting.pop(0)
            if line:
                yield line.split("\t")

    def dropped(self) -> int:
        return self.lost

    def dismiss(self) -> None:
        self.dismissed = True

    def close(self) -> None:
        self.waiting.clear()


@pytest.fixture
def start() -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Starts programs that print a line "ready" and read lines, and ends them after the test."""
    running: list[subprocess.Popen[bytes]] = []

    def started(text: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        running.append(process)
        assert process.stdout.readline() == b"ready\n"
        return process

    yield started
    for process in running:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.fixture
def wait_for() -> Callable[[Callable[[], object]], object]:
    """Waits for something to become true and returns it."""

    def waited(question: Callable[[], object]) -> object:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            answer = question()
            if answer:
                return answer
            time.sleep(0.005)
        raise AssertionError(f"waited in vain for {question}")

    return waited


@pytest.fixture
def fake_process() -> FakeProcess:
    return FakeProcess()


@pytest.fixture
def fake_gil() -> FakeGil:
    return FakeGil()


@pytest.fixture
def fake_host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def fake_channel() -> FakeChannel:
    return FakeChannel()
