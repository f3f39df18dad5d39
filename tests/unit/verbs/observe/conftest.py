"""Real programs to look at, the interpreters to run them by, and readers of their stacks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from iobound.verbs.observe.layouts import Layouts
from iobound.verbs.observe.sources import linux_proc
from iobound.verbs.observe.sources.gil_memory import GilLocation, find_gil
from iobound.verbs.observe.sources.interpreter_layout import Layout
from iobound.verbs.observe.sources.stack_frames import Frame
from iobound.verbs.observe.sources.stack_memory import StackMemory

PATIENCE_S = 20


def installed_interpreters() -> list[str]:
    """Every supported CPython that starts here, this one first; one of each version and way to link it."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    candidates = [sys.executable, *map(str, sorted(root.glob("3.1[1-5]*/bin/python3")))]
    candidates += filter(
        None, (shutil.which(f"python3.{minor}", path="/usr/bin:/usr/local/bin") for minor in range(11, 16))
    )
    found: dict[str, str] = {}
    for candidate in candidates:
        code = "import sys, sysconfig; print(sys.version, sysconfig.get_config_var('Py_ENABLE_SHARED'))"
        done = subprocess.run([candidate, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            found.setdefault(done.stdout, candidate)
    return list(found.values())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `interpreter` runs by every one that is installed."""
    if "interpreter" in metafunc.fixturenames:
        metafunc.parametrize("interpreter", installed_interpreters())


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts programs that print a line "ready", and ends them after the test."""
    running: list[subprocess.Popen[bytes]] = []

    def started(text: str, *arguments: str, python: str = sys.executable, **how: object) -> subprocess.Popen[bytes]:
        command = [python, "-I", "-S", "-c", text, *arguments]
        how.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, **how)  # type: ignore[call-overload]
        running.append(process)
        assert process.stdout.readline() == b"ready\n"
        return process

    yield started
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="session")
def wait_for() -> Callable[..., object]:
    """Waits for something to become true and returns it; fails after a while."""

    def waited(question: Callable[[], object], what: str = "") -> object:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            answer = question()
            if answer:
                return answer
            time.sleep(0.01)
        raise AssertionError(f"waited in vain for {what or question}")

    return waited


def blocked(pid: int, native_id: int) -> bool:
    """Whether a thread sleeps."""
    status = Path(f"/proc/{pid}/task/{native_id}/stat").read_bytes()
    return status.rpartition(b")")[2].split()[0] == b"S"


class Looked:
    """A process whose stacks are read.

    Attributes:
        pid: Of the process.
        memory: Descriptor of its memory.
        stacks: Reads them.
    """

    def __init__(self, pid: int, memory: int, gil: GilLocation, layout: Layout) -> None:
        self.pid = pid
        self.memory = memory
        self.gil = gil
        self.layout = layout
        self.stacks = StackMemory(memory, gil, layout)
        self.stacks.find_threads()

    def frames_of(self, native_id: int, now: int = 1 << 40) -> list[Frame]:
        """Its stack but for what stands there where C code called Python code, up to 3.12."""
        frames = self.stacks.stack_of(native_id, now)
        return [
            frame
            for frame in frames
            if not frame.code.file.startswith("<shim>") and frame.code.function != "<interpreter trampoline>"
        ]


@pytest.fixture(scope="session")
def layouts() -> Iterator[Layouts]:
    """Layouts of all interpreters, each asked once."""
    layouts = Layouts()
    yield layouts
    layouts.close()


@pytest.fixture
def look_into(layouts: Layouts, wait_for: Callable[..., object]) -> Iterator[Callable[[int], Looked]]:
    """Opens the memory of a running interpreter."""
    opened: list[int] = []

    def look(pid: int) -> Looked:
        memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
        opened.append(memory)
        gil: Any = wait_for(lambda: find_gil(pid, memory, frozenset(linux_proc.threads_of(pid))), f"the GIL of {pid}")
        image = os.readlink(f"/proc/{pid}/exe")
        layouts.of(image, gil)
        wait_for(lambda: layouts.of(image, gil) or not layouts.is_pending(image), f"the layout of {image}")
        layout = layouts.of(image, gil)
        assert layout is not None, image
        return Looked(pid, memory, gil, layout)

    yield look
    for memory in opened:
        os.close(memory)


# What a program needs to say truly where it is; it stands still there until it may go on.
TELL = """
import json, os, sys, threading
_saying = threading.Lock()
def tell():
    frames, frame = [], sys._getframe()
    while frame:
        code, at = frame.f_code, frame.f_lasti // 2
        place = list(code.co_positions())[at]
        frames.append([code.co_filename, code.co_qualname, code.co_firstlineno, at, place])
        frame = frame.f_back
    name = threading.current_thread().name
    said = {"pid": os.getpid(), "thread": threading.get_native_id(), "name": name, "frames": frames}
    said = json.dumps(said).encode() + b"\\n"
    with _saying:
        while said:
            said = said[os.write(1, said):]
    os.read(0, 1)
print("ready", flush=True)
"""


@pytest.fixture
def tellers(start: Start) -> Iterator[Callable[..., list[dict[str, Any]]]]:
    """Starts a program that calls `tell` in some threads, and returns what each says and stands still at."""
    inputs = []

    def told(text: str, count: int = 1, **how: object) -> list[dict[str, Any]]:
        process = start(TELL + text, stdin=subprocess.PIPE, **how)
        inputs.append(process.stdin)
        said = [json.loads(process.stdout.readline()) for _ in range(count)]
        for one in said:
            while not blocked(one["pid"], one["thread"]):
                time.sleep(0.002)
        return said

    yield told
    for stream in inputs:
        stream.close()


@pytest.fixture(autouse=True)
def _needs_a_gil(request: pytest.FixtureRequest) -> None:
    """Stacks are read only where there is a GIL."""
    if "look_into" in request.fixturenames and "interpreter" in request.fixturenames:
        python = request.getfixturevalue("interpreter")
        code = "import sys; sys.exit(getattr(sys, '_is_gil_enabled', lambda: True)())"
        if subprocess.run([python, "-I", "-c", code], check=False).returncode == 0:
            pytest.skip("a free-threaded build: its stacks are not read from outside")
