"""What this machine and interpreter let us observe, and why not where they do not."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from iobound.model.recording import Capability
from iobound.verbs.observe.sources import linux_proc
from iobound.verbs.observe.sources.channels import ChannelReader
from iobound.verbs.observe.sources.effective_cpus import effective_cpus
from iobound.verbs.observe.sources.gil_memory import GilReader, find_gil
from iobound.verbs.observe.sources.interpreter_layout import own_layout
from iobound.verbs.observe.sources.stack_frames import TornStack
from iobound.verbs.observe.sources.stack_memory import StackMemory
from iobound.verbs.observe.sources.syscalls import machine, table

if TYPE_CHECKING:
    import subprocess


def tell(fact: str, source: str, why: str | None) -> Capability:
    """A fact that is available exactly when there is no reason why not."""
    return Capability(fact, source, why is None, why)


def quick() -> tuple[Capability, ...]:
    """What can be told without running anything: part of every recording."""
    return (
        tell(
            "cpu_counters", "/proc/PID/task/TID/schedstat", _unreadable("/proc/self/task/self/schedstat", "schedstat")
        ),
        tell("thread_states", "/proc/PID/task/TID/syscall", _no_syscall()),
        tell("gil_holder", "/proc/PID/mem", _unreadable("/proc/self/mem", "process memory")),
        tell("syscall_names", machine(), None if table() else f"no table for {machine()}"),
        tell("process_iowait", "/proc/PID/stat, delay accounting", _no_delay_accounting()),
        tell("io_counters", "/proc/PID/io", _unreadable("/proc/self/io", "I/O counters")),
        tell("pressure", "/proc/pressure", _unreadable("/proc/pressure/cpu", "pressure")),
        tell("throttling", "cgroup cpu.stat", _no_throttling()),
    )


def closed(pid: int) -> str | None:
    """Why nobody may look into a process; None where we may."""
    try:
        os.close(os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC))
        with open(f"/proc/{pid}/syscall", "rb") as file:
            file.read(1)
    except OSError as error:
        return f"the system does not let another process look into this one: {error.strerror}"
    return None


def self_tests() -> tuple[Capability, ...]:
    """Try the observer's assumptions on a small program of our own: for `iobound env`."""
    if not sys.platform.startswith("linux"):
        return (tell("gil_probe", "self-test", "only on Linux"),)
    cpus = effective_cpus()
    try:
        tried = [*_try_gil(), *_try_stacks()]
    except OSError as error:
        tried = [tell("gil_probe", "self-test", f"a program to try it on could not be run: {error.strerror}")]
    return (*tried, tell("effective_cpus", f"{cpus.limited_by}: {cpus.cpus:g} of {cpus.machine}", None))


_PROGRAM = """
import hashlib, os, sys, threading, time
part = sys.argv[1]
def begin():
    os.write(1, b".")
if part == "python":
    begin()
    while True: pass
elif part == "native":
    block = bytes(1 << 20)
    begin()
    while True: hashlib.sha256(block).digest()
elif part == "sleep":
    begin()
    time.sleep(60)
elif part == "stacks":
    def compute():
        while True: pass
    def call(function):
        function()
    threading.Thread(target=call, args=(lambda: time.sleep(60),), daemon=True).start()
    begin()
    call(compute)
else:
    def burn():
        while True: pass
    threading.Thread(target=burn, daemon=True).start()
    begin()
    burn()
"""


def _try_gil() -> list[Capability]:
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        why = "this interpreter runs without a GIL"
        stacks = f"{why}: reading the frames of its threads while they run could crash it"
        return [tell("gil_probe", "self-test", why), tell("python_stacks", "agent", stacks)]
    python, native, sleep = _held("python"), _held("native"), _held("sleep")
    probe = None
    if python is None or native is None or sleep is None:
        probe = "the GIL was not found in the interpreter's memory"
    elif not (python > 0.9 and native < 0.5 and sleep < 0.1):
        probe = f"held {python:.0%} in Python code, {native:.0%} in hashing, {sleep:.0%} asleep: not to be trusted"
    seen = _gil_waiter_seen()
    return [
        tell("gil_probe", "self-test: Python code, hashing, sleep", probe),
        tell("gil_wait", "self-test: two threads of Python code", seen),
    ]


def _try_stacks() -> list[Capability]:
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return []  # told with the GIL
    return [tell("python_stacks", "interpreter memory; self-test: two threads", _stacks_fault())]


def _stacks_fault() -> str | None:
    """What speaks against stacks that are read from outside; then an agent in the target says them."""
    layout = own_layout()
    if layout is None:
        return "where this interpreter keeps its frames was not found: an agent in the target is used"
    with _program("stacks") as process:
        reader = _reader_of(process.pid)
        if reader is None:
            return "the GIL was not found in the interpreter's memory"
        stacks = StackMemory(reader.memory, reader.location, layout)
        threads = linux_proc.threads_of(process.pid)
        seen = dict.fromkeys(threads, 0)
        for _ in range(_LOOKS):
            stacks.find_threads()
            for thread in threads:
                wanted = _BUSY if thread == process.pid else _ASLEEP
                seen[thread] += _functions(stacks, thread)[: len(wanted)] == wanted
            time.sleep(0.002)
        os.close(reader.memory)
    right, looks = sum(seen.values()), _LOOKS * len(threads)
    if len(threads) == 2 and all(count > 0.9 * _LOOKS for count in seen.values()):
        return None
    return f"{right} of {looks} stacks of {len(threads)} threads were right: not to be trusted"


def _functions(stacks: StackMemory, thread: int) -> list[str]:
    """Functions that a thread is in, innermost first; none where its stack cannot be read."""
    try:
        return [frame.code.function for frame in stacks.stack_of(thread, time.monotonic_ns())]
    except TornStack:
        return []


_LOOKS = 50
_PATIENCE_S = 5.0
_BUSY, _ASLEEP = ["compute", "call", "<module>"], ["<lambda>", "call"]


def _held(part: str) -> float | None:
    """Share of looks at which a program of one kind held its GIL."""
    with _program(part) as process:
        reader = _reader_of(process.pid)
        if reader is None:
            return None
        looks = []
        for _ in range(100):
            looks.append(reader.holder() == process.pid)
            time.sleep(0.002)
        os.close(reader.memory)
        return sum(looks) / len(looks)


def _gil_waiter_seen() -> str | None:
    """Whether a thread that waits for the GIL is seen to wait in it; otherwise the reason."""
    with _program("threads") as process:
        reader = _reader_of(process.pid)
        if reader is None:
            return "the GIL was not found in the interpreter's memory"
        channels = ChannelReader(process.pid, reader.memory, reader.is_in_gil, is_main=True)
        files = [
            linux_proc.ThreadFiles(process.pid, thread, keep_open=True) for thread in linux_proc.threads_of(process.pid)
        ]
        seen = 0
        for _ in range(100):
            lines = [one.syscall() for one in files]
            seen += any(
                line and not line.startswith(b"running") and channels.read(line).kind.name == "GIL" for line in lines
            )
            time.sleep(0.002)
        for one in files:
            one.close()
        os.close(reader.memory)
    return None if seen > 50 else f"a waiter was seen in {seen} of 100 looks"


def _reader_of(pid: int) -> GilReader | None:
    for _ in range(50):
        try:
            memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        found = find_gil(pid, memory, frozenset(linux_proc.threads_of(pid)))
        if found is not None:
            time.sleep(0.05)
            return GilReader(memory, found)
        os.close(memory)
        time.sleep(0.02)
    return None


class _program:  # noqa: N801  # reads as a verb
    def __init__(self, part: str) -> None:
        self._part = part

    def __enter__(self) -> subprocess.Popen[bytes]:
        import select
        import subprocess

        command = [sys.executable, "-I", "-S", "-c", _PROGRAM, self._part]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        says = self._process.stdout
        select.select([says] if says else [], [], [], _PATIENCE_S)  # beside others it takes its time to start
        time.sleep(0.1)
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def _no_syscall() -> str | None:
    line = b""
    try:
        with open("/proc/self/syscall", "rb") as file:
            line = file.read(100)
    except OSError as error:
        return f"/proc/PID/syscall: {error.strerror}"
    return None if line.strip() else "/proc/PID/syscall is empty on this kernel"


def _unreadable(path: str, what: str) -> str | None:
    if path.startswith("/proc/self/task/self"):
        path = f"/proc/self/task/{os.getpid()}/schedstat"
    try:
        with open(path, "rb", buffering=0) as file:
            if not path.endswith("/mem"):
                file.read(16)
    except OSError as error:
        return f"{what}: {error.strerror}"
    return None


def _no_delay_accounting() -> str | None:
    try:
        with open("/proc/sys/kernel/task_delayacct", encoding="ascii") as file:
            on = file.read().strip() == "1"
    except OSError:
        return "the kernel does not account for delays"
    return None if on else "delay accounting is off (kernel.task_delayacct=0), so a process's iowait stays 0"


def _no_throttling() -> str | None:
    from iobound.verbs.observe.sources.psutil_host import throttled_us

    return None if throttled_us() is not None else "no cgroup here counts throttling"
